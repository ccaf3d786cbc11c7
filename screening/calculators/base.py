"""What every calculator states about itself before it computes anything."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from ase.calculators.calculator import Calculator

from screening.calculators.device import Place
from screening.errors import CalculatorError
from screening.structure.level import Level


def _on_processor() -> Place:
    return "cpu"


@dataclass(frozen=True)
class CalculatorSpec:
    """A calculator by name: what it is, whether it is here, how to make one.

    Nothing in a spec imports the engine; `make` does.

    Attributes
    ----------
    level
        Identity and fingerprint. `level()` may read files but does not import the engine.
    elements
        Symbols that it knows.
    make
        Returns a fresh ASE calculator, dispersion included.
    modules
        Import names that have to be installed.
    extra
        The extra of ``alkascreen`` that installs them; empty for the core.
    note
        One line that users must read, e.g. "demonstration only".
    hubbard
        Whether oxides and fluorides of some transition metals are PBE+U and all else PBE, as in the
        Materials Project: reaction energies between them need a correction.
    seconds_per_atom
        Rough cost of one force call on one core, for estimates of wall time.
    place
        Where `make` will compute; may import torch.
    """

    name: str
    level: Callable[[], Level]
    elements: Collection[str]
    make: Callable[[], Calculator]
    modules: tuple[str, ...] = ()
    extra: str = ""
    note: str = ""
    functional: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    hubbard: bool = False
    seconds_per_atom: float = 0.01
    place: Callable[[], Place] = _on_processor

    @property
    def installed(self) -> bool:
        """Whether each module can be found, without importing it."""
        return all(importlib.util.find_spec(module) is not None for module in self.modules)

    def require_installed(self) -> None:
        """Raise `CalculatorError` with the extra to install if a module is missing."""
        missing = [m for m in self.modules if importlib.util.find_spec(m) is None]
        if missing:
            raise CalculatorError(
                f"calculator {self.name!r} needs {', '.join(missing)}; "
                f"install it with: pip install 'alkascreen[{self.extra}]'"
            )

    def require_elements(self, symbols: Collection[str], where: str) -> None:
        """Raise `CalculatorError` naming the elements that the calculator does not know."""
        unknown = sorted(set(symbols) - set(self.elements))
        if unknown:
            raise CalculatorError(
                f"calculator {self.name!r} does not know {', '.join(unknown)}",
                where=where,
                allowed=", ".join(sorted(self.elements)),
            )
