"""Fit the alkali term (`screening.calculators.alkali_metal`) to PBE, and say how well it does.

``python benchmarks/fit_alkali.py results/reference/alkali.extxyz`` prints each class of structures
by PBE, by the engine alone, with the term, and with the term fitted without that class; ``--write
NAME`` puts the parameters into the package's data file. Linear least squares a reach and power of
the density; these two are scanned.
"""

from __future__ import annotations

import argparse
import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator
from ase.eos import EquationOfState
from ase.neighborlist import neighbor_list
from scipy.linalg import null_space
from scipy.optimize import lsq_linear

from screening.calculators import resolve
from screening.calculators.alkali_metal import AlkaliMetal, Metal
from screening.calculators.alkali_term import FILE
from screening.units import EV_PER_A2_IN_J_PER_M2, IONS
from screening.validation.compute import read_frames

REFERENCE = Path("results/reference/pbe.extxyz")
LATTICE_A = {"Li": 3.4286, "Na": 4.2049, "K": 5.3314}
"""Of bcc by 7net-0, where the term vanishes."""

FRAMES_A = {"Li": 3.4276, "Na": 4.2048, "K": 5.3556}
"""Of the slabs, which are compared with bulk metal as stretched as they are."""

EMBEDDING, PAIR = 4, 3
REACHES = (1.6,)
POWERS = (4.0, 5.0)
PAIR_REACHES = (1.4, 1.5, 1.6)

SIGMA_EV = {
    "atom": 0.002,
    "dimer": 0.03,
    "cluster": 0.03,
    "monolayer": 0.015,
    "slab": 0.004,
    "adatom": 0.02,
    "bulk": 0.002,
    "strained": 0.002,
    "open": 0.1,
}
"""What counts as well fitted: eV an atom, but of dimers and adatoms eV, and of slabs eV a face."""

RIDGE = 0.1
BOUND = np.inf

SIGMA_FORCE = 0.06
"""The same of a component of a force, eV/Å."""


@dataclass(frozen=True)
class Point:
    """One structure: what PBE and the engine say of it, both relative to their bulk metal."""

    atoms: Atoms
    name: str
    kind: str
    pbe_ev: float
    engine_ev: float
    force_gap: np.ndarray

    @property
    def share(self) -> float:
        """What its energy is divided by."""
        if self.kind in {"dimer", "adatom"}:
            return 1.0
        return 2.0 if self.kind == "slab" else float(len(self.atoms))


def points(frames: Sequence[Atoms], ion: str, engine: Calculator) -> list[Point]:
    """Energies of one metal's structures above its bulk, which for slabs is as stretched as they
    are. Bulk structures are compared at equal volume in units of each one's own.
    """
    mine = [a for a in frames if a.info.get("metal") == ion and a.info["kind"] in SIGMA_EV]
    bcc = [a for a in mine if str(a.info["host"]).startswith(f"{ion.lower()}-bcc")]
    volumes = np.array([a.cell.volume for a in bcc])
    pbe = EquationOfState(volumes, [a.get_potential_energy() for a in bcc], "birchmurnaghan")
    v_pbe, e_pbe, _ = pbe.fit(warn=False)
    v_own = LATTICE_A[ion] ** 3 / 2
    e_own = _energy(engine, _bcc(ion, v_own))
    curve = np.poly1d(np.polyfit(volumes ** (-2 / 3), [a.get_potential_energy() for a in bcc], 3))

    def at(volume: float) -> float:
        return float(curve(volume ** (-2 / 3)))

    found = []
    for atoms in mine:
        count, kind = len(atoms), str(atoms.info["kind"])
        own = _energy(engine, atoms) - count * e_own
        energy = atoms.get_potential_energy()
        if kind == "bulk" and atoms in bcc:
            above = at(atoms.cell.volume / v_own * v_pbe) - e_pbe
        elif kind == "bulk":
            above = energy - at(atoms.cell.volume)
            own -= _energy(engine, _bcc(ion, atoms.cell.volume)) - e_own
        elif kind in {"slab", "adatom", "strained"}:
            stretched = FRAMES_A[ion] ** 3 / 2
            above = energy - count * at(stretched)
            own -= count * (_energy(engine, _bcc(ion, stretched)) - e_own)
        else:
            above = energy - count * e_pbe
        gap = atoms.get_forces() - engine.get_property("forces", _plain(atoms))
        found.append(Point(_plain(atoms), str(atoms.info["host"]), kind, above, own, gap))
    return found


