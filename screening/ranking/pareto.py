"""Pareto layers: what no weight can decide. Non-dominated sorting over chosen objectives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from screening.errors import InputError
from screening.ranking.desirability import log_desirability
from screening.ranking.judged import value_of
from screening.ranking.rank import Ranked, Ranking


def pareto_layers(points: ArrayLike) -> NDArray[np.int64]:
    """Return the layer of each point, 1 for the front: more is better in every coordinate.

    A point dominates another if it is as good in all and better in one; equal points share a layer.
    Efficient non-dominated sorting with binary search: X. Zhang et al., IEEE Trans. Evol. Comput.
    19, 201 (2015), doi:10.1109/TEVC.2014.2308305.

    Parameters
    ----------
    points
        Finite numbers, shape (n, objectives).
    """
    values = np.asarray(points, float)
    layers = np.zeros(len(values), dtype=np.int64)
    fronts: list[list[int]] = []
    for index in np.lexsort(-values.T[::-1]):  # a point comes after all that dominate it
        low, high = 0, len(fronts)
        while low < high:
            middle = (low + high) // 2
            front = values[fronts[middle]]
            as_good = (front >= values[index]).all(axis=1)
            dominated = (as_good & (front > values[index]).any(axis=1)).any()
            low, high = (middle + 1, high) if dominated else (low, middle)
        if low == len(fronts):
            fronts.append([])
        fronts[low].append(int(index))
        layers[index] = low + 1
    return layers


def with_pareto(ranking: Ranking, names: Sequence[str] | None = None) -> Ranking:
    """Return the ranking with `pareto_layer` of every host that has all values.

    Parameters
    ----------
    names
        Objectives; by default those for which a host of this ion has a value. Hosts apart have
        layers of their own.

    Raises
    ------
    InputError
        If a name is no objective that counts.
    """
    known = valued(ranking)
    for name in names or ():
        if name not in known:
            raise InputError(f"no objective {name!r} of {ranking.ion}", allowed=", ".join(known))
    chosen = [name for name in known if name in (names or known)]
    return replace(
        ranking,
        ranked=_layered(ranking, ranking.ranked, chosen),
        apart=_layered(ranking, ranking.apart, chosen),
    )


def valued(ranking: Ranking) -> list[str]:
    """Return the objectives for which a host of the ion has a value."""
    return [
        name
        for name, objective in ranking.objectives.items()
        if any(value_of(entry.row, objective) is not None for entry in ranking.scored)
    ]


def _layered(
    ranking: Ranking, entries: Sequence[Ranked], chosen: Sequence[str]
) -> tuple[Ranked, ...]:
    points = {}
    for position, entry in enumerate(entries):
        objectives = [ranking.objectives[name] for name in chosen]
        values = [value_of(entry.row, objective) for objective in objectives]
        if values and None not in values:
            points[position] = [
                log_desirability(v, o.poor, o.good)
                for v, o in zip(values, objectives, strict=True)
                if v is not None
            ]
    layers = pareto_layers(list(points.values())) if points else ()
    found = dict(zip(points, map(int, layers), strict=True))
    return tuple(
        replace(entry, pareto_layer=found[position]) if position in found else entry
        for position, entry in enumerate(entries)
    )
