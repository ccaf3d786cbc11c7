"""Charges and work functions, from engines that have electrons.

An ASE calculator offers them as properties: ``charges`` (ASE's own: e, shape (n_atoms,)) and
``work_functions`` (ours: eV beyond the top and the bottom face, or None where there is no vacuum
level). Others have none, which is an answer, not an error.
"""

from __future__ import annotations

import time
from typing import Literal, get_args

import numpy as np
from ase import Atoms

from screening.errors import TaskError
from screening.evaluate.potential import Potential

ElectronicProperty = Literal["charges", "work_functions"]
ELECTRONIC_PROPERTIES: tuple[ElectronicProperty, ...] = get_args(ElectronicProperty)


def electronic_property(
    name: ElectronicProperty, atoms: Atoms, potential: Potential
) -> np.ndarray | None:
    """Return a property of a structure; None if the engine does not have it.

    It counts as one force call: the engine solves for the electrons once.

    Raises
    ------
    TaskError
        If the engine fails, or a value is not finite.
    """
    calculator = potential.calculator
    if name not in calculator.implemented_properties:
        return None
    start = time.perf_counter()
    potential.force_calls += 1
    try:
        found = calculator.get_property(name, atoms.copy())
    except Exception as error:  # engines raise anything; the row keeps the text
        raise TaskError(f"{type(error).__name__}: {error}") from error
    potential.seconds += time.perf_counter() - start
    if found is None:
        return None
    values = np.array(found, dtype=float)
    if not np.isfinite(values).all():
        raise TaskError(f"the calculator returned {name} that are not finite")
    return values
