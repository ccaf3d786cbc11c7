"""Force calls of matcalc's adsorption calculator beside ours, on the same hosts, ions and sites.

    PYTHONPATH=FOLDER python benchmarks/matcalc_calls.py [HOST …] [--ions Li,Na,K] [--sites 6]

matcalc is no dependency of ours: pip install --no-deps --target FOLDER matcalc phonopy symfc h5py
Its `calc_adslabs` cuts slabs from a crystal and Miller indices, which sheets and MXenes do not
have; its `calc` takes any host with an ion on it. That is given our starts, the host as built for
its clean slab, our limit of forces, and its defaults otherwise (BFGS); what an isolated ion costs
it is left out. `calc` relaxes the clean slab again for every site: "as it comes" counts that,
"slab once" counts it once a host and ion. Ours are the host once for all ions, the bulk metal once
for all hosts, and the sites.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes
from force_calls import EQUAL_EV, FMAX_EV_A, HOSTS, MAX_STEPS, ours, pairs_of
from matcalc import AdsorptionCalc
from pymatgen.core import Molecule

from screening.builders import load_catalogue
from screening.calculators import resolve
from screening.evaluate import Potential, relax_bulk
from screening.geometry import find_sites, most_different, place


class Counted(Calculator):
    """An ASE calculator that counts its evaluations."""

    implemented_properties = ("energy", "free_energy", "forces", "stress")

    def __init__(self, inner: Calculator) -> None:
        super().__init__()
        self.inner, self.calls = inner, 0

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: Sequence[str] = ("energy",),
        system_changes: Sequence[str] = all_changes,
    ) -> None:
        super().calculate(atoms, properties, system_changes)
        self.calls += 1
        self.inner.calculate(self.atoms, ["energy", "forces", "stress"], system_changes)
        self.results = dict(self.inner.results)


def by_matcalc(built: Atoms, starts: Sequence[Atoms], counted: Counted) -> tuple[int, int, float]:
    """Calls for the clean slab, for all sites, and the lowest energy, eV."""
    settings = {"fmax": FMAX_EV_A, "max_steps": MAX_STEPS, "relax_adsorbate": False}
    before = counted.calls
    slab = AdsorptionCalc(counted, **settings).calc_slab(built)
    after_slab, energies = counted.calls, []
    on_slab = AdsorptionCalc(counted, relax_slab=False, **settings)
    for start in starts:
        given = {
            "adslab": start,
            "slab": built,
            "slab_energy": slab["slab_energy"],
            "adsorbate": Molecule([start.symbols[-1]], [[0.0, 0.0, 0.0]]),
            "adsorbate_energy": 0.0,
        }
        energies.append(float(on_slab.calc(given)["adslab_energy"]))
    return after_slab - before, counted.calls - after_slab, min(energies)


def main() -> None:
    options = pairs_of(__doc__).parse_args()
    ions = options.ions.split(",")
    potential = Potential(resolve("sevennet").make())
    counted = Counted(potential.calculator)
    catalogue = load_catalogue(Path("structures"))
    metals = sum(relax_bulk(ion, potential).force_calls for ion in ions)
    as_it_comes = once = sites_only = all_ours = sites_ours = pairs = higher = 0
    print("host                    ion  sites   slab  matcalc  host  ours   meV")
    for name in options.hosts or HOSTS["sevennet"]:
        candidate = catalogue.build(name)
        relaxed = ours(candidate.atoms, potential, ())
        host = relaxed.atoms
        all_ours += relaxed.force_calls
        found = find_sites(host, candidate.geometry)
        sites = [found[i] for i in most_different(host, found, options.sites)]
        for ion in ions:
            starts = [place(host, site, ion) for site in sites]
            new = [ours(start, potential, (len(host),)) for start in starts]
            calls = sum(result.force_calls for result in new)
            slab, theirs, lowest = by_matcalc(candidate.atoms, starts, counted)
            off = min(result.energy_ev for result in new) - lowest
            higher += off > 2 * EQUAL_EV
            pairs += 1
            sites_only, once = sites_only + theirs, once + slab + theirs
            as_it_comes += slab * len(starts) + theirs
            sites_ours, all_ours = sites_ours + calls, all_ours + calls
            numbers = f"{len(sites):>5}{slab:>7}{theirs:>9}{relaxed.force_calls:>6}{calls:>6}"
            numbers += f"{1e3 * off:>+6.1f}"
            print(f"{name:<24}{ion:<5}{numbers}", flush=True)
    all_ours += metals
    print(f"{pairs} pairs; our lowest energy more than 2 meV above matcalc's: {higher}")
    print(f"sites alone: {sites_ours} of {sites_only}, {sites_ours / sites_only:.3f}")
    print(f"slab once: {all_ours} (metals {metals}) of {once}, {all_ours / once:.3f}")
    print(f"as it comes: {all_ours} of {as_it_comes}, {all_ours / as_it_comes:.3f}")


if __name__ == "__main__":
    main()
