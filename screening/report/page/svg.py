"""Charts as SVG: they need no script, print sharply, and take their colours from the page."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from screening.report.labels import place

WIDTH, HEIGHT = 460, 320
LEFT, RIGHT, TOP, BOTTOM = 56, 14, 12, 46
TICKS = 5
MARGIN = 0.06
LETTER = 6.2
"""Width of a letter of a name, pixels."""

Interval = tuple[float, float] | None


@dataclass(frozen=True)
class Point:
    """One host in a chart.

    Attributes
    ----------
    key
        Anchor of the host's section.
    x_range, y_range
        Ends of error bars.
    hollow
        Drawn without filling.
    name
        Stands beside the point, if there is room.
    """

    x: float
    y: float
    label: str
    ion: str
    key: str = ""
    x_range: Interval = None
    y_range: Interval = None
    hollow: bool = False
    name: str = ""


@dataclass(frozen=True)
class Curve:
    """Points joined by a line."""

    points: Sequence[Point]
    ion: str


@dataclass(frozen=True)
class Axis:
    """A title and the range shown, mapped linearly to pixels."""

    title: str
    low: float
    high: float

    @classmethod
    def around(cls, title: str, values: Iterable[float]) -> Axis:
        """Axis with a margin around finite values."""
        known = [value for value in values if math.isfinite(value)]
        low, high = min(known), max(known)
        margin = MARGIN * (high - low) or 0.5
        return cls(title, low - margin, high + margin)

    def ticks(self) -> list[float]:
        """Round numbers inside the range: 1, 2 or 5 times a power of ten apart."""
        rough = (self.high - self.low) / TICKS
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(f * power for f in (1, 2, 5, 10) if f * power >= rough * (1 - 1e-9))
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return [round(count * step, 10) + 0.0 for count in range(first, last + 1)]


@dataclass(frozen=True)
class Plane:
    """Two axes on a drawing."""

    x: Axis
    y: Axis

    def across(self, value: float) -> float:
        """Pixels from the left."""
        share = (value - self.x.low) / (self.x.high - self.x.low)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def down(self, value: float) -> float:
        """Pixels from the top."""
        share = (value - self.y.low) / (self.y.high - self.y.low)
        return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)


def chart(
    title: str,
    x_title: str,
    y_title: str,
    points: Sequence[Point] = (),
    curves: Sequence[Curve] = (),
    *,
    diagonal: bool = False,
) -> Markup:
    """Draw points with error bars, and curves; empty if there is nothing to draw.

    Parameters
    ----------
    title
        What it shows, for those who hear the page.
    diagonal
        Whether to draw where both axes are equal.
    """
    drawn = [*points, *(p for curve in curves for p in curve.points if p not in points)]
    if not drawn:
        return Markup()
    x = Axis.around(x_title, [v for p in drawn for v in (p.x, *(p.x_range or ()))])
    y = Axis.around(y_title, [v for p in drawn for v in (p.y, *(p.y_range or ()))])
    plane = Plane(x, y)
    parts = [_grid(plane)]
    if diagonal:
        ends = max(x.low, y.low), min(x.high, y.high)
        parts.append(_line(plane, [(end, end) for end in ends], "reference"))
    for curve in curves:
        line = [(p.x, p.y) for p in curve.points]
        parts.append(_line(plane, line, f"curve ion-{curve.ion}"))
    parts += [_point(plane, point) for point in drawn]
    parts += _names(plane, points)
    head = '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">'
    return Markup(head).format(WIDTH, HEIGHT, title) + Markup().join(parts) + Markup("</svg>")


def _grid(plane: Plane) -> Markup:
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    parts = []
    for value in plane.x.ticks():
        at = plane.across(value)
        kind = "zero" if value == 0 else "grid"
        parts.append(_segment(at, TOP, at, bottom, kind))
        parts.append(_text(at, bottom + 16, f"{value:g}", "middle"))
    for value in plane.y.ticks():
        at = plane.down(value)
        kind = "zero" if value == 0 else "grid"
        parts.append(_segment(LEFT, at, right, at, kind))
        parts.append(_text(LEFT - 6, at + 4, f"{value:g}", "end"))
    parts.append(_text((LEFT + right) / 2, HEIGHT - 8, plane.x.title, "middle"))
    turned = (
        '<text class="axis" transform="translate(14 {}) rotate(-90)" text-anchor="middle">{}</text>'
    )
    parts.append(Markup(turned).format((TOP + bottom) / 2, plane.y.title))
    return Markup().join(parts)


def _segment(x1: float, y1: float, x2: float, y2: float, kind: str) -> Markup:
    return Markup('<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(kind, x1, y1, x2, y2)


def _text(x: float, y: float, text: str, anchor: str) -> Markup:
    form = '<text class="axis" x="{}" y="{}" text-anchor="{}">{}</text>'
    return Markup(form).format(x, y, anchor, text)


def _line(plane: Plane, points: Sequence[tuple[float, float]], kind: str) -> Markup:
    path = " ".join(f"{plane.across(x)},{plane.down(y)}" for x, y in points)
    return Markup('<polyline class="{}" points="{}"/>').format(kind, path)


def _names(plane: Plane, points: Sequence[Point]) -> list[Markup]:
    at = [(plane.across(p.x), -plane.down(p.y)) for p in points]
    named = [(*spot, p.name) for spot, p in zip(at, points, strict=True) if p.name]
    frame = (LEFT, -(HEIGHT - BOTTOM), WIDTH - RIGHT, -TOP)
    form = '<text class="name" x="{}" y="{}" text-anchor="{}">{}</text>'
    return [
        Markup(form).format(
            round(found.x, 1), round(-found.y, 1), "end" if found.ends else "start", found.text
        )
        for found in place(named, at, frame, letter=LETTER, height=LETTER * 1.7)
    ]


SHAPES = {
    "Li": "M-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0z",
    "Na": "M-3.6,-3.6h7.2v7.2h-7.2z",
    "K": "M0,-4.8L4.6,3.4H-4.6z",
}
"""Colour is never the only difference: circles, squares, triangles."""


def _point(plane: Plane, point: Point) -> Markup:
    x, y = plane.across(point.x), plane.down(point.y)
    parts = [Markup('<g class="point ion-{}" data-ion="{}">').format(point.ion, point.ion)]
    if point.x_range:
        low, high = map(plane.across, point.x_range)
        parts.append(_segment(low, y, high, y, "bar"))
    if point.y_range:
        low, high = map(plane.down, point.y_range)
        parts.append(_segment(x, low, x, high, "bar"))
    shape = Markup('<path class="{}" d="{}" transform="translate({} {})"/>').format(
        "hollow" if point.hollow else "solid", SHAPES.get(point.ion, SHAPES["Li"]), x, y
    )
    title = Markup("<title>{}</title>").format(point.label)
    mark = title + shape
    if point.key:
        mark = Markup('<a href="#{}" aria-label="{}">{}</a>').format(point.key, point.label, mark)
    return Markup().join([*parts, mark, Markup("</g>")])
