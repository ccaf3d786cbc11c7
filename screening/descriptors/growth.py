"""One more ion on a host that holds some: where it is tried, and what is kept of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import sqrt
from types import MappingProxyType
from typing import Literal

import numpy as np
from ase import Atoms

from screening.descriptors.bound import Bound
from screening.descriptors.layers import lattice_constant
from screening.descriptors.ordering import EQUAL_EV, steady_order
from screening.descriptors.pair import Pair, Steps
from screening.descriptors.reference import RelaxedState, adsorption_energy
from screening.errors import TaskError
from screening.geometry import Fate, Site, cluster_fate, find_sites, place, surroundings
from screening.structure import Lattice
from screening.units import BCC_LATTICE_A, Ion

NEIGHBOUR = 1.5
"""An ion within this multiple of the metal's nearest-neighbour distance stands beside another."""

ALIKE = 0.05
"""Places whose smoothed surroundings differ by less are copies of each other."""

LOWER_EV = 0.05
"""A state of another kind that lies below by more is what the ions become."""

PATIENCE = 1
"""Further rounds of starts, where the lowest of the first became a state of another kind."""

Where = Literal["beside", "apart", "anywhere"]
"""Next to the cluster, out of touch with all ions, or wherever the energy is lowest."""

WANTED: Mapping[Where, frozenset[str]] = MappingProxyType(
    {
        "beside": frozenset({"kept"}),
        "apart": frozenset({"dispersed"}),
        "anywhere": frozenset({"kept", "dispersed"}),
    }
)
"""Fates of what was meant."""


@dataclass(frozen=True)
class Search:
    """How places for one more ion are searched.

    Attributes
    ----------
    trials
        Lowest starts that are relaxed, of different energy as placed.
    random
        Others that are relaxed, drawn with `seed`.
    """

    trials: int
    random: int
    seed: int


@dataclass(frozen=True)
class Grown:
    """A relaxed host with ions on it.

    Attributes
    ----------
    energy_ev
        ``E(host + n A) - E(host) - n mu_A``, by the engine itself.
    rather
        Of a cluster: what the ions rather are, if they lie lower apart by more than `LOWER_EV`.
    """

    state: RelaxedState
    energy_ev: float
    fate: Fate
    rather: Fate | None = None


@dataclass(frozen=True)
class Growth:
    """Ions that are added to one host one by one."""

    search: Search
    pair: Pair
    bound: Bound

    def of(self, state: RelaxedState, start: Atoms | None = None, filled: int = 0) -> Grown:
        """Return energy and fate of a state; its first `filled` ions stand by themselves."""
        count = len(state.atoms) - self.bound.ion_index
        fate = cluster_fate(
            self.bound.host.atoms,
            state.atoms if start is None else start,
            state.atoms,
            self.pair.candidate.geometry,
            lattice_constant(self.bound.metal.atoms) * sqrt(3) / 2,
            filled,
        )
        energy = count * adsorption_energy(state, self.bound.host, self.bound.metal)
        return Grown(state, energy, fate)

    def add(self, state: RelaxedState, where: Where, filled: int = 0) -> Steps[Grown]:
        """Relax one more ion at the lowest places of the surface that holds the others.

        Sites are those of the host *with* its ions: beside them, between them and on top of them.
        Some of the higher ones are relaxed too, drawn at random: the energy as placed may mislead.

        Raises
        ------
        TaskError
            If there is no such place, or no start became such a state.
        """
        surface = state.atoms
        chosen = self._places(surface, where, filled)
        starts = [place(surface, site, self.pair.ion) for site in chosen]
        (points,) = yield [self.pair.task("points", tuple(starts), {})]
        if points.failed:
            raise TaskError(points.reason)
        first, energies = self.bound.ion_index, points.data["energies_ev"]
        order = distinct(energies, surroundings(surface, chosen))
        soft = list(range(first, len(surface) + 1))
        arguments = {**self.pair.context.relax.model_dump(), "soft": soft}
        tried: dict[int, Grown] = {}
        reason = ""
        for batch in self._rounds([energies[i] for i in order], len(surface) + 1 - first):
            picked = [order[place] for place in batch]
            results = yield [
                self.pair.task("cluster", (starts[i],), arguments, chosen[i].label) for i in picked
            ]
            for i, result in zip(picked, results, strict=True):
                reason = reason or result.reason
                if not result.failed:
                    tried[i] = self.of(self.pair.state(result), starts[i], filled)
            relaxed = _sorted(list(tried.values()))
            if relaxed and relaxed[0].fate.label in WANTED[where]:
                break
        if not tried:
            raise TaskError(reason)
        return _kept(relaxed, where)

    def _places(self, surface: Atoms, where: Where, filled: int) -> list[Site]:
        sites = find_sites(surface, self.pair.candidate.geometry)
        if where != "anywhere":
            ions = range(self.bound.ion_index + (filled if where == "beside" else 0), len(surface))
            near = sites_beside(surface, ions, sites, self.pair.ion)
            sites = tuple(
                s for s, close in zip(sites, near, strict=True) if close is (where == "beside")
            )
        if not sites:
            place = {"beside": "beside the others", "apart": "apart from the others"}
            raise TaskError(f"no site {place.get(where, 'at all')}")
        return list(sites)

    def _rounds(self, energies_ev: Sequence[float], count: int) -> list[list[int]]:
        """Places in an ascending order of energies: the lowest and some drawn, then higher ones.

        Places that are equal as placed are all tried: which of them leads lower is not told by
        their order.
        """
        levels = np.cumsum([0, *(np.diff(energies_ev) > EQUAL_EV)]) // self.search.trials
        rounds = [np.flatnonzero(levels == level).tolist() for level in range(PATIENCE + 1)]
        others = np.flatnonzero(levels > 0)
        draw = np.random.default_rng([self.search.seed, count])
        size = min(self.search.random, len(others))
        drawn = draw.choice(others, size, replace=False).tolist() if size else []
        later = [[i for i in batch if i not in drawn] for batch in rounds[1:]]
        return [batch for batch in (rounds[0] + drawn, *later) if batch]


