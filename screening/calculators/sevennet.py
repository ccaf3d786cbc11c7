"""SevenNet graph neural network potentials, with the weights that the wheel carries.

Park et al., J. Chem. Theory Comput. 20, 4857 (2024), doi:10.1021/acs.jctc.4c00190.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ase.calculators.calculator import Calculator

from screening.calculators.base import CalculatorSpec
from screening.calculators.models import (
    MPTRJ_ELEMENTS,
    file_hash,
    package_file,
    package_version,
    pick_model,
    refuse_options,
)
from screening.structure.level import Level


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


def spec(model: str, options: Mapping[str, Any]) -> CalculatorSpec:
    """Describe a SevenNet model; torch is imported by `make` only."""
    refuse_options("sevennet", options)
    name = pick_model("sevennet", model, MODELS)
    return CalculatorSpec(
        name="sevennet" if name == next(iter(MODELS)) else f"sevennet:{name}",
        level=functools.partial(_level, name),
        elements=MPTRJ_ELEMENTS,
        make=functools.partial(_make, name),
        modules=("sevenn", "torch"),
        extra="sevennet",
        note=NOTE,
        functional="PBE",
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


def _make(model: str) -> Calculator:
    import torch  # noqa: PLC0415 (seconds to import; only who computes pays)

    from screening.calculators.sevennet_engine import BatchSevenNet  # noqa: PLC0415

    torch.set_num_threads(1)  # workers are processes; threads of several of them would compete
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # upstream's advice on accelerators that are not here
        return BatchSevenNet(model=_checkpoint(model), modal=MODELS[model].modal)
