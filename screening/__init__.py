"""alkascreen: hosts and coatings on which Li, Na and K metal plate evenly.

The names below are the public interface; everything else may change between versions. They are
loaded when first used, so that the command line answers at once.
"""

from __future__ import annotations

import importlib
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from screening.builders.hosts import build
    from screening.descriptors.adsorption import Adsorption
    from screening.descriptors.barrier import Barrier
    from screening.descriptors.coverage import Coverage
    from screening.descriptors.distortion import Distortion
    from screening.descriptors.electronic import Electronic
    from screening.descriptors.free_energy import FreeEnergy
    from screening.descriptors.host import Host
    from screening.descriptors.nucleation import Nucleation
    from screening.descriptors.surface import Surface
    from screening.errors import InputError
    from screening.evaluate.settings import RelaxSettings
    from screening.geometry import find_sites
    from screening.screen import Result, Screen

try:
    __version__ = version("alkascreen")
except PackageNotFoundError:
    __version__ = "0+unknown"

_HOMES = {
    "Adsorption": "descriptors.adsorption",
    "Barrier": "descriptors.barrier",
    "Coverage": "descriptors.coverage",
    "Distortion": "descriptors.distortion",
    "Electronic": "descriptors.electronic",
    "FreeEnergy": "descriptors.free_energy",
    "Host": "descriptors.host",
    "InputError": "errors",
    "Nucleation": "descriptors.nucleation",
    "RelaxSettings": "evaluate.settings",
    "Result": "screen",
    "Screen": "screen",
    "Surface": "descriptors.surface",
    "build": "builders.hosts",
    "find_sites": "geometry",
}

__all__ = [
    "Adsorption",
    "Barrier",
    "Coverage",
    "Distortion",
    "Electronic",
    "FreeEnergy",
    "Host",
    "InputError",
    "Nucleation",
    "RelaxSettings",
    "Result",
    "Screen",
    "Surface",
    "__version__",
    "build",
    "find_sites",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
