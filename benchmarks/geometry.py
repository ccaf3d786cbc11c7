"""Regenerate docs/geometry.md: lattice constants and key bonds, relaxed here beside the literature.

    python benchmarks/geometry.py                # writes docs/geometry.md, about 10 minutes
    python benchmarks/geometry.py --only metal   # one family, printed

Cells are relaxed with `sevennet` (7net-0) to 0.01 eV/Å and the matching stress. A deviation above
3 % without an explanation in `EXPLAINED` makes the script fail.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import spglib
from ase import Atoms
from ase.calculators.calculator import Calculator
from ase.filters import FrechetCellFilter
from ase.neighborlist import neighbor_list
from ase.optimize import BFGS

from screening.builders import Recipe, build
from screening.builders.families.alloy import ALLOYS
from screening.builders.families.metal import METALS
from screening.builders.families.oxide import OXIDES
from screening.calculators import resolve

OUTPUT = Path(__file__).parents[1] / "docs" / "geometry.md"
FMAX, STEPS, LIMIT = 0.01, 200, 0.03
IN_PLANE = [True, True, False, False, False, True]

Measure = Callable[[Atoms], float]


@dataclass(frozen=True)
class Row:
    """One quantity of one host: ours and the literature's, Å."""

    family: str
    host: str
    quantity: str
    ours: float
    reference: float
    source: str

    @property
    def deviation(self) -> float:
        return self.ours / self.reference - 1


ONTIVEROS = "PBE, Ontiveros et al. 2023, doi:10.1039/D3TA01933K"
KHAZAEI = "PBE, Khazaei et al. 2013, doi:10.1002/adfm.201202502"
TANG = "PBE, Tang et al. 2012, doi:10.1021/ja308463r"
TI3C2 = {"metal": "Ti", "n": 2}
TI2C = {"metal": "Ti", "n": 1}

# Sheets: recipe, then quantity, measure, reference (Å), source.
SHEETS: tuple[tuple[str, str, str, dict, tuple[tuple[str, str, float, str], ...]], ...] = (
    ("carbon", "graphene", "graphene", {"size": [1, 1]},
     (("a", "a", 2.461, "X-ray of graphite, Baskin & Meyer 1955, doi:10.1103/PhysRev.100.544"),)),
    ("carbon", "graphene-N3", "graphene",
     {"size": [3, 3], "motif": "pyridinic", "dopant": "N", "count": 3},
     (("C-N pyridinic", "C-N", 1.338, "pyridine, microwave, Sørensen et al. 1974"),)),
    ("carbon", "graphene-NH", "graphene",
     {"size": [4, 4], "motif": "pyrrolic", "dopant": "N"},
     (("N-H pyrrolic", "H-N", 0.996, "pyrrole, microwave, Nygaard et al. 1969"),)),
    ("carbon", "graphene-S ring", "graphene",
     {"size": [4, 4], "motif": "thiophenic", "dopant": "S"},
     (("C-S thiophenic", "C-S", 1.740, "dibenzothiophene, X-ray, Schaffrin & Trotter 1970"),)),
    ("carbon", "graphene-CuN4", "graphene",
     {"size": [4, 4], "motif": "single-atom", "dopant": "Cu"},
     (("Cu-N", "Cu-N", 1.935, "X-ray of Cu phthalocyanine, Brown 1968"),)),
    ("carbon", "graphene-C=O", "graphene",
     {"size": [4, 4], "motif": "pyridinic", "dopant": "N", "missing": 6, "count": 4,
      "groups": ["carbonyl", "carbonyl"]},
     (("C=O", "C-O", 1.225, "p-benzoquinone, electron diffraction, Hagen & Hedberg 1973"),)),
    ("carbon", "graphene-epoxide", "graphene", {"size": [3, 3], "groups": ["epoxide"]},
     (("C-O epoxide", "C-O", 1.431, "ethylene oxide, microwave, Cunningham et al. 1951"),)),
    ("layered", "h-BN", "layered", {"material": "h-BN"},
     (("a", "a", 2.504, "X-ray, Paszkowicz et al. 2002, doi:10.1007/s003390100999"),)),
    ("layered", "MoS2", "layered", {"material": "MoS2"},
     (("a", "a", 3.160, "X-ray, Schutte et al. 1987, doi:10.1016/0022-4596(87)90057-0"),
      ("Mo-S", "Mo-S", 2.413, "X-ray, Schutte et al. 1987"))),
    ("layered", "phosphorene", "layered", {"material": "phosphorene"},
     (("a (zigzag)", "a", 3.3136, "X-ray of black P, Brown & Rundqvist 1965"),
      ("b (armchair)", "b", 4.3763, "X-ray of black P, Brown & Rundqvist 1965"),
      ("P-P", "P-P", 2.224, "X-ray of black P, Brown & Rundqvist 1965"))),
    ("layered", "g-C3N4", "layered", {"material": "g-C3N4"},
     (("a", "a", 7.13, "Wang et al. 2009, doi:10.1038/nmat2317"),)),
    ("mxene", "Ti2C", "mxene", TI2C, (("a", "a", 3.075, ONTIVEROS),)),
    ("mxene", "Ti2CO2", "mxene", {**TI2C, "termination": "O"}, (("a", "a", 3.03, KHAZAEI),)),
    ("mxene", "Ti2CF2", "mxene", {**TI2C, "termination": "F"}, (("a", "a", 3.06, KHAZAEI),)),
    ("mxene", "Ti2C(OH)2", "mxene", {**TI2C, "termination": "OH"}, (("a", "a", 3.07, KHAZAEI),)),
    ("mxene", "Ti3C2", "mxene", TI3C2, (("a", "a", 3.097, ONTIVEROS),)),
    ("mxene", "Ti3C2O2", "mxene", {**TI3C2, "termination": "O"},
     (("a", "a", 3.027, ONTIVEROS), ("O to O across", "thickness", 6.982, ONTIVEROS))),
    ("mxene", "Ti3C2F2", "mxene", {**TI3C2, "termination": "F"}, (("a", "a", 3.08, TANG),)),
    ("mxene", "Ti3C2(OH)2", "mxene", {**TI3C2, "termination": "OH"},
     (("a", "a", 3.069, ONTIVEROS), ("O-H", "H-O", 0.97, TANG))),
    ("mxene", "Ti4C3", "mxene", {"metal": "Ti", "n": 3}, (("a", "a", 3.096, ONTIVEROS),)),
    *(("mxene", f"{m}2{x}", "mxene", {"metal": m, "nonmetal": x, "n": 1},
       (("a", "a", a, ONTIVEROS),))
      for m, x, a in (("V", "C", 2.900), ("Nb", "C", 3.130), ("Ta", "C", 3.084), ("Mo", "C", 2.925),
                      ("Cr", "C", 2.807), ("Zr", "C", 3.274), ("Hf", "C", 3.212),
                      ("Sc", "C", 3.328), ("Ti", "N", 2.978), ("V", "N", 2.867))),
    ("framework", "sp2c-COF", "cyanovinylene-cof", {},
     (("C=C of the link", "link", 1.35, "X-ray of 2,3-diarylacrylonitriles (1.34 to 1.36)"),
      ("C≡N", "C-N", 1.145, "X-ray of 2,3-diarylacrylonitriles (1.14 to 1.15)"))),
)  # fmt: skip

