"""Rankings as one flat table, and the words that stand above it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any

import pandas as pd

from screening.descriptors import Column, Row, all_columns
from screening.descriptors.value import Plain
from screening.ranking.judged import cautions
from screening.ranking.rank import Ranked, Ranking, Unranked
from screening.structure.level import Level

_PLACE = {
    "score": "Weighted geometric mean of the desirabilities, 0 to 1.",
    "score_lower90": "Score with every descriptor at the worse end of its 90 % interval.",
    "score_upper90": "Score with every descriptor at the better end of its 90 % interval.",
    "rank_best": "Best rank that the intervals of all hosts leave open.",
    "rank_worst": "Worst rank that they leave open.",
    "filled": "Objectives without a value here: they count as the median of the other hosts.",
    "apart": "Why the host is ranked apart: its decisive value is not comparable. Empty: it is.",
    "pareto_layer": "1: no host is as good in all objectives and better in one; 2: but layer 1 …",
}
"""What a ranking adds to a row, beside the rank."""

_IDENTITY = {
    "rank": "Place among the hosts of its ion; 1 is best. Empty: none, with the reason.",
    "candidate": "Id of the host.",
    "family": "carbon, mxene, metal, alloy, oxide, framework, composite or a user's own word.",
    "formula": "Hill formula of the host's cell.",
    "ion": "Li, Na or K.",
}
_STANDING = {
    "in_domain": "Whether a calibration vouches for e_ads_ev; no: it is raw. Empty: there is none.",
    "calibration": "Fingerprint of the calibration.",
    "engine_scale": "Energies of the row that are the engine's own although e_ads_ev is not.",
    "status": "ok: all that was asked for is there; partial: some is missing; failed: no e_ads_ev.",
    "flags": "What to know before trusting the row.",
    "review": "Rows of the review that the host stands for.",
    "force_calls": "Evaluations behind the row, reused ones included.",
    "reason": "Why values that were asked for are missing.",
    "notes": "What does not apply to this host.",
    "calculator": "Engine of the energies.",
    "model": "Its model.",
    "functional": "What its numbers aim at.",
    "dispersion": "none or d3bj.",
    "level": "Fingerprint of all that decides the numbers.",
}


def dictionary() -> Mapping[str, tuple[str, str]]:
    """Return unit and meaning of every column of every table, in their order."""
    return _dictionary(all_columns())


@lru_cache(maxsize=1)
def _dictionary(columns: tuple[Column, ...]) -> Mapping[str, tuple[str, str]]:
    found = {name: ("", about) for name, about in {**_IDENTITY, **_PLACE}.items()}
    for column in columns:
        found[column.name] = (column.unit, column.about)
        if column.interval:
            found[column.lower] = (column.unit, f"Lower end of the 90 % interval of {column.name}.")
            found[column.upper] = (column.unit, f"Upper end of the 90 % interval of {column.name}.")
            found[column.raw] = (column.unit, f"{column.name} by the engine itself.")
    return MappingProxyType(found | {name: ("", about) for name, about in _STANDING.items()})


DECIMALS = 6
"""Digits kept after the point: 1 µeV, far below what any engine reproduces."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def table(rankings: Sequence[Ranking]) -> pd.DataFrame:
    """Return one line a host and ion: ranked ones best first, then those without a score.

    Missing values are None in every column, numeric ones included.
    """
    found = (entry for ranking in rankings for entry in entries(ranking))
    return pd.DataFrame(list(records(found)), columns=list(dictionary()), dtype=object)


def frame(rankings: Iterable[Ranking]) -> pd.DataFrame:
    """Return the table with numbers as floats, NaN where missing; units in ``attrs["units"]``."""
    lines = table(list(rankings))
    for name in lines:
        known = lines[name].dropna()
        if all(isinstance(value, int | float) and not isinstance(value, bool) for value in known):
            lines[name] = pd.to_numeric(lines[name], errors="coerce").astype(float)
    lines.attrs["units"] = {name: unit for name, (unit, _) in dictionary().items() if unit}
    return lines


def sites_frame(row: Row) -> pd.DataFrame:
    """Return every site that was tried of a row, a line each."""
    names = ("site", "final_site", "outcome", "host_disp_a", "fmax_ev_a", "reason")
    return pd.DataFrame(
        [
            {"e_ads_ev": site.e_ads_ev, **{name: getattr(site, name) for name in names}}
            for site in row.table("sites")
        ],
        columns=[names[0], "e_ads_ev", *names[1:]],
    )


def entries(ranking: Ranking) -> Iterator[Ranked | Unranked]:
    """Iterate over all hosts of a ranking in the order of the tables."""
    yield from ranking.entries


