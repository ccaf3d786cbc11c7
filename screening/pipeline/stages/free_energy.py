"""Temperature: the adsorption free energy at the row's coverage."""

from __future__ import annotations

from dataclasses import replace

from screening.descriptors.adsorption import UNBOUND, best_site
from screening.descriptors.record import Row
from screening.descriptors.thermo import adsorption_free_energy, metal_crystal
from screening.errors import TaskError
from screening.pipeline.pair import Bound, Pair, Steps, without
from screening.pipeline.tasks import Task
from screening.pipeline.workflow import FreeEnergySettings


def free_energy(settings: FreeEnergySettings, pair: Pair, bound: Bound, row: Row) -> Steps:
    """Add the modes of the ion, those of an atom of the metal, and the choice among sites."""
    best = best_site(bound.adsorbed)
    if best is None or best.state is None or row.e_ads_ev is None or row.outcome in UNBOUND:
        return without(row, "free energy: no adsorbed ion")
    sites = {site.label: site for site in bound.sites}
    site = sites.get(best.row.final_site or "")
    if site is None:
        return without(row, "free energy: the ion is at none of the host's sites")
    crystal = Task(
        "modes",
        pair.context.engine,
        (metal_crystal(bound.metal.atoms),),
        {"atom": 0},
        {"ion": pair.ion},
    )
    adatom = pair.task("modes", (best.state.atoms,), {"atom": bound.ion_index}, best.row.site)
    metal, ion = yield [crystal, adatom]
    if problems := [result.reason for result in (metal, ion) if result.failed]:
        return without(row, f"free energy: {problems[0]}")
    try:
        found = adsorption_free_energy(
            row.e_ads_ev,
            ion.data["frequencies_thz"],
            metal.data["frequencies_thz"],
            coverage=1 / site.multiplicity,
            temperature_k=settings.temperature_k,
        )
    except TaskError as error:
        return without(row, f"free energy: {error}")
    return replace(row, g_ads_ev=found, g_ads_temperature_k=settings.temperature_k)
