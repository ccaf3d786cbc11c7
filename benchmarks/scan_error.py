"""Path scans between the ends of stored bands, against their barriers (docs/diffusion.md).

python benchmarks/scan_error.py results/quickstart/alkascreen.db graphene ti2co2
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from ase.db import connect

from screening.calculators import resolve
from screening.evaluate import Potential, scan_path

POINTS = 3


def scanned(entry: Any, potential: Potential) -> tuple[float, int]:
    """Barrier, eV, and force calls."""
    settings, known = entry.data["settings"], entry.data["result"]["data"]
    start, end = entry.toatoms(), entry.toatoms()
    start.positions, end.positions = known["positions"][0], known["positions"][-1]
    band = scan_path(
        start,
        end,
        potential,
        n_images=POINTS,
        fmax=settings["fmax"],
        max_steps=settings["max_steps"],
        ion=settings["soft"][0],
        end_energies=tuple(settings["end_energies_ev"]),
        mirrored=np.isclose(*settings["end_energies_ev"], atol=1e-6),
    )
    return band.forward_ev, band.force_calls


def main(database: str, *hosts: str) -> None:
    potential = Potential(resolve("sevennet").make())
    print("| host | ion | hop | images | band, eV | calls | scan, eV | calls |")
    print("|---|---|---|---|---|---|---|---|")
    for entry in connect(database, use_lock_file=False).select(status="done"):
        if entry.kind not in {"barrier", "half-band"} or entry.tag_candidate not in hosts:
            continue
        result = entry.data["result"]
        images = len(result["data"]["energies_ev"]) - 2
        barrier, calls = scanned(entry, potential)
        cells = [entry.tag_candidate, entry.tag_ion, entry.tag_site, str(images)]
        cells += [f"{result['data']['forward_ev']:.3f}", str(result["force_calls"])]
        print(f"| {' | '.join(cells)} | {barrier:.3f} | {calls} |", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
