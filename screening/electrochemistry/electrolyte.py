"""The electrolyte file: what carries the ions to the electrode."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from screening.config import StrictModel, load_yaml, parse
from screening.units import Ion

_DEFAULTS = Path(__file__).parent


class Electrolyte(StrictModel):
    """Schema of an electrolyte file: a binary salt of one alkali ion between two electrodes.

    Attributes
    ----------
    name
        Salt, concentration and solvent, as a table shows them.
    ion
        The cation.
    concentration_mol_l
        Salt concentration, mol/L.
    diffusivity_m2_s
        Salt (ambipolar) diffusion coefficient, m²/s; in a separator the effective one.
    transference
        Cation transference number.
    distance_um
        Distance of the electrodes, µm.
    temperature_k
        Temperature at which the values above hold, K.
    source
        Where they come from, or that they are estimated.
    """

    name: Annotated[str, Field(min_length=1, max_length=120)]
    ion: Ion
    concentration_mol_l: Annotated[float, Field(ge=1e-3, le=10)]
    diffusivity_m2_s: Annotated[float, Field(ge=1e-16, le=1e-7)]
    transference: Annotated[float, Field(ge=0, lt=1)]
    distance_um: Annotated[float, Field(ge=1, le=1e5)]
    temperature_k: Annotated[float, Field(ge=150, le=600)]
    source: Annotated[str, Field(min_length=1, max_length=600)]

    @property
    def concentration_mol_m3(self) -> float:
        """Salt concentration, mol/m³."""
        return 1e3 * self.concentration_mol_l

    @property
    def distance_m(self) -> float:
        """Distance of the electrodes, m."""
        return 1e-6 * self.distance_um


def load_electrolyte(path: Path) -> Electrolyte:
    """Read an electrolyte file.

    Raises
    ------
    InputError
        Unreadable, not YAML, unknown or missing key, wrong type, or a value out of range.
    """
    return parse(Electrolyte, load_yaml(path), str(path))


def default_electrolyte(ion: Ion) -> Electrolyte:
    """Return the hexafluorophosphate in carbonates that stands for an ion where none is given."""
    return load_electrolyte(_DEFAULTS / f"{ion}.yaml")
