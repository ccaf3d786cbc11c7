"""Instant values of many candidates: nothing is relaxed, no engine is called."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from screening.structure import Candidate
from screening.surrogate.domain import Estimate
from screening.surrogate.instant import Instant
from screening.surrogate.instant_features import describe_instant
from screening.units import Ion


@dataclass(frozen=True)
class Guess:
    """Instant value of one candidate and ion.

    Attributes
    ----------
    x
        Scaled features, shape (n_features,).
    """

    candidate: str
    family: str
    formula: str
    ion: Ion
    x: np.ndarray
    estimate: Estimate


def prescreen(candidates: Iterable[Candidate], ions: Sequence[Ion], model: Instant) -> list[Guess]:
    """Estimate every candidate with every ion, in the order given; candidates are not kept."""
    names: list[tuple[str, str, str, Ion]] = []
    features: list[np.ndarray] = []
    symbols: list[frozenset[str]] = []
    for candidate in candidates:
        features.append(describe_instant(candidate.atoms, tuple(ions)))
        for ion in ions:
            names.append((candidate.id, candidate.family, candidate.formula, ion))
            symbols.append(frozenset(candidate.atoms.get_chemical_symbols()))
    if not names:
        return []
    x = np.concatenate(features)
    estimates = model.estimates(x, [name[3] for name in names], symbols)
    return [
        Guess(*name, row, estimate) for name, row, estimate in zip(names, x, estimates, strict=True)
    ]


def best_first(guesses: Iterable[Guess]) -> list[Guess]:
    """Sort by ion, then inside the domain before outside, then the lowest energy first."""
    return sorted(
        guesses,
        key=lambda g: (g.ion, not g.estimate.in_domain, g.estimate.e_ads_ev, g.candidate),
    )
