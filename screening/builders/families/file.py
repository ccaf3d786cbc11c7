"""The user's own structure: read, recognise, put into our frame, add to the recipes."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import yaml
from ase import Atoms
from ase.build import make_supercell
from ase.io import write
from pydantic import Field

from screening.builders.constraints import with_fixed_atoms
from screening.builders.crystal_file import cut_crystal
from screening.builders.frame import framed, recognise, to_frame
from screening.builders.reading import read_file
from screening.builders.recipes import load_catalogue
from screening.builders.recognition import Layers
from screening.builders.registry import Recipe, build, builder
from screening.builders.slab import Miller, SlabCut
from screening.builders.validate import MIN_VACUUM_A
from screening.config import StrictModel, parse
from screening.errors import RecipeError, StructureError
from screening.files import write_atomic
from screening.structure.candidate import PERIODIC, Candidate, Geometry, check_id
from screening.units import BCC_LATTICE_A, IONS

SEPARATOR = "; "
"""Between the statements of a recipe's note."""

SPACIOUS_A = 7.0
"""Images of an ion closer than this feel each other, Å: a K ion on graphene changes by 0.1 eV."""


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
    """

    geometry: Geometry | None = None
    frame: str | None = None
    cut: SlabCut | None = None
    size: tuple[int, int] | None = None


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
    if cut and miller is None:
        raise RecipeError(
            f"{', '.join(sorted(cut))}: only a crystal is cut", where=str(file), allowed="--miller"
        )
    given = {"miller": miller, "size": size, **cut}
    plane = (
        parse(SlabCut, {k: v for k, v in given.items() if v is not None}, str(file))
        if miller
        else None
    )
    atoms, found, said = _host(file, _Wanted(geometry, frame, plane, size))
    folder = structures / "user"
    recipe = Recipe(
        id=candidate_id,
        builder="file",
        family=family,
        parameters={"path": f"{candidate_id}.extxyz", "geometry": found},
        source=file.name,
        note=SEPARATOR.join(said),
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
    """Read one structure; of several frames, the last.

    Raises
    ------
    StructureError
        See `reading.read_file`.
    """
    return read_file(path).atoms


def _host(file: Path, wanted: _Wanted) -> tuple[Atoms, Geometry, tuple[str, ...]]:
    """Return the structure in our frame, its geometry, and statements of what was done."""
    where = str(file)
    read = read_file(file, wanted.frame)
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
        slab, said = cut_crystal(atoms, wanted.cut, where)
        return slab, "slab", (*read.said, found.reason, *said, *_warnings(slab, "slab"))
    if wanted.cut is not None:
        raise StructureError(f"{found.reason}; it takes no Miller indices", where=where)
    reason = found.reason
    if geometry != found.geometry:
        reason = f"a {geometry}, as asked; the guess was: {reason}"
    host, said = framed(atoms, geometry, 8.0, where)
    if wanted.size:
        host = _repeated(host, geometry, wanted.size)
        said = (*said, f"repeated {' × '.join(map(str, wanted.size))}")
    faces = _faces(host, geometry)
    return (
        host,
        geometry,
        (*read.said, reason, *constraints, *said, *faces, *_warnings(host, geometry)),
    )


def _repeated(host: Atoms, geometry: Geometry, size: tuple[int, int]) -> Atoms:
    if geometry == "cluster":
        raise StructureError("a cluster does not repeat", where="--size", allowed="no --size")
    counts = (1, 1, size[0]) if geometry == "tube" else (*size, 1)
    repeated: Atoms = make_supercell(host, np.diag(counts))
    return repeated


def _faces(host: Atoms, geometry: Geometry) -> list[str]:
    """Elements of the faces on which an ion lands."""
    if geometry not in {"sheet", "slab"}:
        return []
    layers = Layers(host, host.positions[:, 2])
    top, bottom = ("".join(sorted(set(host.symbols[layers.outer(side)]))) for side in (1, -1))
    return (
        [f"ions land on the top, {top}"]
        if geometry == "slab"
        else [f"ions land on the top, {top}, and on the bottom, {bottom}"]
    )


def _warnings(host: Atoms, geometry: Geometry) -> list[str]:
    """What makes results of this host other than those of one ion on it."""
    said = []
    ions = {ion: count for ion, count in host.symbols.formula.count().items() if ion in IONS}
    if ions:
        names = ", ".join(f"{count} {ion}" for ion, count in ions.items())
        said.append(f"it holds {names} of its own: results for them are for one more")
    vectors = np.asarray(host.cell)[np.array(PERIODIC[geometry])]
    if len(vectors):
        steps = np.array(list(itertools.product(range(-3, 4), repeat=len(vectors))))
        lengths = np.linalg.norm(steps[steps.any(axis=1)] @ vectors, axis=1)
        if lengths.min() < SPACIOUS_A:
            said.append(_crowded(float(lengths.min()), vectors))
    return said


def _crowded(distance: float, vectors: np.ndarray) -> str:
    metal = {ion: a * np.sqrt(3) / 2 for ion, a in BCC_LATTICE_A.items()}
    nearer = ", ".join(f"{ion} {least:.2f}" for ion, least in metal.items() if distance < least)
    counts = [
        int(np.ceil(SPACIOUS_A / length - 1e-6)) for length in np.linalg.norm(vectors, axis=1)
    ]
    text = f"images of an ion are {distance:.2f} Å apart"
    if nearer:
        text += f", CLOSER than atoms in the metal ({nearer} Å): a layer of ions, not one"
    return (
        f"{text}, --size {','.join(map(str, (*counts, 1)[:2]))} makes it {SPACIOUS_A:g} Å or more"
    )
