"""How a worker runs each kind of task."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any

import numpy as np

from screening.calculators import resolve
from screening.errors import InputError, LevelError, TaskError, brief
from screening.evaluate import (
    Band,
    Mirror,
    Potential,
    Relaxation,
    atom_hessian,
    atom_modes,
    electronic_property,
    relax_band,
    relax_batch,
    relax_bulk,
    relax_crystal,
    scan_path,
)
from screening.evaluate.electronic import ElectronicProperty
from screening.evaluate.task import Engine, Task, TaskResult
from screening.structure.content import POSITION_DECIMALS
from screening.units import Dispersion

LATENT_DECIMALS = 6
"""Networks are single precision."""


def execute(task: Task, potential: Potential | None = None) -> TaskResult:
    """Run a task in a worker; whatever goes wrong becomes the result's reason.

    Parameters
    ----------
    potential
        What to compute with; None: this worker's own.
    """
    start = time.perf_counter()
    load_seconds, calls, force_seconds = 0.0, 0, 0.0
    try:
        potential = potential or potential_of(task.engine)
        load_seconds = time.perf_counter() - start
        calls, force_seconds = potential.force_calls, potential.seconds
        outcome = _RUNNERS[task.kind](task, potential)
    except (TaskError, InputError) as error:
        outcome = {"reason": brief(str(error)) or type(error).__name__}
    except (Exception, SystemExit) as error:  # noqa: BLE001 (a task must never take the run down)
        outcome = {"reason": brief(f"{type(error).__name__}: {error}")}
    return TaskResult(
        key=task.key,
        kind=task.kind,
        force_calls=potential.force_calls - calls if potential else 0,
        force_seconds=potential.seconds - force_seconds if potential else 0.0,
        load_seconds=load_seconds,
        seconds=time.perf_counter() - start,
        **outcome,
    )


_OBJECTS: dict[str, Potential] = {}
"""Calculator objects of this worker by the fingerprint of their level: the first one stays."""


def potential_of(engine: Engine) -> Potential:
    """Return this worker's potential of an engine; loads the model the first time.

    Raises
    ------
    InputError
        The engine cannot be had here, or is of another level.
    """
    if engine.calculator is not None:
        return _OBJECTS.setdefault(engine.level.fingerprint, Potential(engine.calculator))
    options = json.dumps(dict(engine.options))
    return _potential(engine.name, engine.dispersion, options, engine.level.fingerprint)


@lru_cache(maxsize=3)
def _potential(name: str, dispersion: Dispersion, options: str, fingerprint: str) -> Potential:
    """Load a model once a worker; `options` is JSON, so that it can be a cache key.

    A run has at most three: those of energies, of charges, and what a calibration asks. Weights
    and versions are checked before they are used: another machine may have others than the run
    was keyed with.
    """
    spec = resolve(name, dispersion, json.loads(options))
    found = spec.level()
    if found.fingerprint != fingerprint:
        raise LevelError(
            f"this worker has {found} {found.version}, weights {found.weights or 'none'}, which is "
            "another level than the run's"
        )
    return Potential(spec.make())


def _metal(task: Task, potential: Potential) -> dict[str, Any]:
    found = relax_bulk(task.settings["ion"], potential)
    return {
        "atoms": found.atoms,
        "energy_ev": found.energy_ev,
        "forces": np.zeros((1, 3)),
        "fmax_ev_a": 0.0,
        "converged": True,
        "data": {"lattice_a": found.lattice_a},
    }


def _points(task: Task, potential: Potential) -> dict[str, Any]:
    points = potential.compute(task.structures)
    return {
        "atoms": task.structures[0],
        "energy_ev": points[0].energy_ev,
        "forces": points[0].forces,
        "data": {"energies_ev": [point.energy_ev for point in points]},
    }


def _relax(task: Task, potential: Potential) -> dict[str, Any]:
    settings = task.settings
    found = relax_batch(
        task.structures,
        potential,
        fmax=settings["fmax"],
        max_steps=settings["max_steps"],
        soft=settings.get("soft", ()),
    )[0]
    return _relaxed(found, settings["fmax"])


def _crystal(task: Task, potential: Potential) -> dict[str, Any]:
    (atoms,) = task.structures
    settings = task.settings
    found = relax_crystal(
        atoms,
        potential,
        fmax=settings["fmax"],
        max_steps=settings["max_steps"],
        fixed_cell=settings["fixed_cell"],
    )
    reason = "" if found.converged else f"not converged: {found.fmax_ev_a:.3f} eV/Å are left"
    return {
        "atoms": found.atoms,
        "energy_ev": found.energy_ev,
        "fmax_ev_a": found.fmax_ev_a,
        "converged": found.converged,
        "reason": reason,
    }


def _relaxed(found: Relaxation, fmax: float) -> dict[str, Any]:
    reason = ""
    if not found.converged:
        reason = (
            f"not converged after {found.steps} steps: largest force {found.fmax_ev_a:.3f} eV/Å, "
            f"limit {fmax:g}"
        )
    return {
        "atoms": found.atoms,
        "energy_ev": found.energy_ev,
        "forces": found.forces,
        "fmax_ev_a": found.fmax_ev_a,
        "converged": found.converged,
        "reason": reason,
    }


def _modes(task: Task, potential: Potential) -> dict[str, Any]:
    (atoms,) = task.structures
    modes = atom_modes(atoms, task.settings["atom"], potential)
    return {
        "atoms": atoms,
        "data": {
            "curvatures_ev_a2": modes.curvatures_ev_a2.tolist(),
            "frequencies_thz": modes.frequencies_thz.tolist(),
            "minimum": modes.is_minimum(),
        },
    }


def _hessian(task: Task, potential: Potential) -> dict[str, Any]:
    (atoms,) = task.structures
    found = atom_hessian(atoms, task.settings["atom"], potential)
    return {"atoms": atoms, "data": {"hessian_ev_a2": found.tolist()}}


def _latent(task: Task, potential: Potential) -> dict[str, Any]:
    found = potential.latent(task.structures)
    return {
        "atoms": task.structures[0],
        "data": {"latent": None if found is None else found.round(LATENT_DECIMALS).tolist()},
    }


def _electronic(name: ElectronicProperty, task: Task, potential: Potential) -> dict[str, Any]:
    (atoms,) = task.structures
    found = electronic_property(name, atoms, potential)
    return {"atoms": atoms, "data": {"values": None if found is None else found.tolist()}}


def _barrier(task: Task, potential: Potential) -> dict[str, Any]:
    settings = task.settings
    start, end = task.structures
    band = relax_band(
        start,
        end,
        potential,
        n_images=settings["images"],
        fmax=settings["fmax"],
        max_steps=settings["max_steps"],
        soft=settings.get("soft", ()),
        end_energies=tuple(settings["end_energies_ev"]),
        mirror=_mirror(task),
    )
    return _path(band, "path")


def _scan(task: Task, potential: Potential) -> dict[str, Any]:
    settings = task.settings
    start, end = task.structures
    band = scan_path(
        start,
        end,
        potential,
        n_images=settings["images"],
        fmax=settings["fmax"],
        max_steps=settings["max_steps"],
        ion=settings["soft"][0],
        end_energies=tuple(settings["end_energies_ev"]),
        mirrored="mirror" in settings,
    )
    return _path(band, "highest point of the path")


def _mirror(task: Task) -> Mirror | None:
    """Symmetry that swaps the ends of a path, if the task states one."""
    if (stated := task.settings.get("mirror")) is None:
        return None
    start, end = task.structures
    return Mirror.between(start, end, stated["rotation"], stated["permutation"])


def _path(band: Band, what: str) -> dict[str, Any]:
    reason = ""
    if not band.converged:
        reason = (
            f"{what} not converged after {band.steps} steps: "
            f"largest force {band.fmax_ev_a:.3f} eV/Å"
        )
    return {
        "atoms": band.images[band.saddle],
        "energy_ev": float(band.energies_ev[band.saddle]),
        "fmax_ev_a": band.fmax_ev_a,
        "converged": band.converged,
        "reason": reason,
        "data": {
            "energies_ev": band.energies_ev.tolist(),
            "forward_ev": band.forward_ev,
            "reverse_ev": band.reverse_ev,
            "positions": [i.positions.round(POSITION_DECIMALS).tolist() for i in band.images],
        },
    }


_RUNNERS: Mapping[str, Callable[[Task, Potential], dict[str, Any]]] = {
    "metal": _metal,
    "points": _points,
    "host": _relax,
    "slab": _relax,
    "adsorption": _relax,
    "cluster": _relax,
    "modes": _modes,
    "hessian": _hessian,
    "latent": _latent,
    "charges": partial(_electronic, "charges"),
    "work_functions": partial(_electronic, "work_functions"),
    "barrier": _barrier,
    "half-band": _barrier,
    "scan": _scan,
    "crystal": _crystal,
    "solution": _relax,
    "defect": _relax,
}
