"""Force calls of adsorption relaxations: ours beside ASE's BFGS as it comes, from the same starts.

    python benchmarks/force_calls.py [HOST …] [--calculator sevennet] [--ions Li,Na,K] [--sites 6]

The host is relaxed, the ion placed at its sites (the most different ones of hosts with more than
`--sites`), and every site is relaxed by both to the same limit of forces. BFGS with ASE's defaults
is what matcalc's and most other adsorption workflows run. The table says how many calls each took,
whether both find the same lowest site (sites within 1 meV are equal), and by how much the lowest
energy differs; the last line sums up. Lines come as hosts are done.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.optimize import BFGS

from screening.builders import load_catalogue
from screening.calculators import resolve
from screening.evaluate import Potential, Relaxation, relax_batch
from screening.geometry import find_sites, most_different, place

FMAX_EV_A, MAX_STEPS = 0.05, 200
EQUAL_EV = 1e-3
HOSTS = {
    "sevennet": (
        *("ti2c", "cu-111", "graphene", "ti2co2", "li-110", "liag-110", "ag-111", "al-111"),
        *("li-100", "h-bn", "lizn-110", "m2c-Mo-bare", "m2c-V-F", "graphene-pyridinic-N-3"),
        *("graphene-B", "graphene-N"),
    ),
    "emt": ("cu-111", "cu-100", "cu-110", "ag-111", "au-111"),
}


def ours(start: Atoms, potential: Potential, soft: tuple[int, ...]) -> Relaxation:
    return relax_batch([start], potential, fmax=FMAX_EV_A, max_steps=MAX_STEPS, soft=soft)[0]


def plain(start: Atoms, potential: Potential) -> tuple[float, int]:
    """Energy, eV, and force calls of ASE's BFGS."""
    work = start.copy()
    work.calc = potential.calculator
    optimiser = BFGS(work, logfile=None)
    optimiser.run(fmax=FMAX_EV_A, steps=MAX_STEPS)
    return float(work.get_potential_energy()), optimiser.nsteps + 1


def pairs_of(what: str) -> argparse.ArgumentParser:
    """Return the command line of a count over pairs; the first line of `what` describes it."""
    parser = argparse.ArgumentParser(description=what.splitlines()[0])
    parser.add_argument("hosts", nargs="*")
    parser.add_argument("--ions", default="Li,Na,K")
    parser.add_argument("--sites", type=int, default=6)
    return parser


def main() -> None:
    parser = pairs_of(__doc__)
    parser.add_argument("--calculator", default="sevennet")
    options = parser.parse_args()
    potential = Potential(resolve(options.calculator).make())
    catalogue = load_catalogue(Path("structures"))
    total, pairs, changed, furthest = np.zeros(2, dtype=int), 0, 0, 0.0
    print("host                    ion  sites   BFGS   ours  ratio  lowest by BFGS, ours   meV")
    for name in options.hosts or HOSTS[options.calculator.partition(":")[0]]:
        candidate = catalogue.build(name)
        host = ours(candidate.atoms, potential, ()).atoms
        found = find_sites(host, candidate.geometry)
        sites = [found[i] for i in most_different(host, found, options.sites)]
        for ion in options.ions.split(","):
            starts = [place(host, site, ion) for site in sites]
            new = [ours(start, potential, (len(host),)) for start in starts]
            old = [plain(start, potential) for start in starts]
            energies = np.array([[e for e, _ in old], [r.energy_ev for r in new]])
            calls = np.array([sum(n for _, n in old), sum(r.force_calls for r in new)])
            low = energies.min(axis=1)
            # The lowest site of one is lost if the other finds nothing as low.
            off = 1e3 * float(low[1] - low[0])
            best = [sites[i].label for i in energies.argmin(axis=1)]
            total, pairs = total + calls, pairs + 1
            changed += off > 1e3 * EQUAL_EV * 2
            furthest = max(furthest, off)
            print(
                f"{name:<24}{ion:<5}{len(sites):>5}{calls[0]:>7}{calls[1]:>7}"
                f"{calls[1] / calls[0]:>7.2f}  {', '.join(best):<22}{off:>+6.1f}",
                flush=True,
            )
    print(
        f"{pairs} pairs: {total[0]} calls by BFGS, {total[1]} by ours, {total[1] / total[0]:.2f}; "
        f"lowest energy missed by more than 2 meV: {changed}; at most {furthest:+.1f} meV higher"
    )


if __name__ == "__main__":
    main()