def records(found: Iterable[Ranked | Unranked]) -> Iterator[dict[str, Any]]:
    """Yield lines of the table: plain values by column, rounded, missing ones None.

    A host that is ranked apart has a score and the reason, and no rank.
    """
    # Most cells of a line are empty: it starts so, and only what the row has is filled in.
    empty = dict.fromkeys(dictionary())
    columns = {column.name: (column, column.names[1:]) for column in all_columns()}
    for entry in found:
        line = empty.copy()
        line |= _of_level(entry.row.level)
        line |= _standing(entry)
        for name, known in entry.row.values.items():
            if name not in columns:
                continue
            column, ends = columns[name]
            cell = _cell(column, known.value)
            line[name] = plain(cell) if column.digits is None else cell
            for end, value in zip(ends, (known.lower90, known.upper90, known.raw), strict=False):
                line[end] = None if value is None else plain(value)
        yield line


@cache
def _of_level(level: Level) -> Mapping[str, Any]:
    return {name: plain(getattr(level, name)) for name in LEVEL} | {"level": level.fingerprint}


def _standing(entry: Ranked | Unranked) -> dict[str, Any]:
    """Return what a line says beside the values: whose it is, its place, how far to trust it."""
    row = entry.row
    energy = row.values.get("e_ads_ev")
    found = {
        "candidate": row.candidate,
        "family": row.family,
        "formula": row.formula,
        "ion": row.ion,
        "in_domain": None if energy is None else energy.in_domain,
        "calibration": row.calibration,
        "engine_scale": " ".join(on_engine_scale(row)),
        "status": row.status,
        "flags": "; ".join(cautions(row)),
        "review": " ".join(row.review),
        "force_calls": sum(row.force_calls.values()) or None,
        "reason": row.reason,
        "notes": "; ".join(row.notes),
    }
    if isinstance(entry, Unranked):
        found["reason"] = entry.reason
    else:
        place = ("rank", "rank_best", "rank_worst") if not entry.apart else ()
        for name in (*place, "score", "score_lower90", "score_upper90", "apart", "pareto_layer"):
            found[name] = getattr(entry, name)
        found["filled"] = " ".join(entry.filled)
    return {name: plain(value) for name, value in found.items() if value is not None}


LEVEL = ("calculator", "model", "functional", "dispersion")


def on_engine_scale(row: Row) -> list[str]:
    """Return the energies of a row that are the engine's own, where `e_ads_ev` is not."""
    best = row.values.get("e_ads_ev")
    if best is None or best.scale == "engine":
        return []
    return [name for name, value in row.values.items() if value.scale == "engine"]


def _cell(column: Column, value: Plain) -> Any:
    if isinstance(value, tuple):
        return " ".join(column.form.format(part) for part in value)
    if column.digits is not None and isinstance(value, float):
        return float(f"{value:.{column.digits}g}") if math.isfinite(value) else None
    return value


def plain(value: Any) -> Any:
    """Return a value fit for any format: rounded, on one line, None instead of NaN."""
    if isinstance(value, float):
        return round(value, DECIMALS) + 0.0 if math.isfinite(value) else None
    if isinstance(value, str):
        return (value if value.isprintable() else _CONTROL.sub(" ", value)).strip()
    return value


def header(ranking: Ranking) -> list[str]:
    """Return what a reader must know before the numbers: level, what counts, what does not."""
    lines = [f"Level {level.fingerprint}: {describe(level)}" for level in ranking.levels]
    lines += calibration_note(entry.row for entry in entries(ranking))
    counted = ", ".join(
        f"{name} ({objective.column}, weight {objective.weight:g})"
        for name, objective in ranking.objectives.items()
    )
    lines.append(f"Score counts: {counted or 'nothing'}")
    if ranking.dropped:
        lines.append(f"Not counted, no host has a value: {', '.join(ranking.dropped)}")
    for name, objective in ranking.objectives.items():
        if lacking := sum(name in entry.filled for entry in ranking.scored):
            lines.append(
                f"{objective.column} is missing for {lacking} of {len(ranking.scored)} hosts: it "
                "counts as the median of all hosts that have it, their whole range as interval"
            )
    return lines


def calibration_note(rows: Iterable[Row]) -> list[str]:
    """Say how many energies are calibrated, by which models; nothing where none was applied."""
    valued = [row for row in rows if "e_ads_ev" in row.values]
    applied = [row for row in valued if row.calibration]
    if not applied:
        return []
    models = ", ".join(sorted({str(row.calibration) for row in applied}))
    inside = sum(bool(row.values["e_ads_ev"].in_domain) for row in applied)
    share = (
        f"{inside} of {len(valued)} hosts, raw for the others" if inside < len(valued) else "all"
    )
    what = f"e_ads_ev is calibrated to the reference level (model {models})"
    return [f"{what} for {share}; bounds hold 90 %"]


def describe(level: Level) -> str:
    """Return calculator, model, functional and dispersion in words."""
    return (
        f"calculator {level.calculator}, model {level.model or '–'}, "
        f"functional {level.functional}, dispersion {level.dispersion}"
    )
