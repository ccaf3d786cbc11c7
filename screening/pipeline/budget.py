"""A run within a budget: so many new adsorption relaxations, on the pairs with the best gain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from screening.builders import Catalogue
from screening.descriptors import Row, Steps
from screening.evaluate.task import Task, TaskResult
from screening.geometry import find_sites
from screening.pipeline.driver import Driver
from screening.pipeline.job import NotComputed
from screening.pipeline.plan import prepare, site_tasks, size_of
from screening.pipeline.protocol import Protocol
from screening.pipeline.store import Store, is_url, open_store
from screening.pipeline.workflow import Workflow
from screening.surrogate.acquisition import Chooser
from screening.surrogate.instant import Instant
from screening.surrogate.prescreen import Guess, prescreen
from screening.surrogate.shipped import instant_model

UNIT = "adsorption"
"""Kind of task that a budget counts: one relaxation of an ion at one site."""

PASSED = 20
"""Pairs with too many sites that are passed over before the rest of a budget is left unspent."""


class Purse:
    """What is left of a budget; stored results cost nothing, and no task is paid twice."""

    def __init__(self, budget: int, store: Store, *, retry: bool = False) -> None:
        self.left = budget
        self._store, self._retry = store, retry
        self._paid: set[str] = set()

    def pay(self, tasks: Sequence[Task]) -> None:
        """Pay for what has to be computed of a batch.

        Raises
        ------
        NotComputed
            If that is more than what is left; then nothing is paid.
        """
        new = {t.key for t in tasks if t.kind == UNIT and t.key not in self._paid}
        new = {key for key in new if not self._stored(key)}
        if len(new) > self.left:
            raise NotComputed(f"{len(new)} sites, {self.left} relaxations left")
        self.left -= len(new)
        self._paid |= new

    def _stored(self, key: str) -> bool:
        found = self._store.find(key)
        return found is not None and not (self._retry and found.failed)


@dataclass(frozen=True)
class Paid(Protocol):
    """A protocol that pays for its adsorption tasks before it yields them."""

    purse: Purse

    def steps(self) -> Steps[Row]:
        """Go from the built host to a row, or give up the pair if the purse is too light."""
        inner = super().steps()
        results: list[TaskResult] | None = None
        while True:
            try:
                batch = inner.send(results)  # type: ignore[arg-type]  # None starts a generator
            except StopIteration as end:
                row: Row = end.value
                return row
            self.purse.pay(batch)
            results = yield batch


@dataclass(frozen=True)
class Choice:
    """A pair to compute.

    Attributes
    ----------
    tasks
        Relaxations that it needs at most, counted on the host as built.
    gain_ev
        Expected improvement, eV; None outside the domain.
    """

    protocol: Protocol
    guess: Guess
    tasks: int
    gain_ev: float | None


@dataclass(frozen=True)
class Spent:
    """How a budget went.

    Attributes
    ----------
    not_computed
        Pairs left out, as instant values: neither failed nor lost.
    """

    budget: int
    tasks: int
    computed: int
    not_computed: tuple[Guess, ...]


class Selection:
    """The pairs of a run in the order of their gain."""

    def __init__(self, protocols: Sequence[Protocol], store: Store | None, model: Instant) -> None:
        hosts = {protocol.candidate.id: protocol.candidate for protocol in protocols}
        ions = tuple(dict.fromkeys(protocol.ion for protocol in protocols))
        by_name = {(g.candidate, g.ion): g for g in prescreen(hosts.values(), ions, model)}
        self.protocols = protocols
        self.guesses = [by_name[p.candidate.id, p.ion] for p in protocols]
        rows = {} if store is None else _stored_rows(protocols, store)
        self.known = tuple(protocols[index] for index in rows)
        self._chooser = Chooser(self.guesses, {i: _reference(r) for i, r in rows.items()}, model)
        self._sites: dict[str, int] = {}

    def choose(self, budget: int) -> list[Choice]:
        """Take the best pairs whose relaxations fit into the budget; each is taken once."""
        chosen: list[Choice] = []
        passed: set[int] = set()
        while budget > 0 and len(passed) < PASSED:
            best = self._chooser.best(passed)
            if best is None:
                break
            index, gain = best
            protocol = self.protocols[index]
            tasks = self._tasks(protocol)
            if tasks > budget:
                passed.add(index)
                continue
            self._chooser.take(index)
            budget -= tasks
            chosen.append(Choice(protocol, self.guesses[index], tasks, gain))
        return chosen

    def _tasks(self, protocol: Protocol) -> int:
        host = protocol.candidate
        if host.id not in self._sites:
            self._sites[host.id] = len(find_sites(host.atoms, host.geometry))
        size = size_of(host, self._sites[host.id], protocol.context)
        return site_tasks(protocol, size, UNIT)


def preview(
    workflow: Workflow, catalogue: Catalogue, db: str, budget: int
) -> tuple[list[Choice], int]:
    """Choose as a run would, computing and writing nothing; also count the pairs left out."""
    protocols, _ = prepare(workflow, catalogue)
    store = open_store(db) if is_url(db) or Path(db).exists() else None
    selection = Selection(protocols, store, instant_model(workflow.instant))
    chosen = selection.choose(budget)
    return chosen, len(protocols) - len(selection.known) - len(chosen)


def spend(
    budget: int, selection: Selection, driver: Driver, purse: Purse
) -> tuple[list[Row], Spent]:
    """Run stored pairs, then the best new ones until the purse is empty.

    Relaxed hosts may have fewer sites than built ones, or tasks that are stored: what is left
    then goes to the next pairs.
    """
    rows = driver.run([_paid(protocol, purse) for protocol in selection.known])
    known = len(rows)
    while chosen := selection.choose(purse.left):
        rows += driver.run([_paid(choice.protocol, purse) for choice in chosen])
    done = {(row.candidate, row.ion) for row in rows}
    left = tuple(g for g in selection.guesses if (g.candidate, g.ion) not in done)
    return rows, Spent(budget, budget - purse.left, len(rows) - known, left)


def _paid(protocol: Protocol, purse: Purse) -> Paid:
    return Paid(protocol.candidate, protocol.ion, protocol.context, protocol.wanted, purse)


def _stored_rows(protocols: Sequence[Protocol], store: Store) -> dict[int, Row]:
    found = ((i, store.find_row(protocol.key)) for i, protocol in enumerate(protocols))
    return {i: row for i, row in found if row is not None}


def _reference(row: Row) -> float | None:
    """Value at the reference level: only a calibrated one is."""
    found = row.values.get("e_ads_ev")
    return found.number if found and found.in_domain else None
