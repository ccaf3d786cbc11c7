"""The weights file: which descriptors count, how much, and what is poor and good."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from screening.config import StrictModel, load_yaml, parse

DEFAULT_WEIGHTS = Path(__file__).with_name("weights.yaml")


class Objective(StrictModel):
    """One descriptor and the two anchors of its desirability.

    Attributes
    ----------
    column
        Descriptor of the row, in eV.
    poor, good
        Values with desirability 0.2 and 0.8, in the unit of the column. ``good < poor`` means
        that less is better.
    weight
        Exponent in the weighted geometric mean; only ratios of weights matter.
    """

    column: Literal["e_ads_ev", "barrier_ev"]
    poor: float
    good: float
    weight: Annotated[float, Field(gt=0.0, le=1e6)] = 1.0

    @model_validator(mode="after")
    def _anchors_differ(self) -> Self:
        if abs(self.poor - self.good) < 1e-6:
            raise ValueError("poor and good must differ")
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
