"""Whether a coating stops electrons: the measured band gap of its crystal."""

from __future__ import annotations

from screening.builders.parts import bulk_parts
from screening.builders.phases import phases_of, shipped_phases
from screening.descriptors.bound import Bound
from screening.descriptors.columns import Column
from screening.descriptors.pair import Pair, Steps
from screening.descriptors.registry import DescriptorSettings, descriptor
from screening.descriptors.row import Found
from screening.errors import InputError


class Insulation(DescriptorSettings):
    """Band gap of the host's crystal, as the catalogue states it from experiment."""


COLUMNS = (
    Column(
        "gap_ev",
        "eV",
        "Measured band gap of the host's crystal, from the catalogue; 0 for a metal.",
        "{:.1f}",
        better="more",
    ),
)


@descriptor("insulation", *COLUMNS)
def insulation(_settings: Insulation, pair: Pair, _bound: Bound) -> Steps[Found]:
    """Look the band gap of the host's crystal up; no engine here has one.

    Metals have a gap of 0. What the catalogue does not know stays missing.
    """
    yield from ()
    try:
        parts = bulk_parts(pair.candidate.recipe)
    except InputError as error:
        return Found().noted(f"insulation: {error}")
    gaps = []
    for part in parts:
        known = [p.gap_ev for p in phases_of(part, shipped_phases()) if p.counts == part]
        gaps += [gap for gap in known if gap is not None][:1]
    if len(gaps) < len(parts):
        return Found().lacking("insulation: the catalogue states no band gap")
    return Found().given(gap_ev=min(gaps))
