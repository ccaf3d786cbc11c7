"""CHGNet, a graph neural network potential with magnetic moments.

Deng et al., Nat. Mach. Intell. 5, 1031 (2023), doi:10.1038/s42256-023-00716-3.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ase.calculators.calculator import Calculator

from screening.calculators.base import CalculatorSpec
from screening.calculators.device import Device, Place, place_of
from screening.calculators.models import (
    MPTRJ_ELEMENTS,
    file_hash,
    package_file,
    package_version,
    pick_model,
)
from screening.config import StrictModel, parse
from screening.structure.level import Level


@dataclass(frozen=True)
class _Model:
    checkpoint: str
    functional: str
    note: str


_MPTRJ = "trained on MPtrj, a mix of PBE and PBE+U; overbinds alkali on sp2 carbon by about 1 eV"

MODELS: Mapping[str, _Model] = MappingProxyType(
    {
        "0.3.0": _Model("0.3.0/chgnet_0.3.0_e29f68s314m37.pth.tar", "PBE", _MPTRJ),
        "0.2.0": _Model("0.2.0/chgnet_0.2.0_e30f77s348m32.pth.tar", "PBE", _MPTRJ),
        "r2scan": _Model(
            "r2scan/chgnet_r2scan_transfer_learning_e15f36s161m23.pth.tar",
            "r2SCAN",
            "transfer-learned on MP-r2SCAN relaxations",
        ),
    }
)


class Settings(StrictModel):
    """Settings of CHGNet; none changes the level.

    Attributes
    ----------
    device
        ``auto``: a graphics card where torch sees one; ``cpu``; ``cuda``.
    """

    device: Device = "auto"


def spec(model: str, options: Mapping[str, Any]) -> CalculatorSpec:
    """Describe a CHGNet model; torch is imported by `make` only.

    Raises
    ------
    InputError
        If an option is unknown or has no such value.
    """
    settings = parse(Settings, options, "chgnet options")
    name = pick_model("chgnet", model, MODELS)
    return CalculatorSpec(
        name="chgnet" if name == next(iter(MODELS)) else f"chgnet:{name}",
        level=functools.partial(_level, name),
        elements=MPTRJ_ELEMENTS,
        make=functools.partial(_make, name, settings),
        place=functools.partial(_place, settings),
        modules=("chgnet", "torch"),
        extra="chgnet",
        note=MODELS[name].note,
        functional=MODELS[name].functional,
        options=settings.model_dump(),
    )


def _place(settings: Settings) -> Place:
    return place_of(settings.device, "chgnet options.device")


def _checkpoint(model: str) -> Path:
    return package_file("chgnet", f"pretrained/{MODELS[model].checkpoint}")


def _level(model: str) -> Level:
    return Level(
        calculator="chgnet",
        model=model,
        functional=MODELS[model].functional,
        dispersion="none",
        version=package_version("chgnet"),
        weights=file_hash(_checkpoint(model)),
        dtype="float32",
    )


def _make(model: str, settings: Settings) -> Calculator:
    place = _place(settings)
    from screening.calculators.chgnet_engine import batch_engine  # noqa: PLC0415 (imports torch)

    return batch_engine(model, place)
