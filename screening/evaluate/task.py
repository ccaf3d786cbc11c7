"""Tasks: what is to be computed, keyed by content, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
from ase import Atoms

from screening.calculators import CalculatorSpec
from screening.structure import Level, digest, fixed_indices
from screening.structure.content import content
from screening.units import Dispersion

PROTOCOL = 1
"""Part of every key; raised when the same inputs would give other numbers than before."""

REVISIONS: Mapping[str, int] = MappingProxyType(
    {
        "host": 2,
        "slab": 2,
        "adsorption": 2,
        "cluster": 2,
        "solution": 2,
        "crystal": 2,
        "scan": 2,
    }
)
"""In place of `PROTOCOL` for some kinds of tasks; 2: another minimiser, whose minima differ within
the limit of forces."""

EVALUATIONS: Mapping[str, float] = MappingProxyType(
    {
        "metal": 13,
        "host": 6,
        "slab": 3,
        "adsorption": 9,
        "points": 1,
        "cluster": 4,
        "barrier": 4,
        "half-band": 4,
        "scan": 3,
        "modes": 2,
        "hessian": 6,
        "latent": 1,
        "charges": 1,
        "work_functions": 1,
        "crystal": 0.5,
        "solution": 1,
        "defect": 6,
    }
)
"""Every kind of task, and its typical evaluations an image, for estimates."""


@dataclass(frozen=True)
class Engine:
    """How a worker makes the calculator again, and the level that it must have.

    Attributes
    ----------
    calculator
        An ASE calculator object that goes to the workers itself; None: it is made by name.
    """

    name: str
    dispersion: Dispersion
    options: Mapping[str, Any]
    level: Level
    calculator: Any = None

    @classmethod
    def of(cls, spec: CalculatorSpec) -> Engine:
        """Return the engine of a calculator by name."""
        level = spec.level()
        return cls(spec.name, level.dispersion, spec.options, level)


@dataclass(frozen=True)
class Task:
    """One computation. Equal keys mean equal answers.

    Attributes
    ----------
    kind
        metal, host, slab, points, adsorption, cluster, modes, hessian, barrier, half-band, scan,
        latent, charges, work_functions, crystal, solution or defect.
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
                "protocol": REVISIONS.get(self.kind, PROTOCOL),
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
