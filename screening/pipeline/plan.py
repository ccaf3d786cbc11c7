"""What a workflow would do: checks of every candidate, and a count of its tasks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import fmean

from screening.builders import Catalogue
from screening.calculators import CalculatorSpec, resolve
from screening.descriptors.surface import METAL_LAYERS
from screening.descriptors.thermo import CRYSTAL_ATOMS
from screening.errors import WorkflowError
from screening.geometry import find_sites, lies_flat
from screening.pipeline.pair import Context
from screening.pipeline.protocol import Protocol
from screening.pipeline.tasks import Engine
from screening.pipeline.workflow import BarrierSettings, Descriptors, Workflow
from screening.structure import Candidate, Geometry
from screening.surrogate import calibration_for

STEPS: Mapping[str, int] = {
    "metal": 15,
    "host": 20,
    "slab": 10,
    "adsorption": 15,
    "points": 1,
    "cluster": 20,
    "barrier": 15,
    "scan": 3,
    "modes": 6,
    "charges": 1,
    "work_functions": 1,
}
"""Typical evaluations of a task, an image (benchmarks/README.md); for the estimate only."""

GROWTH_SITES = 20
"""Sites beside a cluster that are evaluated before its next ion is relaxed."""
LAYER_IONS = 4
"""Ions of a layer beyond the first, halfway to the monolayer of a cell of 50 Å²."""
SURFACE_ATOMS = 8
"""Atoms of the slabs behind a surface energy."""

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
        Estimated wall time.
    """

    candidates: int
    pairs: int
    tasks: Mapping[str, int]
    force_calls: int
    seconds: float


def prepare(workflow: Workflow, catalogue: Catalogue) -> tuple[list[Protocol], CalculatorSpec]:
    """Build every candidate and check it against the calculator, before anything is computed.

    Raises
    ------
    InputError
        Unknown candidate or calculator, a package that is missing, an unsupported element …
    """
    spec = resolve(workflow.calculator, workflow.dispersion, workflow.options)
    spec.require_installed()
    engine = Engine(workflow.calculator, workflow.dispersion, workflow.options, spec.level())
    model = calibration_for(engine.level) if workflow.calibration == "auto" else None
    candidates = [catalogue.build(recipe.id) for recipe in catalogue.select(workflow.candidates)]
    if not candidates:
        raise WorkflowError("no candidate is selected", where=f"{workflow.name}: candidates")
    for ion in workflow.ions:
        spec.require_elements({ion}, f"{workflow.name}: ions")
    for candidate in candidates:
        spec.require_elements(set(candidate.atoms.symbols), f"candidate {candidate.id}")
    electronic = _electronic_engine(workflow, candidates)
    context = Context(workflow, engine, model.fingerprint if model else "", electronic)
    return [Protocol(c, ion, context) for c in candidates for ion in workflow.ions], spec


def _electronic_engine(workflow: Workflow, candidates: list[Candidate]) -> Engine | None:
    """Engine of charges and work functions, checked like the other; None if not asked for.

    It never carries dispersion, which is added after the electrons are solved for.
    """
    settings = workflow.descriptors.electronic
    if settings is None:
        return None
    name = settings.calculator or workflow.calculator
    options = settings.options if settings.calculator else workflow.options
    spec = resolve(name, "none", options, f"{workflow.name}: descriptors.electronic.calculator")
    for ion in workflow.ions:
        spec.require_elements({ion}, f"{workflow.name}: ions")
    for candidate in candidates:
        spec.require_elements(set(candidate.atoms.symbols), f"candidate {candidate.id}")
    return Engine(name, "none", options, spec.level())