_BARE_SHEET = (
    "bare two-dimensional carbides are outside the training set of 7net-0 (MPtrj: bulk crystals); "
    "for this metal the sheet comes out wider than in PBE. The host is built with the PBE "
    "constant, so the potential sees it compressed by that much"
)
EXPLAINED: dict[str, str] = {
    "Zn": "only c: the basal planes of zinc (c/a = 1.86) are held loosely, and semilocal "
    "functionals stretch c, which 7net-0 inherits; a is within 1 %",
    "In": "its tetragonal distortion from fcc is worth a few meV an atom; 7net-0 relaxes it to fcc "
    "(c/a = √2 in these axes) at a volume 5 % above experiment",
    "phosphorene": "the reference is black phosphorus, whose layers attract; a free layer is "
    "longer along armchair in PBE too (4.58 to 4.62 Å, Qiao et al. 2014, doi:10.1038/ncomms5475)",
    "NaIn": "a Zintl phase whose indium framework is soft; the potential (like PBE) also expands "
    "indium itself by 2 %",
    "Cr2C": _BARE_SHEET,
    "Mo2C": _BARE_SHEET,
    "Ta2C": _BARE_SHEET,
}


def main() -> None:
    """Relax, tabulate, and fail on a deviation that nobody has explained."""
    warnings.filterwarnings("ignore")
    only = sys.argv[sys.argv.index("--only") + 1] if "--only" in sys.argv else ""
    spec = resolve("sevennet")
    calculator = spec.make()
    rows: list[Row] = []
    for row in chain(crystal_rows(calculator, only), sheet_rows(calculator, only)):
        print(f"{row.host:12s} {row.quantity:14s} {row.ours:8.3f} {row.deviation:+.1%}", flush=True)
        rows.append(row)
    if not only:
        OUTPUT.write_text(page(rows, str(spec.level())), encoding="utf-8")
    unexplained = {r.host for r in rows if abs(r.deviation) > LIMIT} - set(EXPLAINED)
    if unexplained:
        sys.exit(f"deviations above 3 % without explanation: {', '.join(sorted(unexplained))}")


