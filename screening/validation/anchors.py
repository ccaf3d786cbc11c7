"""Which hosts of a screen to anchor, the frames of their reference points, and what comes back.

The gain of an anchor is how many pairs of hosts it puts in order. Host i is below j with
probability p = Φ((e_j − e_i) / sqrt(s_i² + s_j²)), s the deviations behind the 90 % intervals; a
pair is open by p (1 − p). An anchor leaves a host `KNOWN_EV` unsure, for all its ions; its gain is
the fall of what is open, its cost the expected time of its frames.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from ase import Atoms
from scipy.stats import norm

from screening.calculators import CalculatorSpec
from screening.descriptors import Row
from screening.pipeline.store import Store
from screening.surrogate.anchors import Anchor
from screening.surrogate.identity import engine_identity
from screening.surrogate.model import Calibration
from screening.validation.compute import trim_vacuum
from screening.validation.held_out import as_samples
from screening.validation.measure import measure
from screening.validation.reference import read_reference

KNOWN_EV = 0.15
"""Half-width of the 90 % interval of an anchored host (docs/surrogate.md)."""

FALLBACK_EV = 0.5
"""Half-width where a row has no interval."""

NORMAL90 = float(norm.ppf(0.95))


@dataclass(frozen=True)
class Proposal:
    """A host to anchor.

    Attributes
    ----------
    row
        Host and ion whose structure is to be computed.
    gain
        Pairs of hosts that it puts in order, all ions together.
    seconds
        Expected time at the reference level.
    """

    row: Row
    gain: float
    seconds: float


def propose(
    rows: Sequence[Row],
    known: Callable[[Row], bool],
    seconds: Callable[[Row], float],
    ions: Sequence[str] = ("Na", "Li", "K"),
) -> list[Proposal]:
    """Order hosts by what an anchor on each does for the ranking, for its cost.

    Parameters
    ----------
    rows
        Of one level; those without an adsorption energy are passed over.
    known
        Whether a row's host is known at the reference level already.
    seconds
        Expected time of a row's frames at the reference level.
    ions
        Which ion's point is computed: the first that the host has a row of.
    """
    valued = [row for row in rows if row["e_ads_ev"] is not None]
    gains: dict[str, float] = {}
    for ion in dict.fromkeys(row.ion for row in valued):
        mine = [row for row in valued if row.ion == ion]
        for row, gain in zip(mine, _opened(mine), strict=True):
            gains[row.candidate] = gains.get(row.candidate, 0.0) + gain
    first: dict[str, Row] = {}
    for ion in ions:
        for row in valued:
            if row.ion == ion:
                first.setdefault(row.candidate, row)
    found = [
        Proposal(row, gains[host], seconds(row)) for host, row in first.items() if not known(row)
    ]
    return sorted(found, key=lambda p: (-p.gain / p.seconds, p.row.candidate))


def _opened(rows: Sequence[Row]) -> np.ndarray:
    """How much of the order of hosts each would settle if it were anchored, shape (n,)."""
    value = np.array([row["e_ads_ev"] for row in rows], dtype=float)
    half = np.array([_half(row) for row in rows])
    now, then = half / NORMAL90, np.minimum(half, KNOWN_EV) / NORMAL90
    apart = value[:, None] - value
    before, after = (_open(apart, np.hypot(s[:, None], now)) for s in (now, then))
    np.fill_diagonal(before, 0.0)
    np.fill_diagonal(after, 0.0)
    settled: np.ndarray = (before - after).sum(axis=1)
    return settled


def _open(apart: np.ndarray, deviation: np.ndarray) -> np.ndarray:
    above = norm.cdf(apart / np.maximum(deviation, 1e-9))
    opened: np.ndarray = above * (1.0 - above)
    return opened


def _half(row: Row) -> float:
    low, high = row["e_ads_lower90_ev"], row["e_ads_upper90_ev"]
    return FALLBACK_EV if low is None or high is None else (high - low) / 2


def frames_of(host: str, ion: str, clean: Atoms, adsorbed: Atoms) -> list[Atoms]:
    """Return the clean host and its ion as frames of a reference set, in one cell."""
    frames = [
        Atoms(atoms.symbols, atoms.positions, cell=atoms.cell, pbc=atoms.pbc)
        for atoms in (clean, adsorbed)
    ]
    frames[0].info = {"host": host}
    frames[1].info = {"host": host, "ion": ion, "n_ions": 1, "note": "relaxed"}
    return trim_vacuum(frames)


def with_metals(frames: Iterable[Atoms], metals: Mapping[str, Atoms]) -> list[Atoms]:
    """Put the bulk metals that frames need before them.

    Parameters
    ----------
    metals
        Bulk frames by ion.
    """
    rest = list(frames)
    wanted = dict.fromkeys(str(a.info["ion"]) for a in rest if a.info.get("ion"))
    return [metals[ion] for ion in wanted] + rest


def read_anchors(
    path: Path, spec: CalculatorSpec, calibration: Calibration, store: Store | None = None
) -> list[Anchor]:
    """Turn a reference set into anchors of an engine, whose energies are computed here.

    Points that the set drops or the engine cannot do are left out.

    Parameters
    ----------
    store
        Whose results are reused, and where new ones are kept; None: none are.

    Raises
    ------
    InputError
        If the set cannot be read.
    """
    reference = read_reference(path)
    measured = measure(reference, spec, calibration, store=store)
    engine = engine_identity(spec.level())
    return [Anchor(sample, engine, reference.level) for sample in as_samples(measured)]
