"""SMAA-2 of 1e5 hosts with two objectives and 1,000 draws: time and memory (docs/ranking.md)."""

from __future__ import annotations

import resource
import time

import numpy as np

from screening.ranking.smaa import Problem, Settings, smaa

HOSTS = 100_000


def main() -> None:
    """Print wall and processor time, s, and the peak of memory, GB."""
    rng = np.random.default_rng(0)
    values = rng.normal(size=(HOSTS, 1, 2))
    sd = np.full(values.shape, 0.05)
    problem = Problem(
        values,
        sd,
        sd,
        poor=np.array([0.5, 0.6]),
        good=np.array([-0.5, 0.2]),
        weights=np.ones(2),
        counts=np.ones(values.shape, dtype=bool),
        families=rng.integers(5, size=HOSTS),
        others=(np.zeros(1), np.zeros(1)),
    )
    wall, processor = time.perf_counter(), time.process_time()
    smaa(problem, Settings(draws=1000))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    spent = time.perf_counter() - wall, time.process_time() - processor
    print(f"wall {spent[0]:.0f} s, processor {spent[1]:.0f} s, peak {peak:.1f} GB")


if __name__ == "__main__":
    main()
