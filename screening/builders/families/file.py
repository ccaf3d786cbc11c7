"""The user's own structure: read, recognise, put into our frame, add to the recipes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import yaml
from ase import Atoms
from ase.build import make_supercell
from ase.constraints import FixAtoms
from ase.io import write
from pydantic import Field

from screening.builders.constraints import with_fixed_atoms
from screening.builders.crystal_file import CutCrystal, cut_crystal
from screening.builders.frame import framed, recognise, to_frame
from screening.builders.ordering import order
from screening.builders.reading import Reading, read_file
from screening.builders.reading.plausible import require_ordered
from screening.builders.recipes import load_catalogue
from screening.builders.registry import Recipe, build, builder
from screening.builders.slab import Miller, SlabCut
from screening.builders.statements import doubts, faces
from screening.builders.supercell import spacious_cell
from screening.builders.validate import MIN_VACUUM_A
from screening.config import StrictModel, parse
from screening.errors import RecipeError, StructureError
from screening.files import write_atomic
from screening.structure.candidate import Candidate, Geometry, check_id, fixed_indices

SEPARATOR = "; "
"""Between the statements of a recipe's note."""


class File(StrictModel):
    """Parameters of ``file``.

    Attributes
    ----------
    path
        Structure file, relative to the recipe's folder.
    vacuum
        Empty space to put on either side of the structure, Å.
    crystal
        What a slab was cut from, as `alkascreen add --miller` writes it: surface energies need it.
    """

    path: str
    geometry: Geometry
    vacuum: float = Field(default=8.0, ge=MIN_VACUUM_A / 2, le=50.0)
    crystal: CutCrystal | None = None


def _crystal(parameters: File) -> tuple[Atoms, SlabCut]:
    if parameters.crystal is None:
        raise RecipeError("builder 'file' cuts no crystal here", where="builder")
    return parameters.crystal.atoms(), parameters.crystal.cut


@builder("file", family="user", geometry=None, crystal=_crystal)
def build_file(parameters: File, folder: Path) -> Atoms:
    """Structure from a file: CIF, POSCAR, extxyz, or another format of `reading.files.FORMATS`."""
    path = folder / parameters.path
    return to_frame(read_structure(path), parameters.geometry, parameters.vacuum, str(path))


@dataclass(frozen=True)
class _Wanted:
    """How a user wants a file to be read; what is None is guessed, and said.

    Attributes
    ----------
    geometry
        What the structure is.
    frame
        Number of a frame, or name of a CIF's block.
    cut
        Where to cut a bulk crystal.
    size
        Repetitions of a surface cell along a and b, or of a tube along its axis.
    spacing
        Least distance between images of an ion, Å: the cell is repeated until it is kept.
    ordered
        Whether sites that are occupied in part are to be filled.
    """

    geometry: Geometry | None = None
    frame: str | None = None
    cut: SlabCut | None = None
    size: tuple[int, int] | None = None
    spacing: float | None = None
    ordered: bool = False


def add_structure(
    file: Path,
    candidate_id: str,
    family: str,
    structures: Path,
    *,
    geometry: Geometry | None = None,
    miller: Miller | None = None,
    frame: str | None = None,
    size: tuple[int, int] | None = None,
    spacing: float | None = None,
    ordered: bool = False,
    **cut: Any,
) -> Candidate:
    """Validate a user's structure and add it to the recipes as ``user/ID.extxyz`` and ``ID.yaml``.

    Parameters
    ----------
    geometry
        What the structure is, where the guess is wrong.
    miller
        Plane of a bulk crystal along which to cut a slab, in its conventional cell.
    frame
        Number of a frame, by default the last, or name of a CIF's block.
    size
        Repetitions of a surface cell along a and b, or of a tube along its axis.
    spacing
        Least distance between images of an ion, Å: the cell is repeated until it is kept.
    ordered
        Whether to fill sites that are occupied in part, see `ordering.order`.
    **cut
        More about the cut: `layers`, `thickness`, `termination` of `SlabCut`.

    Returns
    -------
    Candidate
        Its recipe's ``note`` says what was read, guessed, changed and dropped.

    Raises
    ------
    RecipeError, StructureError, StoreError
        Id not valid or taken, structure not usable, folder not writable; nothing is written.
    """
    check_id(candidate_id, "--id")
    if candidate_id in load_catalogue(structures).recipes:
        raise RecipeError(f"id {candidate_id!r} is taken", where="--id", allowed="a new one")
    sliced = _cut(file, miller, size, spacing, cut)
    wanted = _Wanted(geometry, frame, sliced, size, spacing, ordered)
    atoms, parameters, said = _host(file, wanted)
    path = f"{candidate_id}.extxyz"
    folder = structures / "user"
    recipe = Recipe(
        id=candidate_id,
        builder="file",
        family=family,
        parameters={"path": path, **parameters},
        source=file.name,
        note=SEPARATOR.join(said),
    )
    with TemporaryDirectory() as temporary:
        draft = Path(temporary, path)
        write(draft, atoms, format="extxyz")
        candidate = build(recipe, str(file), draft.parent)
        content = draft.read_bytes()
    folder.mkdir(exist_ok=True)
    write_atomic(folder / path, content)
    text = yaml.safe_dump(
        recipe.model_dump(mode="json", exclude_defaults=True), sort_keys=False, allow_unicode=True
    )
    write_atomic(folder / f"{candidate_id}.yaml", text)
    return candidate