def distinct(energies_ev: Sequence[float], seen: np.ndarray) -> list[int]:
    """Return indices from the lowest energy up, copies of one place once.

    Parameters
    ----------
    seen
        Surroundings of each place, shape (n, …): copies have the same, and the same energy.
    """
    order: list[int] = []
    for index in steady_order(energies_ev):
        alike = (
            abs(energies_ev[index] - energies_ev[other]) < EQUAL_EV
            and float(np.abs(seen[index] - seen[other]).max()) < ALIKE
            for other in order
        )
        if not any(alike):
            order.append(index)
    return order


def _sorted(relaxed: Sequence[Grown]) -> list[Grown]:
    return [relaxed[i] for i in steady_order([grown.energy_ev for grown in relaxed])]


def _kept(relaxed: Sequence[Grown], where: Where) -> Grown:
    """Lowest state of the kind that was asked for, of some from the lowest up.

    Raises
    ------
    TaskError
        If there is none, or another kind of state lies below it by more than `LOWER_EV`: what the
        ions become is then no cluster, and the price of one says nothing. Ions that are lower
        apart from each other are still a pair of known repulsion.
    """
    first = relaxed[0]
    found = next((grown for grown in relaxed if grown.fate.label in WANTED[where]), None)
    if found is not None and found.energy_ev - first.energy_ev < LOWER_EV:
        return found
    if found is not None and where == "beside" and first.fate.label == "dispersed":
        return replace(found, rather=first.fate)
    if where == "apart" and first.fate.label == "kept":
        raise TaskError("the ions moved together")
    raise TaskError(str(first.fate))


def sites_beside(
    surface: Atoms, ions: Sequence[int], sites: Sequence[Site], ion: Ion | str
) -> list[bool]:
    """Tell for each site of a surface that holds ions whether it is next to one of them.

    Parameters
    ----------
    ions
        Indices of the ions in `surface`.
    """
    reach = NEIGHBOUR * BCC_LATTICE_A[ion] * np.sqrt(3) / 2
    anchors = np.array([site.anchor for site in sites]).reshape(-1, 1, 3)
    vectors = Lattice.of(surface).minimum_image(anchors - surface.positions[list(ions)])
    close: list[bool] = (np.linalg.norm(vectors, axis=2).min(axis=1) < reach).tolist()
    return close
