"""Stages after adsorption: each computes one descriptor of a pair and adds it to the row."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from screening.descriptors.record import Row
from screening.pipeline.pair import Bound, Pair, Steps
from screening.pipeline.stages.barrier import best_hop, percolation
from screening.pipeline.stages.calibration import calibrated_sites
from screening.pipeline.stages.coverage import coverage
from screening.pipeline.stages.distortion import distortion
from screening.pipeline.stages.electronic import electronic
from screening.pipeline.stages.free_energy import free_energy
from screening.pipeline.stages.host import host_facts
from screening.pipeline.stages.nucleation import nucleation
from screening.pipeline.stages.surface import surface
from screening.pipeline.workflow import Workflow

__all__ = ["calibrated_sites", "stages_for"]

Stage = Callable[[Pair, Bound, Row], Steps]


def stages_for(workflow: Workflow, ion: str) -> list[tuple[str, Stage]]:
    """Names and functions of the stages that a workflow wants for an ion, in order."""
    wanted: list[tuple[str, Stage]] = []
    descriptors = workflow.descriptors
    barrier = descriptors.barrier
    if barrier is not None and (barrier.ions is None or ion in barrier.ions):
        stage = best_hop if barrier.path == "best hop" else percolation
        wanted.append(("barrier", partial(stage, barrier)))
    if descriptors.nucleation is not None:
        wanted.append(("nucleation", partial(nucleation, descriptors.nucleation)))
    if descriptors.coverage is not None:
        wanted.append(("coverage", partial(coverage, descriptors.coverage)))
    if descriptors.surface is not None:
        wanted.append(("surface energy", partial(surface, descriptors.surface)))
    if descriptors.host is not None:
        wanted.append(("host", partial(host_facts, descriptors.host)))
    if descriptors.electronic is not None:
        wanted.append(("electronic", electronic))
    if descriptors.distortion is not None:
        wanted.append(("host distortion", distortion))
    if descriptors.free_energy is not None:
        wanted.append(("free energy", partial(free_energy, descriptors.free_energy)))
    return wanted
