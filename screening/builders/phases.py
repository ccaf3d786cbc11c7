"""The catalogue of crystals that a host and an alkali metal may turn into: `structures/phases/`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self

import numpy as np
import spglib
from ase import Atoms
from ase.data import atomic_numbers
from ase.formula import Formula
from pydantic import Field, model_validator

from screening.builders.crystals import Crystal
from screening.config import StrictModel, load_yaml, parse
from screening.errors import InputError, StructureError
from screening.resources import shipped
from screening.structure import digest

Length = Annotated[float, Field(gt=1.5, lt=60)]
Coordinate = Annotated[float, Field(ge=-1, le=1)]

_SYSTEMS = (
    (195, "cubic", 1),
    (143, "hexagonal", 2),
    (75, "tetragonal", 2),
    (16, "orthorhombic", 3),
)
"""First space group of a crystal system, and the numbers that its cell has."""
SYMPREC_A = 1e-3


class PhaseEntry(StrictModel):
    """One crystal as the literature states it.

    Attributes
    ----------
    group
        Space group number of the International Tables, from 3 (monoclinic, unique axis b) to 230.
    origin
        Origin choice; rhombohedral groups are in hexagonal axes.
    cell
        The free numbers of the conventional cell: ``[a]`` cubic, ``[a, c]`` tetragonal, trigonal
        and hexagonal, ``[a, b, c]`` orthorhombic, ``[a, b, c, beta]`` monoclinic; Å and degrees.
    sites
        ``[element, x, y, z]`` of one atom of each orbit, fractional.
    source
        A key of the file's `sources`.
    gas
        A molecule in a box: its atoms are relaxed, its cell is not.
    layered
        Held together by dispersion along one axis: its volume means little at a level without.
    gap
        Measured band gap, eV; 0 for a metal.
    gap_source
        A key of the file's `sources`.
    """

    group: Annotated[int, Field(ge=3, le=230)]
    origin: Literal[1, 2] = 1
    cell: Annotated[tuple[float, ...], Field(min_length=1, max_length=4)]
    sites: Annotated[
        tuple[tuple[str, Coordinate, Coordinate, Coordinate], ...], Field(min_length=1)
    ]
    source: str
    note: str = ""
    gas: bool = False
    layered: bool = False
    gap: Annotated[float, Field(ge=0, lt=30)] | None = None
    gap_source: str | None = None

    @model_validator(mode="after")
    def _checked(self) -> Self:
        system, count = next(
            ((name, n) for first, name, n in _SYSTEMS if self.group >= first), ("monoclinic", 4)
        )
        if len(self.cell) != count:
            raise ValueError(f"a {system} cell has {count} numbers, not {len(self.cell)}")
        if not all(1.5 < length < 60 for length in self.cell[:3]):
            raise ValueError("cell lengths are from 1.5 to 60 Å")
        if (self.gap is None) != (self.gap_source is None):
            raise ValueError("a gap and its gap_source go together")
        if unknown := [s for s, *_ in self.sites if s not in atomic_numbers or s == "X"]:
            raise ValueError(f"unknown element {unknown[0]!r}")
        return self

    @property
    def lattice(self) -> tuple[float, float, float, float, float, float]:
        """a, b, c (Å), alpha, beta, gamma (degrees)."""
        first, last = self.cell[0], self.cell[-1]
        if self.group >= _SYSTEMS[0][0]:
            return (first, first, first, 90.0, 90.0, 90.0)
        if self.group >= _SYSTEMS[1][0]:
            return (first, first, last, 90.0, 90.0, 120.0)
        if self.group >= _SYSTEMS[2][0]:
            return (first, first, last, 90.0, 90.0, 90.0)
        a, b, c = self.cell[:3]
        return (a, b, c, 90.0, last if self.group < _SYSTEMS[3][0] else 90.0, 90.0)


class PhaseFile(StrictModel):
    """A file of the catalogue: references by key, and crystals by name."""

    sources: dict[str, Annotated[str, Field(min_length=1, max_length=300)]]
    phases: dict[str, PhaseEntry]


@dataclass(frozen=True)
class Phase:
    """A crystal of the catalogue.

    Attributes
    ----------
    name
        Reduced formula, and in brackets the polymorph where the catalogue has several.
    """

    name: str
    crystal: Crystal
    gas: bool = False
    layered: bool = False
    note: str = ""
    gap_ev: float | None = None

    @property
    def elements(self) -> frozenset[str]:
        """Elements that it consists of."""
        return frozenset(symbol for symbol, _ in self.crystal.sites)

    @property
    def counts(self) -> Mapping[str, int]:
        """Atoms of each element in its formula unit."""
        counts: Mapping[str, int] = Formula(self.name.split()[0]).reduce()[0].count()
        return counts

    @cached_property
    def atoms(self) -> Atoms:
        """Primitive cell, without constraints.

        Raises
        ------
        StructureError
            If the crystal has not the space group that it states, or not the formula of its name.
        """
        conventional = self.crystal.atoms()
        if (found := space_group(conventional)) != self.crystal.spacegroup:
            raise StructureError(
                f"has space group {found}",
                where=self.name,
                allowed=f"{self.crystal.spacegroup}, as stated",
            )
        formula = conventional.symbols.formula.reduce()[0]
        if formula.count() != self.counts:
            raise StructureError(f"its sites give {formula}", where=self.name)
        primitive = spglib.standardize_cell(
            _spglib_cell(conventional), to_primitive=True, no_idealize=True, symprec=SYMPREC_A
        )
        if primitive is None:
            raise StructureError("has no primitive cell", where=self.name)
        lattice, positions, numbers = primitive
        return Atoms(numbers, cell=lattice, scaled_positions=positions, pbc=True)


def _spglib_cell(atoms: Atoms) -> Any:
    return (np.asarray(atoms.cell), atoms.get_scaled_positions(), atoms.numbers)


def space_group(atoms: Atoms, symprec: float = SYMPREC_A) -> int:
    """Space group number of a periodic structure.

    Raises
    ------
    StructureError
        If none is found.
    """
    data = spglib.get_symmetry_dataset(_spglib_cell(atoms), symprec=symprec)
    if data is None:
        raise StructureError("no space group found", where=atoms.get_chemical_formula())
    return int(data.number)


def read_phases(file: Path) -> dict[str, Phase]:
    """Read one file of phases; crystals are built when they are asked for.

    Raises
    ------
    InputError
        Unreadable, not YAML, unknown key, wrong type, or a source that the file does not state.
    """
    stated = parse(PhaseFile, load_yaml(file), str(file))
    phases = {}
    for name, entry in stated.phases.items():
        for key in ("source", "gap_source"):
            if getattr(entry, key) not in {None, *stated.sources}:
                raise InputError(
                    f"unknown source {getattr(entry, key)!r}",
                    where=f"{file}: phases.{name}.{key}",
                    allowed=", ".join(stated.sources),
                )
        crystal = Crystal(
            entry.group,
            entry.lattice,
            tuple((symbol, (x, y, z)) for symbol, x, y, z in entry.sites),
            stated.sources[entry.source],
            entry.origin,
        )
        flags = (entry.gas, entry.layered, entry.note, entry.gap)
        phases[name] = Phase(name, crystal, *flags)
    return phases


def load_phases(directory: Path) -> Mapping[str, Phase]:
    """Read every file of phases in a folder.

    Raises
    ------
    InputError
        As `read_phases`, or if two files state one name.
    """
    phases: dict[str, Phase] = {}
    for file in sorted(directory.glob("*.yaml")):
        found = read_phases(file)
        if twice := sorted(phases.keys() & found.keys()):
            raise InputError(f"phase {twice[0]!r} is stated twice", where=str(file))
        phases |= found
    return MappingProxyType(phases)


@lru_cache(maxsize=1)
def shipped_phases() -> Mapping[str, Phase]:
    """Return the catalogue that the package ships."""
    return load_phases(shipped("structures") / "phases")


def phases_of(elements: Collection[str], catalogue: Mapping[str, Phase]) -> list[Phase]:
    """Phases that consist of these elements and no other, in the order of the catalogue."""
    allowed = frozenset(elements)
    return [phase for phase in catalogue.values() if phase.elements <= allowed]


@lru_cache(maxsize=4096)
def catalogue_key(elements: frozenset[str]) -> str:
    """Hash of the shipped crystals of some elements: what rests on them ages when one is added."""
    known = phases_of(elements, shipped_phases())
    return digest([[phase.name, repr(phase.crystal), phase.gap_ev] for phase in known])
