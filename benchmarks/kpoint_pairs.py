"""What denser grids of k-points change at points of the reference set (table of docs/dft.md).

``python benchmarks/kpoint_pairs.py DATABASE [HOST …]`` computes the set's points of Li and K on
each host with atomic orbitals, at the set's density of k-points and at twice that; it resumes.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from screening.calculators import resolve
from screening.pipeline.store import open_store
from screening.resources import shipped
from screening.validation import measure, read_reference
from screening.validation.reference import AS_RELAXED

HOSTS = (
    "graphene",
    "graphene-B",
    "graphene-N",
    "graphene-4x4",
    "al-111",
    "cu-111",
    "ti2co2",
    "ti3c2",
)
IONS = ("Li", "K")
DENSITY_A = 2.75
"""Of the reference set."""


def main(database: str, *hosts: str) -> None:
    reference = read_reference(shipped("results") / "reference" / "pbe.extxyz")
    store = open_store(Path(database), create=True)
    print(
        "| host | ion | set's grid, eV | twice as dense, eV | change, eV |\n|---|---|---|---|---|"
    )
    for host in hosts or HOSTS:
        points = tuple(
            p
            for p in reference.points
            if (p.host, p.note in AS_RELAXED, p.ion in IONS) == (host, True, True)
        )
        coarse, fine = (
            measure(
                replace(reference, points=points),
                resolve("gpaw:lcao", options={"kpoint_density_a": density}),
                store=store,
            )
            for density in (DENSITY_A, 2 * DENSITY_A)
        )
        for a, b in zip(coarse, fine, strict=True):
            if a.e_ads_raw_ev is None or b.e_ads_raw_ev is None:
                print(f"| {host} | {a.point.ion} | – | – | {a.reason or b.reason} |", flush=True)
                continue
            change = b.e_ads_raw_ev - a.e_ads_raw_ev
            print(
                f"| {host} | {a.point.ion} | {a.e_ads_raw_ev:+.3f} | {b.e_ads_raw_ev:+.3f} "
                f"| {change:+.3f} |",
                flush=True,
            )


if __name__ == "__main__":
    main(*sys.argv[1:])
