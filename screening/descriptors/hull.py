"""Bulk reaction of a host with an alkali metal: alloying, conversion, or coexistence.

Energies of crystals span a convex hull; from the host's composition towards the metal's, each kink
of the hull is a plateau of the voltage and a set of products (Courtney, Tse, Mao, Hafner & Dahn,
Phys. Rev. B 58, 15583 (1998), doi:10.1103/PhysRevB.58.15583; Ong, Wang, Kang & Ceder, Chem. Mater.
20, 1798 (2008), doi:10.1021/cm702327g). Entropy and volume work are left out (0.01 to 0.05 V).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from screening.descriptors.hubbard import hubbard_correction_ev
from screening.errors import TaskError
from screening.units import Ion

if TYPE_CHECKING:  # a second to import, which listing and ranking do not pay
    from pymatgen.analysis.phase_diagram import PDEntry, PhaseDiagram
    from pymatgen.core.composition import Composition
    from pymatgen.core.periodic_table import Element

COEXIST_V = 0.002
"""A reaction below this voltage is none: relaxations leave as much."""

AMOUNT = 1e-6
"""Amounts of a product below this are numerical noise."""


@dataclass(frozen=True)
class PhaseEnergy:
    """A relaxed crystal: what it is made of, its energy and its volume.

    Attributes
    ----------
    counts
        Atoms of each element in the cell.
    energy_ev, volume_a3
        Of the same cell, eV and Å³.
    """

    name: str
    counts: Mapping[str, int]
    energy_ev: float
    volume_a3: float


@dataclass(frozen=True)
class Plateau:
    """One step of the reaction.

    Attributes
    ----------
    voltage_v
        Against bulk metal, V.
    ions
        Ions taken up per formula unit of the host at the end of the step, from the start.
    products
        What is there at the end: name and formula units, per formula unit of the host.
    volume_a3
        Volume of the products, Å³ per formula unit of the host.
    """

    voltage_v: float
    ions: float
    products: tuple[tuple[str, float], ...]
    volume_a3: float


@dataclass(frozen=True)
class BulkReaction:
    """What becomes of a host in contact with the metal.

    Attributes
    ----------
    host
        Reduced formula.
    plateaus
        In the order of falling voltage; empty if host and metal coexist.
    volume_a3
        Volume of the host's own phases, Å³ per formula unit.
    above_hull_ev
        Energy of the host's crystal above its stable decomposition without the metal, eV per atom;
        None if the catalogue has no crystal of its composition.
    """

    host: str
    ion: Ion
    plateaus: tuple[Plateau, ...]
    volume_a3: float
    above_hull_ev: float | None

    @property
    def coexists(self) -> bool:
        """Whether host and metal are stable side by side."""
        return not self.plateaus

    @property
    def first_voltage_v(self) -> float:
        """Voltage of the first reaction, V; 0 where there is none: bulk metal comes first."""
        return self.plateaus[0].voltage_v if self.plateaus else 0.0

    @property
    def energy_per_ion_ev(self) -> float:
        """Energy of the whole reaction per ion, eV; 0 where there is none."""
        if not self.plateaus:
            return 0.0
        taken = [0.0, *(p.ions for p in self.plateaus)]
        steps = zip(self.plateaus, pairwise(taken), strict=True)
        return -sum(p.voltage_v * (b - a) for p, (a, b) in steps) / taken[-1]

    @property
    def volume_change(self) -> float:
        """Volume of the last products over that of the host, less 1; 0 where nothing reacts."""
        return self.plateaus[-1].volume_a3 / self.volume_a3 - 1 if self.plateaus else 0.0

    @property
    def products(self) -> str:
        """Products of the first reaction, e.g. ``Li2O + Sn``; empty where there is none."""
        return _listed(self.plateaus[0].products) if self.plateaus else ""

    @property
    def final_products(self) -> str:
        """What coexists with the metal in the end; the host itself where nothing reacts."""
        return _listed(self.plateaus[-1].products) if self.plateaus else self.host


def bulk_reaction(
    host: Mapping[str, float], ion: Ion, phases: Sequence[PhaseEnergy], *, hubbard: bool
) -> BulkReaction:
    """Follow a host's composition towards the metal along the convex hull.

    Parameters
    ----------
    host
        Atoms of each element, in any proportion; may hold the ion itself.
    phases
        Every crystal of the elements of host and ion; at least one of each element.
    hubbard
        The energies of transition metal oxides and fluorides are PBE+U, all others PBE: they are
        brought on one scale by `hubbard_correction_ev`.

    Raises
    ------
    TaskError
        If an element has no crystal, or the host is the metal alone.
    """
    from pymatgen.core.composition import Composition  # noqa: PLC0415 (slow to import)

    composition = Composition({s: float(n) for s, n in host.items() if n > 0}).reduced_composition
    if set(composition.chemical_system_set) == {ion}:
        raise TaskError(f"the host is {ion} itself")
    diagram = _diagram({*host, ion}, phases, hubbard)
    volumes = {phase.name: phase.volume_a3 for phase in phases}
    start, plateaus = _walk(diagram, composition, ion, volumes)
    return BulkReaction(
        composition.reduced_formula,
        ion,
        plateaus,
        start.volume_a3,
        _above_hull(diagram, composition),
    )


def hull_energy_ev(
    counts: Mapping[str, float], phases: Sequence[PhaseEnergy], *, hubbard: bool
) -> float:
    """Lowest energy that the atoms have as crystals of the catalogue, eV.

    Raises
    ------
    TaskError
        If an element has no crystal.
    """
    from pymatgen.core.composition import Composition  # noqa: PLC0415 (slow to import)

    composition = Composition({s: float(n) for s, n in counts.items() if n > 0})
    diagram = _diagram(counts.keys(), phases, hubbard)
    return float(diagram.get_hull_energy(composition))


def formation_energy_ev(name: str, phases: Sequence[PhaseEnergy], *, hubbard: bool) -> float:
    """Energy of a crystal against its elements, eV per atom.

    Raises
    ------
    TaskError
        If there is no such phase, or an element is missing.
    """
    phase = next((p for p in phases if p.name == name), None)
    if phase is None:
        raise TaskError(f"no phase {name!r} in the catalogue")
    diagram = _diagram(set(phase.counts), phases, hubbard)
    return float(diagram.get_form_energy_per_atom(_entry(phase, hubbard)))


@dataclass(frozen=True)
class _Kink:
    ions: float
    energy_ev: float
    products: tuple[tuple[str, float], ...]
    volume_a3: float


def _walk(
    diagram: PhaseDiagram, host: Composition, symbol: str, volumes: Mapping[str, float]
) -> tuple[_Kink, tuple[Plateau, ...]]:
    """Kinks of the hull between host and metal; the last step adds bulk metal only."""
    from pymatgen.core.composition import Composition  # noqa: PLC0415 (slow to import)
    from pymatgen.core.periodic_table import Element  # noqa: PLC0415

    ion = Element(symbol)
    metal = Composition({ion: 1})
    reference = diagram.el_refs[ion].energy_per_atom
    size = host.num_atoms
    kinks = []
    for mixed in diagram.get_critical_compositions(host, metal)[:-1]:
        ions, scale = _taken(mixed, host, ion)
        energy = diagram.get_hull_energy_per_atom(mixed) * (size + ions) - ions * reference
        products, volume = [], 0.0
        for entry, fraction in diagram.get_decomposition(mixed).items():
            formula, units = entry.composition.get_reduced_composition_and_factor()
            amount = fraction * mixed.num_atoms * scale / formula.num_atoms
            if amount > AMOUNT:
                name = str(getattr(entry, "name", formula))
                products.append((name, round(amount, 6)))
                volume += amount * volumes[name] / units
        kinks.append(_Kink(ions, energy, tuple(products), volume))
    plateaus = []
    for before, after in pairwise(kinks):
        taken = after.ions - before.ions
        voltage = -(after.energy_ev - before.energy_ev) / taken
        if voltage > COEXIST_V:
            plateaus.append(Plateau(voltage, after.ions, after.products, after.volume_a3))
    return kinks[0], tuple(plateaus)


def _taken(mixed: Composition, host: Composition, ion: Element) -> tuple[float, float]:
    """Ions that a formula unit of the host has taken up, and units of `mixed` that it makes."""
    other = next(e for e in host.elements if e != ion)
    scale = host[other] / mixed[other]
    return max(mixed[ion] * scale - host[ion], 0.0), scale


def _diagram(elements: Iterable[str], phases: Sequence[PhaseEnergy], hubbard: bool) -> PhaseDiagram:
    from pymatgen.analysis.phase_diagram import PhaseDiagram  # noqa: PLC0415 (slow to import)

    allowed = set(elements)
    inside = [phase for phase in phases if phase.counts.keys() <= allowed]
    alone = {next(iter(phase.counts)) for phase in inside if len(phase.counts) == 1}
    if missing := sorted(allowed - alone):
        raise TaskError(f"no crystal of the element {', '.join(missing)} in the catalogue")
    return PhaseDiagram([_entry(phase, hubbard) for phase in inside])


def _entry(phase: PhaseEnergy, hubbard: bool) -> PDEntry:
    from pymatgen.analysis.phase_diagram import PDEntry  # noqa: PLC0415 (slow to import)
    from pymatgen.core.composition import Composition  # noqa: PLC0415

    shift = hubbard_correction_ev(phase.counts) if hubbard else 0.0
    return PDEntry(Composition(dict(phase.counts)), phase.energy_ev + shift, name=phase.name)


def _above_hull(diagram: PhaseDiagram, host: Composition) -> float | None:
    own = [e for e in diagram.all_entries if e.composition.reduced_composition == host]
    if not own:
        return None
    heights = [diagram.get_e_above_hull(entry, allow_negative=True) for entry in own]
    return min((float(h) for h in heights if h is not None), default=None)


def _listed(products: Sequence[tuple[str, float]]) -> str:
    return " + ".join(sorted(name for name, _ in products))
