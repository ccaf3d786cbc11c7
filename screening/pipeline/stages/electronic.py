"""Charge of the ion and work function of the host, by the engine of the workflow or another."""

from __future__ import annotations

from dataclasses import replace

from screening.descriptors.adsorption import best_site
from screening.descriptors.electronic import CREDIBLE_E, electrons_given, facing_work_function
from screening.descriptors.record import Row
from screening.pipeline.pair import Bound, Pair, Steps, noted, without
from screening.pipeline.tasks import Engine, Task, TaskResult


def electronic(pair: Pair, bound: Bound, row: Row) -> Steps:
    """Ask for charges of the structure behind `e_ads_ev`, and for the clean host's work functions.

    Structures are those of the row; the engine's level is stated beside its values. What it does
    not have stays missing, with the reason, and does not make the row partial.
    """
    best = best_site(bound.adsorbed)
    if best is None or best.state is None:
        return without(row, "charge: no adsorbed ion")
    engine = pair.context.electronic or pair.context.engine
    adsorbed, tags = best.state.atoms, {"candidate": pair.candidate.id}
    tasks = [Task("charges", engine, (adsorbed,), tags={**tags, "ion": pair.ion})]
    if flat := pair.candidate.geometry in {"sheet", "slab"}:
        tasks.append(Task("work_functions", engine, (bound.host.atoms,), tags=tags))
    charges, *faces = yield tasks
    row, known = _read(row, engine, charges)
    if known is not None:
        row = _with_charge(row, electrons_given(known, bound.ion_index))
    if not flat:
        return noted(row, f"work function: a {pair.candidate.geometry} has no flat face")
    row, known = _read(row, engine, faces[0])
    if known is not None:
        facing = facing_work_function(known, adsorbed, bound.ion_index)
        row = replace(row, work_function_ev=facing)
    return row


def _with_charge(row: Row, given: float) -> Row:
    """Fill in the charge, unless it is that of no alkali atom: the engine went astray."""
    low, high = CREDIBLE_E
    if low <= given <= high:
        return replace(row, charge_e=given)
    return without(row, f"charges: the ion gives {given:.2f} electrons, which no alkali atom can")


def _read(row: Row, engine: Engine, result: TaskResult) -> tuple[Row, list[float] | None]:
    """Return the values, if there are any, and the row with their level or why there are none."""
    name = result.kind.replace("_", " ")
    if result.failed:
        return without(row, f"{name}: {result.reason}"), None
    values: list[float] | None = result.data["values"]
    if values is None:
        return noted(row, f"{engine.name} has no {name}"), None
    stated = f"{engine.level} [{engine.level.fingerprint}]"
    return replace(row, electronic_level=stated), values
