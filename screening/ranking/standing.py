"""What a row's values may be used for: ranked among the others, ranked apart, or not at all."""

from __future__ import annotations

from screening.descriptors import Row

PBE_COHESIVE_EV = {"Li": 1.60, "Na": 1.09, "K": 0.86}
"""Energy of the free atom against the bulk metal in PBE, eV: P. Janthon et al., J. Chem. Theory
Comput. 9, 1631 (2013), doi:10.1021/ct400025z. An ion bound to nothing has this `e_ads_ev`."""

SLACK_EV = 0.05
MAX_ENERGY_EV = 10.0
"""No ion binds by more: diatomics of the alkali metals end near 6 eV (LiF)."""


def why_unfit(row: Row) -> str:
    """Return why no value of the row may be used; empty if they may."""
    if row.status == "failed":
        return row.reason or "failed without a reason"
    energy = row["e_ads_ev"]
    if energy is None:
        return ""
    if not row["converged"]:
        force = row["fmax_ev_a"]
        return "not converged" + ("" if force is None else f" (largest force {force:.3f} eV/Å)")
    if abs(energy) > MAX_ENERGY_EV:
        return f"outside physics: e_ads_ev {energy:+.2f} eV is beyond {MAX_ENERGY_EV:g} eV"
    free = PBE_COHESIVE_EV[row.ion]
    if energy > free + SLACK_EV and row["outcome"] != "desorbed":
        return (
            f"outside physics: e_ads_ev {energy:+.2f} eV is above the free atom ({free:+.2f} eV), "
            "to which the ion would leave"
        )
    return ""


def why_apart(row: Row, decisive: str, max_host_disp_a: float, *, calibrated: bool) -> str:
    """Return why a row with a score is not comparable with the others; empty if it is.

    Parameters
    ----------
    decisive
        Column without which there is no score.
    max_host_disp_a
        How far a host atom may move, Å.
    calibrated
        Whether other rows have a calibrated decisive value.
    """
    if row["outcome"] == "desorbed":
        return "desorbed: the ion left the host, there is no bound site"
    if row["outcome"] == "reconstructed":
        return "reconstructed: the ion broke bonds of the host, e_ads_ev is that reaction's energy"
    value = row.values.get(decisive)
    if value is not None and (
        value.in_domain is False or (calibrated and value.scale == "engine" and not value.in_domain)
    ):
        return f"raw: the calibration does not vouch for {decisive}"
    moved = row["host_disp_a"]
    if moved is not None and moved > max_host_disp_a:
        return f"displaced: a host atom moved {moved:.1f} Å, more than {max_host_disp_a:g} Å"
    return ""
