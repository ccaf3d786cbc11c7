"""Which format a file has, its text, and its structure with a statement of all that was read."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from io import StringIO
from pathlib import Path
from types import MappingProxyType

from ase import Atoms
from ase.io import read
from ase.io.formats import UnknownFileTypeError, filetype

from screening.builders.reading.cif import read_cif
from screening.builders.reading.frames import chosen_frame
from screening.builders.reading.plausible import require_plausible
from screening.builders.reading.poscar import looks_like_poscar, read_poscar
from screening.builders.reading.programs import (
    read_aims,
    read_cfg,
    read_espresso,
    read_gen,
    read_pdb,
    read_shelx,
    read_turbomole,
)
from screening.builders.reading.stored import json_kind, read_pymatgen
from screening.builders.reading.xyz import read_xyz
from screening.errors import StructureError
from screening.files import require_plausible_xyz

MAX_BYTES = 50_000_000

_BINARY_TRAJECTORY = b"- of UlmASE-Trajectory"

_SUFFIXES: Mapping[str, str] = MappingProxyType({
    ".cif": "cif", ".mcif": "cif", ".vasp": "vasp", ".poscar": "vasp", ".extxyz": "extxyz",
    ".xyz": "extxyz", ".xsf": "xsf", ".gen": "gen", ".cfg": "cfg", ".res": "res",
    ".pdb": "proteindatabank", ".json": "json", ".traj": "traj",
})  # fmt: skip
_NAMES: Mapping[str, str] = MappingProxyType(
    {"*POSCAR*": "vasp", "*CONTCAR*": "vasp", "geometry.in*": "aims", "coord": "turbomole"}
)

# A parser gets the text and which frame is wanted; it returns the atoms and statements.
Parsed = tuple[Atoms, list[str]]
_PARSERS: Mapping[str, Callable[[str, str | None, str], Parsed]] = MappingProxyType({
    "cif": read_cif,
    "vasp": read_poscar,
    "extxyz": read_xyz,
    "xyz": read_xyz,
    "proteindatabank": read_pdb,
    "res": read_shelx,
    "cfg": read_cfg,
    "gen": read_gen,
    "turbomole": read_turbomole,
    "espresso-in": read_espresso,
    "aims": read_aims,
    "pymatgen": read_pymatgen,
})  # fmt: skip
_BY_ASE = ("xsf", "json", "traj")
FORMATS = (*_PARSERS, *_BY_ASE)
"""Formats that are read: reading them runs no code and loads no pickle."""


@dataclass(frozen=True)
class Reading:
    """A structure as a file gives it, with ASE's constraints.

    Attributes
    ----------
    said
        What was read, and all that was guessed, changed or dropped: one statement each.
    """

    atoms: Atoms
    said: tuple[str, ...]


def read_file(path: Path, frame: str | None = None) -> Reading:
    """Read one structure.

    Parameters
    ----------
    frame
        Of several frames the number, counted from 1, by default the last; of several blocks of a
        CIF the name or number, which must then be given.

    Raises
    ------
    StructureError
        Missing, too large, of a format that is not read here, broken, ambiguous, or not finite.
    """
    where = str(path)
    head = _checked_head(path)
    form = _format(path, head)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if form in _PARSERS:
                atoms, said = _PARSERS[form](_text(path), frame, where)
            else:
                atoms, said = _by_ase(path, form, frame)
    except StructureError:
        raise
    except Exception as error:  # noqa: BLE001 (parsers raise anything on broken files)
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise StructureError(f"cannot be read as {form}: {reason}", where=where) from None
    require_plausible(atoms, where)
    return Reading(atoms, (f"read as {form}", *said))


def names_a_structure(path: Path) -> bool:
    """Whether a file's name alone is that of a structure, for the files of a folder."""
    named = any(fnmatchcase(path.name, name) for name in _NAMES)
    return path.is_file() and (named or path.suffix.lower() in _SUFFIXES)


def _by_ase(path: Path, form: str, frame: str | None) -> Parsed:
    source = path if form in {"json", "traj"} else StringIO(_text(path))
    frames: list[Atoms] = list(read(source, index=":", format=form))
    index, said = chosen_frame(len(frames), frame, str(path))
    return frames[index], said


def _checked_head(path: Path) -> bytes:
    where = str(path)
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise StructureError("cannot be read: not a regular file", where=where)
        with path.open("rb") as stream:
            head = stream.read(4096)
    except (OSError, ValueError) as error:  # ValueError: a NUL byte in the name
        reason = getattr(error, "strerror", None) or str(error)
        raise StructureError(f"cannot be read: {reason}", where=where) from None
    if size > MAX_BYTES or not size:
        raise StructureError("is empty" if not size else "is too large", where=where)
    return head


def _format(path: Path, head: bytes) -> str:
    """Format by the ending, which is the user's word, then by the name, then by the content."""
    where, allowed = str(path), ", ".join(FORMATS)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise StructureError(
            "is UTF-16 text, as its byte-order mark says", where=where, allowed="UTF-8 text"
        )
    form = "traj" if head.startswith(_BINARY_TRAJECTORY) else ""
    if not form and b"\0" not in head:
        form = _SUFFIXES.get(path.suffix.lower(), "")
        form = form or next((f for name, f in _NAMES.items() if fnmatchcase(path.name, name)), "")
        form = form or _by_content(path)
        form = json_kind(_text(path)) if form == "json" else form
    if form not in FORMATS or (form == "traj" and not head.startswith(_BINARY_TRAJECTORY)):
        raise StructureError("is of no format that is read here", where=where, allowed=allowed)
    if form in {"xyz", "extxyz"}:
        require_plausible_xyz(path)
    return form


def _by_content(path: Path) -> str:
    text = _text(path)
    if looks_like_poscar(text):
        return "vasp"
    try:
        return str(filetype(str(path)))
    except (UnknownFileTypeError, UnicodeDecodeError):
        return ""


def _text(path: Path) -> str:
    """Content without a byte-order mark, whatever its line ends; foreign bytes are replaced."""
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    if "\0" in text:
        raise StructureError("is of no format that is read here", where=str(path))
    return text
