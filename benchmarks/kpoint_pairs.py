"""What denser grids of k-points change at points of the reference set (table of docs/dft.md).

``python benchmarks/kpoint_pairs.py DATABASE DENSITY HOST …`` computes the set's points on each
host at its own level, but for the density of k-points, and compares with what the set holds; it
resumes. In place of the set's 2.75 Å, 6.5 Å makes half-step 6×6 grids of 3×3 on sheets (seven
minutes a structure of nineteen atoms on one core), 4 Å makes 6×6 of 4×4 on metals and MXenes.
Changes go into the set as ``grid_ev`` (docs/reference.md).
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from screening.calculators import resolve
from screening.pipeline.store import open_store
from screening.resources import shipped
from screening.validation import measure, read_reference


def main(database: str, density_a: str, *hosts: str) -> None:
    reference = read_reference(shipped("results") / "reference" / "pbe.extxyz")
    store = open_store(Path(database), create=True)
    spec = resolve("gpaw", options={"kpoint_density_a": float(density_a)})
    print("| host | ion | set's grid, eV | denser, eV | change, eV |\n|---|---|---|---|---|")
    for host in hosts:
        points = tuple(p for p in reference.points if p.host == host and p.note == "relaxed")
        for found in measure(replace(reference, points=points), spec, store=store):
            point, dense = found.point, found.e_ads_raw_ev
            coarse = point.e_ads_ref_ev - point.grid_ev
            cells = "– | –" if dense is None else f"{dense:+.3f} | {dense - coarse:+.3f}"
            print(f"| {host} | {point.ion} | {coarse:+.3f} | {cells} | {found.reason}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
