"""Tasks: units of computation, keyed by content, run by a worker."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial
from typing import Any

import numpy as np
from ase import Atoms

from screening.calculators import resolve
from screening.errors import InputError, TaskError
from screening.evaluate import (
    Band,
    Mirror,
    Potential,
    Relaxation,
    atom_modes,
    electronic_property,
    relax_band,
    relax_batch,
    relax_bulk,
    scan_path,
)
from screening.evaluate.electronic import ElectronicProperty
from screening.structure import fixed_indices
from screening.structure.content import POSITION_DECIMALS, content
from screening.structure.level import Level, digest
from screening.units import Dispersion

PROTOCOL = 1
"""Part of every key; raised when the same inputs would give other numbers than before."""


LATENT_DECIMALS = 6
"""Networks are single precision."""


@dataclass(frozen=True)
class Engine:
    """How a worker makes the calculator again, and the level that it must have."""

    name: str
    dispersion: Dispersion
    options: Mapping[str, Any]
    level: Level


@dataclass(frozen=True)
class Task:
    """One computation. Equal keys mean equal answers.

    Attributes
    ----------
    kind
        metal, host, slab, points, adsorption, cluster, modes, barrier, half-band, scan, latent,
        charges or work_functions.
    structures
        Input structures; empty for the metal.
    settings
        JSON-able arguments of the kind.
    tags
        For people and queries (candidate, ion, site); not part of the key.
    """

    kind: str
    engine: Engine
    structures: tuple[Atoms, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def key(self) -> str:
        """Hash of structures, settings, calculator fingerprint and protocol version."""
        # The letter keeps ASE's database from reading a hash of digits as a number.
        return "t" + digest(
            {
                "protocol": PROTOCOL,
                "kind": self.kind,
                "level": self.engine.level.fingerprint,
                "structures": [describe(atoms) for atoms in self.structures],
                "settings": dict(self.settings),
            },
            length=32,
        )

    @property
    def label(self) -> str:
        """Short name for the progress bar."""
        return " ".join([self.kind, *self.tags.values()])


@dataclass(frozen=True)
class TaskResult:
    """What a task left behind. A failure has `reason`, and no energy unless one was reached.

    Attributes
    ----------
    fmax_ev_a, converged
        Of the final state, fixed atoms excluded.
    force_calls, force_seconds, load_seconds, seconds
        Cost: evaluations, time in them, time to load the model, time of the whole task.
    data
        JSON-able details of the kind, e.g. the energies along a path.
    """

    key: str
    kind: str
    reason: str = ""
    atoms: Atoms | None = None
    energy_ev: float | None = None
    forces: np.ndarray | None = None
    fmax_ev_a: float | None = None
    converged: bool = False
    force_calls: int = 0
    force_seconds: float = 0.0
    load_seconds: float = 0.0
    seconds: float = 0.0
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        """Whether the task has no usable result."""
        return bool(self.reason)


def describe(atoms: Atoms) -> dict[str, Any]:
    """Content of a structure as JSON: what a key must depend on, and nothing else."""
    return {**content(atoms), "fixed": fixed_indices(atoms).tolist()}


def execute(task: Task) -> TaskResult:
    """Run a task in a worker; whatever goes wrong becomes the result's reason."""
    start = time.perf_counter()
    load_seconds, calls, force_seconds = 0.0, 0, 0.0
    potential: Potential | None = None
    try:
        engine = task.engine
        potential = _potential(engine.name, engine.dispersion, json.dumps(dict(engine.options)))
        load_seconds = time.perf_counter() - start
        calls, force_seconds = potential.force_calls, potential.seconds
        outcome = _RUNNERS[task.kind](task, potential)
    except (TaskError, InputError) as error:
        outcome = {"reason": str(error)}
    except Exception as error:  # noqa: BLE001 (one task must never take the run down)
        outcome = {"reason": f"{type(error).__name__}: {error}"}
    return TaskResult(
        key=task.key,
        kind=task.kind,
        force_calls=potential.force_calls - calls if potential else 0,
        force_seconds=potential.seconds - force_seconds if potential else 0.0,
        load_seconds=load_seconds,
        seconds=time.perf_counter() - start,
        **outcome,
    )


@lru_cache(maxsize=2)
def _potential(name: str, dispersion: Dispersion, options: str) -> Potential:
    """Load a model once a worker; `options` is JSON, so that it can be a cache key.

    A run has at most two: that of the energies and that of charges.
    """
    return Potential(resolve(name, dispersion, json.loads(options)).make())


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
    "latent": _latent,
    "charges": partial(_electronic, "charges"),
    "work_functions": partial(_electronic, "work_functions"),
    "barrier": _barrier,
    "half-band": _barrier,
    "scan": _scan,
}
