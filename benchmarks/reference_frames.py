"""Frames for the reference set, from a finished run: hosts, best sites, displaced copies, saddles.

``python benchmarks/reference_frames.py DATABASE FRAMES`` adds the hosts that FRAMES does not hold
yet, cheapest first, then the saddles of paths on hosts that it holds; compute them with
``alkascreen single-points FRAMES -o OUTPUT``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.build import bulk
from ase.io import read, write
from pymatgen.core import Element

from screening.descriptors import Row
from screening.geometry import motif_changed
from screening.pipeline.store import Store, open_store
from screening.units import IONS
from screening.validation.compute import trim_vacuum

PBE_BCC_A = {"Li": 3.44, "Na": 4.19, "K": 5.28}
"""PBE lattice constants, Å (Haas, Tran & Blaha 2009, doi:10.1103/PhysRevB.79.085104)."""
DISPLACEMENTS_A = {
    "lowered": (0.0, 0.0, -0.35),
    "raised": (0.0, 0.0, 0.3),
    "aside": (0.7, 0.4, 0.0),
}
WHOLE = ("kept", "migrated")
"""Outcomes of an ion on a whole host."""
MAX_ELECTRONS = 140
"""Valence electrons of a host: a point above that takes more than some minutes on one core."""


def metals() -> list[Atoms]:
    """Bulk Li, Na and K."""
    frames = []
    for ion in IONS:
        atoms = bulk(ion, "bcc", a=PBE_BCC_A[ion])
        atoms.info = {"bulk": ion}
        frames.append(atoms)
    return frames


def from_run(store: Store, known: set[str]) -> list[Atoms]:
    """Clean hosts, each with the best structure of each ion and one displaced copy of it."""
    rows: dict[str, list[Row]] = {}
    for row in store.rows():
        if row.candidate not in known:
            rows.setdefault(row.candidate, []).append(row)
    hosts = {
        name: atoms
        for name, group in rows.items()
        if (atoms := structure(store, group[0].host_task)) is not None
        and tuple(atoms.pbc) == (1, 1, 0)
        and electrons(atoms) <= MAX_ELECTRONS
    }
    frames: list[Atoms] = []
    for number, name in enumerate(sorted(hosts, key=lambda name: electrons(hosts[name]))):
        group = list(frames_of(store, rows[name], hosts[name], number))
        frames += trim_vacuum(group) if len(group) > 1 else []
    return frames


def frames_of(store: Store, rows: Sequence[Row], host: Atoms, number: int) -> Iterator[Atoms]:
    """Yield the host, its ions where they relaxed, and one of them moved, which one in turn."""
    yield frame(host, host=rows[0].candidate)
    kinds = list(DISPLACEMENTS_A)
    for row in rows:
        value = row.values.get("e_ads_ev")
        best = structure(store, value.task) if value and row["outcome"] in WHOLE else None
        if best is None:
            continue
        info = {"host": row.candidate, "ion": row.ion, "n_ions": 1}
        yield frame(best, **info, note="relaxed")
        if IONS.index(row.ion) == number % len(IONS):
            kind = kinds[number // len(IONS) % len(kinds)]
            moved = best.copy()
            moved.positions[-1] += DISPLACEMENTS_A[kind]
            yield frame(moved, **info, note=kind)


def saddles(store: Store, known: Sequence[Atoms]) -> Iterator[Atoms]:
    """Highest point of each barrier's path, in the cell of the known host."""
    hosts = {str(a.info["host"]): a for a in known if "host" in a.info and "ion" not in a.info}
    there = {(a.info["host"], a.info["ion"]) for a in known if a.info.get("note") == "saddle"}
    for row in store.rows():
        barrier = row.values.get("barrier_ev")
        if row.candidate not in hosts or (row.candidate, row.ion) in there or barrier is None:
            continue
        host = hosts[row.candidate]
        clean, top = structure(store, row.host_task), structure(store, barrier.task)
        if clean is None or top is None:
            continue
        if not _same(host, clean):
            continue  # built in another setting of the cell than when the set began
        saddle = frame(top, host=row.candidate, ion=row.ion, n_ions=1, note="saddle")
        saddle.positions[:, 2] += np.median(host.positions[:, 2] - clean.positions[:, 2])
        saddle.cell = host.cell
        yield saddle


def _same(host: Atoms, clean: Atoms) -> bool:
    """Whether two hosts agree in cell, order of atoms and where these stand, the vacuum apart."""
    if list(host.symbols) != list(clean.symbols):
        return False
    return np.allclose(host.cell[:2], clean.cell[:2], atol=0.01) and not motif_changed(host, clean)


def structure(store: Store, key: str) -> Atoms | None:
    """Structure that a task of the store found."""
    result = store.find(key) if key else None
    return None if result is None or result.failed else result.atoms


def electrons(atoms: Atoms) -> int:
    """Count the valence electrons that a plane-wave calculation carries."""
    return sum(sum(n for *_, n in valence(symbol)) for symbol in atoms.symbols)


def valence(symbol: str) -> list[tuple[int, str, int]]:
    """Outer shells: all s and p of the last period, and an open or last d shell."""
    shells = Element(symbol).full_electronic_structure
    last = max(n for n, _, _ in shells)
    return [
        shell
        for shell in shells
        if shell[0] == last or (shell[0] == last - 1 and shell[1] == "d" and last > 3)
    ]


def frame(atoms: Atoms, **info: object) -> Atoms:
    bare = Atoms(atoms.symbols, atoms.positions, cell=atoms.cell, pbc=atoms.pbc)
    bare.info = dict(info)
    return bare


def main(database: str, target: str) -> None:
    path, store = Path(target), open_store(database)
    old = read(path, ":") if path.exists() else metals()
    new = from_run(store, {str(atoms.info.get("host")) for atoms in old})
    new += saddles(store, [*old, *new])
    write(path, [*old, *new], format="extxyz")
    print(f"{len(new)} new frames, {len(old) + len(new)} in {path}")


if __name__ == "__main__":
    main(*sys.argv[1:])
