"""What denser grids of k-points change at points of the reference set (table of docs/dft.md).

``python benchmarks/kpoint_pairs.py DATABASE [HOST …]`` computes the set's points of Li and K on
each host at its own level, but for twice as many k-points along each axis (half-step 6×6 where the
set has half-step 3×3), and compares with what the set holds; it resumes. Seven minutes a structure
of nineteen atoms on one core. Changes go into the set as ``grid_ev`` (docs/reference.md).
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from screening.calculators import resolve
from screening.pipeline.store import open_store
from screening.resources import shipped
from screening.validation import measure, read_reference

HOSTS = ("graphene", "graphene-B", "graphene-N", "graphene-4x4", "cu-111", "ti3c2")
IONS = ("Li", "K")
DENSITY_A = 6.5
"""In place of 2.75 Å."""


def main(database: str, *hosts: str) -> None:
    reference = read_reference(shipped("results") / "reference" / "pbe.extxyz")
    store = open_store(Path(database), create=True)
    spec = resolve("gpaw", options={"kpoint_density_a": DENSITY_A})
    print("| host | ion | set's grid, eV | denser, eV | change, eV |\n|---|---|---|---|---|")
    for host in hosts or HOSTS:
        points = tuple(
            p for p in reference.points if p.host == host and p.note == "relaxed" and p.ion in IONS
        )
        for found in measure(replace(reference, points=points), spec, store=store):
            point, dense = found.point, found.e_ads_raw_ev
            coarse = point.e_ads_ref_ev - point.grid_ev
            cells = "– | –" if dense is None else f"{dense:+.3f} | {dense - coarse:+.3f}"
            print(f"| {host} | {point.ion} | {coarse:+.3f} | {cells} | {found.reason}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
