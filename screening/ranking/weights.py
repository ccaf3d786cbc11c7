"""The weights file: which descriptors count, how much, and what is poor and good."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from screening.config import StrictModel, load_yaml, parse
from screening.descriptors import all_columns
from screening.errors import InputError

FOLDER = Path(__file__).parent
DEFAULT_WEIGHTS = FOLDER / "weights.yaml"
PRESETS = ("plating-host", "artificial-sei", "balanced")
"""Weights files that ship beside the default, by name."""

MAX_WEIGHT = 1e6


class Objective(StrictModel):
    """One descriptor and the two anchors of its desirability.

    Attributes
    ----------
    column
        Any column that says which direction speaks for a host.
    poor, good
        Values with desirability 0.2 and 0.8, in the unit of the column and in its direction.
    weight
        Exponent in the weighted geometric mean; only ratios of weights matter.
    before
        Column taken before it where the row has a value of that, judged by the same anchors.
    optional
        A host to which it does not apply is judged by the other objectives alone.
    opposite
        The opposite of what the column calls better serves: a coating should not react.
    """

    column: str
    before: str | None = None
    optional: bool = False
    opposite: bool = False
    poor: float
    good: float
    weight: Annotated[float, Field(gt=0.0, le=MAX_WEIGHT)] = 1.0

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns in the order in which they are asked for a value."""
        return (self.before, self.column) if self.before else (self.column,)

    @field_validator("column", "before")
    @classmethod
    def _rankable(cls, value: str | None) -> str | None:
        known = [column.name for column in all_columns() if column.better]
        if value is not None and value not in known:
            raise ValueError(f"no column that can be weighed; there are {', '.join(known)}")
        return value

    @model_validator(mode="after")
    def _anchors_point_the_right_way(self) -> Self:
        if abs(self.poor - self.good) < 1e-6:
            raise ValueError("poor and good must differ")
        better = next(column.better for column in all_columns() if column.name == self.column)
        if (self.good > self.poor) != ((better == "more") != self.opposite):
            raise ValueError(
                f"{better} {self.column} is better: poor and good are swapped; if the opposite is "
                "meant, say opposite: true"
            )
        return self


class Weights(StrictModel):
    """Schema of a weights file.

    Attributes
    ----------
    objectives
        By name. The first is decisive: a host that lacks it has no score.
    max_host_disp_a
        A host of which an atom moved farther than this on adsorption is ranked apart, Å.
    """

    objectives: Annotated[dict[str, Objective], Field(min_length=1)]
    max_host_disp_a: Annotated[float, Field(gt=0.0, le=100.0)] = 1.0

    def reweighed(self, overrides: Iterable[str]) -> Weights:
        """Return a copy with weights set by ``NAME=W``; 0 leaves the objective out.

        Raises
        ------
        InputError
            If an entry is not of that form, names no objective, or leaves none.
        """
        found = dict(self.objectives)
        for text in overrides:
            name, _, number = text.partition("=")
            if name not in self.objectives:
                raise InputError(
                    f"no objective {name!r}", where="--weight", allowed=", ".join(self.objectives)
                )
            weight = _weight(text, number)
            if weight:
                found[name] = self.objectives[name].model_copy(update={"weight": weight})
            else:
                found.pop(name, None)
        if not found:
            raise InputError("no objective is left", where="--weight", allowed="one above 0")
        return self.model_copy(update={"objectives": found})


def load_weights(source: str | Path | None = None) -> Weights:
    """Read a weights file, or a preset by name; the shipped default if neither is given.

    Raises
    ------
    InputError
        Unreadable, not YAML, unknown key, wrong type, or anchors that coincide.
    """
    path = DEFAULT_WEIGHTS if source is None else Path(source)
    if str(path) in PRESETS and not path.exists():
        path = FOLDER / f"{path}.yaml"
    elif not path.exists() and not path.suffix:
        raise InputError(
            f"no preset or file {str(path)!r}",
            where="--weights",
            allowed=f"{', '.join(PRESETS)}, or a YAML file",
        )
    return parse(Weights, load_yaml(path), str(path))


def _weight(text: str, number: str) -> float:
    try:
        weight = float(number)
    except ValueError:
        weight = math.nan
    if not 0.0 <= weight <= MAX_WEIGHT:
        raise InputError(
            f"{text!r} sets no weight",
            where="--weight",
            allowed=f"NAME=W with W from 0 to {MAX_WEIGHT:g}, like mobility=0.5",
        )
    return weight
