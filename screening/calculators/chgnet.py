"""CHGNet, a graph neural network potential with magnetic moments.

Deng et al., Nat. Mach. Intell. 5, 1031 (2023), doi:10.1038/s42256-023-00716-3.
"""

from __future__ import annotations

import contextlib
import functools
import io
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


def spec(model: str, options: Mapping[str, Any]) -> CalculatorSpec:
    """Describe a CHGNet model; torch is imported by `make` only."""
    refuse_options("chgnet", options)
    name = pick_model("chgnet", model, MODELS)
    return CalculatorSpec(
        name="chgnet" if name == next(iter(MODELS)) else f"chgnet:{name}",
        level=functools.partial(_level, name),
        elements=MPTRJ_ELEMENTS,
        make=functools.partial(_make, name),
        modules=("chgnet", "torch"),
        extra="chgnet",
        note=MODELS[name].note,
        functional=MODELS[name].functional,
    )


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


def _make(model: str) -> Calculator:
    import torch  # noqa: PLC0415 (seconds to import; only who computes pays)
    from chgnet.model.dynamics import CHGNetCalculator  # noqa: PLC0415
    from chgnet.model.model import CHGNet  # noqa: PLC0415

    torch.set_num_threads(1)  # workers are processes; threads of several of them would compete
    with contextlib.redirect_stdout(io.StringIO()):  # upstream prints the device
        network = CHGNet.load(model_name=model, use_device="cpu", verbose=False)
        return CHGNetCalculator(network, use_device="cpu", on_isolated_atoms="error")
