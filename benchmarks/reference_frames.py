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
from ase.db import connect
from ase.db.core import Database
from ase.io import read, write
from pymatgen.core import Element

from screening.units import IONS
from screening.validation.compute import trim_vacuum

PBE_BCC_A = {"Li": 3.44, "Na": 4.19, "K": 5.28}
"""PBE lattice constants, Å (Haas, Tran & Blaha 2009, doi:10.1103/PhysRevB.79.085104)."""
DISPLACEMENTS_A = {
    "lowered": (0.0, 0.0, -0.35),
    "raised": (0.0, 0.0, 0.3),
    "aside": (0.7, 0.4, 0.0),
}
PATHS = ("barrier", "half-band")
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


def from_run(path: Path, known: set[str]) -> list[Atoms]:
    """Clean hosts, each with the best structure of each ion and one displaced copy of it."""
    database = connect(path)
    hosts = {
        entry.tag_candidate: entry.toatoms()
        for entry in database.select(kind="host", status="done")
        if entry.tag_candidate not in known
    }
    cheap = sorted(hosts, key=lambda candidate: electrons(hosts[candidate]))
    frames: list[Atoms] = []
    for number, candidate in enumerate(cheap):
        if electrons(hosts[candidate]) <= MAX_ELECTRONS and tuple(hosts[candidate].pbc) == (
            1,
            1,
            0,
        ):
            group = list(frames_of(database, candidate, hosts[candidate], number))
            frames += trim_vacuum(group) if len(group) > 1 else []
    return frames


def frames_of(database: Database, candidate: str, host: Atoms, number: int) -> Iterator[Atoms]:
    """Yield the host, its ions where they relaxed, and one of them moved, which one in turn."""
    yield frame(host, host=candidate)
    kinds = list(DISPLACEMENTS_A)
    for turn, ion in enumerate(IONS):
        best = lowest(database, candidate, ion)
        if best is None:
            continue
        yield frame(best, host=candidate, ion=ion, n_ions=1, note="relaxed")
        if turn == number % len(IONS):
            kind = kinds[number // len(IONS) % len(kinds)]
            moved = best.copy()
            moved.positions[-1] += DISPLACEMENTS_A[kind]
            yield frame(moved, host=candidate, ion=ion, n_ions=1, note=kind)


def saddles(path: Path, known: Sequence[Atoms]) -> Iterator[Atoms]:
    """Highest image of each path that starts at the best site, in the cell of the known host."""
    database = connect(path)
    hosts = {str(a.info["host"]): a for a in known if "host" in a.info and "ion" not in a.info}
    there = {(a.info["host"], a.info["ion"]) for a in known if a.info.get("note") == "saddle"}
    paths = [e for kind in PATHS for e in database.select(kind=kind, status="done")]
    for entry in paths:
        candidate, ion = entry.tag_candidate, entry.tag_ion
        if candidate not in hosts or (candidate, ion) in there:
            continue
        host = hosts[candidate]
        clean = next(database.select(kind="host", tag_candidate=candidate)).toatoms()
        if not np.allclose(host.cell[:2], clean.cell[:2], atol=0.01):
            continue  # built in another setting of the cell than when the set began
        there.add((candidate, ion))
        saddle = frame(entry.toatoms(), host=candidate, ion=ion, n_ions=1, note="saddle")
        saddle.positions[:, 2] += np.median(host.positions[:, 2] - clean.positions[:, 2])
        saddle.cell = host.cell
        yield saddle


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


def lowest(database: Database, candidate: str, ion: str) -> Atoms | None:
    """Relaxed structure behind the row's adsorption energy, unless the host broke under it."""
    row = next(database.select(kind="row", tag_candidate=candidate, tag_ion=ion), None)
    if row is None or row.data["row"]["outcome"] not in {"kept", "migrated"}:
        return None
    sites = [s for s in row.data["row"]["sites"] if s["e_ads_ev"] == row.data["row"]["e_ads_ev"]]
    if not sites:
        return None
    entry = next(
        database.select(
            kind="adsorption", tag_candidate=candidate, tag_ion=ion, tag_site=sites[0]["site"]
        ),
        None,
    )
    return entry.toatoms() if entry else None


def frame(atoms: Atoms, **info: object) -> Atoms:
    bare = Atoms(atoms.symbols, atoms.positions, cell=atoms.cell, pbc=atoms.pbc)
    bare.info = dict(info)
    return bare


def main(database: str, target: str) -> None:
    path = Path(target)
    old = read(path, ":") if path.exists() else metals()
    new = from_run(Path(database), {str(atoms.info.get("host")) for atoms in old})
    new += saddles(Path(database), [*old, *new])
    write(path, [*old, *new], format="extxyz")
    print(f"{len(new)} new frames, {len(old) + len(new)} in {path}")


if __name__ == "__main__":
    main(*sys.argv[1:])