def _bcc(ion: str, volume: float) -> Atoms:
    side = (2 * volume) ** (1 / 3) / 2
    return Atoms(ion, cell=side * np.array([(-1, 1, 1), (1, -1, 1), (1, 1, -1)]), pbc=True)


def _plain(atoms: Atoms) -> Atoms:
    return Atoms(atoms.symbols, atoms.positions, cell=atoms.cell, pbc=atoms.pbc)


def _energy(engine: Calculator, atoms: Atoms) -> float:
    return float(engine.get_property("energy", _plain(atoms)))


def design(points: Sequence[Point], ion: str, metal: Metal) -> list[tuple[np.ndarray, np.ndarray]]:
    """Energy, shape (n,), and forces, shape (n_atoms, 3, n), of each structure by a parameter."""
    return [basis(_neighbours(p.atoms, ion), len(p.atoms), metal) for p in points]


_LISTS: dict[int, tuple[np.ndarray, ...]] = {}


def _neighbours(atoms: Atoms, ion: str) -> tuple[np.ndarray, ...]:
    if id(atoms) not in _LISTS:
        reach = max(*REACHES, *PAIR_REACHES) * LATTICE_A[ion] * np.sqrt(3) / 2
        _LISTS[id(atoms)] = neighbor_list("ijdD", atoms, reach)
    return _LISTS[id(atoms)]


def basis(pairs: tuple[np.ndarray, ...], size: int, metal: Metal) -> tuple[np.ndarray, np.ndarray]:
    """What each parameter of a metal contributes where there are no foreign atoms."""
    i, j, r, vectors = pairs
    x, energy, forces = r / metal.near_a, [], []
    f, f_slope = metal.density(x)
    density = np.bincount(i, f, size)
    units = np.eye(EMBEDDING + PAIR)
    for k, unit in enumerate(units):
        one = _with(metal, unit)
        if k < EMBEDDING:
            site, by_density = one.embed(density)
            pull = by_density[i] * f_slope
        else:
            v, v_slope = one.pairwise(x)
            site, pull = 0.5 * np.bincount(i, v, size), 0.5 * v_slope
        exerted = (pull / (metal.near_a * r))[:, None] * vectors
        force = np.zeros((size, 3))
        np.add.at(force, i, exerted)
        np.subtract.at(force, j, exerted)
        energy.append(site.sum())
        forces.append(force)
    return np.array(energy), np.stack(forces, axis=-1)


def _with(metal: Metal, numbers: np.ndarray) -> Metal:
    values = tuple(float(x) for x in numbers)
    return replace(metal, embedding=values[:EMBEDDING], pair=values[EMBEDDING:])


def rows(
    points: Sequence[Point], built: Sequence[tuple[np.ndarray, np.ndarray]], without: str = ""
) -> Iterator[tuple[np.ndarray, float]]:
    """Equations in units of what counts as well fitted."""
    for p, (energy, forces) in zip(points, built, strict=True):
        if p.kind == without:
            continue
        sigma = SIGMA_EV[p.kind] * p.share
        yield energy / sigma, (p.pbe_ev - p.engine_ev) / sigma
        if p.kind in {"atom", "bulk", "strained", "open"}:
            continue
        flat = forces.reshape(-1, forces.shape[-1])
        for row, gap in zip(flat, p.force_gap.ravel(), strict=True):
            yield row / SIGMA_FORCE, gap / SIGMA_FORCE
    # Bridge less hollow: the barrier of hopping.
    hop = [k for k, p in enumerate(points) if p.kind == "adatom"]
    if len(hop) == 2 and without != "adatom":
        a, b = hop
        gap = [points[k].pbe_ev - points[k].engine_ev for k in hop]
        yield (built[b][0] - built[a][0]) / 0.01, (gap[1] - gap[0]) / 0.01


