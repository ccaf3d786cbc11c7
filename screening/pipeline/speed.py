"""How fast an engine is on this machine: a few force calls, timed."""

from __future__ import annotations

import time
from collections.abc import Sequence

from threadpoolctl import threadpool_limits

from screening.calculators import CalculatorSpec
from screening.calculators.registry import foreign_code
from screening.evaluate import Potential
from screening.pipeline.log import log
from screening.structure import Candidate

HOSTS = 6
"""Hosts that are evaluated, of all sizes."""
PATIENCE_S = 2.0
"""A force call that takes longer by what the engine states of itself is not tried."""


def seconds_per_atom(spec: CalculatorSpec, hosts: Sequence[Candidate]) -> float:
    """Time a force call of hosts of all sizes; return seconds an atom, on one core.

    What an engine states of itself is taken where trying is too slow (density functional theory),
    is none of ours (code of a user's, which a plan never runs), or fails.
    """
    by_size = sorted(hosts, key=lambda host: len(host.atoms))
    stated = spec.seconds_per_atom
    if not by_size or foreign_code(spec.name) or stated * len(by_size[0].atoms) > PATIENCE_S:
        return stated
    places = sorted({k * (len(by_size) - 1) // (HOSTS - 1) for k in range(HOSTS)})
    structures = [by_size[k].atoms for k in places]
    other = structures[0].copy()  # engines remember their last structure
    other.rattle(0.01)
    try:
        potential = Potential(spec.make())
        with threadpool_limits(1):  # as workers have it
            potential.compute([other])  # what is set up once is no part of a call
            start = time.perf_counter()
            for atoms in structures:
                potential.compute([atoms])
            seconds = time.perf_counter() - start
    except Exception as error:  # noqa: BLE001 (engines raise anything, and a plan is only a plan)
        log.warning("%s is not timed: %s", spec.name, error)
        return stated
    return seconds / sum(map(len, structures))
