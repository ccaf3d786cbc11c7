"""Energies as the reference level would have them: of sites, and of structures on a path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from ase import Atoms

from screening.descriptors.bound import Adsorbed, Bound, best_site
from screening.descriptors.pair import Pair, Steps
from screening.descriptors.reference import RelaxedState, energy_per_ion
from screening.descriptors.value import Value
from screening.errors import TaskError
from screening.surrogate import Calibration, Estimate
from screening.surrogate.landscape import Landscape
from screening.surrogate.latent import Change, latent_change
from screening.surrogate.recognise import Match


def calibrated_sites(pair: Pair, bound: Bound) -> Steps[tuple[Bound, tuple[str, ...]]]:
    """Calibrate the energy of every site, which may make another site the best one.

    It does so only if that site is lower by more than the 90 % interval of the difference:
    corrections of one host differ little, and the lowest of many uncertain values is biased. Where
    the engine's best site is outside the domain, all sites stay raw, and a flag says so.

    Raises
    ------
    TaskError
        If the calibration needs what the engines see and one fails to give it.
    """
    model = pair.context.calibration
    best = best_site(bound.adsorbed)
    if model is None or best is None:
        return bound, ()
    valued = [(entry, entry.state) for entry in bound.adsorbed if entry.state is not None]
    structures = [state.atoms for _, state in valued]
    host = model.recognise(bound.host.atoms)
    changes = yield from changes_of(pair, bound, model, host, structures)
    estimates = {
        entry.row.site: model.estimate(
            bound.host.atoms,
            state.atoms,
            (bound.ion_index,),
            _energy(entry).number,
            change,
            host=host,
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
    seen = dict(zip(estimates, changes, strict=True))
    chosen = _preferred(bound, model, host, best.row.site, seen)
    preferred = tuple(replace(e, preferred=e.row.site == chosen) for e in bound.adsorbed)
    return replace(bound, adsorbed=preferred), ()


def _preferred(
    bound: Bound, model: Calibration, host: Match, engines: str, changes: Mapping[str, Change]
) -> str:
    """Return the lowest site, or the engine's best where the two are not told apart."""
    lowest = best_site(bound.adsorbed)
    if lowest is None or lowest.row.site == engines:
        return engines
    ends = [entry for entry in bound.adsorbed if entry.row.site == engines] + [lowest]
    clean, ion = bound.host.atoms, (bound.ion_index,)
    features = [
        model.features(
            clean, e.state.atoms, ion, _energy(e).raw or 0.0, changes[e.row.site], host=host
        )
        for e in ends
        if e.state is not None
    ]
    energies = np.array([_energy(entry).number for entry in ends])
    found = Landscape(energies, np.array(features), model.process_of(host), host)
    return lowest.row.site if found.below(1, (0,)) else engines


def changes_of(
    pair: Pair, bound: Bound, model: Calibration, host: Match, structures: Sequence[Atoms]
) -> Steps[list[Change]]:
    """Return what engines see of each structure with the ion, as far as the calibration needs it.

    Raises
    ------
    TaskError
        If one fails to say it.
    """
    second = pair.context.second if model.asks_second(host) else None
    frames = (bound.metal.atoms, bound.host.atoms, *structures)
    tasks = []
    if model.components is not None:
        tasks.append(pair.task("latent", frames, {}))
    if second is not None:
        tasks.append(replace(pair.task("points", frames, {}), engine=second))
    results = (yield tasks) if tasks else []
    for result in results:
        if result.failed:
            raise TaskError(result.reason)
    found = {result.kind: result.data for result in results}
    latents = found.get("latent", {}).get("latent")
    energies = found.get("points", {}).get("energies_ev")
    return [
        Change(
            None if latents is None else _change(latents, number, len(bound.metal.atoms)),
            None if energies is None else float(_change(energies, number, len(bound.metal.atoms))),
        )
        for number in range(2, len(frames))
    ]


def _change(values: Sequence[Any], number: int, metal_atoms: int) -> np.ndarray:
    """Change from metal and host, the first two, to one of the structures with the ion."""
    metal, clean, adsorbed = (np.array(values[index]) for index in (0, 1, number))
    return latent_change(adsorbed, clean, metal / metal_atoms, 1)


def landscape(
    pair: Pair, bound: Bound, structures: Sequence[Atoms], energies_ev: Sequence[float]
) -> Steps[Landscape | None]:
    """Calibrate structures with the ion, given their energies by the engine.

    Returns
    -------
    Landscape or None
        None where the adsorption energies of the pair are raw too.

    Raises
    ------
    TaskError
        If a structure is outside the domain although the sites are inside.
    """
    model = bound.calibration
    energies = (entry.row.e_ads for entry in bound.adsorbed)
    if model is None or not any(energy and energy.in_domain for energy in energies):
        return None
    host = model.recognise(bound.host.atoms)
    changes = yield from changes_of(pair, bound, model, host, structures)
    features, corrected, process = [], [], model.process_of(host)
    for atoms, energy, change in zip(structures, energies_ev, changes, strict=True):
        raw = _raw_energy(bound.host, bound.metal, energy)
        ions = (bound.ion_index,)
        x = model.features(bound.host.atoms, atoms, ions, raw, change, host=host)
        found = process.at(x, raw, host)
        if not found.in_domain:
            raise TaskError(f"a structure on the path is {found.reason}")
        features.append(x)
        corrected.append(energy + found.e_ads_ev - raw)
    return Landscape(np.array(corrected), np.array(features), process, host)


def _raw_energy(host: RelaxedState, metal: RelaxedState, energy_ev: float) -> float:
    """Adsorption energy by the engine of a structure with the ion, eV."""
    return energy_per_ion(energy_ev, host.energy_ev, metal.energy_ev / len(metal.atoms), 1)


def _energy(entry: Adsorbed) -> Value:
    if entry.row.e_ads is None:
        raise TaskError(f"site {entry.row.site} was relaxed but has no energy")
    return entry.row.e_ads


def _estimated(entry: Adsorbed, found: Estimate | None, *, in_domain: bool) -> Adsorbed:
    """Return the site with its estimate; raw if its pair is outside the domain."""
    if found is None:
        return entry
    raw = _energy(entry)
    inside = in_domain and found.in_domain
    value = Value(
        found.e_ads_ev if inside else raw.number,
        found.scale if inside else "engine",
        found.lower90_ev,
        found.upper90_ev,
        raw.number,
        task=raw.task,
    )
    return replace(entry, row=replace(entry.row, e_ads=value))
