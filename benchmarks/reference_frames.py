"""Frames for the reference set, from a finished run: hosts, best sites, displaced copies.

``python benchmarks/reference_frames.py DATABASE FRAMES`` adds what is new to FRAMES; compute them
with ``python -m screening.evaluate.single_points FRAMES OUTPUT gpaw``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.build import bulk
from ase.db import connect
from ase.io import read, write

from screening.units import IONS

PBE_BCC_A = {"Li": 3.44, "Na": 4.19, "K": 5.28}
"""PBE lattice constants, Å (Haas, Tran & Blaha 2009, doi:10.1103/PhysRevB.79.085104)."""
DISPLACEMENTS_A = {
    "lowered": (0.0, 0.0, -0.35),
    "raised": (0.0, 0.0, 0.3),
    "aside": (0.7, 0.4, 0.0),
}


def metals() -> list[Atoms]:
    """Bulk Li, Na and K."""
    frames = []
    for ion in IONS:
        atoms = bulk(ion, "bcc", a=PBE_BCC_A[ion])
        atoms.info = {"bulk": ion}
        frames.append(atoms)
    return frames


def from_run(path: Path) -> list[Atoms]:
    """Clean hosts, each with the best structure of each ion and one displaced copy of it."""
    database = connect(path)
    frames: list[Atoms] = []
    hosts = {entry.tag_candidate: entry for entry in database.select(kind="host", status="done")}
    kinds = list(DISPLACEMENTS_A)
    for number, (candidate, host) in enumerate(sorted(hosts.items())):
        frames.append(frame(host.toatoms(), host=candidate))
        for turn, ion in enumerate(IONS):
            best = lowest(database, candidate, ion)
            if best is None:
                continue
            frames.append(frame(best, host=candidate, ion=ion, n_ions=1, note="relaxed"))
            if turn == number % len(IONS):
                kind = kinds[number // len(IONS) % len(kinds)]
                moved = best.copy()
                moved.positions[-1] += DISPLACEMENTS_A[kind]
                frames.append(frame(moved, host=candidate, ion=ion, n_ions=1, note=kind))
    return frames


def lowest(database, candidate: str, ion: str) -> Atoms | None:
    """Relaxed structure behind the row's adsorption energy."""
    rows = database.select(kind="row", tag_candidate=candidate, tag_ion=ion)
    row = next(rows, None)
    if row is None or row.data["row"]["e_ads_ev"] is None:
        return None
    values = [site for site in row.data["row"]["sites"] if site["e_ads_ev"] is not None]
    site = min(values, key=lambda s: abs(s["e_ads_ev"] - row.data["row"]["e_ads_ev"]))["site"]
    entry = next(
        database.select(kind="adsorption", tag_candidate=candidate, tag_ion=ion, tag_site=site),
        None,
    )
    return entry.toatoms() if entry else None


def frame(atoms: Atoms, **info: object) -> Atoms:
    bare = Atoms(atoms.symbols, atoms.positions, cell=atoms.cell, pbc=atoms.pbc)
    bare.info = dict(info)
    return bare


def main(database: str, target: str) -> None:
    path = Path(target)
    known = read(path, ":") if path.exists() else metals()
    seen = {signature(atoms) for atoms in known}
    new = [atoms for atoms in from_run(Path(database)) if signature(atoms) not in seen]
    write(path, [*known, *new], format="extxyz")
    print(f"{len(new)} new frames, {len(known) + len(new)} in {path}")


def signature(atoms: Atoms) -> str:
    return f"{atoms.symbols}{np.round(atoms.positions, 3).tolist()}"


if __name__ == "__main__":
    main(*sys.argv[1:])
