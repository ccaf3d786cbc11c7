"""The electrolyte file: what carries the ions to the electrode."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from screening.config import StrictModel, load_yaml, parse
from screening.electrochemistry.kinetics import arrhenius
from screening.units import Ion

A_M2_PER_MA_CM2 = 10.0

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
        Salt (ambipolar) diffusion coefficient of the free electrolyte, m²/s.
    transference
        Cation transference number.
    distance_um
        Distance of the electrodes, µm.
    temperature_k
        Temperature at which the values above hold, K.
    source
        Where they come from, or that they are estimated.
    macmullin, porosity
        Of the separator: by what it divides the conductivity, and the share of its volume that is
        electrolyte; 1 where there is none.
    exchange_ma_cm2
        Exchange current density of the metal in this electrolyte, mA/cm²; without it currents say
        nothing about overpotentials.
    diffusivity_activation_ev, exchange_activation_ev
        Activation energies of both, eV; 0 leaves them as they are at every temperature.
    """

    name: Annotated[str, Field(min_length=1, max_length=120)]
    ion: Ion
    concentration_mol_l: Annotated[float, Field(ge=1e-3, le=10)]
    diffusivity_m2_s: Annotated[float, Field(ge=1e-16, le=1e-7)]
    transference: Annotated[float, Field(ge=0, lt=1)]
    distance_um: Annotated[float, Field(ge=1, le=1e5)]
    temperature_k: Annotated[float, Field(ge=150, le=600)]
    source: Annotated[str, Field(min_length=1, max_length=1200)]
    macmullin: Annotated[float, Field(ge=1, le=1000)] = 1.0
    porosity: Annotated[float, Field(gt=0, le=1)] = 1.0
    exchange_ma_cm2: Annotated[float, Field(ge=1e-6, le=1e4)] | None = None
    diffusivity_activation_ev: Annotated[float, Field(ge=0, le=2)] = 0.0
    exchange_activation_ev: Annotated[float, Field(ge=0, le=2)] = 0.0

    @property
    def concentration_mol_m3(self) -> float:
        """Salt concentration, mol/m³."""
        return 1e3 * self.concentration_mol_l

    @property
    def exchange_a_m2(self) -> float | None:
        """Exchange current density, A/m²."""
        return None if self.exchange_ma_cm2 is None else A_M2_PER_MA_CM2 * self.exchange_ma_cm2

    def at(self, temperature_k: float) -> Electrolyte:
        """Return the electrolyte at another temperature: D and j0 by their Arrhenius terms.

        Raises
        ------
        InputError
            For a temperature that is not finite and above 0.
        """
        rates = {
            name: float(value * arrhenius(energy, temperature_k, self.temperature_k))
            for name, value, energy in (
                ("diffusivity_m2_s", self.diffusivity_m2_s, self.diffusivity_activation_ev),
                ("exchange_ma_cm2", self.exchange_ma_cm2, self.exchange_activation_ev),
            )
            if value is not None
        }
        return self.model_copy(update={**rates, "temperature_k": temperature_k})

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
