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
    before
        Column taken before it where the row has a value of that, judged by the same anchors.
    optional
        A host to which it does not apply is judged by the other objectives, not left out.
    """

    column: str
    before: str | None = None
    optional: bool = False
    poor: float
    good: float
    weight: Annotated[float, Field(gt=0.0, le=1e6)] = 1.0

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
