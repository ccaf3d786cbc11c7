"""A workflow, a catalogue and a counting engine for the pipeline's tests."""

from __future__ import annotations

from pathlib import Path

from ase.io import write

from screening.calculators import resolve
from screening.descriptors import Context
from screening.evaluate.task import Engine
from screening.pipeline.protocol import Protocol
from screening.pipeline.workflow import Workflow
from screening.structure import Candidate
from screening.surrogate import Calibration
from screening.surrogate.domain import Factors
from screening.surrogate.features import CLASSES
from tests.toys import CLOSE_A, square_host

TOY = "tests.toys:make_egg_box"

TWICE = Factors(dict.fromkeys(CLASSES, 2.0), dict.fromkeys(CLASSES, 2.0))
"""Intervals of two deviations each way, for all hosts."""


def workflow(**changes: object) -> Workflow:
    base = {"name": "toy", "calculator": TOY, "candidates": ("square",), "ions": ("Li", "K")}
    return Workflow.model_validate({**base, **changes})


def engine(name: str = TOY) -> Engine:
    return Engine(name, "none", {}, resolve(name).level())


def square(candidate_id: str = "square", repeat: int = 2) -> Candidate:
    return Candidate(candidate_id, "metal", "slab", square_host(repeat), {"id": candidate_id})


def protocols(
    flow: Workflow, *candidates: Candidate, calibration: Calibration | None = None, **other: Engine
) -> list[Protocol]:
    """Protocols of a workflow; `other` are engines of descriptors that name one."""
    context = Context(engine(flow.calculator), flow.relax, calibration, other)
    hosts = candidates or (square(),)
    return [Protocol(host, ion, context, flow.wanted(ion)) for host in hosts for ion in flow.ions]


def write_square(folder: Path) -> Path:
    """Write two square layers, the lower one fixed, where a ``file`` recipe can find them."""
    folder.mkdir(parents=True, exist_ok=True)
    top, bottom = square_host(), square_host()
    top.set_constraint()
    bottom.positions[:, 2] -= CLOSE_A  # no room between the layers
    write(folder / "square.extxyz", bottom + top)
    recipe = folder / "square.yaml"
    recipe.write_text(
        "id: square\nbuilder: file\nfamily: metal\n"
        "parameters: {path: square.extxyz, geometry: slab}\n"
    )
    return recipe
