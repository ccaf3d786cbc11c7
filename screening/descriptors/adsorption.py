"""Adsorption energy: every site of a host, what became of the ion there, and the best of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ase import Atoms

from screening.descriptors.record import SiteRow
from screening.descriptors.reference import RelaxedState, adsorption_energy
from screening.geometry import Site, classify
from screening.structure import Geometry

UNBOUND = ("desorbed", "reconstructed")
"""Outcomes whose energy is not that of an ion on the host; used only if there is nothing else."""


@dataclass(frozen=True)
class Surface:
    """A relaxed host with its sites and the reference metal."""

    host: RelaxedState
    metal: RelaxedState
    sites: tuple[Site, ...]
    geometry: Geometry


@dataclass(frozen=True)
class Adsorbed:
    """One site's row, and the relaxed structure behind it if there is one.

    Attributes
    ----------
    preferred
        Whether a calibration says that this is the best site; none is, where it says nothing.
    """

    row: SiteRow
    state: RelaxedState | None = None
    preferred: bool = False


def assess_site(
    surface: Surface, site: Site, start: Atoms, relaxed: RelaxedState, fmax_ev_a: float | None
) -> Adsorbed:
    """Energy and outcome of one relaxed adatom.

    Parameters
    ----------
    start
        Structure before relaxation, the ion last.
    relaxed
        The same after relaxation, converged.
    """
    outcome = classify(
        surface.host.atoms, start, relaxed.atoms, surface.sites, site, surface.geometry
    )
    row = SiteRow(
        site=site.label,
        final_site=outcome.final_site,
        outcome=outcome.label,
        e_ads_ev=adsorption_energy(relaxed, surface.host, surface.metal),
        host_disp_a=outcome.host_disp_a,
        fmax_ev_a=fmax_ev_a,
        converged=True,
    )
    return Adsorbed(row, relaxed)


def site_without_value(site: Site, reason: str, fmax_ev_a: float | None = None) -> Adsorbed:
    """Row of a site that was not relaxed, or whose relaxation failed."""
    return Adsorbed(SiteRow(site.label, None, None, None, None, fmax_ev_a, False, reason))


def best_site(adsorbed: Sequence[Adsorbed]) -> Adsorbed | None:
    """Lowest site with a value; one where the ion left or the host broke only as a last resort.

    The preferred one comes first, and calibrated values before raw ones: another scale.
    """
    valued = [entry for entry in adsorbed if entry.row.e_ads_ev is not None]
    bound = [entry for entry in valued if entry.row.outcome not in UNBOUND]
    return min(bound or valued, key=_order, default=None)


def minima(adsorbed: Sequence[Adsorbed]) -> list[Adsorbed]:
    """Distinct minima, lowest first: sites that relaxed into each other count once."""
    found: dict[str, Adsorbed] = {}
    for entry in sorted(
        (e for e in adsorbed if e.row.e_ads_ev is not None and e.row.outcome not in UNBOUND),
        key=_order,
    ):
        found.setdefault(entry.row.final_site or entry.row.site, entry)
    return list(found.values())


def site_problems(rows: Sequence[SiteRow]) -> str:
    """Say which sites have no value for another reason than not being chosen; empty if none."""
    problems = Counter(
        row.reason for row in rows if row.reason and not row.reason.startswith("not relaxed")
    )
    if not rows:
        return "no adsorption site was found on the relaxed host"
    parts = [f"{count} of {len(rows)} sites: {reason}" for reason, count in problems.items()]
    return "; ".join(parts)


def _order(entry: Adsorbed) -> tuple[bool, bool, float]:
    energy, outside = entry.row.e_ads_ev, entry.row.in_domain is False
    return not entry.preferred, outside, float("inf") if energy is None else energy
