"""Barriers from cheap path scans against climbing-image bands, hop by hop (docs/diffusion.md).

    python benchmarks/scan_error.py DB graphene:Li,Na,K ti2co2:Li
"""

from __future__ import annotations

import sys
from pathlib import Path

from screening.builders import load_catalogue
from screening.descriptors.record import Row
from screening.pipeline.run import run
from screening.pipeline.workflow import Workflow

ROOT = Path(__file__).parents[1]


def rows(db: str, host: str, ions: list[str], path: str, images: int) -> dict[str, Row]:
    flow = Workflow.model_validate(
        {
            "name": "scan-error",
            "calculator": "sevennet",
            "candidates": [host],
            "ions": ions,
            "relax": {"fmax": 0.05, "max_steps": 150},
            "descriptors": {"barrier": {"path": path, "images": images}},
        }
    )
    found = run(flow, load_catalogue(ROOT / "structures"), db, jobs=1).rows
    return {row.ion: row for row in found}


def number(value: float | None, digits: str = ".3f") -> str:
    return "–" if value is None else format(value, digits)


def main(db: str, *hosts: str) -> None:
    print("| host | ion | hop | band, 5 images | scan, 3 points | scan, 5 points |")
    print("|---|---|---|---|---|---|")
    for host in hosts:
        name, _, ions = host.partition(":")
        found = [
            rows(db, name, ions.split(","), path, images)
            for path, images in (("percolating", 5), ("scan", 3), ("scan", 5))
        ]
        for ion in ions.split(","):
            trio = [each[ion] for each in found]
            for same in zip(*(row.hops for row in trio), strict=True):
                values = " | ".join(number(hop.forward_ev) for hop in same)
                print(f"| {name} | {ion} | {same[0].hop} | {values} |")
            values = " | ".join(number(row.barrier_ev) for row in trio)
            print(f"| {name} | {ion} | *percolating barrier* | {values} |")
            values = " | ".join(number(row.diffusion_cm2_s, ".1e") for row in trio)
            print(f"| {name} | {ion} | *D at 300 K, cm²/s* | {values} |")
            values = " | ".join(str(row.force_calls.get("barrier")) for row in trio)
            print(f"| {name} | {ion} | *force calls* | {values} |", flush=True)
            for row in trio:
                if row.reason:
                    print(f"<!-- {name} {ion} {row.barrier_method}: {row.reason} -->", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
