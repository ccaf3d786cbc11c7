"""Substitution: the ion in the place of an atom of a metal's top layer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from screening.builders.parts import bulk_parts
from screening.descriptors.bound import Bound
from screening.descriptors.columns import Column
from screening.descriptors.matter import NONMETALS, crystal_energies, lowest
from screening.descriptors.pair import Pair, Steps
from screening.descriptors.reference import adsorption_energy
from screening.descriptors.registry import DescriptorSettings, Size, Work, descriptor
from screening.descriptors.row import Found
from screening.descriptors.solution import substituted, substitution_energy_ev
from screening.descriptors.value import Value
from screening.errors import InputError, TaskError


class Substitution(DescriptorSettings):
    """The ion exchanged for an atom of the host's top layer, which joins its own bulk."""


COLUMNS = (
    Column(
        "e_subst_ev",
        "eV",
        "Energy of the ion in the place of a top-layer atom that joins its bulk, by the engine "
        "itself; below e_ads_ev the ion digs itself in.",
        "{:+.2f}",
        better="less",
        energy=True,
    ),
    Column(
        "e_seat_ev",
        "eV",
        "e_ads_ev, or lower by what the ion gains in the place of a top-layer atom.",
        "{:+.2f}",
        better="less",
        interval=True,
        energy=True,
    ),
)


def cost(_settings: Substitution, size: Size) -> Iterator[Work]:
    """One relaxation for a slab."""
    if size.geometry == "slab":
        yield Work("adsorption", 1, size.atoms)


@descriptor("substitution", *COLUMNS, cost=cost)
def substitution(_settings: Substitution, pair: Pair, bound: Bound) -> Steps[Found]:
    """Exchange a top-layer atom of an elemental metal for the ion and relax.

    Elsewhere the atom that leaves has no bulk of its own to join: the adatom's is the only seat.
    The gain over the adatom is a difference of the engine's own energies.
    """
    found = yield from _exchanged(pair, bound)
    if bound.best is None:
        return found
    (row, state), exchanged = bound.best, found.values.get("e_subst_ev")
    if row.e_ads is None:
        return found
    gain = 0.0
    if exchanged is not None:
        gain = min(0.0, exchanged.number - adsorption_energy(state, bound.host, bound.metal))
    return found.given(e_seat_ev=_lowered(row.e_ads, gain))


def _exchanged(pair: Pair, bound: Bound) -> Steps[Found]:
    try:
        parts = bulk_parts(pair.candidate.recipe)
        starts = substituted(bound.host.atoms, pair.ion, pair.candidate.geometry)
    except (InputError, TaskError) as error:
        return Found().noted(f"substitution: {error}")
    if len(parts) > 1 or len(parts[0]) > 1 or parts[0].keys() & NONMETALS:
        return Found().noted("substitution: the host is no elemental metal")
    ((element, start),) = starts
    energies, failed = yield from crystal_energies(pair, {element})
    solid = lowest(energies, element)
    if solid is None:
        return Found().lacking(f"substitution: no crystal of {element} ({'; '.join(failed)})")
    settings = {**pair.context.relax.model_dump(), "soft": [len(start) - 1]}
    (result,) = yield [pair.task("adsorption", (start,), settings, f"for {element}")]
    if result.failed or result.energy_ev is None:
        return Found().lacking(f"substitution: {result.reason}")
    energy = substitution_energy_ev(
        result.energy_ev, bound.host.energy_ev, bound.metal.energy_ev, solid
    )
    return Found().given(e_subst_ev=Value(energy, "engine", task=result.key))


def _lowered(value: Value, gain: float) -> Value:
    """Shift a value with its interval."""
    return replace(
        value,
        value=value.number + gain,
        lower90=_shifted(value.lower90, gain),
        upper90=_shifted(value.upper90, gain),
        raw=_shifted(value.raw, gain),
    )


def _shifted(end: float | None, gain: float) -> float | None:
    return None if end is None else end + gain
