"""Rankings as one flat table, and the words that stand above it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import pandas as pd

from screening.descriptors.record import Row
from screening.ranking.rank import Ranked, Ranking, Unranked, cautions
from screening.structure.level import Level

COLUMNS: Mapping[str, str] = {
    "rank": "",
    "candidate": "",
    "family": "",
    "formula": "",
    "ion": "",
    "score": "",
    "score_lower90": "",
    "score_upper90": "",
    "rank_best": "",
    "rank_worst": "",
    "e_ads_ev": "eV",
    "e_ads_lower90_ev": "eV",
    "e_ads_upper90_ev": "eV",
    "e_ads_raw_ev": "eV",
    "in_domain": "",
    "calibration": "",
    "site": "",
    "outcome": "",
    "barrier_ev": "eV",
    "barrier_lower90_ev": "eV",
    "barrier_upper90_ev": "eV",
    "barrier_raw_ev": "eV",
    "barrier_path": "",
    "barrier_easy_ev": "eV",
    "barrier_method": "",
    "diffusion_cm2_s": "cm²/s",
    "temperature_k": "K",
    "attempt_thz": "THz",
    "e_step_ev": "eV",
    "eta_nuc_mv": "mV",
    "clustering_ev": "eV",
    "e_ml_ev": "eV",
    "e_theta_ev": "eV",
    "gamma_j_m2": "J/m²",
    "gamma_spread_j_m2": "J/m²",
    "gamma_metal_j_m2": "J/m²",
    "gamma_metal_spread_j_m2": "J/m²",
    "gamma_metal_faces_j_m2": "J/m²",
    "volume_change": "",
    "volume_change_anode": "",
    "capacity_mah_g": "mAh/g",
    "misfit": "",
    "misfit_plane": "",
    "misfit_area_a2": "Å²",
    "delta_chi": "",
    "local_dipole_e_a": "e Å",
    "charge_e": "e",
    "work_function_ev": "eV",
    "electronic_level": "",
    "host_distortion_ev": "eV",
    "g_ads_ev": "eV",
    "g_ads_temperature_k": "K",
    "host_disp_a": "Å",
    "ion_distance_a": "Å",
    "fmax_ev_a": "eV/Å",
    "converged": "",
    "status": "",
    "flags": "",
    "review": "",
    "force_calls": "",
    "reason": "",
    "calculator": "",
    "model": "",
    "functional": "",
    "dispersion": "",
    "level": "",
}
"""Columns of every table and their units; docs/columns.md defines them."""

_PLACE = ("rank", "score", "score_lower90", "score_upper90", "rank_best", "rank_worst")
"""What a ranking adds to a row."""

DECIMALS = 6
"""Digits kept after the point: 1 µeV, far below what any engine reproduces."""

SIGNIFICANT = ("diffusion_cm2_s",)
"""Columns that span many orders of magnitude: four significant digits."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def table(rankings: Sequence[Ranking]) -> pd.DataFrame:
    """Return one line a host and ion: ranked ones best first, then those without a score.

    Missing values are None in every column, numeric ones included.
    """
    records = [record(entry) for ranking in rankings for entry in entries(ranking)]
    return pd.DataFrame(records, columns=list(COLUMNS), dtype=object)


def entries(ranking: Ranking) -> Iterator[Ranked | Unranked]:
    """Iterate over all hosts of a ranking in the order of the tables."""
    yield from ranking.ranked
    yield from ranking.unranked


def record(entry: Ranked | Unranked) -> dict[str, Any]:
    """Return one line of the table: plain values by column, rounded, missing ones None."""
    row, level = entry.row, entry.row.level
    values = dict.fromkeys(COLUMNS) | asdict(row) | asdict(level)
    values |= {name: getattr(entry, name, None) for name in _PLACE} | {"level": level.fingerprint}
    if isinstance(entry, Unranked):
        values["reason"] = entry.reason
    values["e_step_ev"] = " ".join(f"{step:+.3f}" for step in row.e_step_ev) or None
    faces = row.gamma_metal_faces_j_m2
    values["gamma_metal_faces_j_m2"] = " ".join(f"{gamma:.3f}" for gamma in faces) or None
    curve = [(layer.theta, layer.e_ads_ev) for layer in row.coverage if layer.e_ads_ev is not None]
    values["e_theta_ev"] = " ".join(f"{x:.2f}:{energy:+.3f}" for x, energy in curve) or None
    values["review"] = " ".join(row.review)
    values["force_calls"] = sum(row.force_calls.values()) or None
    values["flags"] = "; ".join(cautions(row))
    line = {column: plain(values[column]) for column in COLUMNS}
    wide = {c: float(f"{values[c]:.4g}") for c in SIGNIFICANT if values[c] is not None}
    return line | wide


def plain(value: Any) -> Any:
    """Return a value fit for any format: rounded, on one line, None instead of NaN."""
    if isinstance(value, float):
        return round(value, DECIMALS) + 0.0 if math.isfinite(value) else None
    if isinstance(value, str):
        return _CONTROL.sub(" ", value).strip()
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
    return lines


def calibration_note(rows: Iterable[Row]) -> list[str]:
    """Say how many energies are calibrated, by which models; nothing where none was applied."""
    valued = [row for row in rows if row.e_ads_ev is not None]
    applied = [row for row in valued if row.calibration]
    if not applied:
        return []
    models = ", ".join(sorted({str(row.calibration) for row in applied}))
    inside = sum(bool(row.in_domain) for row in applied)
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
