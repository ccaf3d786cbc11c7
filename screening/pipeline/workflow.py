"""The workflow file: what to screen, with what, how tightly. Strict schema."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from screening.config import StrictModel, load_yaml, parse
from screening.errors import WorkflowError
from screening.units import DISPERSIONS, IONS, Dispersion, Ion

DEFAULT_CALIBRATION: Literal["auto", "none"] = "auto"
"""Whether adsorption energies are calibrated where nothing is said: docs/surrogate.md."""

ForceLimit = Annotated[float, Field(gt=0, le=1, description="largest force, eV/Å")]
Steps = Annotated[int, Field(ge=1, le=5000)]


class RelaxSettings(StrictModel):
    """Relaxation of hosts and of hosts with ions."""

    fmax: ForceLimit = 0.05
    max_steps: Steps = 200


class AdsorptionSettings(StrictModel):
    """Which sites are relaxed.

    With `max_sites`, sites are first evaluated once where the ion is placed, and the lowest
    `max_sites` of them are relaxed. Of hosts with more than `max_points` sites, those are
    evaluated whose surroundings differ most. The others are listed as not relaxed.
    """

    max_sites: Annotated[int, Field(ge=1, le=1000)] | None = None
    max_points: Annotated[int, Field(ge=1, le=10000)] = 24


class BarrierSettings(StrictModel):
    """Climbing-image NEB.

    Attributes
    ----------
    ions
        Some of the workflow's ions; all by default.
    path
        ``best hop``: from the best site to its nearest copy, or to the next best site.
        ``percolating``: all hops between all minima, and the bottleneck of the way out of the cell.
        ``scan``: the same from cheap scans of straight paths instead of bands.
    temperature_k
        Of the diffusion coefficient, which needs the network of all hops.
    """

    ions: tuple[Ion, ...] | None = None
    path: Literal["best hop", "percolating", "scan"] = "best hop"
    images: Annotated[int, Field(ge=1, le=25)] = 3
    fmax: ForceLimit = 0.1
    max_steps: Steps = 80
    temperature_k: Annotated[float, Field(ge=50, le=2000)] = 300.0

    @field_validator("ions", mode="before")
    @classmethod
    def _tuple(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value


class NucleationSettings(StrictModel):
    """Growth of a cluster from one to `n_max` ions.

    At each size the `trials` starts that are lowest as placed are relaxed, and `random` of the
    others, drawn with `seed`; the lowest of all is kept.
    """

    n_max: Annotated[int, Field(ge=2, le=20)] = 4
    trials: Annotated[int, Field(ge=1, le=20)] = 2
    random: Annotated[int, Field(ge=0, le=20)] = 2
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0


class CoverageSettings(StrictModel):
    """Layers of ions on one face, up to a full monolayer.

    Attributes
    ----------
    fractions
        Of the full monolayer; one ion in the cell always comes first, the monolayer last.
    starts
        Arrangements evaluated once as placed, at each coverage.
    trials
        Of these, how many are relaxed.
    """

    fractions: tuple[Annotated[float, Field(gt=0, le=1)], ...] = (0.5, 1.0)
    starts: Annotated[int, Field(ge=1, le=100)] = 12
    trials: Annotated[int, Field(ge=1, le=20)] = 2

    @field_validator("fractions")
    @classmethod
    def _up_to_full(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if not value or list(value) != sorted(set(value)) or value[-1] != 1.0:
            raise ValueError("give fractions in ascending order, 1.0 last")
        return value


class SurfaceSettings(StrictModel):
    """Surface energies from slabs of several thicknesses.

    Attributes
    ----------
    layers
        Least numbers of atomic planes of the slabs of a host.
    metal
        Also those of the ion's own metal, (110), (100) and (111), and their Wulff average.
    """

    layers: tuple[Annotated[int, Field(ge=2, le=40)], ...] = (5, 7, 9)
    metal: bool = False

    @field_validator("layers")
    @classmethod
    def _ascending(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if len(value) < 3 or list(value) != sorted(set(value)):
            raise ValueError("give three numbers or more, in ascending order")
        return value


class HostSettings(StrictModel):
    """Capacity, misfit with the metal's planes up to an area, and doping descriptors."""

    max_area_a2: Annotated[float, Field(gt=5, le=400)] = 100.0


