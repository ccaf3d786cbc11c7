"""The user's own structure: read, recognise, put into our frame, add to the recipes."""

from __future__ import annotations

import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import yaml
from ase import Atoms
from ase.io import read, write
from ase.io.formats import UnknownFileTypeError, filetype
from pydantic import Field

from screening.builders.frame import recognise, to_frame
from screening.builders.recipes import load_catalogue
from screening.builders.registry import Recipe, build, builder
from screening.builders.slab import Miller, SlabCut, cut_slab
from screening.builders.validate import MIN_VACUUM_A
from screening.config import StrictModel
from screening.errors import RecipeError, StructureError
from screening.files import require_plausible_xyz, write_atomic
from screening.structure.candidate import Candidate, Geometry, check_id

MAX_BYTES = 50_000_000
MAX_LENGTH_A = 10_000.0

TEXT_FORMATS = (
    "cif",
    "vasp",
    "extxyz",
    "xyz",
    "xsf",
    "aims",
    "espresso-in",
    "gen",
    "cfg",
    "res",
    "proteindatabank",
    "turbomole",
)
"""Formats of ASE that are plain text: reading them runs no code and loads no pickle."""


class File(StrictModel):
    """Parameters of ``file``.

    Attributes
    ----------
    path
        Structure file, relative to the recipe's folder.
    vacuum
        Empty space to put on either side of the structure, Å.
    """

    path: str
    geometry: Geometry
    vacuum: float = Field(default=8.0, ge=MIN_VACUUM_A / 2, le=50.0)


@builder("file", family="user", geometry=None)
def build_file(parameters: File, folder: Path) -> Atoms:
    """Structure from a file: CIF, POSCAR, extxyz, or another text format that ASE reads."""
    path = folder / parameters.path
    return to_frame(read_structure(path), parameters.geometry, parameters.vacuum, str(path))


def add_structure(
    file: Path,
    candidate_id: str,
    family: str,
    structures: Path,
    *,
    geometry: Geometry | None = None,
    miller: Miller | None = None,
) -> Candidate:
    """Validate a user's structure and add it to the recipes as ``user/ID.extxyz`` and ``ID.yaml``.

    Parameters
    ----------
    geometry
        What the structure is, where the guess is wrong.
    miller
        Plane of a bulk crystal along which to cut a slab, in the cell of the file.

    Returns
    -------
    Candidate
        Its recipe's ``note`` says what was recognised.

    Raises
    ------
    RecipeError, StructureError, StoreError
        Id not valid or taken, structure not usable, folder not writable; nothing is written.
    """
    check_id(candidate_id, "--id")
    if candidate_id in load_catalogue(structures).recipes:
        raise RecipeError(f"id {candidate_id!r} is taken", where="--id", allowed="a new one")
    atoms, found, note = _host(file, geometry, miller)
    folder = structures / "user"
    recipe = Recipe(
        id=candidate_id,
        builder="file",
        family=family,
        parameters={"path": f"{candidate_id}.extxyz", "geometry": found},
        source=file.name,
        note=note,
    )
    with TemporaryDirectory() as temporary:
        draft = Path(temporary, f"{candidate_id}.extxyz")
        write(draft, atoms, format="extxyz")
        candidate = build(recipe, str(file), draft.parent)
        content = draft.read_bytes()
    folder.mkdir(exist_ok=True)
    write_atomic(folder / f"{candidate_id}.extxyz", content)
    text = yaml.safe_dump(
        recipe.model_dump(mode="json", exclude_defaults=True), sort_keys=False, allow_unicode=True
    )
    write_atomic(folder / f"{candidate_id}.yaml", text)
    return candidate


def read_structure(path: Path) -> Atoms:
    """Read one structure from a text file; of several frames, the last.

    Raises
    ------
    StructureError
        Missing, too large, binary, of a format that is not read here, broken, or not finite.
    """
    where = str(path)
    form = _format(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            frames: list[Atoms] = list(read(path, index=":", format=form))
    except Exception as error:  # noqa: BLE001 (ASE's parsers raise anything on broken files)
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise StructureError(f"cannot be read as {form}: {reason}", where=where) from None
    if not frames or not len(frames[-1]):
        raise StructureError("holds no atoms", where=where)
    atoms = frames[-1]
    if not (np.isfinite(atoms.positions).all() and np.isfinite(np.asarray(atoms.cell)).all()):
        raise StructureError("a position or cell vector is not finite", where=where)
    if max(np.abs(atoms.positions).max(), np.abs(np.asarray(atoms.cell)).max()) > MAX_LENGTH_A:
        raise StructureError(
            "a position or cell vector is too long", where=where, allowed=f"up to {MAX_LENGTH_A} Å"
        )
    return atoms


def _format(path: Path) -> str:
    where, allowed = str(path), ", ".join(TEXT_FORMATS)
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
    try:
        form = "" if b"\0" in head else filetype(where)
    except (UnknownFileTypeError, UnicodeDecodeError):
        form = ""
    if form not in TEXT_FORMATS:
        raise StructureError("is of no format that is read here", where=where, allowed=allowed)
    if form in {"xyz", "extxyz"}:
        require_plausible_xyz(path)
    return str(form)


def _host(
    file: Path, geometry: Geometry | None, miller: Miller | None
) -> tuple[Atoms, Geometry, str]:
    """Return the structure in our frame, its geometry, and what was recognised."""
    where = str(file)
    atoms = read_structure(file)
    found = recognise(atoms)
    if found.geometry is None and geometry is None:
        if miller is None:
            raise StructureError(
                found.reason, where=where, allowed="Miller indices of a surface, or a surface cell"
            )
        slab = cut_slab(atoms, SlabCut(miller=miller), "stoichiometric")
        plane = " ".join(map(str, miller))
        return slab, "slab", f"{found.reason}; cut along ({plane}), lower half fixed"
    if miller is not None:
        raise StructureError(f"{found.reason}; it takes no Miller indices", where=where)
    kind = geometry or found.geometry or "slab"
    return to_frame(atoms, kind, 8.0, where), kind, found.reason
