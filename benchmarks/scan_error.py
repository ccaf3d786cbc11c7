"""Path scans between the ends of stored bands, against their barriers (docs/diffusion.md).

python benchmarks/scan_error.py results/quickstart/alkascreen.db
"""

from __future__ import annotations

import sys
from typing import Any

from ase.db import connect

from screening.calculators import resolve
from screening.evaluate import Mirror, Potential, scan_path

POINTS = (3, 5)


def scanned(entry: Any, potential: Potential, points: int) -> tuple[float, int]:
    """Barrier, eV, and force calls."""
    settings, known = entry.data["settings"], entry.data["result"]["data"]
    start, end = entry.toatoms(), entry.toatoms()
    start.positions, end.positions = known["positions"][0], known["positions"][-1]
    mirror = None
    if stated := settings.get("mirror"):
        mirror = Mirror.between(start, end, stated["rotation"], stated["permutation"])
    band = scan_path(
        start,
        end,
        potential,
        n_images=points,
        fmax=settings["fmax"],
        max_steps=settings["max_steps"],
        ion=settings["soft"][0],
        end_energies=tuple(settings["end_energies_ev"]),
        mirror=mirror,
    )
    return band.forward_ev, band.force_calls


def main(*databases: str) -> None:
    potential = Potential(resolve("sevennet").make())
    print("| host | ion | hop | images | band | calls | scan, 3 | calls | scan, 5 | calls |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for database in databases:
        for entry in connect(database, use_lock_file=False).select(status="done"):
            if entry.kind not in {"barrier", "half-band"}:
                continue
            result = entry.data["result"]
            images = len(result["data"]["energies_ev"]) - 2
            cells = [entry.tag_candidate, entry.tag_ion, entry.tag_site, str(images)]
            cells += [f"{result['data']['forward_ev']:.3f}", str(result["force_calls"])]
            for points in POINTS:
                barrier, calls = scanned(entry, potential, points)
                cells += [f"{barrier:.3f}", str(calls)]
            print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
