"""Which format a file has, its text, and its structure with a statement of all that was read."""

from __future__ import annotations

import bz2
import gzip
import lzma
import warnings
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

from ase import Atoms
from ase.io import read
from ase.io.formats import UnknownFileTypeError, filetype

from screening.builders.reading.cif import read_cif
from screening.builders.reading.frames import chosen_frame
from screening.builders.reading.plausible import require_ordered, require_plausible
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
_UTF16 = (b"\xff\xfe", b"\xfe\xff")

# How a packed file begins, its ending, and what opens it; no more than MAX_BYTES is unpacked.
_PACKINGS: Mapping[bytes, tuple[str, Callable[..., Any]]] = MappingProxyType({
    b"\x1f\x8b": (".gz", gzip.open),
    b"BZh": (".bz2", bz2.open),
    b"\xfd7zXZ\0": (".xz", lzma.open),
})  # fmt: skip

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


def read_file(path: Path, frame: str | None = None, *, partial: bool = False) -> Reading:
    """Read one structure.

    Parameters
    ----------
    frame
        Of several frames the number, counted from 1, by default the last; of several blocks of a
        CIF the name or number, which must then be given.
    partial
        Whether sites may be occupied in part; the atoms then have a column ``occupancy``.

    Raises
    ------
    StructureError
        Missing, too large, of a format that is not read here, broken, ambiguous, or not finite.
    """
    where = str(path)
    data, name = _content(path)
    form = _format(path, name, data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if form in _PARSERS:
                atoms, said = _PARSERS[form](_text(data, where), frame, where)
            else:
                atoms, said = _by_ase(path, form, frame, data)
    except StructureError:
        raise
    except Exception as error:  # noqa: BLE001 (parsers raise anything on broken files)
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise StructureError(f"cannot be read as {form}: {reason}", where=where) from None
    require_plausible(atoms, where)
    if not partial:
        require_ordered(atoms, where)
    unpacked = [f"unpacked {path.name}"] if name != path.name else []
    return Reading(atoms, (*unpacked, f"read as {form}", *said))


def names_a_structure(path: Path) -> bool:
    """Whether a file's name alone is that of a structure, for the files of a folder."""
    bare = path.name
    for suffix, _ in _PACKINGS.values():
        bare = bare.removesuffix(suffix)
    named = any(fnmatchcase(bare, name) for name in _NAMES)
    return path.is_file() and (named or Path(bare).suffix.lower() in _SUFFIXES)


def _by_ase(path: Path, form: str, frame: str | None, data: bytes) -> Parsed:
    source = path if form == "traj" else StringIO(_text(data, str(path)))
    frames: list[Atoms] = list(read(source, index=":", format=form))
    index, said = chosen_frame(len(frames), frame, str(path))
    return frames[index], said


def _content(path: Path) -> tuple[bytes, str]:
    """Return what a file holds, unpacked, and its name without the packing's ending."""
    where = str(path)
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise StructureError("cannot be read: not a regular file", where=where)
        if size > MAX_BYTES:
            raise StructureError("is too large", where=where)
        data, name = path.read_bytes(), path.name
        for magic, (suffix, opened) in _PACKINGS.items():
            if data.startswith(magic):
                with opened(path) as stream:
                    data, name = stream.read(MAX_BYTES + 1), name.removesuffix(suffix)
                break
    except (OSError, ValueError, EOFError, lzma.LZMAError, zlib.error) as error:
        # ValueError: a NUL byte in the name
        reason = getattr(error, "strerror", None) or str(error)
        raise StructureError(f"cannot be read: {reason}", where=where) from None
    if len(data) > MAX_BYTES or not data:
        raise StructureError("is too large" if data else "is empty", where=where)
    return data, name


def _format(path: Path, name: str, data: bytes) -> str:
    """Format by the ending, which is the user's word, then by the name, then by the content."""
    where, allowed = str(path), ", ".join(FORMATS)
    form = "traj" if data.startswith(_BINARY_TRAJECTORY) and name == path.name else ""
    if not form and (b"\0" not in data[:4096] or data.startswith(_UTF16)):
        text = _text(data, where)
        form = _SUFFIXES.get(Path(name).suffix.lower(), "")
        form = form or next((f for glob, f in _NAMES.items() if fnmatchcase(name, glob)), "")
        form = form or _by_content(text)
        form = json_kind(text) if form == "json" else form
    if form not in FORMATS or (form == "traj" and not data.startswith(_BINARY_TRAJECTORY)):
        raise StructureError("is of no format that is read here", where=where, allowed=allowed)
    if form in {"xyz", "extxyz"}:
        require_plausible_xyz(_text(data, where).encode(), where)
    return form


def _by_content(text: str) -> str:
    if looks_like_poscar(text):
        return "vasp"
    with TemporaryDirectory() as folder:
        copy = Path(folder, "structure")
        copy.write_text(text, encoding="utf-8")
        try:
            return str(filetype(str(copy)))
        except (UnknownFileTypeError, UnicodeDecodeError):
            return ""


def _text(data: bytes, where: str) -> str:
    """Content without a byte-order mark, whatever its line ends; foreign bytes are replaced."""
    text = data.decode("utf-16" if data.startswith(_UTF16) else "utf-8-sig", errors="replace")
    if "\0" in text:
        raise StructureError("is of no format that is read here", where=where)
    return "\n".join(text.splitlines()) + "\n"
