"""Barriers at the reference level: saddle less minimum, at the geometries of an engine's paths.

``python benchmarks/reference_barriers.py REFERENCE [CALCULATOR]`` prints a table of the pairs
that the set holds (notes ``saddle`` and ``relaxed`` of one host and ion).
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from screening.calculators import resolve
from screening.validation import measure, read_reference


def main(reference: str, calculator: str = "sevennet") -> None:
    measured = measure(read_reference(Path(reference)), resolve(calculator))
    ends = {(m.point.host, m.point.ion): m for m in measured if m.point.note == "relaxed"}
    errors = []
    print("| host | ion | reference, eV | engine, eV |\n|---|---|---|---|")
    for saddle in (m for m in measured if m.point.note == "saddle"):
        start = ends.get((saddle.point.host, saddle.point.ion))
        if start is None or saddle.e_ads_raw_ev is None or start.e_ads_raw_ev is None:
            continue
        true = saddle.point.e_ads_ref_ev - start.point.e_ads_ref_ev
        own = saddle.e_ads_raw_ev - start.e_ads_raw_ev
        errors.append(own - true)
        print(f"| {saddle.point.host} | {saddle.point.ion} | {true:+.2f} | {own:+.2f} |")
    print(f"\nmean absolute error {np.abs(errors).mean():.2f} eV, bias {np.mean(errors):+.2f} eV")


if __name__ == "__main__":
    main(*sys.argv[1:])
