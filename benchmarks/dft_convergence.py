"""How the settings of the reference level change adsorption energies (table of docs/dft.md).

Run ``python benchmarks/dft_convergence.py``; finished settings are read back from
``benchmarks/data/dft_convergence.json``. One setting is changed at a time.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

from ase import Atoms
from ase.build import bulk
from ase.io import read

from screening.calculators.gpaw_engine import KohnSham
from screening.calculators.gpaw_settings import Settings

DATA = Path(__file__).parent / "data"
RESULTS = DATA / "dft_convergence.json"
BCC_A = {"Li": 3.44, "Na": 4.19}  # PBE
HEIGHT_A = 14.0
CHANGES: list[dict[str, float]] = [
    {},
    {"cutoff_ev": 300.0},
    {"cutoff_ev": 450.0},
    {"kpoint_density_a": 3.7},
    {"width_ev": 0.2},
    {"height_a": 18.0},
]


def energy(atoms: Atoms, settings: Settings) -> tuple[float, float]:
    """Energy (eV) and processor time (s) of one structure."""
    calculator = KohnSham(settings)
    start = time.process_time()
    return calculator.get_potential_energy(atoms), time.process_time() - start


def with_height(atoms: Atoms, height: float, bottom: float) -> Atoms:
    work = atoms.copy()
    cell = work.cell[:]
    cell[2] = (0, 0, height)
    work.set_cell(cell)
    work.positions[:, 2] += bottom - work.positions[:, 2].min()
    return work


def adsorption(host: Atoms, adsorbed: Atoms, change: dict[str, float]) -> dict[str, float]:
    height = change.get("height_a", HEIGHT_A)
    settings = Settings(**{key: value for key, value in change.items() if key != "height_a"})
    ion = adsorbed.info["ion"]
    thickness = adsorbed.positions[:, 2].max() - adsorbed.positions[:, 2].min()
    bottom = (height - thickness) / 2
    clean, clean_s = energy(with_height(host, height, bottom), settings)
    full, full_s = energy(with_height(adsorbed, height, bottom), settings)
    metal, _ = energy(bulk(ion, "bcc", a=BCC_A[ion]), settings)
    return {"e_ads_ev": full - clean - metal, "host_s": clean_s, "adsorbed_s": full_s}


def main() -> None:
    done = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    frames = read(DATA / "dft_convergence.extxyz", ":")
    pairs = list(zip(frames[::2], frames[1::2], strict=True))
    for change in CHANGES:
        for host, adsorbed in pairs:
            name = f"{host.info['host']} + {adsorbed.info['ion']}"
            label = ", ".join(f"{key} {value:g}" for key, value in change.items()) or "base"
            if label not in done.setdefault(name, {}):
                done[name][label] = adsorption(host, adsorbed, change)
                RESULTS.write_text(json.dumps(done, indent=1) + "\n")
            row = done[name][label]
            shift = row["e_ads_ev"] - done[name]["base"]["e_ads_ev"]
            print(
                f"{name:22} {label:22} {row['e_ads_ev']:+.3f} eV {shift:+.3f} "
                f"{row['adsorbed_s']:.0f} s",
                flush=True,
            )


if __name__ == "__main__":
    main()
