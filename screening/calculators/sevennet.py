"""SevenNet graph neural network potentials, with the weights that the wheel carries.

Park et al., J. Chem. Theory Comput. 20, 4857 (2024), doi:10.1021/acs.jctc.4c00190.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

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

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Model:
    checkpoint: str
    modal: str | None = None


MODELS: Mapping[str, _Model] = MappingProxyType(
    {
        "7net-0": _Model("SevenNet_0__11Jul2024/checkpoint_sevennet_0.pth"),
        "7net-l3i5": _Model("SevenNet_l3i5/checkpoint_l3i5.pth"),
        "7net-mf-0": _Model("SevenNet_MF_0/checkpoint_sevennet_mf_0.pth", modal="PBE"),
    }
)

NOTE = "trained on MPtrj, a mix of PBE and PBE+U; overbinds alkali on sp2 carbon by about 0.5 eV"


class Settings(StrictModel):
    """Settings of SevenNet; none changes the level.

    Attributes
    ----------
    engine
        ``auto``: compiled C on a CPU (docs/force-call.md), stock SevenNet on a graphics card or
        where the former cannot be had. ``stock``: stock SevenNet.
    device
        ``auto``: a graphics card where torch sees one; ``cpu``; ``cuda``.
    """

    engine: Literal["auto", "stock"] = "auto"
    device: Device = "auto"


def spec(model: str, options: Mapping[str, Any]) -> CalculatorSpec:
    """Describe a SevenNet model; torch is imported by `make` only, if at all.

    Raises
    ------
    InputError
        If an option is unknown or has no such value.
    """
    settings = parse(Settings, options, "sevennet options")
    name = pick_model("sevennet", model, MODELS)
    return CalculatorSpec(
        name="sevennet" if name == next(iter(MODELS)) else f"sevennet:{name}",
        level=functools.partial(_level, name),
        elements=MPTRJ_ELEMENTS,
        make=functools.partial(_make, name, settings),
        place=functools.partial(_place, settings),
        modules=("sevenn", "torch"),
        extra="sevennet",
        note=NOTE,
        functional="PBE",
        options=settings.model_dump(),
        hubbard=True,
    )


def _checkpoint(model: str) -> Path:
    return package_file("sevenn", f"pretrained_potentials/{MODELS[model].checkpoint}")


def _level(model: str) -> Level:
    return Level(
        calculator="sevennet",
        model=model,
        functional="PBE",
        dispersion="none",
        version=package_version("sevenn"),
        weights=file_hash(_checkpoint(model)),
        dtype="float32",
    )


def _place(settings: Settings) -> Place:
    return place_of(settings.device, "sevennet options.device")


def _make(model: str, settings: Settings) -> Calculator:
    checkpoint, modal = _checkpoint(model), MODELS[model].modal
    place = _place(settings)
    if settings.engine == "auto" and place == "cpu":
        from screening.calculators import sevennet_cpu  # noqa: PLC0415 (a room of its own)

        try:
            return sevennet_cpu.SevenNetCPU(sevennet_cpu.open_library(checkpoint, modal), modal)
        except sevennet_cpu.UnavailableError as error:
            log.warning("sevennet:%s runs on the slower stock engine: %s", model, error)
    from screening.calculators.sevennet_engine import stock_engine  # noqa: PLC0415 (imports torch)

    return stock_engine(checkpoint, modal, place)
