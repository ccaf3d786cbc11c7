"""Reference sets: adsorption energies at given geometries. Format: docs/reference.md."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.geometry import get_distances
from scipy.optimize import linear_sum_assignment

from screening.descriptors.reference import energy_per_ion
from screening.errors import InputError, LevelError, StructureError
from screening.surrogate.domain import above_free_atom
from screening.units import Ion
from screening.validation.compute import read_frames
from screening.validation.frames import Frame, energy_of, numbered, text_of
from screening.validation.relaxed import NOTHING, SMALL_EV_A, Gain

UNSTATED = "not stated"
"""Level of a set none of whose frames states one."""

AS_RELAXED = ("", "relaxed")
"""Notes of points that are not displaced copies or saddles."""

MINIMUM = "minimum"
"""Note of a frame whose ions the reference level itself has relaxed, from where an engine left
them: what the relaxed point of its host and ion still has to gain, or a point of its own if they
went to another site."""

SAME_SITE_A = 0.7
"""Half of the way from hollow to top on graphene: ions that went farther are in another site."""

SAME_ENERGY_EV = 1e-6
CELL_TOLERANCE_A = 1e-3
"""Cells in files are rounded."""


@dataclass(frozen=True)
class ReferencePoint:
    """One adsorption energy of a reference set.

    Attributes
    ----------
    host
        Id shared by the clean host and its adsorbed frames.
    adsorbed, clean, metal
        Structures as given: host with ions, host, bulk metal. Treat as read-only.
    ions
        Indices of the ions in `adsorbed`.
    e_ads_ref_ev
        ``[E(host + n A) - E(host) - n mu_A] / n`` by the file, eV, with `grid_ev`; NaN if not
        computed yet.
    grid_ev
        What a denser grid of k-points adds, eV.
    ion_forces
        On the ions by the file, eV/Å, shape (n_ions, 3), if it has forces.
    gain
        What the ions gain on their way to the minimum that the file has of them, nothing if that
        is another site; None if it has none.
    """

    host: str
    ion: Ion
    ions: tuple[int, ...]
    adsorbed: Atoms
    clean: Atoms
    metal: Atoms
    e_ads_ref_ev: float
    grid_ev: float = 0.0
    family: str = ""
    note: str = ""
    ion_forces: np.ndarray | None = field(default=None, compare=False, repr=False)
    gain: Gain | None = None

    @property
    def names(self) -> tuple[str, Ion, int]:
        """Host, ion and number of ions."""
        return self.host, self.ion, len(self.ions)

    @property
    def push_ev_a(self) -> float | None:
        """Largest force on an ion, eV/Å; None if the file has no forces."""
        forces = self.ion_forces
        return None if forces is None else float(np.linalg.norm(forces, axis=1).max())

    @property
    def impossible(self) -> str:
        """Why a point that is called relaxed cannot be."""
        return above_free_atom(self.ion, self.e_ads_ref_ev) if self.note == "relaxed" else ""


@dataclass(frozen=True)
class ReferenceSet:
    """Points of one level, in the order of the file.

    Attributes
    ----------
    dropped
        Points left out, each with the reason: called relaxed and above the free atom
        (`screening.surrogate.domain.ceiling_ev`). Pushed down, an ion may be there.
    """

    source: str
    level: str
    points: tuple[ReferencePoint, ...]
    dropped: tuple[str, ...] = ()


def read_reference(path: Path) -> ReferenceSet:
    """Read a reference set and form its adsorption energies.

    Raises
    ------
    InputError
        One line: unreadable file, missing or non-finite energy, mixed levels, missing or
        contradicting host or bulk frame, an ion that is not one of ours, a count that does not
        fit the atoms, a set without a single adsorption energy.
    """
    if not path.is_file():
        raise StructureError("is not a file", where=str(path), allowed="extxyz with reference data")
    level = _one_level(atoms := read_frames(path), str(path))
    frames = numbered(atoms, path, energy_of)
    points = points_of(frames, frames, str(path))
    kept = tuple(point for point in points if not point.impossible)
    dropped = tuple(f"{p.host} {p.ion}: {p.impossible}" for p in points if p.impossible)
    if not kept:
        raise InputError(dropped[0], where=str(path), allowed="bound ions")
    return ReferenceSet(str(path), level, kept, dropped)


def read_queue(path: Path, reference: Path) -> tuple[ReferencePoint, ...]:
    """Read points that are still to compute; their clean hosts and metals stand in either file.

    Energies are not looked at; `ReferencePoint.e_ads_ref_ev` is NaN.

    Raises
    ------
    InputError
        As `read_reference`, but for energies and levels.
    """
    known, queued = (numbered(read_frames(p), p, lambda *_: math.nan) for p in (reference, path))
    return points_of(queued, [*known, *queued], str(path))


def points_of(
    wanted: Sequence[Frame], frames: Sequence[Frame], where: str
) -> tuple[ReferencePoint, ...]:
    """Form the adsorption energies of the ions among `wanted`; hosts and metals are in `frames`.

    Raises
    ------
    InputError
        See `read_reference`.
    """
    metals = _by_name([f for f in frames if f.bulk], "bulk", lambda f: str(f.bulk))
    hosts = _by_name([f for f in frames if not f.bulk and not f.ion], "host", lambda f: f.host)
    points = [_point(f, hosts, metals) for f in wanted if f.ion and f.note != MINIMUM]
    if not points:
        raise StructureError(
            "set has no adsorption energy", where=where, allowed='frames with info["ion"]'
        )
    for frame in (f for f in frames if f.note == MINIMUM):
        minimum = _point(frame, hosts, metals)
        _require_at_rest(minimum, frame.where)
        named = (i for i, p in enumerate(points) if p.names == minimum.names)
        mine = [i for i in named if points[i].note in AS_RELAXED]
        if not mine and frame in wanted:
            raise InputError(
                f"is the {MINIMUM} of no point of {frame.host} {frame.ion}",
                where=frame.where,
                allowed="a relaxed point of the same host, ion and number of ions",
            )
        for i in mine:
            points[i], elsewhere = _settled(points[i], minimum, frame.where)
            points += elsewhere
    return tuple(points)


def _require_at_rest(minimum: ReferencePoint, where: str) -> None:
    if minimum.push_ev_a is None or minimum.push_ev_a > SMALL_EV_A:
        raise InputError(
            f"is no {MINIMUM}: its ions have no forces, or larger ones",
            where=where,
            allowed=f"forces on ions up to {SMALL_EV_A} eV/Å",
        )


def _settled(
    point: ReferencePoint, minimum: ReferencePoint, where: str
) -> tuple[ReferencePoint, list[ReferencePoint]]:
    """Return a relaxed point that knows its minimum, and the minimum if it is another site.

    Both have the same grid of k-points. A place that ions leave for another keeps the energy that
    it has: barriers along a path need it.
    """
    gain_ev = (point.e_ads_ref_ev - point.grid_ev) - (minimum.e_ads_ref_ev - minimum.grid_ev)
    if point.gain is not None or gain_ev < 0.0:
        raise InputError(
            f"is no {MINIMUM} of {point.host} {point.ion}, which is lower or has one already",
            where=where,
            allowed="one, below the relaxed point",
        )
    if (moved_a := _moved_a(point, minimum)) <= SAME_SITE_A:
        return replace(point, gain=Gain(gain_ev, 0.0, moved_a)), []
    e_ads_ev = point.e_ads_ref_ev - gain_ev
    own = replace(minimum, e_ads_ref_ev=e_ads_ev, grid_ev=point.grid_ev, family=point.family)
    return replace(point, gain=NOTHING), [own]


def _moved_a(point: ReferencePoint, minimum: ReferencePoint) -> float:
    """Longest way of an ion, Å, each to the nearest place that is free."""
    before, after = (p.adsorbed.positions[list(p.ions)] for p in (point, minimum))
    cell, pbc = point.clean.cell, point.clean.pbc
    _, distance = get_distances(before, after, cell=cell, pbc=pbc)
    return float(distance[linear_sum_assignment(distance)].max())


def _one_level(frames: Sequence[Atoms], where: str) -> str:
    levels = sorted({text_of(atoms, "level") or UNSTATED for atoms in frames})
    if len(levels) > 1:
        raise LevelError(f"frames of {len(levels)} levels: {'; '.join(levels)}", where=where)
    return levels[0]


def _by_name(frames: Sequence[Frame], kind: str, name: Any) -> dict[str, Frame]:
    """Index frames by name; a repeated one has to be the same structure with the same energy."""
    found: dict[str, Frame] = {}
    for frame in frames:
        first = found.setdefault(name(frame), frame)
        same = len(first.atoms) == len(frame.atoms) and np.isclose(
            first.energy_ev, frame.energy_ev, rtol=0, atol=SAME_ENERGY_EV, equal_nan=True
        )
        if not same:
            raise InputError(
                f"{kind} {name(frame)!r} has two clean frames of different energy",
                where=frame.where,
                allowed="one; give another geometry another name",
            )
    return found


def _point(frame: Frame, hosts: Mapping[str, Frame], metals: Mapping[str, Frame]) -> ReferencePoint:
    if frame.ion is None:
        raise ValueError("a clean frame has no adsorption energy")
    if frame.host not in hosts:
        raise InputError(f"no clean frame of host {frame.host!r}", where=frame.where)
    if frame.ion not in metals:
        raise InputError(f"no bulk frame of {frame.ion}", where=frame.where)
    host, metal = hosts[frame.host], metals[frame.ion]
    ions = _ion_indices(frame, host)
    return ReferencePoint(
        host=frame.host,
        ion=frame.ion,
        ions=ions,
        adsorbed=frame.atoms,
        clean=host.atoms,
        metal=metal.atoms,
        e_ads_ref_ev=energy_per_ion(
            frame.energy_ev, host.energy_ev, metal.energy_ev / len(metal.atoms), frame.n_ions
        )
        + frame.grid_ev,
        grid_ev=frame.grid_ev,
        family=frame.family or host.family,
        note=frame.note,
        ion_forces=None if frame.forces is None else frame.forces[list(ions)],
    )


def _ion_indices(frame: Frame, host: Frame) -> tuple[int, ...]:
    """Atoms of the ion's element without a counterpart on the clean host, wherever they stand."""
    atoms, clean, ion = frame.atoms, host.atoms, frame.ion
    added = atoms.symbols.formula.count()
    for symbol, number in clean.symbols.formula.count().items():
        added[symbol] = added.get(symbol, 0) - number
    if {s: n for s, n in added.items() if n} != {ion: frame.n_ions}:
        raise InputError(
            f"{atoms.symbols} is not host {frame.host!r} ({clean.symbols}) with "
            f"{frame.n_ions} {ion}",
            where=frame.where,
        )
    if not np.allclose(atoms.cell, clean.cell, atol=CELL_TOLERANCE_A) or not np.array_equal(
        atoms.pbc, clean.pbc
    ):
        raise InputError(f"cell differs from that of host {frame.host!r}", where=frame.where)
    alike = np.flatnonzero(atoms.symbols == ion)
    same = clean.positions[clean.symbols == ion]
    if not len(same):
        return tuple(int(i) for i in alike)
    _, distance = get_distances(same, atoms.positions[alike], cell=atoms.cell, pbc=atoms.pbc)
    _, counterparts = linear_sum_assignment(distance)
    return tuple(int(i) for i in np.delete(alike, counterparts))
