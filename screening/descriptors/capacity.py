"""Charge and volume of a host that has taken up ions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import isclose
from typing import Any

from ase import Atoms
from ase.data import atomic_masses, atomic_numbers
from scipy.constants import physical_constants

from screening.builders.bulk import crystal_of
from screening.builders.families.metal import METALS
from screening.errors import InputError, TaskError
from screening.units import Ion

FARADAY_C_MOL = physical_constants["Faraday constant"][0]
COULOMB_PER_MAH = 3.6


@dataclass(frozen=True)
class Capacity:
    """Charge that the ions on a host hold, over two masses.

    Attributes
    ----------
    host_mah_g
        Per gram of the empty host, as papers quote it (graphite in LiC6: 372), mAh/g; None if
        there is no host.
    anode_mah_g
        Per gram of host and ions together, mAh/g: at most that of the metal itself (Li: 3861).
    """

    host_mah_g: float | None
    anode_mah_g: float


@dataclass(frozen=True)
class VolumeChange:
    """How an alloy's volume compares with what it is made from, as fractions.

    Attributes
    ----------
    swelling
        ``V(alloy) / V(host) - 1``, both per host atom: how far the host itself expands. This is
        the volume change that papers on alloy anodes quote (Obrovac & Chevrier, Chem. Rev. 114,
        11444 (2014), doi:10.1021/cr500207g).
    reaction
        ``V(alloy) / [V(host) + n V(A)] - 1``: what the anode as a whole gains or loses when the
        metal goes into the host; negative for most alloys.
    """

    swelling: float
    reaction: float


def capacity(host: Atoms, ion: Ion, count: int) -> Capacity:
    """Gravimetric capacity of `count` ions on a host: ``n F / (3.6 M)``.

    A slab counts with all its layers, so that its value falls with the thickness chosen; compare
    sheets, tubes and clusters, or slabs of one thickness.

    Parameters
    ----------
    host
        Host without the ions; may be empty, for the metal alone.
    count
        Ions in the cell, at least 1; each gives one electron.

    Raises
    ------
    TaskError
        If there are no ions.
    """
    if count < 1:
        raise TaskError(f"{count} ions hold no charge")
    charge_mah = count * FARADAY_C_MOL / COULOMB_PER_MAH
    empty = float(atomic_masses[host.numbers].sum())
    full = empty + count * float(atomic_masses[atomic_numbers[ion]])
    return Capacity(charge_mah / empty if empty else None, charge_mah / full)


def volume_change(host: Atoms, alloy: Atoms, metal: Atoms) -> VolumeChange:
    """Volume change of ``host + n A -> alloy``, from cells of the three bulk phases.

    Parameters
    ----------
    host, alloy, metal
        Bulk crystals, periodic in three directions, each with any number of formula units. What
        `alloy` holds beyond the host's elements in the host's proportions must be the metal.

    Raises
    ------
    TaskError
        If a phase has no volume, the metal is not one element, or the alloy is not host and metal.
    """
    for name, phase in (("host", host), ("alloy", alloy), ("metal", metal)):
        if not phase.pbc.all() or not phase.cell.volume > 0 or not len(phase):
            raise TaskError(f"the {name} is no bulk crystal: it has no volume")
    elements = set(metal.symbols)
    if len(elements) != 1:
        raise TaskError(f"the metal is {metal.symbols}, not one element")
    added = elements.pop()
    have, made = Counter(host.symbols), Counter(alloy.symbols)
    units = _formula_units(have, made, added)
    count = made[added] - units * have[added]
    start = units * host.cell.volume
    total = start + count * metal.cell.volume / len(metal)
    end = alloy.cell.volume
    return VolumeChange(float(end / start - 1), float(end / total - 1))


def alloy_volume_change(recipe: Mapping[str, Any], ion: Ion) -> VolumeChange:
    """Volume change of the alloy that a slab was cut from, out of the ion's metal and its host.

    All three volumes are those of the experimental crystals that the recipes are built from.

    Parameters
    ----------
    recipe
        Of a candidate.

    Raises
    ------
    TaskError
        If the slab is not of an alloy of the ion with one other element, or no crystal of that
        element is known.
    """
    try:
        alloy, _ = crystal_of(recipe)
    except InputError as error:
        raise TaskError(error.what) from error
    others = sorted(set(alloy.symbols) - {ion})
    if ion not in alloy.symbols or len(others) != 1:
        formula = alloy.symbols.formula.reduce()[0]
        raise TaskError(f"{formula} is no alloy of {ion} with one other element")
    if others[0] not in METALS:
        raise TaskError(f"no crystal of {others[0]} is known")
    return volume_change(METALS[others[0]].atoms(), alloy, METALS[ion].atoms())


def _formula_units(host: Counter[str], alloy: Counter[str], added: str) -> float:
    """Cells of the host that the alloy's cell was made from."""
    frame = {element: n for element, n in host.items() if element != added}
    others = {element for element in alloy if element != added}
    ratios = {alloy[element] / n for element, n in frame.items()}
    units = max(ratios, default=0.0)
    same = all(isclose(ratio, units) for ratio in ratios)
    if not frame or others != set(frame) or not same or alloy[added] <= units * host[added]:
        raise TaskError("the alloy does not consist of the host and more of the metal")
    return units
