"""A row computed once more from what is stored, and compared with what was stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from screening.descriptors import Row, Value, all_columns
from screening.errors import StoreError
from screening.pipeline.driver import Driver
from screening.pipeline.executor import make_executor
from screening.pipeline.origins import Origin
from screening.pipeline.protocol import Protocol
from screening.pipeline.store import Store, passing_store
from screening.pipeline.tally import Progress
from screening.surrogate import Calibration, calibration_for
from screening.surrogate.anchors import anchored

ENERGY_EV = 0.002
"""Energies agree within this, eV: what rounding on another machine may change of a relaxation that
ends at the same forces."""

TOLERANCES: Mapping[str, float] = MappingProxyType({"eV": 1.0, "mV": 1000.0, "Å": 5.0})
"""Absolute, in multiples of the energy's; for other units, relative."""

RELATIVE = 0.01
"""Other numbers agree within this fraction."""


@dataclass(frozen=True)
class Check:
    """One column, stored and recomputed; None where it has no value."""

    column: str
    unit: str
    stored: Value | None
    found: Value | None
    tolerance: float

    @property
    def difference(self) -> float | None:
        """Recomputed minus stored; None unless both are numbers."""
        if self.stored is None or self.found is None:
            return None
        ends = self.stored.value, self.found.value
        if any(isinstance(end, str | tuple) for end in ends):
            return None
        return self.found.number - self.stored.number

    @property
    def agrees(self) -> bool:
        """Whether it is the same within the tolerance, and of the same scale."""
        if self.stored is None or self.found is None or self.stored.scale != self.found.scale:
            return False
        if self.difference is not None:
            return abs(self.difference) <= self.tolerance
        return self.stored.value == self.found.value


@dataclass(frozen=True)
class Recomputed:
    """A stored row beside the one computed now.

    Attributes
    ----------
    remarks
        What is not as it was when the row was stored.
    """

    origin: Origin
    stored: Row
    found: Row
    checks: tuple[Check, ...]
    remarks: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether every value came out again."""
        return bool(self.checks) and all(check.agrees for check in self.checks)


def recompute(
    store: Store,
    candidate: str,
    ion: str,
    *,
    level: str | None = None,
    energy_ev: float = ENERGY_EV,
    jobs: int = 1,
    report: Callable[[Progress], None] = lambda _: None,
) -> tuple[Recomputed, ...]:
    """Compute the rows of a host and an ion again, from stored inputs alone.

    Nothing stored is used but the inputs, and nothing is written to the store. Rows of several
    workflows are computed each by its own settings.

    Parameters
    ----------
    level
        Fingerprint of the level; needed where there are rows of several.
    energy_ev
        Tolerance of energies, eV; lengths and overpotentials follow, see `TOLERANCES`.

    Raises
    ------
    StoreError
        No such row, no stored inputs, or an engine that is not here as it was.
    """
    rows = [
        (key, row)
        for key, row in store.stored_rows()
        if (row.candidate, row.ion) == (candidate, ion)
        and level in (None, row.level.fingerprint)
        and row.status != "failed"
    ]
    if not rows:
        raise StoreError(f"there is no value of {candidate} with {ion}", where=store.name)
    newest = rows[-1][1].host
    known = [(key, row, store.origins.of(key)) for key, row in rows if row.host == newest]
    usable = [(key, row, origins[-1]) for key, row, origins in known if origins]
    if not usable:
        raise StoreError(
            f"the inputs of {candidate} with {ion} are not stored, its row is of an older version",
            where=store.name,
            allowed="the same 'alkascreen run' once more, which stores them",
        )
    compute = partial(_run, jobs=jobs, report=report)
    return tuple(_again(store, stored, energy_ev, compute) for stored in usable)


def _again(
    store: Store,
    stored: tuple[str, Row, Origin],
    energy_ev: float,
    compute: Callable[[Protocol], Row],
) -> Recomputed:
    key, row, origin = stored
    model = _calibration(row, origin, store.name)
    protocol = origin.protocol(model)
    remarks = origin.other_versions()
    if (model.fingerprint if model else "") != origin.run["calibration"]:
        then, now = origin.run["calibration"], model.fingerprint if model else "none"
        remarks.append(f"calibration {then} then, {now} now: calibrated values may differ")
    elif protocol.key != key:
        remarks.append("rows are put together otherwise by this version of alkascreen")
    found = compute(protocol)
    return Recomputed(origin, row, found, _checks(row, found, energy_ev), tuple(remarks))


def _calibration(row: Row, origin: Origin, database: str) -> Calibration | None:
    """Return the calibration of then if it is here, else the one that counts now."""
    if not origin.run["calibration"]:
        return None
    shipped = calibration_for(row.level)
    models = [model for model in (anchored(shipped, database), shipped) if model is not None]
    same = [model for model in models if model.fingerprint == origin.run["calibration"]]
    return next(iter([*same, *models]), None)


def _run(protocol: Protocol, jobs: int, report: Callable[[Progress], None]) -> Row:
    with passing_store() as fresh:
        (row,) = Driver(fresh, lambda: make_executor(jobs), jobs, report).run([protocol])
    return row


def _checks(stored: Row, found: Row, energy_ev: float) -> tuple[Check, ...]:
    return tuple(
        Check(column.name, column.unit, old, new, _tolerance(column.unit, old, energy_ev))
        for column in all_columns()
        for old, new in [(stored.values.get(column.name), found.values.get(column.name))]
        if old is not None or new is not None
    )


def _tolerance(unit: str, stored: Value | None, energy_ev: float) -> float:
    if unit in TOLERANCES:
        return TOLERANCES[unit] * energy_ev
    if stored is None or isinstance(stored.value, str | tuple):
        return 0.0
    return RELATIVE * abs(stored.number) + 1e-9
