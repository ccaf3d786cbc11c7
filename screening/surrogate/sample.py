"""What a calibration learns from, and structures whose reference energy is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from ase import Atoms

from screening.structure.level import digest
from screening.surrogate.domain import NORMAL90, Estimate
from screening.surrogate.latent import NOTHING, Change
from screening.surrogate.recognise import Match, Shape

SAME_A = 0.05
"""Structures whose distances differ by less are the one that was computed."""

SAME_EV = 0.05
"""So far may the engine's energy be from what it was there: else it failed, or it is elsewhere."""

REFERENCE_EV = 0.05
"""Half-width of the 90 % interval of a computed value, eV: k-points and cut-off (docs/dft.md)."""


@dataclass(frozen=True)
class Sample:
    """One adsorption energy by the engine and at the reference level, eV.

    `change` is what engines see beside it, per ion (`screening.surrogate.latent`); `spread_ev` the
    standard deviation of the reference energy beyond the level's own error.
    """

    host: str
    clean: Atoms
    adsorbed: Atoms
    ions: tuple[int, ...]
    e_raw_ev: float
    e_ref_ev: float
    change: Change = NOTHING
    spread_ev: float = 0.0

    @property
    def ion(self) -> str:
        """Symbol of the ions."""
        return str(self.adsorbed.symbols[self.ions[0]])


@dataclass(frozen=True)
class Computed:
    """A structure with ions whose adsorption energy was computed at the reference level, eV.

    Attributes
    ----------
    host
        Key of its clean host.
    e_raw_ev, e_ads_ev
        By the engine and at the reference level.
    spread_ev
        Standard deviation of the latter beyond the level's own error.
    """

    host: str
    ion: str
    shape: Shape
    e_raw_ev: float
    e_ads_ev: float
    spread_ev: float = 0.0

    @classmethod
    def of(cls, sample: Sample) -> Computed:
        """Take what was computed from a sample."""
        key = host_key(sample.clean)
        shape = Shape.of(sample.adsorbed)
        return cls(key, sample.ion, shape, sample.e_raw_ev, sample.e_ref_ev, sample.spread_ev)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Computed:
        """Undo `dataclasses.asdict` and JSON."""
        shape = Shape.from_json(data["shape"])
        raw, exact, spread = (float(data[k]) for k in ("e_raw_ev", "e_ads_ev", "spread_ev"))
        return cls(str(data["host"]), str(data["ion"]), shape, raw, exact, spread)


def find(
    computed: Sequence[Computed], host: Match, ion: str, adsorbed: Atoms, e_raw_ev: float
) -> Estimate | None:
    """Return the reference's own value of a structure; None if it was not computed."""
    candidates = [
        known
        for known in computed
        if (known.host, known.ion) == (host.key, ion) and abs(known.e_raw_ev - e_raw_ev) < SAME_EV
    ]
    if not candidates or host.other_cell:
        return None
    shape = Shape.of(adsorbed)
    gaps = [known.shape.difference(shape) for known in candidates]
    nearest = int(np.argmin(gaps))
    if gaps[nearest] > SAME_A:
        return None
    value = candidates[nearest].e_ads_ev
    half = float(np.hypot(REFERENCE_EV, NORMAL90 * candidates[nearest].spread_ev))
    return Estimate(value, value - half, value + half, in_domain=True, scale="reference")


def host_key(clean: Atoms) -> str:
    """Hash of a clean host, to 0.001 Å."""
    return digest(
        {
            "numbers": clean.numbers.tolist(),
            "positions": (clean.positions.round(3) + 0.0).tolist(),
            "cell": (clean.cell.array.round(3) + 0.0).tolist(),
        }
    )
