"""Energies of crystals at the run's level: tasks that all hosts and ions share."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from ase import Atoms
from ase.formula import Formula

from screening.builders.parts import Part
from screening.builders.phases import Phase, phases_of, shipped_phases
from screening.calculators import resolve
from screening.descriptors.hull import PhaseEnergy
from screening.descriptors.pair import Pair, Steps
from screening.errors import CalculatorError, InputError, TaskError
from screening.evaluate.task import Engine, Task

CRYSTAL = {"fmax": 0.03, "max_steps": 200}
"""Forces of 0.03 eV/Å leave less than 1 meV an atom in a crystal; the same for every run, so that
each crystal is computed once."""

NONMETALS = frozenset({"H", "B", "C", "N", "O", "F", "P", "S", "Cl"})
"""What these make with an alkali metal is salts and not solutions."""


def crystal_energies(
    pair: Pair, elements: Collection[str]
) -> Steps[tuple[list[PhaseEnergy], tuple[str, ...]]]:
    """Relax the crystals of some elements.

    Returns
    -------
    tuple
        Energies of those that relaxed, and the names of the others with the reason.
    """
    phases = [p for p in phases_of(elements, shipped_phases()) if _known(pair, p)]
    results = yield [_task(pair.context.engine, phase) for phase in phases]
    energies, failed = [], []
    for phase, result in zip(phases, results, strict=True):
        if result.failed or result.atoms is None or result.energy_ev is None:
            failed.append(f"{phase.name}: {result.reason}")
            continue
        counts: Mapping[str, int] = result.atoms.symbols.formula.count()
        volume = float(result.atoms.cell.volume)
        energies.append(PhaseEnergy(phase.name, counts, result.energy_ev, volume))
    return energies, tuple(failed)


def crystal_of_part(pair: Pair, part: Part) -> Steps[tuple[Atoms, float]]:
    """Relax the crystals of one composition.

    Returns
    -------
    tuple
        Primitive cell of the most stable one, and its energy per atom, eV.

    Raises
    ------
    InputError
        If the catalogue has none, or only molecules and what dispersion holds together.
    TaskError
        If the relaxation failed.
    """
    known = [p for p in phases_of(part, shipped_phases()) if p.counts == part and _known(pair, p)]
    if not known or any(phase.gas or phase.layered for phase in known):
        why = "is held together by dispersion" if known else "is no crystal of the catalogue"
        raise InputError(f"{Formula.from_dict(dict(part))} {why}")
    results = yield [_task(pair.context.engine, phase) for phase in known]
    found = [
        (result.energy_ev / len(result.atoms), result.atoms)
        for result in results
        if not result.failed and result.atoms is not None and result.energy_ev is not None
    ]
    if not found:
        raise TaskError("; ".join(result.reason for result in results))
    energy, atoms = min(found, key=lambda entry: entry[0])
    return atoms, energy


def is_hubbard(engine: Engine) -> bool:
    """Whether the engine's oxides are PBE+U and its metals PBE."""
    return resolve(engine.name, engine.dispersion, engine.options).hubbard


def is_metallic(part: Part, ion: str) -> bool:
    """Whether a part consists of metals and metalloids, and not of the ion alone."""
    return not part.keys() & NONMETALS and part.keys() != {ion}


def lowest(energies: Sequence[PhaseEnergy], element: str) -> float | None:
    """Energy per atom of an element's most stable crystal, eV; None if it has none."""
    own = [e.energy_ev / e.counts[element] for e in energies if e.counts.keys() == {element}]
    return min(own, default=None)


def _task(engine: Engine, phase: Phase) -> Task:
    settings = {**CRYSTAL, "fixed_cell": phase.gas}
    return Task("crystal", engine, (phase.atoms,), settings, {"phase": phase.name})


def _known(pair: Pair, phase: Phase) -> bool:
    """Whether the engine knows every element of a phase; those of the pair it does."""
    try:
        resolve(pair.context.engine.name).require_elements(phase.elements, phase.name)
    except CalculatorError:
        return False
    return True