def crystal_rows(calculator: Calculator, only: str) -> Iterator[Row]:
    """Lattice constants and the shortest distance of each bulk crystal of the builders."""
    for family, table in (("metal", METALS), ("alloy", ALLOYS), ("oxide", OXIDES)):
        if only and only != family:
            continue
        for name, crystal in table.items():
            start = crystal.atoms()
            unit = primitive(start)
            relaxed = relax(unit, calculator)
            conventional = np.rint(np.asarray(start.cell) @ np.linalg.inv(unit.cell)) @ relaxed.cell
            lengths = np.linalg.norm(conventional, axis=1)
            source = crystal.source
            yield Row(family, name, "a", lengths[0], crystal.cell[0], source)
            if crystal.cell[2] != crystal.cell[0]:
                yield Row(family, name, "c", lengths[2], crystal.cell[2], source)
            if len(crystal.sites) == 1 and crystal.spacegroup != 166:
                continue  # the lattice constants fix the distance
            pair, distance = shortest(start)
            yield Row(family, name, pair, shortest(relaxed, pair)[1], distance, source)


def sheet_rows(calculator: Calculator, only: str) -> Iterator[Row]:
    """In-plane lattice constants and key bonds of the two-dimensional hosts."""
    for family, host, name, parameters, quantities in SHEETS:
        if only and only != family:
            continue
        cell = {} if "size" in parameters else {"size": [1, 1]}
        recipe = Recipe(id="host", builder=name, parameters={**parameters, **cell})
        relaxed = relax(build(recipe).atoms, calculator)
        for label, what, reference, source in quantities:
            yield Row(family, host, label, measure(relaxed, what), reference, source)


def relax(atoms: Atoms, calculator: Calculator) -> Atoms:
    """Relax positions and the periodic part of the cell."""
    work = atoms.copy()
    work.calc = calculator
    mask = None if work.pbc.all() else IN_PLANE
    if not BFGS(FrechetCellFilter(work, mask=mask), logfile=None).run(FMAX, STEPS):
        print(f"{work.get_chemical_formula()}: not converged in {STEPS} steps")
    return work


def primitive(atoms: Atoms) -> Atoms:
    """Primitive cell of a crystal, not turned."""
    lattice, scaled, numbers = spglib.standardize_cell(
        as_cell(atoms), to_primitive=True, no_idealize=True
    )
    return Atoms(numbers, cell=lattice, scaled_positions=scaled, pbc=True)


def as_cell(atoms: Atoms) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return atoms.cell[:], atoms.get_scaled_positions(), atoms.numbers


def shortest(atoms: Atoms, pair: str = "") -> tuple[str, float]:
    """Shortest distance of a pair such as ``O-Ti``, or of any pair, Å."""
    first, second, distance = neighbor_list("ijd", atoms, 5.0)
    symbols = np.array(atoms.get_chemical_symbols())
    names = np.array(
        ["-".join(sorted(p)) for p in zip(symbols[first], symbols[second], strict=True)]
    )
    chosen = np.flatnonzero(names == pair) if pair else np.arange(len(distance))
    nearest = chosen[np.argmin(distance[chosen])]
    return str(names[nearest]), float(distance[nearest])


def measure(atoms: Atoms, what: str) -> float:
    """Lattice constant ``a`` or ``b``, thickness, C=C ``link`` of the framework, or a bond."""
    if what == "thickness":
        return float(np.ptp(atoms.positions[:, 2]))
    if what in {"a", "b"}:
        return float(atoms.cell.lengths()["ab".index(what)])
    return shortest(atoms, "C-C" if what == "link" else what)[1]


def page(rows: list[Row], level: str) -> str:
    """Markdown page of the table."""
    worst = sorted(rows, key=lambda r: -abs(r.deviation))
    summary = (
        f"{len(rows)} quantities; median deviation "
        f"{np.median([abs(r.deviation) for r in rows]):.1%}; "
        f"{sum(abs(r.deviation) <= LIMIT for r in rows)} within 3 %; "
        f"largest {worst[0].host} {worst[0].quantity} {worst[0].deviation:+.1%}."
    )
    lines = [
        "# Geometry of the hosts",
        "",
        f"Ours: cell and positions relaxed with {level} to {FMAX} eV/Å.",
        "The hosts themselves are built with the literature's lattice constants (reference).",
        "Regenerate with `python benchmarks/geometry.py`; it fails if a deviation above 3 % has no",
        "explanation.",
        "",
        summary,
        "",
        "| family | host | quantity | ours (Å) | reference (Å) | deviation | source |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {r.family} | {r.host} | {r.quantity} | {r.ours:.3f} | {r.reference:.3f} | "
        f"{'**' if abs(r.deviation) > LIMIT else ''}{r.deviation:+.1%}"
        f"{'**' if abs(r.deviation) > LIMIT else ''} | {r.source} |"
        for r in rows
    ]
    wide = {r.host for r in rows if abs(r.deviation) > LIMIT}
    lines += ["", "## Deviations above 3 %", ""]
    lines += [f"- **{host}**: {why}" for host, why in EXPLAINED.items() if host in wide]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
