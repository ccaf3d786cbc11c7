"""Settings of GPAW's two levels; each is measured in ``docs/dft.md``."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pydantic import Field

from screening.config import StrictModel


class CommonSettings(StrictModel):
    """What both levels have.

    Attributes
    ----------
    kpoint_density_a
        k-points per 1/Å of each periodic reciprocal axis: ceil(2π density / length) of them.
    width_ev
        Width of the Fermi–Dirac occupation; energies are extrapolated to zero width.
    density_change
        Largest change of the density in the last cycle, electrons per valence electron.
    ranks
        MPI processes of one calculation; does not change the numbers.
    """

    kpoint_density_a: float = Field(default=2.75, ge=0.1, le=20)
    width_ev: float = Field(default=0.1, ge=0.01, le=1)
    density_change: float = Field(default=1e-3, ge=1e-8, le=1e-2)
    ranks: int = Field(default=1, ge=1, le=1024)


class Settings(CommonSettings):
    """Settings of the reference level, in plane waves.

    Attributes
    ----------
    cutoff_ev
        Plane-wave cut-off.
    """

    cutoff_ev: float = Field(default=350.0, ge=200, le=1500)


class LcaoSettings(CommonSettings):
    """Settings of the middle level, in atomic orbitals: double zeta with polarisation (`BASIS`).

    Attributes
    ----------
    spacing_a
        Of the grid that densities and potentials are on.
    """

    spacing_a: float = Field(default=0.22, ge=0.1, le=0.3)


BASIS = "dzp"

MODELS: Mapping[str, type[CommonSettings]] = MappingProxyType(
    {"pw": Settings, "lcao": LcaoSettings}
)
"""Settings of each model of ``gpaw``."""
