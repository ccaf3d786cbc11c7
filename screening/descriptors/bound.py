"""A pair after adsorption: what all other descriptors start from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from screening.descriptors.ordering import steady_order
from screening.descriptors.reference import RelaxedState
from screening.descriptors.value import SCALES, Value
from screening.geometry import Site
from screening.surrogate import Calibration

UNBOUND = ("desorbed", "reconstructed")
"""Outcomes whose energy is not that of an ion on the host; used only if there is nothing else."""


@dataclass(frozen=True)
class SiteRow:
    """One adsorption site of one host and ion after relaxation.

    Attributes
    ----------
    site
        Label of the site where the ion was placed.
    e_ads
        Adsorption energy against the bulk metal, eV; None if it has none, with `reason`.
    final_site
        Label of the site where it ended; None unless it is one of the host's sites.
    outcome
        kept, migrated, intercalated, incorporated, desorbed, reconstructed; None if failed.
    host_disp_a
        Largest displacement of a host atom on adsorption, Å.
    fmax_ev_a
        Largest force on a free atom in the final state, eV/Å.
    tried
        Whether the ion was relaxed here.
    """

    site: str
    e_ads: Value | None = None
    final_site: str | None = None
    outcome: str | None = None
    host_disp_a: float | None = None
    fmax_ev_a: float | None = None
    reason: str = ""
    tried: bool = True

    @property
    def e_ads_ev(self) -> float | None:
        """Adsorption energy as a number, eV."""
        return None if self.e_ads is None else self.e_ads.number


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


@dataclass(frozen=True)
class Bound:
    """The relaxed host, the metal, and every site that was tried.

    Attributes
    ----------
    sites
        Sites of the relaxed host, in the order of `adsorbed`.
    calibration
        Calibration in use on this pair; None if the engine has none or none is wanted.
    """

    host: RelaxedState
    metal: RelaxedState
    adsorbed: tuple[Adsorbed, ...]
    sites: tuple[Site, ...]
    calibration: Calibration | None = None

    @property
    def ion_index(self) -> int:
        """Index of the ion in an adsorbed structure."""
        return len(self.host.atoms)

    @property
    def best(self) -> tuple[SiteRow, RelaxedState] | None:
        """Row and structure of the best site; None if the ion has none."""
        found = best_site(self.adsorbed)
        return None if found is None or found.state is None else (found.row, found.state)


def best_site(adsorbed: Sequence[Adsorbed]) -> Adsorbed | None:
    """Lowest site with a value; one where the ion left or the host broke only as a last resort.

    The preferred one comes first, and better founded scales before others: energies of two scales
    have no order. Of sites that are equal but for noise, the first.
    """
    valued = [entry for entry in adsorbed if entry.row.e_ads is not None]
    bound = [entry for entry in valued if entry.row.outcome not in UNBOUND]
    return next(iter(_ordered(bound or valued)), None)


def minima(adsorbed: Sequence[Adsorbed]) -> list[Adsorbed]:
    """Distinct minima, lowest first: sites that relaxed into each other count once."""
    found: dict[str, Adsorbed] = {}
    held = [e for e in adsorbed if e.row.e_ads is not None and e.row.outcome not in UNBOUND]
    for entry in _ordered(held):
        found.setdefault(entry.row.final_site or entry.row.site, entry)
    return list(found.values())


def _ordered(valued: Sequence[Adsorbed]) -> list[Adsorbed]:
    """Sort by preference and scale; then by energy, equal ones in the order of the host's sites."""
    groups: dict[tuple[bool, int], list[Adsorbed]] = {}
    for entry in valued:
        groups.setdefault(_standing(entry), []).append(entry)
    return [
        groups[standing][index]
        for standing in sorted(groups)
        for index in steady_order([_number(entry) for entry in groups[standing]])
    ]


def _standing(entry: Adsorbed) -> tuple[bool, int]:
    scale = entry.row.e_ads and entry.row.e_ads.scale
    return not entry.preferred, SCALES.index(scale) if scale else len(SCALES)


def _number(entry: Adsorbed) -> float:
    return float("inf") if entry.row.e_ads is None else entry.row.e_ads.number
