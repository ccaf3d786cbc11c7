"""Reference sets: adsorption energies at given geometries. Format: docs/reference.md."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.geometry import get_distances
from scipy.optimize import linear_sum_assignment

from screening.descriptors.reference import energy_per_ion
from screening.errors import InputError, LevelError, StructureError
from screening.surrogate.domain import above_free_atom
from screening.units import IONS, Ion
from screening.validation.compute import read_frames

UNSTATED = "not stated"
"""Level of a set none of whose frames states one."""

AS_RELAXED = ("", "relaxed")
"""Notes of points that are not displaced copies or saddles."""

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
        ``[E(host + n A) - E(host) - n mu_A] / n`` by the file, eV; NaN if not computed yet.
    """

    host: str
    ion: Ion
    ions: tuple[int, ...]
    adsorbed: Atoms
    clean: Atoms
    metal: Atoms
    e_ads_ref_ev: float
    family: str = ""
    note: str = ""

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


@dataclass(frozen=True)
class _Frame:
    where: str
    atoms: Atoms
    energy_ev: float
    host: str
    ion: Ion | None
    n_ions: int
    bulk: Ion | None
    family: str
    note: str


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
    frames = _numbered(atoms, path, _energy_of)
    points = _points(frames, frames, str(path))
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
    known, queued = (_numbered(read_frames(p), p, lambda *_: math.nan) for p in (reference, path))
    return _points(queued, [*known, *queued], str(path))


def _points(
    wanted: Sequence[_Frame], frames: Sequence[_Frame], where: str
) -> tuple[ReferencePoint, ...]:
    metals = _by_name([f for f in frames if f.bulk], "bulk", lambda f: str(f.bulk))
    hosts = _by_name([f for f in frames if not f.bulk and not f.ion], "host", lambda f: f.host)
    points = tuple(_point(frame, hosts, metals) for frame in wanted if frame.ion)
    if not points:
        raise StructureError(
            "set has no adsorption energy", where=where, allowed='frames with info["ion"]'
        )
    return points


def _one_level(frames: Sequence[Atoms], where: str) -> str:
    levels = sorted({_text(atoms, "level") or UNSTATED for atoms in frames})
    if len(levels) > 1:
        raise LevelError(f"frames of {len(levels)} levels: {'; '.join(levels)}", where=where)
    return levels[0]


def _numbered(
    frames: Sequence[Atoms], path: Path, energy: Callable[[Atoms, str], float]
) -> list[_Frame]:
    return [
        _frame(atoms, f"{path}: frame {number}", energy)
        for number, atoms in enumerate(frames, start=1)
    ]


def _frame(atoms: Atoms, where: str, energy: Callable[[Atoms, str], float]) -> _Frame:
    if not len(atoms) or not atoms.numbers.all():
        raise StructureError("frame has no atoms or unknown ones", where=where)
    if not (np.isfinite(atoms.positions).all() and np.isfinite(atoms.cell.array).all()):
        raise StructureError("position or cell is not finite", where=where)
    bulk, ion, host = _ion(atoms, "bulk", where), _ion(atoms, "ion", where), _text(atoms, "host")
    if bulk and (ion or host):
        raise InputError("is both bulk metal and host", where=where, allowed="info bulk or host")
    if bulk and set(atoms.symbols) != {bulk}:
        raise InputError(f"bulk {bulk} holds {atoms.symbols}", where=where)
    if not bulk and not host:
        raise InputError("has no host", where=where, allowed='info["host"] or info["bulk"]')
    return _Frame(
        where=where,
        atoms=Atoms(
            atoms.symbols,
            atoms.positions,
            cell=atoms.cell,
            pbc=atoms.pbc,
            constraint=atoms.constraints,
        ),
        energy_ev=energy(atoms, where),
        host=host,
        ion=ion,
        n_ions=_count(atoms, ion, where),
        bulk=bulk,
        family=_text(atoms, "family"),
        note=_text(atoms, "note"),
    )


def _energy_of(atoms: Atoms, where: str) -> float:
    try:
        energy = float(atoms.get_potential_energy())
    except Exception:  # noqa: BLE001 (ASE raises several types for what is one mistake)
        energy = math.nan
    if not math.isfinite(energy):
        raise StructureError("energy is missing or not finite", where=where, allowed="energy, eV")
    return energy


def _text(atoms: Atoms, name: str) -> str:
    """Value of a key as text, empty if there is none.

    extxyz turns text into whatever it looks like: a key written with None into True, an empty text
    into an empty list, "1 2" into a list of integers.
    """
    value: Any = atoms.info.get(name)
    if str(value) in {"None", "True", "nan"}:
        return ""
    return " ".join(str(part) for part in np.atleast_1d(value)).strip()


def _ion(atoms: Atoms, name: str, where: str) -> Ion | None:
    value = _text(atoms, name)
    if not value:
        return None
    for ion in IONS:
        if ion == value:
            return ion
    raise InputError(f"{name} {value!r} is not an ion", where=where, allowed=", ".join(IONS))


def _count(atoms: Atoms, ion: Ion | None, where: str) -> int:
    if ion is None:
        return 0
    value: Any = atoms.info.get("n_ions", 1)
    try:
        count = float(value)
    except (TypeError, ValueError):
        count = 0.0
    if not (count >= 1 and count.is_integer()):
        raise InputError(f"n_ions {value!r} is not valid", where=where, allowed="1, 2, 3 …")
    return int(count)


def _by_name(frames: Sequence[_Frame], kind: str, name: Any) -> dict[str, _Frame]:
    """Index frames by name; a repeated one has to be the same structure with the same energy."""
    found: dict[str, _Frame] = {}
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


def _point(
    frame: _Frame, hosts: Mapping[str, _Frame], metals: Mapping[str, _Frame]
) -> ReferencePoint:
    if frame.ion is None:
        raise ValueError("a clean frame has no adsorption energy")
    if frame.host not in hosts:
        raise InputError(f"no clean frame of host {frame.host!r}", where=frame.where)
    if frame.ion not in metals:
        raise InputError(f"no bulk frame of {frame.ion}", where=frame.where)
    host, metal = hosts[frame.host], metals[frame.ion]
    return ReferencePoint(
        host=frame.host,
        ion=frame.ion,
        ions=_ion_indices(frame, host),
        adsorbed=frame.atoms,
        clean=host.atoms,
        metal=metal.atoms,
        e_ads_ref_ev=energy_per_ion(
            frame.energy_ev, host.energy_ev, metal.energy_ev / len(metal.atoms), frame.n_ions
        ),
        family=frame.family or host.family,
        note=frame.note,
    )


def _ion_indices(frame: _Frame, host: _Frame) -> tuple[int, ...]:
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
