"""How tightly structures are relaxed."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from screening.config import StrictModel

ForceLimit = Annotated[float, Field(gt=0, le=1, description="largest force, eV/Å")]
StepLimit = Annotated[int, Field(ge=1, le=5000)]


class RelaxSettings(StrictModel):
    """Relaxation of hosts and of hosts with ions."""

    fmax: ForceLimit = 0.05
    max_steps: StepLimit = 200