class ElectronicSettings(StrictModel):
    """Charge of the ion and work function of the host.

    Attributes
    ----------
    calculator, options
        Another engine than the workflow's, at the workflow's geometries, and its options.
    """

    calculator: str | None = None
    options: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _options_of_its_own(self) -> Self:
        if self.options and self.calculator is None:
            raise ValueError("options need a calculator; without one the workflow's options hold")
        return self


class DistortionSettings(StrictModel):
    """Energy of the host's distortion under the ion; has no settings."""


class FreeEnergySettings(StrictModel):
    """Adsorption free energy with harmonic modes and the entropy of the coverage."""

    temperature_k: Annotated[float, Field(ge=1, le=2000)] = 300.0


class Descriptors(StrictModel):
    """What is computed for each candidate and ion; an absent one is not computed."""

    adsorption: AdsorptionSettings = AdsorptionSettings()
    barrier: BarrierSettings | None = None
    nucleation: NucleationSettings | None = None
    coverage: CoverageSettings | None = None
    surface: SurfaceSettings | None = None
    host: HostSettings | None = None
    electronic: ElectronicSettings | None = None
    distortion: DistortionSettings | None = None
    free_energy: FreeEnergySettings | None = None


class Workflow(StrictModel):
    """A run: candidates × ions × descriptors with one calculator.

    Attributes
    ----------
    candidates
        Ids of candidates, or patterns such as ``graphene-*``.
    options
        Passed to the calculator, e.g. the plane-wave cut-off of ``gpaw``.
    calibration
        ``auto``: e_ads_ev is calibrated if the calculator has a calibration; ``none``: it is raw.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.+-]{0,79}$")]
    description: str = ""
    calculator: str = "sevennet"
    dispersion: Dispersion = "none"
    calibration: Literal["auto", "none"] = DEFAULT_CALIBRATION
    options: dict[str, Any] = Field(default_factory=dict)
    ions: tuple[Ion, ...] = IONS
    candidates: tuple[str, ...]
    relax: RelaxSettings = RelaxSettings()
    descriptors: Descriptors = Descriptors()

    @field_validator("ions", "candidates", mode="before")
    @classmethod
    def _tuple(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value

    @field_validator("ions", "candidates")
    @classmethod
    def _distinct(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value:
            raise ValueError("list is empty")
        if len(set(value)) < len(value):
            raise ValueError("list names something twice")
        return value

    def override(
        self,
        *,
        ions: Sequence[str] | None = None,
        calculator: str | None = None,
        dispersion: str | None = None,
        only: Sequence[str] | None = None,
    ) -> Workflow:
        """Return a copy with options of the command line put in; each is validated again.

        Raises
        ------
        InputError
            Naming the option and what it allows.
        """
        changes: dict[str, Any] = {}
        if ions is not None:
            if unknown := sorted(set(ions) - set(IONS)):
                raise WorkflowError(
                    f"unknown ion {', '.join(map(repr, unknown))}",
                    where="--ions",
                    allowed=", ".join(IONS),
                )
            changes["ions"] = tuple(ions)
        if calculator is not None and calculator != self.calculator:
            # Another engine's options mean nothing to this one.
            changes |= {"calculator": calculator, "options": {}}
        if dispersion is not None:
            if dispersion not in DISPERSIONS:
                raise WorkflowError(
                    f"unknown dispersion {dispersion!r}",
                    where="--dispersion",
                    allowed=", ".join(DISPERSIONS),
                )
            changes["dispersion"] = dispersion
        if only is not None:
            changes["candidates"] = tuple(only)
        return parse(Workflow, {**self.model_dump(), **changes}, "command line")


def load_workflow(path: Path) -> Workflow:
    """Read and validate a workflow file.

    Raises
    ------
    InputError
        One line with the file, the key's path and what is allowed.
    """
    return parse(Workflow, load_yaml(path), str(path))
