"""Barriers at the reference level: saddle less minimum, at the geometries of an engine's paths.

``python benchmarks/reference_barriers.py REFERENCE [CALCULATOR]`` prints a table of the pairs
that the set holds (notes ``saddle`` and ``relaxed`` of one host and ion): the engine's own, and
calibrated by a model trained without the host.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from screening.calculators import resolve
from screening.surrogate.second import second_level
from screening.surrogate.train import held_out
from screening.validation import measure, read_reference
from screening.validation.held_out import as_measured, as_samples


def main(reference: str, calculator: str = "sevennet") -> None:
    spec = resolve(calculator)
    raw = measure(read_reference(Path(reference)), spec, training=True)
    measured = as_measured(raw, held_out(as_samples(raw), spec.level(), second_level(spec)))
    ends = {(m.point.host, m.point.ion): m for m in measured if m.point.note == "relaxed"}
    own, calibrated = [], []
    print("| host | ion | reference, eV | engine, eV | calibrated, eV |\n|---|---|---|---|---|")
    for saddle in (m for m in measured if m.point.note == "saddle"):
        start = ends.get((saddle.point.host, saddle.point.ion))
        if start is None or saddle.e_ads_raw_ev is None or start.e_ads_raw_ev is None:
            continue
        true = saddle.point.e_ads_ref_ev - start.point.e_ads_ref_ev
        own.append(saddle.e_ads_raw_ev - start.e_ads_raw_ev - true)
        cells = [f"{true:+.2f}", f"{own[-1] + true:+.2f}", "raw"]
        both = saddle.estimate, start.estimate
        if all(estimate and estimate.in_domain for estimate in both):
            calibrated.append((saddle.e_ads_ev or 0.0) - (start.e_ads_ev or 0.0) - true)
            cells[-1] = f"{calibrated[-1] + true:+.2f}"
        else:
            calibrated.append(own[-1])
        print(f"| {saddle.point.host} | {saddle.point.ion} | {' | '.join(cells)} |")
    for name, errors in (("engine", own), ("calibrated", calibrated)):
        found = np.array(errors)
        print(
            f"\n{name}, {len(found)} pairs: mean absolute error {np.abs(found).mean():.3f} eV, "
            f"median {np.median(np.abs(found)):.3f} eV, bias {found.mean():+.3f} eV"
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
