"""The workflow file: what to screen, with what, how tightly. Strict schema."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, create_model, field_validator

from screening.calculators import DEFAULT_CALCULATOR, DEFAULT_REFERENCE
from screening.calculators.device import Device
from screening.config import StrictModel, load_yaml, parse
from screening.descriptors import DescriptorSettings, descriptors
from screening.descriptors.adsorption import Adsorption
from screening.errors import WorkflowError
from screening.evaluate.settings import RelaxSettings
from screening.units import DISPERSIONS, IONS, Dispersion, Ion

DEFAULT_CALIBRATION = "auto"
"""Whether adsorption energies are calibrated where nothing is said: docs/surrogate.md."""

DEFAULT_INSTANT = "auto"
"""The instant model where nothing is said: the package's."""

Descriptors: type[StrictModel] = create_model(
    "Descriptors",
    __base__=StrictModel,
    __doc__="What is computed for each candidate and ion; an absent one is not computed.",
    **{  # type: ignore[call-overload]  # fields known at run time
        name: (known.settings | None, known.settings() if name == "adsorption" else None)
        for name, known in descriptors().items()
    },
)
"""Settings by the name of the descriptor: one field for each that is registered."""


class Workflow(StrictModel):
    """A run: candidates × ions × descriptors with one calculator.

    Attributes
    ----------
    candidates
        Ids of candidates, or patterns such as ``graphene-*``.
    options
        Passed to the calculator, e.g. the plane-wave cut-off of ``gpaw``.
    calibration
        ``auto``: e_ads_ev is calibrated if the calculator has a calibration; ``none``: it is raw;
        otherwise a file of ``alkascreen train``, which has to be of this calculator.
    instant
        Model that a budget is spent by: ``auto``, the package's, or a file of ``alkascreen train
        --instant``.
    anchors
        Hosts that get a reference point after the screen, those that settle most of the order.
    reference
        Calculator of these points, of the calibration's reference level.
    provenance
        What a run writes of itself beside its results; not read.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.+-]{0,79}$")]
    description: str = ""
    calculator: str = DEFAULT_CALCULATOR
    dispersion: Dispersion = "none"
    calibration: str = DEFAULT_CALIBRATION
    instant: str = DEFAULT_INSTANT
    anchors: Annotated[int, Field(ge=0, le=10_000)] = 0
    reference: str = DEFAULT_REFERENCE
    options: dict[str, Any] = Field(default_factory=dict)
    ions: tuple[Ion, ...] = IONS
    candidates: tuple[str, ...]
    relax: RelaxSettings = RelaxSettings()
    provenance: dict[str, Any] = Field(default_factory=dict)
    descriptors: Descriptors = Descriptors()  # type: ignore[valid-type]  # made of the registry

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

    def wanted(self, ion: Ion) -> dict[str, DescriptorSettings]:
        """Return settings of the descriptors to compute for an ion, by name."""
        asked = {name: getattr(self.descriptors, name) for name in descriptors()}
        for_it = {
            name: settings
            for name, settings in asked.items()
            if settings is not None and (settings.ions is None or ion in settings.ions)
        }
        return {"adsorption": Adsorption()} | for_it  # without it there is no row

    def override(
        self,
        *,
        ions: Sequence[str] | None = None,
        calculator: str | None = None,
        dispersion: str | None = None,
        only: Sequence[str] | None = None,
        device: Device | None = None,
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
        if device is not None:
            options = dict(changes.get("options", self.options))
            options.pop("device", None)
            # What engines without a device need not know: they compute where they can anyway.
            changes["options"] = options if device == "auto" else {**options, "device": device}
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
