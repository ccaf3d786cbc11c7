"""Models that come with the package: a calibration an engine, and the instant model; JSON files."""

from __future__ import annotations

import functools
from pathlib import Path

from screening.errors import InputError
from screening.structure.level import Level
from screening.surrogate.instant import Instant
from screening.surrogate.model import Calibration

MODELS = Path(__file__).with_name("models")
INSTANT = MODELS / "instant.json"


def calibration_for(level: Level) -> Calibration | None:
    """Return the calibration of an engine, None if there is none."""
    return next((found for found in _shipped() if found.fits(level)), None)


def calibration_of(choice: str, level: Level) -> Calibration | None:
    """Return the calibration that a workflow asks for: ``auto``, ``none``, or a file.

    Raises
    ------
    InputError
        If the file is none, or of another engine than the level's.
    """
    if choice in {"auto", "none"}:
        return calibration_for(level) if choice == "auto" else None
    model = Calibration.load(Path(choice))
    if not model.fits(level):
        engine = ", ".join(f"{name} {value}" for name, value in model.engine if value)
        raise InputError(
            f"is not of {level}", where=f"calibration: {choice}", allowed=f"its engine, {engine}"
        )
    return model


def file_name(level: Level) -> str:
    """Return the name of the file with the calibration of an engine."""
    name = "-".join(part for part in (level.calculator, level.model) if part)
    suffix = "" if level.dispersion == "none" else f"-{level.dispersion}"
    return f"{name.replace(':', '-').replace('/', '-')}{suffix}.json"


@functools.cache
def _shipped() -> tuple[Calibration, ...]:
    paths = sorted(path for path in MODELS.glob("*.json") if path != INSTANT)
    return tuple(Calibration.load(path) for path in paths)


@functools.cache
def instant_model(choice: str = "auto") -> Instant:
    """Return the instant model that a workflow asks for: ``auto``, the package's, or a file.

    Raises
    ------
    InputError
        If the file is none.
    """
    return Instant.load(INSTANT if choice == "auto" else Path(choice))
