"""Where a network computes: the processor, or a graphics card that torch can use."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Literal

from screening.errors import CalculatorError

Device = Literal["auto", "cpu", "cuda"]
"""``auto`` is a graphics card where torch sees one, else the processor."""

Place = Literal["cpu", "cuda"]

DRIVERS = ("/proc/driver/nvidia", "/dev/nvidiactl", "/dev/dxg", "/dev/kfd")
"""One of these exists where torch may find a graphics card."""


def place_of(device: Device, where: str) -> Place:
    """Return where to compute.

    Parameters
    ----------
    where
        File and key that ask for it, for the message.

    Raises
    ------
    CalculatorError
        If ``cuda`` is asked for and torch sees no graphics card.
    """
    if device == "cpu":
        return "cpu"
    if has_graphics_card():
        return "cuda"
    if device == "auto":
        return "cpu"
    raise CalculatorError(
        f"torch sees no graphics card ({_why()})", where=where, allowed="auto, cpu"
    )


def has_graphics_card() -> bool:
    """Ask torch only where there may be one: importing it takes seconds."""
    if not _has_driver():
        return False
    import torch  # noqa: PLC0415

    return bool(torch.cuda.is_available())


def _has_driver() -> bool:
    return any(Path(path).exists() for path in DRIVERS) or shutil.which("nvidia-smi") is not None


def _why() -> str:
    if not _has_driver():
        return "no driver of one is installed here"
    import torch  # noqa: PLC0415

    built = torch.version.cuda or torch.version.hip
    return f"torch {torch.__version__} {'cannot use it' if built else 'was built without CUDA'}"
