"""What the page draws: fronts, parity, growth and paths of hosts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from screening.descriptors import Column, Row, Value, column
from screening.pipeline.store import Store
from screening.ranking.judged import taken, value_of
from screening.ranking.pareto import valued, with_pareto
from screening.ranking.rank import Ranked, Ranking
from screening.ranking.weights import Objective
from screening.report.page.cells import formatted, interval
from screening.report.page.svg import Curve, Interval, Point, chart
from screening.report.paths import path_energies
from screening.report.tables import entries

ENERGY = "e_ads_ev"
KEPT = "kept"

Keys = dict[str, str]
"""Anchor of each host's section."""


def _ends(value: Value) -> Interval:
    known = value.lower90 is not None and value.upper90 is not None
    return (value.lower90, value.upper90) if known else None  # type: ignore[return-value]


def _titled(shown: Column) -> str:
    return f"{shown.name} / {shown.unit}" if shown.unit else shown.name


def pareto(ranking: Ranking, keys: Keys) -> Markup:
    """Draw the first two objectives with the front of what no other ranked host beats in both."""
    names = valued(ranking)[:2]
    if len(names) < 2:
        return Markup()
    layered = with_pareto(ranking, names)
    x, y = (ranking.objectives[name] for name in names)
    points = [point for e in layered.scored if (point := _pair(e, x, y, keys))]
    front = sorted((p for p in points if p.name), key=lambda point: (point.x, point.y))
    title = f"{ranking.ion}: {names[1]} over {names[0]}, with the Pareto front"
    across, up = (f"{n}: {_titled(column(ranking.objectives[n].column))}" for n in names)
    return chart(title, across, up, points, [Curve(front, ranking.ion)] if len(front) > 1 else [])


def _pair(entry: Ranked, x: Objective, y: Objective, keys: Keys) -> Point | None:
    row = entry.row
    if value_of(row, x) is None or value_of(row, y) is None:
        return None
    shown = [column(taken(row, objective)) for objective in (x, y)]
    across, up = (row.values[known.name] for known in shown)
    label = f"{row.candidate}, {row.ion}: {_said(shown[0], across)}; {_said(shown[1], up)}"
    if entry.apart:
        label += f"; ranked apart, {entry.apart}"
    leads = entry.pareto_layer == 1 and not entry.apart
    return Point(
        across.number, up.number, label, row.ion, keys[row.candidate], _ends(across), _ends(up),
        hollow=bool(entry.apart), name=row.candidate if leads else "",
    )  # fmt: skip


def _said(shown: Column, value: Value) -> str:
    ends = interval(shown, value)
    return f"{shown.name} {formatted(shown, value.value)}" + (f" ({ends})" if ends else "")


def parity(rankings: Sequence[Ranking], keys: Keys) -> Markup:
    """Draw calibrated over raw adsorption energies; hollow: the calibration did not vouch."""
    shown = column(ENERGY)
    points = []
    for row in (entry.row for ranking in rankings for entry in entries(ranking)):
        value = row.values.get(ENERGY)
        if value is None or value.raw is None:
            continue
        raw = formatted(shown, value.raw)
        label = f"{row.candidate}, {row.ion}: engine {raw}, {_said(shown, value)}"
        hollow = value.scale == "engine"
        point = Point(value.raw, value.number, label, row.ion, keys[row.candidate],
                      y_range=_ends(value), hollow=hollow)  # fmt: skip
        points.append(point)
    return chart(
        "Calibrated over raw adsorption energies", "engine's own / eV", "e_ads_ev / eV", points,
        diagonal=True,
    )  # fmt: skip


def nucleation(rows: Iterable[Row]) -> Markup:
    """Draw the energy that each further ion of a cluster costs, for each ion."""
    curves = [
        Curve(
            [
                Point(count, float(step), f"ion {count}: {step:+.3f} eV", row.ion)
                for count, step in enumerate(row["e_step_ev"], 1)
            ],
            row.ion,
        )
        for row in rows
        if row["e_step_ev"]
    ]
    return chart("Nucleation steps", "ions", "energy of the last ion / eV", curves=curves)


def coverage(rows: Iterable[Row]) -> Markup:
    """Draw energy per ion over coverage; hollow: the layer did not stay whole."""
    curves = []
    for row in rows:
        points = [
            Point(layer.theta, layer.e_ads_ev,
                  f"{layer.n} ions: {layer.e_ads_ev:+.3f} eV, {layer.outcome}", row.ion,
                  hollow=layer.outcome != KEPT)
            for layer in row.table("coverage")
            if layer.e_ads_ev is not None
        ]  # fmt: skip
        curves += [Curve(points, row.ion)] if points else []
    return chart("Coverage", "coverage / bcc(110) layers", "energy per ion / eV", curves=curves)


def profile(rows: Iterable[Row], store: Store) -> Markup:
    """Draw the engine's energy along the path of each ion's barrier."""
    curves = []
    for row in rows:
        energies = path_energies(row, store)
        if len(energies) < 3:
            continue
        last = len(energies) - 1
        points = [
            Point(count / last, energy, f"image {count}: {energy:+.3f} eV", row.ion)
            for count, energy in enumerate(energies)
        ]
        curves.append(Curve(points, row.ion))
    return chart("Diffusion path", "along the path", "energy, engine's own / eV", curves=curves)