def bulk_rows(ion: str, metal: Metal) -> np.ndarray:
    """Energy and pressure of the bulk by a parameter, shape (2, n): both have to vanish."""
    step, volume = 1e-4, LATTICE_A[ion] ** 3 / 2
    ends = [_bulk_energy(ion, volume * (1 + sign * step), metal) for sign in (-1, 0, 1)]
    return np.array([ends[1], (ends[2] - ends[0]) / (2 * step)])


def _bulk_energy(ion: str, volume: float, metal: Metal) -> np.ndarray:
    bulk = _bcc(ion, volume)
    reach = max(metal.reach, metal.pair_reach) * metal.near_a
    return basis(neighbor_list("ijdD", bulk, reach), 1, metal)[0]


def solve(
    points: Sequence[Point],
    built: Sequence[tuple[np.ndarray, np.ndarray]],
    bulk: np.ndarray,
    without: str = "",
) -> tuple[np.ndarray, float]:
    """Parameters, and the root mean square of what is left, in units of well fitted.

    Pairs repel and the density attracts: terms of either sign fit better, and relax to nonsense.
    """
    left, right = zip(*rows(points, built, without), strict=True)
    matrix, target = np.array(left), np.array(right)
    free = np.ones(matrix.shape[1], dtype=bool)
    low, high = np.full(len(free), -np.inf), np.full(len(free), np.inf)
    low[EMBEDDING:] = 0.0
    high[1:EMBEDDING] = BOUND
    stiff = 1e4 * bulk
    padded = np.vstack([matrix, RIDGE * np.eye(len(free)), stiff])
    wanted = np.append(target, np.zeros(len(free) + len(bulk)))
    found = lsq_linear(padded, wanted, (low, high)).x
    # Once more among those off their bounds, with the bulk's conditions exact.
    free = (found > low + 1e-9) & (found < high - 1e-9)
    space, start = null_space(bulk[:, free]), np.where(free, 0.0, found)
    start[free] = np.linalg.lstsq(bulk[:, free], -bulk @ start, rcond=None)[0]
    inner, rest = matrix[:, free] @ space, target - matrix @ start
    padded = np.vstack([inner, RIDGE * space])
    wanted = np.append(rest, -RIDGE * start[free])
    start[free] += space @ np.linalg.lstsq(padded, wanted, rcond=None)[0]
    return start, float(np.sqrt(np.mean((matrix @ start - target) ** 2)))


def best(points: Sequence[Point], ion: str, *, talk: bool = True) -> tuple[Metal, np.ndarray]:
    """Scan the ranges and the power."""
    tried = []
    for reach, power, pair in itertools.product(REACHES, POWERS, PAIR_REACHES):
        metal = Metal(LATTICE_A[ion], (0.0,) * EMBEDDING, (0.0,) * PAIR, reach, power, pair)
        numbers, left = solve(points, design(points, ion, metal), bulk_rows(ion, metal))
        tried.append((left, metal, numbers))
        if talk:
            print(f"{ion} {reach} {power} {pair}: {left:.3f}", np.round(numbers, 2))
    left, metal, numbers = min(tried, key=lambda t: t[0])
    return metal, numbers


def table(points: Sequence[Point], ion: str, metal: Metal, numbers: np.ndarray) -> None:
    built = design(points, ion, metal)
    kinds = list(dict.fromkeys(p.kind for p in points))
    bulk = bulk_rows(ion, metal)
    others = {kind: solve(points, built, bulk, kind)[0] for kind in kinds}
    print(f"\n{ion}: {_with(metal, numbers)}")
    print(f"{'':22s} {'PBE':>8s} {'engine':>8s} {'term':>8s} {'held out':>8s}  unit")
    for p, (energy, _) in zip(points, built, strict=True):
        scale, unit = _unit(p)
        values = [p.pbe_ev, p.engine_ev, p.engine_ev + energy @ numbers]
        values.append(p.engine_ev + energy @ others[p.kind])
        print(f"{p.name:22s} " + " ".join(f"{v * scale:8.3f}" for v in values) + f"  {unit}")
    for kind in kinds:
        chosen = [(p, e) for p, (e, _) in zip(points, built, strict=True) if p.kind == kind]
        scales = np.array([_unit(p)[0] for p, _ in chosen])
        gap = np.array([p.pbe_ev - p.engine_ev for p, _ in chosen])
        left = [gap - np.array([e @ x for _, e in chosen]) for x in (numbers, others[kind])]
        errors = [float(np.sqrt(np.mean((scales * g) ** 2))) for g in (gap, *left)]
        print(f"rms {kind:18s} {'':8s} " + " ".join(f"{e:8.3f}" for e in errors))


