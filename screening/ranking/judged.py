"""What a row has to say to an objective: its value, and how desirable that is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

from screening.descriptors import Row, Value, descriptors
from screening.ranking.desirability import log_desirability
from screening.ranking.weights import Objective


def value_of(row: Row, objective: Objective) -> float | None:
    """Return the row's value of the objective; None if it is missing or not a finite number."""
    known = _known(row, objective)
    return None if known is None or not math.isfinite(known.number) else known.number


def taken(row: Row, objective: Objective) -> str:
    """Return the first column of the objective that the row has a value of."""
    before = objective.before
    return before if before is not None and before in row.values else objective.column


def _known(row: Row, objective: Objective) -> Value | None:
    return row.values.get(taken(row, objective))


def applies(row: Row, objective: Objective) -> bool:
    """Whether the objective counts for the host.

    An optional one does not where its descriptor has noted that it does not apply.
    """
    if not objective.optional or value_of(row, objective) is not None:
        return True
    owner = next(
        name
        for name, known in descriptors().items()
        if any(column.name == objective.column for column in known.columns)
    )
    return not any(note.startswith(f"{owner}:") for note in row.notes)


def judged(row: Row, objective: Objective, others: Sequence[float]) -> tuple[float, float, float]:
    """Return the logarithm of the desirability, and at the worse and better end of the interval.

    Parameters
    ----------
    others
        Sorted logarithms of the hosts that have a value: it stands for one that is missing.
    """
    known = _known(row, objective)
    if known is None or not math.isfinite(known.number):
        return median(others), others[0], others[-1]
    middle = log_desirability(known.number, objective.poor, objective.good)
    if known.lower90 is None or known.upper90 is None:
        return middle, middle, middle
    ends = (known.lower90, known.upper90)
    low, high = (log_desirability(end, objective.poor, objective.good) for end in ends)
    return middle, min(low, high, middle), max(low, high, middle)


def cautions(row: Row) -> tuple[str, ...]:
    """Return what to know before trusting a row that has a value; none for most."""
    if row["outcome"] == "reconstructed":
        return (*row.flags, "host reconstructed on adsorption: check its structure")
    return row.flags
