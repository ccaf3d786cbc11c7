"""The row: all that is known of one host with one ion at one level."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import AfterValidator

from screening.descriptors.columns import part
from screening.descriptors.value import Plain, Value
from screening.structure import Level

Status = Literal["ok", "partial", "failed"]
"""ok: every descriptor asked for has a value; partial: some are missing; failed: no `e_ads_ev`."""


@dataclass(frozen=True)
class Found:
    """What a descriptor found for one pair; each method returns a copy with more.

    Attributes
    ----------
    values
        By column. What is missing is absent, and `lacks` or `notes` says why.
    details
        Longer tables behind the values, by name.
    flags
        What a reader must know before trusting the values.
    lacks
        Reasons for missing values that were asked for: they make the row partial.
    notes
        Reasons for values that do not apply to the host, which lacks nothing.
    """

    values: Mapping[str, Value] = field(default_factory=dict)
    details: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def given(self, **values: Value | Plain | None) -> Found:
        """Add values by column; None adds nothing."""
        new = {
            name: value if isinstance(value, Value) else Value(value)
            for name, value in values.items()
            if value is not None
        }
        return replace(self, values={**self.values, **new})

    def detailed(self, **details: Iterable[Any]) -> Found:
        """Add tables of details."""
        new = {name: tuple(entries) for name, entries in details.items()}
        return replace(self, details={**self.details, **new})

    def flagged(self, *flags: str) -> Found:
        """Add flags."""
        return replace(self, flags=(*self.flags, *flags))

    def lacking(self, reason: str) -> Found:
        """Add a reason for a missing value."""
        return replace(self, lacks=(*self.lacks, reason))

    def noted(self, reason: str) -> Found:
        """Add a reason for a value that does not apply."""
        return replace(self, notes=(*self.notes, reason))


@lru_cache(maxsize=256)
def _shared(level: Level) -> Level:
    """Return one object for equal levels: a hundred thousand rows share a few."""
    return level


@dataclass(frozen=True, slots=True)
class Row:
    """One line of every table. Missing values are absent, and `reason` says why.

    Attributes
    ----------
    reason
        Why the row failed or what it lacks; empty where nothing asked for is missing.
    notes
        What does not apply to this host.
    values
        By column, see `screening.descriptors.columns`.
    details
        Tables behind the values: ``sites``, ``hops``, ``coverage`` …
    flags
        What a reader must know before trusting the row, e.g. that the host reconstructed.
    review
        Rows of the review (R01 …) that the host stands for.
    force_calls
        Evaluations behind each descriptor, reused ones included; ``reference`` are those of the
        bulk metal and the clean host.
    calibration
        Fingerprint of the calibration that judged the values; None without one.
    host
        Key of the host's structure as built.
    settings
        Hash of what was asked for and how tightly.
    host_task
        Key of the relaxation of the clean host.
    """

    candidate: str
    family: str
    formula: str
    ion: str
    level: Annotated[Level, AfterValidator(_shared)]
    status: Status
    reason: str = ""
    notes: tuple[str, ...] = ()
    values: Mapping[str, Value] = field(default_factory=dict)
    details: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    review: tuple[str, ...] = ()
    force_calls: Mapping[str, int] = field(default_factory=dict)
    calibration: str | None = None
    host: str = ""
    settings: str = ""
    host_task: str = ""

    def __getitem__(self, name: str) -> Any:
        """Plain value of a flat column, ``e_ads_ev`` or ``e_ads_lower90_ev``; None if missing.

        Raises
        ------
        InputError
            If there is no such column.
        """
        column, attribute = part(name)
        found = self.values.get(column)
        return None if found is None else getattr(found, attribute)

    def table(self, name: str) -> tuple[Any, ...]:
        """Details by name; empty if the row has none."""
        return self.details.get(name, ())

    def with_found(self, found: Found) -> Row:
        """Return the row with what a descriptor found."""
        lacks = "; ".join(filter(None, (self.reason, *found.lacks)))
        return replace(
            self,
            values={**self.values, **found.values},
            details={**self.details, **found.details},
            flags=(*self.flags, *found.flags),
            notes=(*self.notes, *found.notes),
            reason=lacks,
            status="partial" if found.lacks and self.status == "ok" else self.status,
        )


def merged(rows: Iterable[Row]) -> list[Row]:
    """Return one row a host, ion, level and calibration: rows of several workflows side by side.

    The row that more was computed for comes first, and is given what only the others know. Rows of
    a host that was built otherwise are dropped: the last one stored says what the host is. So are
    rows of which all was asked for again and found: a catalogue that has grown changes reactions.

    Parameters
    ----------
    rows
        In the order in which they were stored.
    """
    groups: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.candidate, row.ion, row.level.fingerprint), []).append(row)
    return [_merge(group) for group in groups.values()]


def _merge(rows: list[Row]) -> Row:
    newest = rows[-1]
    if len(rows) == 1:
        return newest
    alike = [r for r in rows if r.host == newest.host and r.calibration == newest.calibration]
    alike = _latest(alike)
    alike.reverse()  # of equals the newest counts
    order = sorted(alike, key=_richness, reverse=True)
    first = order[0]
    for other in order[1:]:
        if first.status == "failed" or other.status == "failed":
            continue
        new = {name: value for name, value in other.values.items() if name not in first.values}
        if not new:
            continue
        extra = {name: part for name, part in other.details.items() if name not in first.details}
        first = replace(
            first,
            values={**first.values, **new},
            details={**first.details, **extra},
            flags=tuple(dict.fromkeys((*first.flags, *other.flags))),
            force_calls={**other.force_calls, **first.force_calls},
        )
    return first


def _latest(rows: Sequence[Row]) -> list[Row]:
    """Drop what was computed again in full: an older catalogue or protocol gave other numbers."""
    again = {row.settings: i for i, row in enumerate(rows) if row.status == "ok" and row.settings}
    return [row for i, row in enumerate(rows) if i >= again.get(row.settings, 0)]


def _richness(row: Row) -> tuple[bool, int, int]:
    return row.status != "failed", len(row.values), sum(row.force_calls.values())
