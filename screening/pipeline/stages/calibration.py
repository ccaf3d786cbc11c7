"""Calibration: energies as the reference level would have them, with their error bars."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from ase import Atoms

from screening.descriptors.adsorption import Adsorbed, best_site
from screening.descriptors.reference import energy_per_ion
from screening.errors import TaskError
from screening.pipeline.pair import Bound, Pair
from screening.pipeline.tasks import Task, TaskResult
from screening.surrogate import Calibration, Estimate, calibration_for
from screening.surrogate.landscape import Landscape
from screening.surrogate.latent import latent_change

Calibrated = Generator[list[Task], list[TaskResult], tuple[Bound, tuple[str, ...]]]


def calibrated_sites(pair: Pair, bound: Bound) -> Calibrated:
    """Calibrate the energy of every site, which may make another site the best one.

    It does so only if that site is lower by more than the 90 % interval of the difference:
    corrections of one host differ little, and the lowest of many uncertain values is biased. Where
    the engine's best site is outside the domain, all sites stay raw, and a flag says so.

    Raises
    ------
    TaskError
        If the calibration needs latent features and the engine fails to give them.
    """
    wanted = pair.context.workflow.calibration == "auto"
    model = calibration_for(pair.context.engine.level) if wanted else None
    best = best_site(bound.adsorbed)
    if model is None or best is None:
        return bound, ()
    valued = [(entry, entry.state) for entry in bound.adsorbed if entry.state is not None]
    structures = [state.atoms for _, state in valued]
    changes = yield from latent_changes(pair, bound, model, structures)
    estimates = {
        entry.row.site: model.estimate(
            bound.host.atoms, state.atoms, (bound.ion_index,), _value(entry), change
        )
        for (entry, state), change in zip(valued, changes, strict=True)
    }
    trusted = estimates[best.row.site]
    sites = [
        _estimated(entry, estimates.get(entry.row.site), in_domain=trusted.in_domain)
        for entry in bound.adsorbed
    ]
    bound = replace(bound, adsorbed=tuple(sites), calibration=model)
    if not trusted.in_domain:
        return bound, (f"e_ads_ev is raw, {trusted.reason}",)
    chosen = _preferred(bound, model, best.row.site, dict(zip(estimates, changes, strict=True)))
    preferred = tuple(replace(e, preferred=e.row.site == chosen) for e in bound.adsorbed)
    return replace(bound, adsorbed=preferred), ()


def _preferred(
    bound: Bound, model: Calibration, engines: str, changes: Mapping[str, np.ndarray | None]
) -> str:
    """Return the lowest site, or the engine's best where the two are not told apart."""
    lowest = best_site(bound.adsorbed)
    if lowest is None or lowest.row.site == engines:
        return engines
    ends = [entry for entry in bound.adsorbed if entry.row.site == engines] + [lowest]
    clean, ion = bound.host.atoms, (bound.ion_index,)
    features = [
        model.features(clean, e.state.atoms, ion, e.row.e_ads_raw_ev, changes[e.row.site])
        for e in ends
        if e.state is not None and e.row.e_ads_raw_ev is not None
    ]
    energies = np.array([_value(entry) for entry in ends])
    found = Landscape(energies, np.array(features), model, model.recognise(clean))
    return lowest.row.site if found.below(1, (0,)) else engines


def latent_changes(
    pair: Pair, bound: Bound, model: Calibration, structures: Sequence[Atoms]
) -> Generator[list[Task], list[TaskResult], list[np.ndarray | None]]:
    """Latent change of each structure with the ion, if the calibration needs them."""
    if model.components is None:
        return [None] * len(structures)
    frames = (bound.metal.atoms, bound.host.atoms, *structures)
    (found,) = yield [pair.task("latent", frames, {})]
    if found.failed:
        raise TaskError(found.reason)
    if found.data["latent"] is None:
        return [None] * len(structures)
    metal, clean, *adsorbed = np.array(found.data["latent"])
    return [latent_change(x, clean, metal / len(bound.metal.atoms), 1) for x in adsorbed]


def raw_energy(bound: Bound, energy_ev: float) -> float:
    """Adsorption energy by the engine of a structure with the ion, eV."""
    metal = bound.metal.energy_ev / len(bound.metal.atoms)
    return energy_per_ion(energy_ev, bound.host.energy_ev, metal, 1)


def _value(entry: Adsorbed) -> float:
    if entry.row.e_ads_ev is None:
        raise TaskError(f"site {entry.row.site} was relaxed but has no energy")
    return entry.row.e_ads_ev


def _estimated(entry: Adsorbed, found: Estimate | None, *, in_domain: bool) -> Adsorbed:
    """Return the site with its estimate; raw if its pair is outside the domain."""
    if found is None:
        return entry
    inside = in_domain and found.in_domain
    row = replace(
        entry.row,
        e_ads_ev=found.e_ads_ev if inside else entry.row.e_ads_ev,
        e_ads_raw_ev=entry.row.e_ads_ev,
        e_ads_lower90_ev=found.lower90_ev,
        e_ads_upper90_ev=found.upper90_ev,
        in_domain=inside,
    )
    return replace(entry, row=row)
