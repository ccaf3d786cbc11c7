"""SevenNet networks on a CPU, tens of times faster than stock: generated C, adjoint by hand.

docs/force-call.md derives the formulas and states accuracy and speed. Nothing here imports torch
unless a network has to be compiled first.
"""

from __future__ import annotations

from screening.calculators.sevennet_cpu.build import UnavailableError, open_library
from screening.calculators.sevennet_cpu.engine import SevenNetCPU

__all__ = ["SevenNetCPU", "UnavailableError", "open_library"]