def plan(workflow: Workflow, catalogue: Catalogue, jobs: int) -> Plan:
    """Count the tasks of a workflow and estimate its wall time; computes and writes nothing."""
    protocols, spec = prepare(workflow, catalogue)
    hosts = {protocol.candidate.id: protocol.candidate for protocol in protocols}
    n_sites = _site_counts(list(hosts.values()))
    work = _Work()
    add = work.add
    add("metal", len(workflow.ions), 1)
    for host in hosts.values():
        add("host", 2 if lies_flat(host.atoms, host.geometry) else 1, len(host.atoms))
        if workflow.descriptors.surface is not None and host.geometry == "slab":
            add("slab", len(workflow.descriptors.surface.layers), SURFACE_ATOMS)
        _add_single(work, workflow.descriptors, host, len(workflow.ions))
    if workflow.descriptors.surface is not None and workflow.descriptors.surface.metal:
        planes = [count for counts in METAL_LAYERS.values() for count in counts]
        add("slab", len(planes) * len(workflow.ions), round(fmean(planes)))
    if workflow.descriptors.free_energy is not None:
        add("modes", len(workflow.ions), CRYSTAL_ATOMS)
    limit, barrier = workflow.descriptors.adsorption.max_sites, workflow.descriptors.barrier
    for protocol in protocols:
        sites, n_atoms = n_sites[protocol.candidate.id], len(protocol.candidate.atoms) + 1
        if limit is not None and sites > limit:
            add("points", 1, n_atoms, min(sites, workflow.descriptors.adsorption.max_points))
            sites = limit
        add("adsorption", sites, n_atoms)
        if barrier is not None and (barrier.ions is None or protocol.ion in barrier.ions):
            _add_barrier(work, barrier, sites, n_atoms)
        _add_growth(work, workflow.descriptors, protocol.candidate.geometry, n_atoms)
    seconds = spec.seconds_per_atom * work.atom_calls / jobs
    return Plan(len(hosts), len(protocols), dict(work.tasks), work.force_calls, seconds)


@dataclass
class _Work:
    """Tasks by kind, evaluations of structures, and of atoms."""

    tasks: Counter[str] = field(default_factory=Counter)
    force_calls: int = 0
    atom_calls: int = 0

    def add(self, kind: str, n_tasks: int, n_atoms: int, structures: int = 1) -> None:
        """Count tasks of a kind, each on one or several structures of `n_atoms` atoms."""
        evaluations = STEPS[kind] * n_tasks * structures
        self.tasks[kind] += n_tasks
        self.force_calls += evaluations
        self.atom_calls += evaluations * n_atoms


def _add_single(work: _Work, descriptors: Descriptors, host: Candidate, ions: int) -> None:
    """Add what one adsorbed ion is asked once it is relaxed, for all ions of a host."""
    n_host = len(host.atoms)
    if descriptors.electronic is not None:
        work.add("charges", ions, n_host + 1)
        if host.geometry in {"sheet", "slab"}:
            work.add("work_functions", 1, n_host)
    if descriptors.distortion is not None:
        work.add("points", ions, n_host)
    if descriptors.free_energy is not None:
        work.add("modes", ions, n_host + 1)


def _add_barrier(work: _Work, barrier: BarrierSettings, sites: int, n_atoms: int) -> None:
    percolating = barrier.path != "best hop"
    # About as many hops as minima; half of the sites are minima.
    hops = max(1, sites // 2) if percolating else 1
    work.add("scan" if barrier.path == "scan" else "barrier", hops, n_atoms, barrier.images)
    if percolating:
        work.add("modes", sites, n_atoms)


def _add_growth(work: _Work, descriptors: Descriptors, geometry: Geometry, n_atoms: int) -> None:
    """Add clusters and layers of several ions."""
    growth, layers = descriptors.nucleation, descriptors.coverage
    if growth is not None:
        # One more growth than sizes above one: the second ion is also tried far away.
        work.add("points", growth.n_max, n_atoms + growth.n_max, GROWTH_SITES)
        trials = growth.trials + growth.random
        work.add("cluster", growth.n_max * trials, n_atoms + growth.n_max)
    if layers is not None and geometry in {"sheet", "slab"}:
        # At most: of a cell that holds one ion or no monolayer, nothing is computed.
        work.add("points", len(layers.fractions), n_atoms + LAYER_IONS, layers.starts)
        work.add("cluster", len(layers.fractions) * layers.trials, n_atoms + LAYER_IONS)


def _site_counts(hosts: list[Candidate]) -> dict[str, int]:
    """Count the sites of each host, on the first few of each builder and size."""
    counted: dict[tuple[str, int], list[int]] = defaultdict(list)
    found = {}
    for host in hosts:
        known = counted[str(host.recipe.get("builder")), len(host.atoms)]
        if len(known) < SAMPLE:
            known.append(len(find_sites(host.atoms, host.geometry)))
            found[host.id] = known[-1]
        else:
            found[host.id] = round(fmean(known))
    return found
