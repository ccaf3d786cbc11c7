"""What a workflow would do: checks of every candidate, and a count of its tasks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import fmean
from typing import Any

from screening.builders import Catalogue
from screening.calculators import CalculatorSpec, resolve
from screening.descriptors import Context, Size, Work, descriptors
from screening.errors import WorkflowError
from screening.evaluate.task import EVALUATIONS, Engine
from screening.geometry import find_sites, lies_flat
from screening.pipeline.executor import cores
from screening.pipeline.protocol import Protocol
from screening.pipeline.speed import seconds_per_atom
from screening.pipeline.workflow import Workflow
from screening.structure import Candidate
from screening.surrogate import calibration_of
from screening.surrogate.anchors import anchored
from screening.surrogate.second import second_of

START_SECONDS = 5.0
"""Until the first worker has its model."""
OTHER_SHARE = 0.15
"""Time of workers outside force calls, over that in them; benchmarks/README.md."""
PAIR_SECONDS = 0.3
"""Of the driver, for a pair: its symmetry, sites, starts and outcomes."""
SAMPLE = 3
"""Hosts of one builder and size whose sites are counted; the others get their mean."""


@dataclass(frozen=True)
class Plan:
    """What a run would do, counted on the hosts as built.

    Attributes
    ----------
    tasks
        Number of tasks by kind. Sites are counted on hosts as built, and only on a few of each
        builder and size, so that ten thousand candidates are planned in a minute.
    seconds
        Estimated wall time; zero where nobody asked for it.
    costs
        Expected force calls times atoms of each pair, by name; what pairs share is
        the first one's.
    """

    candidates: int
    pairs: int
    tasks: Mapping[str, int]
    force_calls: int
    seconds: float = 0.0
    costs: Mapping[str, float] = field(default_factory=dict)


def prepare(
    workflow: Workflow, catalogue: Catalogue, db: str = ""
) -> tuple[list[Protocol], CalculatorSpec]:
    """Build every candidate and check it against the calculator, before anything is computed.

    Parameters
    ----------
    db
        Database whose anchors the calibration is given; empty for none.

    Raises
    ------
    InputError
        Unknown candidate or calculator, a package that is missing, an unsupported element …
    """
    spec = resolve(workflow.calculator, workflow.dispersion, workflow.options)
    spec.require_installed()
    engine = Engine(workflow.calculator, workflow.dispersion, workflow.options, spec.level())
    candidates = [catalogue.build(recipe.id) for recipe in catalogue.select(workflow.candidates)]
    return protocols_for(workflow, spec, engine, candidates, db), spec


def protocols_for(
    workflow: Workflow,
    spec: CalculatorSpec,
    engine: Engine,
    candidates: Sequence[Candidate],
    db: str = "",
) -> list[Protocol]:
    """Make a protocol of each candidate and ion, once the calculator knows all their elements.

    Parameters
    ----------
    db
        Database whose anchors the calibration is given; empty for none.

    Raises
    ------
    InputError
        No candidate, or an unsupported element.
    """
    if not candidates:
        raise WorkflowError("no candidate is selected", where=f"{workflow.name}: candidates")
    _require_elements(spec, workflow, candidates)
    model = calibration_of(workflow.calibration, engine.level)
    model = anchored(model, db) if db else model
    engines = _other_engines(workflow, candidates)
    context = Context(engine, workflow.relax, model, engines, second_of(model, engine))
    wanted = {ion: workflow.wanted(ion) for ion in workflow.ions}
    return [Protocol(c, ion, context, wanted[ion]) for c in candidates for ion in wanted]


def _require_elements(
    spec: CalculatorSpec, workflow: Workflow, candidates: Sequence[Candidate]
) -> None:
    for ion in workflow.ions:
        spec.require_elements({ion}, f"{workflow.name}: ions")
    for candidate in candidates:
        spec.require_elements(set(candidate.atoms.symbols), f"candidate {candidate.id}")


def _other_engines(workflow: Workflow, candidates: Sequence[Candidate]) -> dict[str, Engine]:
    """Engines of descriptors that name one, checked like the run's.

    They never carry dispersion, which is added after the electrons are solved for.
    """
    found = {}
    asked: dict[str, Any] = {n: s for ion in workflow.ions for n, s in workflow.wanted(ion).items()}
    for descriptor, settings in asked.items():
        if not hasattr(settings, "calculator"):
            continue
        name = settings.calculator or workflow.calculator
        options = settings.options if settings.calculator else workflow.options
        where = f"{workflow.name}: descriptors.{descriptor}.calculator"
        spec = resolve(name, "none", options, where)
        _require_elements(spec, workflow, candidates)
        found[descriptor] = Engine(name, "none", options, spec.level())
    return found


def plan(workflow: Workflow, catalogue: Catalogue, jobs: int) -> Plan:
    """Count the tasks of a workflow and estimate its wall time from a few force calls.

    Nothing is written. The time is that of a run on this machine, as fast as it is just now.
    """
    protocols, spec = prepare(workflow, catalogue)
    found = count(protocols)
    hosts = {protocol.candidate.id: protocol.candidate for protocol in protocols}
    per_atom = seconds_per_atom(spec, list(hosts.values()))
    work = per_atom * (1 + OTHER_SHARE) * sum(found.costs.values())
    both = work + PAIR_SECONDS * found.pairs
    # The driver is a process of its own beside several workers, and shares their cores.
    busy = 1 if jobs == 1 else min(jobs + 1, cores())
    return replace(found, seconds=START_SECONDS + max(both / busy, work / jobs))


def count(protocols: Sequence[Protocol]) -> Plan:
    """Count the tasks that protocols will yield, from what their descriptors say they cost."""
    hosts = {protocol.candidate.id: protocol.candidate for protocol in protocols}
    sizes = _sizes(list(hosts.values()), protocols[0].context) if protocols else {}
    tasks: Counter[str] = Counter()
    calls = 0.0
    costs: defaultdict[str, float] = defaultdict(float)
    shared: set[tuple[str, str, Work]] = set()
    for protocol in protocols:
        for name, work in _work(protocol, sizes[protocol.candidate.id]):
            if work.per != "pair":
                owner = protocol.candidate.id if work.per == "host" else protocol.ion
                if (owner, name, work) in shared:
                    continue
                shared.add((owner, name, work))
            tasks[work.kind] += work.tasks
            evaluations = EVALUATIONS[work.kind] * work.tasks * work.structures
            calls += evaluations
            costs[protocol.name] += evaluations * work.atoms
    return Plan(len(hosts), len(protocols), dict(tasks), round(calls), costs=dict(costs))


def site_tasks(protocol: Protocol, size: Size, kind: str) -> int:
    """Count the tasks of one kind that a pair yields at most."""
    return sum(work.tasks for _, work in _work(protocol, size) if work.kind == kind)


def _work(protocol: Protocol, size: Size) -> Iterator[tuple[str, Work]]:
    yield "reference", Work("metal", 1, 1, per="ion")
    yield "reference", Work("host", 2 if size.flat else 1, size.atoms, per="host")
    for name, settings in protocol.wanted.items():
        for work in descriptors()[name].cost(settings, size):
            yield name, work


def size_of(host: Candidate, sites: int, context: Context) -> Size:
    """Return what a descriptor's cost depends on."""
    model = context.calibration
    return Size(
        len(host.atoms),
        sites,
        host.geometry,
        lies_flat(host.atoms, host.geometry),
        model is not None and model.components is not None,
        model is not None and model.asks_second(model.recognise(host.atoms)),
    )


def _sizes(hosts: Sequence[Candidate], context: Context) -> dict[str, Size]:
    """Count the sites of each host, on the first few of each builder and size."""
    counted: dict[tuple[str, int], list[Size]] = defaultdict(list)
    found = {}
    for host in hosts:
        known = counted[str(host.recipe.get("builder")), len(host.atoms)]
        if len(known) < SAMPLE:
            known.append(size_of(host, len(find_sites(host.atoms, host.geometry)), context))
            found[host.id] = known[-1]
        else:
            sites = round(fmean(size.sites for size in known))
            found[host.id] = replace(
                known[-1],
                sites=sites,
                geometry=host.geometry,
                flat=lies_flat(host.atoms, host.geometry),
            )
    return found
