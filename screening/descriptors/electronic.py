"""What the electrons did: how many the ion gave, how tightly the host holds its own."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, Self

import numpy as np
from ase import Atoms
from pydantic import Field, model_validator
from pymatgen.core.periodic_table import Element

from screening.descriptors.bound import Bound
from screening.descriptors.columns import Column
from screening.descriptors.pair import Pair, Steps
from screening.descriptors.reference import RelaxedState
from screening.descriptors.registry import DescriptorSettings, Size, Work, descriptor
from screening.descriptors.row import Found
from screening.descriptors.value import Value
from screening.errors import TaskError
from screening.evaluate.task import Engine, Task, TaskResult

MOST_E = 1.1
"""An alkali atom has one electron to give; a charge beyond is that of a collapsed solution."""

LEAST_E = -0.5
"""Charge of an ion on an alkali metal that is less electronegative than itself (lithium on
potassium) at least; on all other hosts, those of its own metal included, it takes none."""


class Electronic(DescriptorSettings):
    """Charge of the ion and work function of the host.

    Attributes
    ----------
    calculator, options
        Another engine than the run's, at the run's geometries, and its options.
    """

    calculator: str | None = None
    options: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _options_of_its_own(self) -> Self:
        if self.options and self.calculator is None:
            raise ValueError("options need a calculator; without one the workflow's options hold")
        return self


COLUMNS = (
    Column("charge_e", "e", "Electrons that the ion gave to the host."),
    Column(
        "work_function_ev", "eV", "Work function of the host's face that holds the ion.", "{:.2f}"
    ),
    Column("electronic_level", "", "Level of these two, which may be another than the row's."),
)


def cost(_settings: Electronic, size: Size) -> Iterator[Work]:
    """One evaluation with the ion, and one of the clean host for all ions."""
    yield Work("charges", 1, size.atoms + 1)
    if size.geometry in {"sheet", "slab"}:
        yield Work("work_functions", 1, size.atoms, per="host")


@descriptor("electronic", *COLUMNS, cost=cost)
def electronic(settings: Electronic, pair: Pair, bound: Bound) -> Steps[Found]:  # noqa: ARG001
    """Ask for charges of the structure behind `e_ads_ev`, and for the clean host's work functions.

    Structures are those of the row; the engine's level is stated beside its values. What it does
    not have stays missing, with the reason, and does not make the row partial.
    """
    if bound.best is None:
        return Found().lacking("charge: no adsorbed ion")
    engine = pair.context.engines.get("electronic", pair.context.engine)
    (_, state), tags = bound.best, {"candidate": pair.candidate.id}
    tasks = [Task("charges", engine, (state.atoms,), tags={**tags, "ion": pair.ion})]
    if flat := pair.candidate.geometry in {"sheet", "slab"}:
        tasks.append(Task("work_functions", engine, (bound.host.atoms,), tags=tags))
    charges, *faces = yield tasks
    found, known = _read(Found(), engine, charges)
    if known is not None:
        found = _with_charge(found, electrons_given(known, bound.ion_index), state)
    if not flat:
        return found.noted(f"work function: a {pair.candidate.geometry} has no flat face")
    found, known = _read(found, engine, faces[0])
    if known is not None:
        facing = facing_work_function(known, state.atoms, bound.ion_index)
        found = found.given(work_function_ev=Value(facing, task=bound.host.task))
    return found


def _with_charge(found: Found, given: float, state: RelaxedState) -> Found:
    """Fill in the charge, unless it is that of no alkali atom: the engine went astray."""
    *host, ion = state.atoms.symbols
    low = least_charge(ion, set(host))
    if low <= given <= MOST_E:
        return found.given(charge_e=Value(given, task=state.task))
    if LEAST_E <= given < low:
        return found.lacking(
            f"charges: the ion takes {-given:.2f} electrons from a host that is no less "
            "electronegative, which no alkali atom does: the engine or its k-points went astray"
        )
    return found.lacking(f"charges: the ion gives {given:.2f} electrons, which no alkali atom can")


def least_charge(ion: str, host: Collection[str]) -> float:
    """Lowest charge that an ion may have on a host of some elements, e.

    By Pauling's electronegativities the alkali metals stand below all other elements: an ion gives
    electrons to any of them, and takes some only from an alkali metal that stands below itself.
    """
    own = Element(ion).X
    return LEAST_E if all(own > Element(element).X for element in host) else 0.0


def _read(found: Found, engine: Engine, result: TaskResult) -> tuple[Found, list[float] | None]:
    """Return the values, if there are any, with their level or why there are none."""
    name = result.kind.replace("_", " ")
    if result.failed:
        return found.lacking(f"{name}: {result.reason}"), None
    values: list[float] | None = result.data["values"]
    if values is None:
        return found.noted(f"{engine.name} has no {name}"), None
    return found.given(electronic_level=f"{engine.level} [{engine.level.fingerprint}]"), values


def electrons_given(charges_e: Sequence[float], ion: int) -> float:
    """Electrons that the ion gave to the host: its partial charge, e; positive = given.

    Raises
    ------
    TaskError
        If there is no charge for the ion.
    """
    if not 0 <= ion < len(charges_e):
        raise TaskError(f"the engine gave {len(charges_e)} charges, none for atom {ion}")
    return float(charges_e[ion])


def facing_work_function(work_functions_ev: Sequence[float], adsorbed: Atoms, ion: int) -> float:
    """Work function of the face that holds the ion, eV.

    Parameters
    ----------
    work_functions_ev
        Of the host's top (+z) and bottom face.
    adsorbed
        Host with the ion.
    """
    top, bottom = work_functions_ev
    middle = float(np.mean(np.delete(adsorbed.positions[:, 2], ion)))
    return float(top if adsorbed.positions[ion, 2] >= middle else bottom)
