"""Bulk reaction of a host with the ion's metal: first voltage, products, coexistence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from screening.builders.parts import Part, bulk_parts
from screening.descriptors.bound import Bound
from screening.descriptors.columns import Column
from screening.descriptors.hull import BulkReaction, bulk_reaction
from screening.descriptors.matter import crystal_energies, is_hubbard
from screening.descriptors.pair import Pair, Steps
from screening.descriptors.registry import DescriptorSettings, Size, Work, descriptor
from screening.descriptors.row import Found
from screening.descriptors.value import Value
from screening.errors import InputError, TaskError

CRYSTALS = 10
"""Crystals behind a reaction, and atoms in each: for estimates."""


class Reaction(DescriptorSettings):
    """Bulk reaction of the host with the metal, from the catalogue of crystals."""


@dataclass(frozen=True)
class PlateauRow:
    """One step of the reaction of one part of a host.

    Attributes
    ----------
    part
        Formula of the part.
    voltage_v
        Against the bulk metal, V.
    ions
        Taken up per formula unit at its end.
    products
        What is there at its end.
    """

    part: str
    voltage_v: float
    ions: float
    products: str


COLUMNS = (
    Column(
        "v_react_v",
        "V",
        "Voltage against the metal at which the host first reacts in bulk; 0: it does not.",
        "{:.2f}",
        better="more",
        energy=True,
    ),
    Column("products", "", "Products of that first reaction."),
    Column("coexists", "", "Whether host and bulk metal are stable side by side."),
    Column(
        "reaction_ev",
        "eV",
        "Energy per ion of the whole bulk reaction with the metal.",
        "{:+.2f}",
        energy=True,
    ),
    Column("end_products", "", "What coexists with the metal after it."),
    Column(
        "reaction_volume_change",
        "",
        "Volume of the end products over that of the host, minus 1.",
        "{:+.2f}",
        better="less",
    ),
)


def cost(_settings: Reaction, _size: Size) -> Iterator[Work]:
    """Crystals of the host's elements and the ion; hosts of the same elements share them."""
    yield Work("crystal", CRYSTALS, CRYSTALS, per="host")


@descriptor("reaction", *COLUMNS, cost=cost, details={"plateaus": PlateauRow})
def reaction(_settings: Reaction, pair: Pair, _bound: Bound) -> Steps[Found]:
    """Follow the host's composition towards the metal along the hull of known crystals.

    Of a host of several parts (a cluster on graphene), the part that reacts first. A host that is
    no bulk matter (a MXene, an organic framework) says so and lacks nothing.
    """
    try:
        parts = bulk_parts(pair.candidate.recipe)
    except InputError as error:
        return Found().noted(f"reaction: {error}")
    reactions, lacks = [], []
    for part in parts:
        try:
            reactions.append((yield from part_reaction(pair, part)))
        except TaskError as error:
            lacks.append(f"reaction: {error}")
    found = Found()
    for lack in lacks:
        found = found.lacking(lack)
    if not reactions:
        return found
    first = max(reactions, key=lambda r: r.first_voltage_v)
    return found.given(
        v_react_v=Value(first.first_voltage_v, "engine"),
        products=first.products or None,
        coexists=first.coexists,
        reaction_ev=Value(first.energy_per_ion_ev, "engine"),
        end_products=first.final_products,
        reaction_volume_change=first.volume_change,
    ).detailed(plateaus=[row for entry in reactions for row in _rows(entry)])


def part_reaction(pair: Pair, part: Part) -> Steps[BulkReaction]:
    """Reaction of one part; the metal in contact with itself coexists.

    Raises
    ------
    TaskError
        If a crystal failed: a hull with holes would say that something coexists which reacts.
    """
    ion = pair.ion
    if part.keys() == {ion}:
        return BulkReaction(ion, ion, (), 0.0, 0.0)
    energies, failed = yield from crystal_energies(pair, {*part, ion})
    if failed:
        raise TaskError("; ".join(failed))
    return bulk_reaction(part, ion, energies, hubbard=is_hubbard(pair.context.engine))


def _rows(found: BulkReaction) -> Iterator[PlateauRow]:
    for plateau in found.plateaus:
        listed = " + ".join(f"{amount:g} {name}" for name, amount in plateau.products)
        yield PlateauRow(found.host, round(plateau.voltage_v, 6), round(plateau.ions, 6), listed)
