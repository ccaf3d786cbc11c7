"""Values of a row: a number with its interval, its scale and the computation behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from screening.errors import ScaleError

Scale = Literal["engine", "calibrated", "reference"]
"""Whose energies: the engine's own, the engine's corrected to the reference level, or the reference
level's. Sums, differences and comparisons stay on one scale."""

SCALES: tuple[Scale, ...] = ("reference", "calibrated", "engine")
"""Best founded first."""

Plain = float | int | bool | str | tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Value:
    """What is known of one column of one row.

    Attributes
    ----------
    value
        Number, text, or several numbers, in the unit of the column.
    scale
        Of energies, whose they are; None for what rests on no energy.
    lower90, upper90
        Ends of the 90 % interval, where one is known.
    raw
        The engine's own value, where a calibration has judged it; equal to `value` where it
        refused to correct it.
    method
        How it was found, in a word or two.
    task
        Key of the task whose structure the value stands for; empty if it is none's.
    """

    value: Plain
    scale: Scale | None = None
    lower90: float | None = None
    upper90: float | None = None
    raw: float | None = None
    method: str = ""
    task: str = ""

    @property
    def number(self) -> float:
        """The value as one number.

        Raises
        ------
        TypeError
            If it is text or several numbers.
        """
        if isinstance(self.value, str | tuple):
            raise TypeError(f"{self.value!r} is not one number")
        return float(self.value)

    @property
    def in_domain(self) -> bool | None:
        """Whether a calibration vouches for the value; None where none was asked."""
        if self.scale == "reference":
            return True
        return None if self.raw is None else self.scale == "calibrated"

    def __sub__(self, other: Value) -> Value:
        """Difference of two energies of one scale; its interval is not known from theirs.

        Raises
        ------
        ScaleError
            If the scales differ.
        """
        self._alike(other)
        return Value(self.number - other.number, self.scale)

    def __add__(self, other: Value) -> Value:
        """Sum of two energies of one scale, as for differences."""
        self._alike(other)
        return Value(self.number + other.number, self.scale)

    def __lt__(self, other: Value) -> bool:
        """Whether it is lower than another energy of its scale.

        Raises
        ------
        ScaleError
            If the scales differ.
        """
        self._alike(other)
        return self.number < other.number

    def _alike(self, other: Value) -> None:
        if self.scale != other.scale:
            raise ScaleError(
                f"an energy of scale {self.scale} and one of scale {other.scale} have no sum, "
                "difference or order",
                allowed="energies of one scale",
            )
