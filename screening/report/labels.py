"""Where names stand beside their points in a drawing, so that none covers another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Box = tuple[float, float, float, float]
"""Left, lower, right and upper end."""

GAP = 5.0
"""Between a point and its name, in units of the drawing."""


@dataclass(frozen=True)
class Label:
    """A name beside a point: it starts at `x`, or ends there."""

    x: float
    y: float
    text: str
    ends: bool


def place(
    named: Sequence[tuple[float, float, str]],
    others: Sequence[tuple[float, float]],
    frame: Box,
    *,
    letter: float,
    height: float,
) -> list[Label]:
    """Find a free place beside each point; a name without one is left out.

    Parameters
    ----------
    named
        Points and their names, the most important first.
    others
        Points that a name does not cover if there is a choice.
    frame
        What names may not leave.
    letter, height
        Size of a letter, in the unit of the points.
    """
    taken: list[Box] = []
    marks = [*others, *((x, y) for x, y, _ in named)]
    found = []
    for x, y, text in named:
        free = [
            (sum(_holds(box, mark) for mark in marks), order, label, box)
            for order, (label, box) in enumerate(_beside(x, y, text, letter, height))
            if _inside(box, frame) and not any(_overlap(box, other) for other in taken)
        ]
        if free:
            _, _, label, box = min(free, key=lambda choice: choice[:2])
            taken.append(box)
            found.append(label)
    return found


def _beside(
    x: float, y: float, text: str, letter: float, height: float
) -> Iterator[tuple[Label, Box]]:
    width = letter * len(text)
    for ends in (False, True):
        for rise in (0.3, -0.6, 1.1, -1.4, 0.0):
            at = x - GAP if ends else x + GAP
            low = y + rise * height
            left = at - width if ends else at
            yield Label(at, low, text, ends), (left, low, left + width, low + height)


def _inside(box: Box, frame: Box) -> bool:
    return box[0] >= frame[0] and box[1] >= frame[1] and box[2] <= frame[2] and box[3] <= frame[3]


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _holds(box: Box, mark: tuple[float, float]) -> bool:
    return box[0] <= mark[0] <= box[2] and box[1] <= mark[1] <= box[3]
