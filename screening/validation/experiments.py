"""A ranking against experiment: pairs of which one plates better, and measured series."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from scipy.stats import spearmanr

from screening.config import StrictModel, load_yaml, parse
from screening.resources import shipped
from screening.units import Ion

Confidence = Literal["read", "recalled", "mapped"]
Host = Annotated[str, Field(min_length=1, max_length=120)]

LEAST_SERIES = 4
"""A rank correlation over fewer hosts says nothing."""


class PairGroup(StrictModel):
    """Pairs of hosts from one source, the one that plates better first.

    Attributes
    ----------
    confidence
        ``read`` in the source, ``recalled`` from it, or ``mapped`` by whoever wrote the file from a
        general finding to these hosts.
    """

    ion: Ion
    basis: Annotated[str, Field(min_length=1, max_length=200)]
    source: str
    confidence: Confidence
    better_worse: Annotated[tuple[tuple[Host, Host], ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        if same := [better for better, worse in self.better_worse if better == worse]:
            raise ValueError(f"{same[0]!r} is compared with itself")
        return self


class Series(StrictModel):
    """One quantity measured alike on several hosts."""

    ion: Ion
    quantity: Annotated[str, Field(min_length=1, max_length=200)]
    unit: Annotated[str, Field(max_length=20)]
    better: Literal["low", "high"]
    source: str
    confidence: Confidence
    values: Annotated[dict[Host, float], Field(min_length=2)]


class Experiments(StrictModel):
    """Schema of a file of facts."""

    sources: dict[str, Annotated[str, Field(min_length=1, max_length=300)]]
    pairs: tuple[PairGroup, ...] = ()
    series: tuple[Series, ...] = ()

    @model_validator(mode="after")
    def _sources_stated(self) -> Self:
        named = [group.source for group in self.pairs] + [entry.source for entry in self.series]
        if unknown := [source for source in named if source not in self.sources]:
            raise ValueError(f"source {unknown[0]!r} is not stated under sources")
        return self


def load_experiments(path: Path | None = None) -> Experiments:
    """Read facts from a file, or those that the package ships.

    Raises
    ------
    InputError
        Unreadable, not YAML, unknown key, wrong type, or a source that the file does not state.
    """
    file = path or shipped("structures") / "experiments.yaml"
    return parse(Experiments, load_yaml(file), str(file))


@dataclass(frozen=True)
class PairResult:
    """One pair and what a ranking says of it.

    Attributes
    ----------
    right
        Whether the better host scores higher; None if one of them has no score.
    """

    ion: Ion
    better: str
    worse: str
    source: str
    confidence: Confidence
    right: bool | None


@dataclass(frozen=True)
class Share:
    """Pairs right out of those with a score on both sides."""

    right: int
    scored: int
    missing: int


@dataclass(frozen=True)
class Correlation:
    """Spearman's rank correlation of a score with a series; 1 is the measured order.

    Attributes
    ----------
    coefficient
        None with fewer than four hosts, or where all scores or all values are one.
    """

    ion: Ion
    quantity: str
    source: str
    hosts: int
    coefficient: float | None


@dataclass(frozen=True)
class Agreement:
    """What a score and a set of facts say to each other."""

    pairs: tuple[PairResult, ...]
    correlations: tuple[Correlation, ...]

    def share(self, keep: Callable[[PairResult], bool] = lambda _: True) -> Share:
        """Count the pairs that satisfy a condition: of one ion, of one family, of one source."""
        kept = [pair for pair in self.pairs if keep(pair)]
        return Share(
            sum(pair.right is True for pair in kept),
            sum(pair.right is not None for pair in kept),
            sum(pair.right is None for pair in kept),
        )

    @property
    def wrong(self) -> tuple[PairResult, ...]:
        """Pairs in the wrong order."""
        return tuple(pair for pair in self.pairs if pair.right is False)


def agreement(scores: Mapping[Ion, Mapping[str, float]], experiments: Experiments) -> Agreement:
    """Compare scores with facts; equal scores are wrong, for they rank nothing.

    Parameters
    ----------
    scores
        For each ion and host, higher is better; hosts without a score are left out.
    """
    return Agreement(
        tuple(_judged(scores, experiments.pairs)),
        tuple(correlation(scores.get(s.ion, {}), s) for s in experiments.series),
    )


def _judged(
    scores: Mapping[Ion, Mapping[str, float]], groups: Sequence[PairGroup]
) -> Iterator[PairResult]:
    for group in groups:
        known = scores.get(group.ion, {})
        for better, worse in group.better_worse:
            right = known[better] > known[worse] if {better, worse} <= known.keys() else None
            yield PairResult(group.ion, better, worse, group.source, group.confidence, right)


def correlation(
    scores: Mapping[str, float], series: Series, keep: Callable[[str], bool] = lambda _: True
) -> Correlation:
    """Rank correlation of a score with a series, over the hosts that satisfy a condition."""
    hosts = [host for host in series.values if host in scores and keep(host)]
    sign = 1 if series.better == "high" else -1
    measured = [sign * series.values[host] for host in hosts]
    scored = [scores[host] for host in hosts]
    coefficient = None
    if len(hosts) >= LEAST_SERIES and len(set(measured)) > 1 and len(set(scored)) > 1:
        coefficient = float(spearmanr(scored, measured).statistic)
    return Correlation(series.ion, series.quantity, series.source, len(hosts), coefficient)
