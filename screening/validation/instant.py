"""Samples for the instant model: a reference set, and the exported table of a screen."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from screening.builders import Catalogue
from screening.descriptors.bound import UNBOUND
from screening.errors import InputError, LevelError
from screening.structure import Candidate
from screening.structure.level import Level
from screening.surrogate.instant_train import InstantSample, held_out
from screening.units import IONS
from screening.validation.measure import Measured
from screening.validation.reference import AS_RELAXED, ReferencePoint, ReferenceSet


@dataclass(frozen=True)
class Screen:
    """Samples of one cheap level.

    Attributes
    ----------
    skipped
        Lines of the table without a use: no value, the ion left or tore the host apart, or the
        host is not in the catalogue as it was.
    """

    level: str
    samples: tuple[InstantSample, ...]
    skipped: int


def lowest_points(reference: ReferenceSet) -> list[ReferencePoint]:
    """Return the lowest relaxed point of each host and ion."""
    lowest: dict[tuple[str, str], ReferencePoint] = {}
    for point in reference.points:
        pair = point.host, point.ion
        best = lowest.get(pair, point)
        if point.note in AS_RELAXED and point.e_ads_ref_ev <= best.e_ads_ref_ev:
            lowest[pair] = point
    return list(lowest.values())


def exact_samples(points: Iterable[ReferencePoint]) -> list[InstantSample]:
    """Return points of the reference level as samples."""
    return [InstantSample(p.host, p.clean, p.ion, p.e_ads_ref_ev, exact=True) for p in points]


def held_out_points(
    points: Sequence[ReferencePoint], others: Sequence[InstantSample]
) -> list[Measured]:
    """Estimate each point by a model that has seen neither level of its host."""
    estimates = held_out([*exact_samples(points), *others])
    return [
        Measured(point, None, estimate, held_out=True)
        for point, estimate in zip(points, estimates, strict=True)
    ]


def read_screens(paths: Sequence[Path], catalogue: Catalogue) -> Screen:
    """Read several tables of one level; of a host and ion in two, the first counts.

    Raises
    ------
    InputError
        See `read_screen`; also if the tables are of different levels.
    """
    screens = [read_screen(path, catalogue) for path in paths]
    levels = sorted({screen.level for screen in screens})
    if len(levels) > 1:
        raise LevelError(f"tables of {len(levels)} levels: {'; '.join(levels)}", where="--screen")
    samples: dict[tuple[str, str], InstantSample] = {}
    for sample in (sample for screen in screens for sample in screen.samples):
        samples.setdefault((sample.host, sample.ion), sample)
    skipped = sum(screen.skipped for screen in screens)
    return Screen("".join(levels), tuple(samples.values()), skipped)


def read_screen(path: Path, catalogue: Catalogue) -> Screen:
    """Read a table written by ``alkascreen export --format json`` and build its hosts.

    Raises
    ------
    InputError
        If the file is no such table, or holds rows of several levels.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        levels = {
            str(Level(**{**level, "settings": tuple(map(tuple, level["settings"]))}))
            for level in document["levels"].values()
        }
        if len(levels) != 1:
            raise LevelError(f"rows of {len(levels)} levels", where=str(path))
        rows = document["rows"]
        hosts = {
            name: catalogue.build(name)
            for name in dict.fromkeys(str(row["candidate"]) for row in rows)
            if name in catalogue.recipes
        }
        found = [_sample(row, hosts.get(row["candidate"])) for row in rows]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"cannot read table: {type(error).__name__}: {error}",
            where=str(path),
            allowed="a file written by 'alkascreen export --format json'",
        ) from None
    samples = tuple(sample for sample in found if sample is not None)
    return Screen(levels.pop(), samples, len(found) - len(samples))


def _sample(row: Mapping[str, Any], host: Candidate | None) -> InstantSample | None:
    value = row["e_ads_raw_ev"] if row["calibration"] else row["e_ads_ev"]
    usable = value is not None and row["outcome"] not in UNBOUND and row["ion"] in IONS
    if not usable or host is None or host.formula != row["formula"]:
        return None
    return InstantSample(host.id, host.atoms, row["ion"], float(value), exact=False)