def read_structure(path: Path) -> Atoms:
    """Read one structure; of several frames, the last.

    Raises
    ------
    StructureError
        See `reading.read_file`.
    """
    return read_file(path).atoms


def _cut(
    file: Path,
    miller: Miller | None,
    size: tuple[int, int] | None,
    spacing: float | None,
    more: Mapping[str, Any],
) -> SlabCut | None:
    given = {key: value for key, value in more.items() if value is not None}
    if miller is None:
        if given:
            names = ", ".join(f"--{name}" for name in sorted(given))
            raise RecipeError(
                f"{names} says how a crystal is cut", where=str(file), allowed="with --miller"
            )
        return None
    given |= {"miller": miller}
    given |= {"size": size} if size else {}
    given |= {"min_distance": spacing} if spacing else {}
    return parse(SlabCut, given, str(file))


def _host(file: Path, wanted: _Wanted) -> tuple[Atoms, dict[str, Any], tuple[str, ...]]:
    """Return the structure in our frame, parameters of its recipe, and what was done."""
    where = str(file)
    read, repeats = _read(file, wanted)
    atoms, constraints = with_fixed_atoms(read.atoms)
    found = recognise(atoms)
    geometry = wanted.geometry or found.geometry
    if geometry is None and found.readings:
        readings = " or ".join(f"--geometry {reading}" for reading in found.readings)
        raise StructureError(found.reason, where=where, allowed=readings)
    if geometry is None:
        if wanted.cut is None:
            raise StructureError(
                found.reason, where=where, allowed="Miller indices of a surface, or a surface cell"
            )
        slab, crystal, said = cut_crystal(atoms, wanted.cut, where, repeats)
        kept = crystal.model_dump(mode="json", exclude_defaults=True)
        parameters = {"geometry": "slab", "crystal": kept}
        return slab, parameters, (*read.said, found.reason, *said, *doubts(slab, "slab"))
    if wanted.cut is not None:
        raise StructureError(f"{found.reason}; it takes no Miller indices", where=where)
    reason = found.reason
    if geometry != found.geometry:
        reason = f"a {geometry}, as asked; the guess was: {reason}"
    host, said = framed(atoms, geometry, 8.0, where)
    if wanted.size or wanted.spacing:
        host, counts = _repeated(host, geometry, wanted)
        said = (*said, f"repeated {counts} times")
    said = (*read.said, reason, *constraints, *said, *faces(host, geometry))
    return host, {"geometry": geometry}, (*said, *doubts(host, geometry))


def _read(file: Path, wanted: _Wanted) -> tuple[Reading, np.ndarray | None]:
    """Return the file's structure and, if its sites were filled, its cell in the file's."""
    read = read_file(file, wanted.frame, partial=wanted.ordered)
    if not wanted.ordered:
        return read, None
    try:
        require_ordered(read.atoms, str(file))
    except StructureError:
        full = order(read.atoms, str(file))
        return Reading(full.atoms, (*read.said, full.said)), full.repeats
    return Reading(read.atoms, (*read.said, "its sites are all full: nothing to order")), None


def _repeated(host: Atoms, geometry: Geometry, wanted: _Wanted) -> tuple[Atoms, int]:
    """Return the host with a larger cell, and how many times larger."""
    matrix = np.eye(3, dtype=int)
    if geometry == "cluster":
        raise StructureError("a cluster does not repeat", where="--size", allowed="no --size")
    if geometry == "tube":
        length = float(host.cell.lengths()[2])
        enough = int(np.ceil((wanted.spacing or 0.0) / length - 1e-6))
        matrix[2, 2] = wanted.size[0] if wanted.size else max(enough, 1)
    else:
        plane = np.diag(wanted.size) if wanted.size else None
        least = wanted.spacing or 0.0
        matrix[:2, :2] = spacious_cell(host.cell, least) if plane is None else plane
    host.set_array("fixed", np.isin(np.arange(len(host)), fixed_indices(host)))
    repeated: Atoms = make_supercell(host, matrix)
    held = np.flatnonzero(repeated.arrays.pop("fixed"))
    repeated.set_constraint([FixAtoms(held)] if len(held) else None)
    repeated.set_cell(repeated.cell.standard_form()[0], scale_atoms=True)
    return repeated, round(abs(np.linalg.det(matrix)))
