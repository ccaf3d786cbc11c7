"""How far an order of hosts survives its errors and weights: SMAA-2, by Monte Carlo.

R. Lahdelma & P. Salminen, Oper. Res. 49, 444 (2001), doi:10.1287/opre.49.3.444.11220: acceptability
of a rank, central weights, confidence factor. L. C. Leskinen et al., Environ. Model. Softw. 21
(2006): pairwise winning index.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from screening.ranking.desirability import log_desirabilities

Array = NDArray[np.float64]

NORMAL90 = 1.6448536269514722
"""A normal variable lies within this many standard deviations in 90 % of cases."""

TINY = 1e-300

BLOCK = 200_000
"""Numbers held at once for each array of a block of draws: what a processor's cache holds."""


@dataclass(frozen=True)
class Settings:
    """How to draw.

    Attributes
    ----------
    draws, seed
        Number of draws, and of the random stream.
    top
        Ranks up to this one count as the top.
    family, host
        Shares of an error's variance that the hosts of one family, and the ions of one host, have
        in common. The defaults are measured on the shipped calibration (posterior covariances with
        both hosts of a pair left out: 0.01 to 0.11 between hosts of a class, 0.91 between ions).
    free
        Draw weights too: from a Dirichlet distribution whose mean is the stated weights, uniform
        over all weights if these are equal. False: only values are drawn.
    leaders
        So many hosts are compared in pairs, best first.
    """

    draws: int = 1000
    seed: int = 0
    top: int = 5
    family: float = 0.1
    host: float = 0.8
    free: bool = True
    leaders: int = 50


@dataclass(frozen=True)
class Problem:
    """Hosts to order, as arrays.

    Attributes
    ----------
    values
        Shape (hosts, ions, objectives), NaN where missing.
    below, above
        Standard deviations of a value on either side, of the same shape.
    poor, good, weights
        Of the objectives.
    counts
        Whether an objective applies, of the same shape; a host is judged by those that do.
    families
        Label of each host's family.
    others
        For each objective the logarithms of desirability that a missing value is drawn from.
    """

    values: Array
    below: Array
    above: Array
    poor: Array
    good: Array
    weights: Array
    counts: NDArray[np.bool_]
    families: NDArray[np.int64]
    others: tuple[Array, ...]


@dataclass(frozen=True)
class Acceptability:
    """What the draws say of each host; arrays in the order of the problem.

    Attributes
    ----------
    expected, lower90, upper90
        Mean rank, and the ends of its 90 % interval.
    ranks
        Rank acceptability indices: share of draws with rank 1, 2, … `top`; shape (hosts, top).
    p_top
        Share of draws with a rank up to `top`.
    central
        Mean of the weights that put the host first, NaN if none do; shape (hosts, objectives).
    confidence
        Confidence factor: probability of rank 1 at its central weights, for as many of the
        `leaders` that are ever first as ranks count as the top; NaN for all others.
    leaders
        Hosts of the lowest expected ranks, best first.
    wins
        Pairwise winning index of the leaders: share of draws in which the host of the line ranks
        before that of the column, ties half.
    """

    expected: Array
    lower90: Array
    upper90: Array
    ranks: Array
    p_top: Array
    central: Array
    confidence: Array
    leaders: NDArray[np.int64]
    wins: Array


def smaa(problem: Problem, settings: Settings) -> Acceptability:
    """Draw values and weights, rank the hosts in each draw, and count."""
    hosts, _, objectives = problem.values.shape
    weights = _weights(problem, settings)
    ranks = np.empty((settings.draws, hosts), dtype=np.int32)
    done = 0
    for logs in _drawn(problem, settings, 0):
        block = slice(done, done + len(logs))
        ranks[block] = ranks_of(_scores(problem, logs, weights[block]))
        done = block.stop
    first = ranks == 1
    times = first.sum(axis=0)
    central = np.full((hosts, objectives), np.nan)
    share = first.T.astype(float) @ weights
    central[times > 0] = share[times > 0] / times[times > 0, None]
    expected = ranks.mean(axis=0)
    lower, upper = _quantiles(ranks)
    leaders = np.argsort(expected, kind="stable")[: settings.leaders]
    top = min(settings.top, hosts)
    return Acceptability(
        expected=expected,
        lower90=lower,
        upper90=upper,
        ranks=np.stack([(ranks == r).mean(axis=0) for r in range(1, top + 1)], axis=1),
        p_top=(ranks <= top).mean(axis=0),
        central=central,
        confidence=_confidence(problem, settings, central, leaders),
        leaders=leaders,
        wins=_wins(ranks[:, leaders]),
    )


