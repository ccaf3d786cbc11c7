"""Dissolution: whether the metal dissolves the host, and whether the two mix in any way at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import Field

from screening.builders.parts import Part, bulk_parts
from screening.descriptors.bound import Bound
from screening.descriptors.columns import Column
from screening.descriptors.hull import PhaseEnergy, hull_energy_ev
from screening.descriptors.layers import lattice_constant
from screening.descriptors.matter import CRYSTAL, crystal_energies, is_hubbard, is_metallic, lowest
from screening.descriptors.pair import Pair, Steps
from screening.descriptors.reaction import part_reaction
from screening.descriptors.registry import DescriptorSettings, Size, Work, descriptor
from screening.descriptors.row import Found
from screening.descriptors.solution import (
    REPEAT,
    heat_of_solution_ev,
    solubility,
    solution_cell,
)
from screening.descriptors.value import Value
from screening.errors import InputError, TaskError
from screening.evaluate.task import Task


class Dissolution(DescriptorSettings):
    """Heat of solution of the host in the bulk metal.

    Attributes
    ----------
    temperature_k
        Of the solubility.
    """

    temperature_k: Annotated[float, Field(ge=150, le=600)] = 298.15


COLUMNS = (
    Column(
        "e_sol_ev",
        "eV",
        "Energy of dissolving the host in the bulk metal, per atom that is not the ion; "
        "negative: it dissolves.",
        "{:+.2f}",
        better="less",
        energy=True,
    ),
    Column(
        "e_hold_ev",
        "eV",
        "The same out of what coexists with the metal, the host or its compound: it governs how "
        "much the metal holds; 0.1 eV is 2 % at 298 K, 0.4 eV next to nothing.",
        "{:+.2f}",
        better="less",
        energy=True,
    ),
    Column(
        "e_share_ev",
        "eV",
        "e_hold_ev, or 0 for a host that holds the ion: it shares its own with the metal.",
        "{:+.2f}",
        better="less",
        energy=True,
    ),
    Column(
        "solubility",
        "",
        "Atomic fraction of the host that the metal holds by it; none where that costs nothing.",
        "{:.1e}",
        digits=3,
    ),
    Column(
        "e_mix_ev",
        "eV",
        "Energy of the readiest way in which host and bulk metal mix, per ion or atom: "
        "reaction or dissolution; negative: they do.",
        "{:+.2f}",
        better="less",
        energy=True,
    ),
)


def cost(_settings: Dissolution, _size: Size) -> Iterator[Work]:
    """One cell of the metal for each host element, shared by all hosts that have it."""
    yield Work("solution", 1, 2 * REPEAT**3, per="pair")


@descriptor("dissolution", *COLUMNS, cost=cost)
def dissolution(settings: Dissolution, pair: Pair, bound: Bound) -> Steps[Found]:
    """Dissolve the host's metals in 54 atoms of the ion's metal, and say whether the two mix.

    Of a host of several parts, the part that mixes most readily. Salts and sheets dissolve as
    nothing: for them `e_mix_ev` is the bulk reaction alone. A host that holds the ion exchanges it
    with the metal at no cost: its `e_mix_ev` is 0 at most, and the metal itself holds itself.
    """
    try:
        parts = bulk_parts(pair.candidate.recipe)
    except InputError as error:
        return Found().noted(f"dissolution: {error}")
    found = Found()
    mixing: list[float] = []
    for part in parts:
        try:
            found, energy = yield from _part(settings, pair, bound, part, found)
            mixing.append(energy)
        except TaskError as error:
            found = found.lacking(f"dissolution: {error}")
    held = found.values.get("e_hold_ev")
    if held is not None and any(pair.ion in part for part in parts):
        held = Value(0.0, "engine")
    mixed = Value(min(mixing), "engine") if mixing else None
    return found.given(e_mix_ev=mixed, e_share_ev=held)


def _part(
    settings: Dissolution, pair: Pair, bound: Bound, part: Part, found: Found
) -> Steps[tuple[Found, float]]:
    """Add what one part dissolves to; return the energy of its readiest way to mix."""
    reaction = yield from part_reaction(pair, part)
    ways = [-reaction.first_voltage_v] if reaction.plateaus else []
    if pair.ion in part:
        ways.append(0.0)
    if part.keys() == {pair.ion}:
        found = found.given(e_hold_ev=Value(0.0, "engine"))
    if is_metallic(part, pair.ion):
        energies, _ = yield from crystal_energies(pair, {*part, pair.ion})
        dissolved = yield from _solutions(pair, bound, part)
        heat = _heat(pair, bound, dict(part), energies, dissolved)
        end = reaction.plateaus[-1].ions * reaction.energy_per_ion_ev if reaction.plateaus else 0.0
        others = sum(n for element, n in part.items() if element != pair.ion)
        held = heat - end / others
        ways.append(heat)
        known = found.values.get("e_sol_ev")
        if known is None or heat < known.number:
            found = found.given(e_sol_ev=Value(heat, "engine"), e_hold_ev=Value(held, "engine"))
            if held >= 0:
                found = found.given(solubility=solubility(held, settings.temperature_k))
            else:
                found = found.flagged(
                    f"{reaction.host} is lower in energy dissolved in {pair.ion} than as any known "
                    "crystal: one is missing from the catalogue, or the engine is wrong"
                )
    elif part.keys() != {pair.ion}:
        found = found.noted(f"dissolution: {reaction.host} does not dissolve as atoms")
    return found, min(ways, default=0.0)


def _solutions(pair: Pair, bound: Bound, part: Part) -> Steps[dict[str, float]]:
    """Energies of one atom of each element in the metal, beyond the metal that it stands in, eV."""
    lattice = lattice_constant(bound.metal.atoms)
    elements = [element for element in part if element != pair.ion]
    cells = [solution_cell(pair.ion, lattice, element) for element in elements]
    settings = {**CRYSTAL, "soft": []}
    tags = {"ion": pair.ion}
    results = yield [
        Task("solution", pair.context.engine, (cell,), settings, {**tags, "element": element})
        for element, cell in zip(elements, cells, strict=True)
    ]
    found = {}
    for element, cell, result in zip(elements, cells, results, strict=True):
        if result.failed or result.energy_ev is None:
            raise TaskError(f"{element} in {pair.ion}: {result.reason}")
        found[element] = heat_of_solution_ev(
            result.energy_ev, len(cell), bound.metal.energy_ev, 0.0
        )
    return found


def _heat(
    pair: Pair,
    bound: Bound,
    part: dict[str, int],
    energies: list[PhaseEnergy],
    dissolved: Mapping[str, float],
) -> float:
    """Energy of dissolving a part, eV per atom that is not the ion."""
    hubbard = is_hubbard(pair.context.engine)
    if len(part) == 1:
        (element,) = part
        solid = lowest(energies, element)
        if solid is None:
            raise TaskError(f"no crystal of {element}")
        return dissolved[element] - solid
    solid = hull_energy_ev(part, energies, hubbard=hubbard)
    ions = part.pop(pair.ion, 0) * bound.metal.energy_ev
    apart = sum(n * dissolved[element] for element, n in part.items())
    return (apart + ions - solid) / sum(part.values())
