"""The weights file: which descriptors count, how much, and what is poor and good."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from screening.config import StrictModel, load_yaml, parse
from screening.descriptors import all_columns

DEFAULT_WEIGHTS = Path(__file__).with_name("weights.yaml")


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
    """

    column: str
    poor: float
    good: float
    weight: Annotated[float, Field(gt=0.0, le=1e6)] = 1.0

    @field_validator("column")
    @classmethod
    def _rankable(cls, value: str) -> str:
        known = [column.name for column in all_columns() if column.better]
        if value not in known:
            raise ValueError(f"no column that can be weighed; there are {', '.join(known)}")
        return value

    @model_validator(mode="after")
    def _anchors_point_the_right_way(self) -> Self:
        if abs(self.poor - self.good) < 1e-6:
            raise ValueError("poor and good must differ")
        better = next(column.better for column in all_columns() if column.name == self.column)
        if (self.good > self.poor) != (better == "more"):
            raise ValueError(f"{better} {self.column} is better: poor and good are swapped")
        return self


class Weights(StrictModel):
    """Schema of a weights file: objectives by name."""

    objectives: Annotated[dict[str, Objective], Field(min_length=1)]


def load_weights(path: Path | None = None) -> Weights:
    """Read a weights file; the shipped one by default.

    Raises
    ------
    InputError
        Unreadable, not YAML, unknown key, wrong type, or anchors that coincide.
    """
    source = path or DEFAULT_WEIGHTS
    return parse(Weights, load_yaml(source), str(source))