def _unit(p: Point) -> tuple[float, str]:
    if p.kind == "slab":
        area = float(np.linalg.norm(np.cross(p.atoms.cell[0], p.atoms.cell[1])))
        return EV_PER_A2_IN_J_PER_M2 / (2 * area), "J/m²"
    return 1 / p.share, "eV" if p.share == 1 else "eV/atom"


def on_hosts(frames: Sequence[Atoms], engine: Calculator, metals: dict[str, Metal]) -> None:
    """What the term does next to a host: ions side by side, one on top of them, lone ones."""
    known = read_frames(REFERENCE)
    term = AlkaliMetal(metals)
    levels = (
        lambda a: float(a.get_potential_energy()),
        lambda a: _energy(engine, a),
        lambda a: _energy(engine, a) + _energy(term, a),
    )
    bulk = {a.info["bulk"]: a for a in known if a.info.get("bulk")}
    clean = {a.info["host"]: a for a in known if a.info.get("host") and not a.info.get("ion")}
    named = {a.info["host"]: a for a in frames if a.info["kind"] == "on-host"}

    def say(title: str, *parts: tuple[int, Atoms]) -> None:
        values = [sum(n * energy(a) for n, a in parts) for energy in levels]
        print(f"{title:32s} " + " ".join(f"{v:8.3f}" for v in values) + "  eV")

    print(f"\n{'on hosts':32s} {'PBE':>8s} {'engine':>8s} {'term':>8s}")
    for name, pair in named.items():
        host, ion = name.rsplit("-", 1)[0], str(pair.info["metal"])
        lone = next(
            a
            for a in known
            if a.info.get("host") == host
            and a.info.get("ion") == ion
            and a.info.get("note") == "relaxed"
        )
        if name.endswith("2"):
            say(f"{name}: side by side", (1, pair), (-2, lone), (1, clean[host]))
        else:
            say(f"{name}: on top", (1, pair), (-1, named[f"{name[:-1]}2"]), (-1, bulk[ion]))
    for atoms in known:
        ion, host = atoms.info.get("ion"), str(atoms.info.get("host"))
        if ion and set(clean[host].symbols) & set(metals) and atoms.info.get("note") != "raised":
            title = f"{host} + {ion} {atoms.info.get('note', '')}"
            say(title, (1, atoms), (-1, clean[host]), (-1, bulk[ion]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("frames", type=Path)
    parser.add_argument("--metals", nargs="+", choices=IONS, default=["K"])
    parser.add_argument("--write", default="", metavar="NAME")
    parser.add_argument("--quiet", action="store_true")
    args = parser.parse_args()
    spec = resolve("sevennet")
    engine, frames = spec.make(), read_frames(args.frames)
    record = {}
    for ion in args.metals:
        data = points(frames, ion, engine)
        metal, numbers = best(data, ion, talk=not args.quiet)
        table(data, ion, metal, numbers)
        record[ion] = _with(metal, numbers)
    on_hosts(frames, engine, record)
    if args.write:
        _write(args.write, spec.level(), record, frames)


def _write(name: str, level: object, metals: dict[str, Metal], frames: Sequence[Atoms]) -> None:
    entry = {
        "name": name,
        "engine": {k: getattr(level, k) for k in ("calculator", "model", "weights")},
        "fitted_to": str(frames[0].info["level"]),
        "metals": {
            ion: {
                "lattice_a": m.lattice_a,
                "embedding": [round(x, 8) for x in m.embedding],
                "pair": [round(x, 8) for x in m.pair],
                "reach": m.reach,
                "power": m.power,
                "pair_reach": m.pair_reach,
            }
            for ion, m in metals.items()
        },
    }
    FILE.write_text(json.dumps([entry], indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