def ranks_of(scores: Array) -> NDArray[np.int32]:
    """Ranks along the last axis, 1 for the largest; equal scores share the better one."""
    order = np.argsort(-scores, axis=-1)  # ties need no order, they share a rank
    ordered = np.take_along_axis(scores, order, axis=-1)
    place = np.broadcast_to(np.arange(1, scores.shape[-1] + 1, dtype=np.int32), scores.shape).copy()
    place[..., 1:][ordered[..., 1:] == ordered[..., :-1]] = 0
    np.maximum.accumulate(place, axis=-1, out=place)
    ranks = np.empty_like(place)
    np.put_along_axis(ranks, order, place, axis=-1)
    return ranks


def _weights(problem: Problem, settings: Settings) -> Array:
    """One set of weights a draw, each of sum 1; shape (draws, objectives)."""
    stated = problem.weights / problem.weights.sum()
    if not settings.free or len(stated) == 1:
        return np.tile(stated, (settings.draws, 1))
    rng = np.random.default_rng((settings.seed, 2))
    return rng.dirichlet(stated * len(stated), settings.draws)


def _drawn(problem: Problem, settings: Settings, stream: int) -> Iterator[Array]:
    """Yield blocks of draws of log-desirabilities, shape (block, hosts, ions, objectives)."""
    rng = np.random.default_rng((settings.seed, stream))
    size = max(1, BLOCK // problem.values.size)
    for start in range(0, settings.draws, size):
        count = min(size, settings.draws - start)
        yield _block(problem, settings, rng, count)


def _scores(problem: Problem, logs: Array, weights: Array) -> Array:
    """Logarithms of the scores, mean over ions: weights of what applies add up to 1."""
    if problem.counts.all():
        scores: Array = np.einsum("bhim,bm->bh", logs, weights) / logs.shape[2]
        return scores
    sums = np.einsum("him,bm->bhi", problem.counts.astype(float), weights)
    logs = np.where(problem.counts, logs, 0.0)
    parts = np.einsum("bhim,bm->bhi", logs, weights)
    return np.asarray((parts / np.maximum(sums, TINY)).mean(axis=2))


def _block(problem: Problem, settings: Settings, rng: np.random.Generator, count: int) -> Array:
    hosts, ions, objectives = problem.values.shape
    common, shared = settings.family, settings.host
    own = 1.0 - common - (shared if ions > 1 else 0.0)
    error = rng.standard_normal((count, hosts, ions, objectives), dtype=np.float32).astype(float)
    error *= np.sqrt(max(own, 0.0))
    if ions > 1:
        error += np.sqrt(shared) * rng.standard_normal((count, hosts, 1, objectives))
    families = int(problem.families.max()) + 1
    effect = rng.standard_normal((count, families, 1, objectives))
    error += np.sqrt(common) * effect[:, problem.families]
    error *= np.where(error > 0, problem.above, problem.below)
    error += problem.values
    logs = log_desirabilities(error, problem.poor, problem.good)
    for index, others in enumerate(problem.others):
        missing = np.isnan(problem.values[:, :, index])
        if missing.any():
            drawn = rng.integers(len(others), size=(count, int(missing.sum())))
            logs[:, missing, index] = others[drawn]
    return logs


def _confidence(
    problem: Problem, settings: Settings, central: Array, leaders: NDArray[np.int64]
) -> Array:
    """Probability of rank 1 at a host's own central weights, over errors of the values alone."""
    found = np.full(len(central), np.nan)
    chosen = leaders[~np.isnan(central[leaders, 0])][: settings.top]
    wins = np.zeros(len(chosen))
    for logs in _drawn(problem, settings, 1):
        for position, host in enumerate(chosen):
            scores = _scores(problem, logs, np.tile(central[host], (len(logs), 1)))
            wins[position] += (scores.max(axis=1) <= scores[:, host]).sum()
    found[chosen] = wins / settings.draws
    return found


def _quantiles(ranks: NDArray[np.int32]) -> tuple[Array, Array]:
    """5 % and 95 % quantiles of each column: the smallest interval's ends that hold 90 %."""
    draws, hosts = ranks.shape
    low, high = int(np.floor(0.05 * (draws - 1))), int(np.ceil(0.95 * (draws - 1)))
    found = np.empty((2, hosts))
    step = max(1, BLOCK // draws)
    for start in range(0, hosts, step):
        part = np.partition(ranks[:, start : start + step].T.copy(), (low, high), axis=1)
        found[:, start : start + step] = part[:, low], part[:, high]
    return found[0], found[1]


def _wins(ranks: NDArray[np.int32]) -> Array:
    wins = [
        ((mine[:, None] < ranks) + 0.5 * (mine[:, None] == ranks)).mean(axis=0) for mine in ranks.T
    ]
    return np.array(wins)
