"""Published numbers beside ours: for validation only, nothing is ever trained on them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from screening.descriptors import Row
from screening.structure.level import Level
from screening.units import COHESIVE_EV

APART_TOLERANCE_A = 0.5
"""Ions whose images are this much farther or nearer are at another coverage."""

SAME_DECIMALS = 3

Metals = Mapping[tuple[str, str], float]
"""Lattice constant of the relaxed bcc metal, Å, by level's fingerprint and ion."""


@dataclass(frozen=True)
class Published:
    """A number from the literature.

    Attributes
    ----------
    candidates
        Ids of our hosts that stand for the published one; ``bulk`` is the metal itself.
    quantity, kind, value
        Column of our table, whether the value is one or an ``upper bound``, in the column's unit.
    reference
        State that an adsorption energy refers to: ``atom``, ``bulk``; with ``?`` if assumed.
    functional, dispersion
        As published; empty if not stated.
    ion_distance_a
        Distance between the images of the ion, Å: the coverage. None if not stated.
    confidence
        ``read`` in the source or in a text that quotes it, or ``memory``: check before citing.
    """

    candidates: tuple[str, ...]
    ion: str
    quantity: str
    kind: str
    value: float
    reference: str
    functional: str
    dispersion: str
    ion_distance_a: float | None
    method: str
    source: str
    doi: str
    confidence: str
    note: str

    def against_bulk(self) -> tuple[float, str]:
        """Return the value against the bulk metal, and what was added to get there."""
        if not self.reference.startswith("atom"):
            return self.value, ""
        kind = "PBE" if self.functional == "PBE" else "experiment"
        cohesive = COHESIVE_EV[kind][self.ion]
        return self.value + cohesive, f"cohesive energy ({kind}) {cohesive:.2f} eV added"


@dataclass(frozen=True)
class Comparison:
    """A published number beside ours.

    Attributes
    ----------
    ours
        None if there is none, and `reason` says why.
    published, conversion
        Value against the bulk metal, and how it was made from the one in the source.
    difference
        Ours minus published; above an upper bound, by how much, and 0 below it.
    differs
        What is not the same in both: coverage, functional, dispersion, reference state.
    """

    source: Published
    candidate: str
    level: Level | None
    ours: float | None
    published: float
    conversion: str
    where: str = ""
    differs: tuple[str, ...] = ()
    reason: str = ""

    @property
    def difference(self) -> float | None:
        """Ours minus published, in the unit of the quantity."""
        if self.ours is None:
            return None
        found = self.ours - self.published
        return max(0.0, found) if self.source.kind == "upper bound" else found


def load_literature() -> tuple[Published, ...]:
    """Read the table that comes with the package, screening/validation/literature.csv."""
    text = files("screening.validation").joinpath("literature.csv").read_text(encoding="utf-8")
    return tuple(_published(entry) for entry in csv.DictReader(text.splitlines()))


def _published(entry: dict[str, str]) -> Published:
    plain = {name: text for name, text in entry.items() if name != "unit"}
    apart = plain.pop("ion_distance_a")
    return Published(
        candidates=tuple(plain.pop("candidates").split()),
        value=float(plain.pop("value")),
        ion_distance_a=float(apart) if apart else None,
        **plain,
    )


def compare(
    rows: Iterable[Row], metals: Metals, literature: Sequence[Published]
) -> tuple[Comparison, ...]:
    """Put our values beside the published ones, in the order of the literature.

    A published number appears once a host and level of ours, or without a value.
    """
    known = list(rows)
    levels = {row.level.fingerprint: row.level for row in known}
    found = []
    for source in literature:
        if source.quantity == "lattice_a":
            mine = list(_metals(source, metals, levels))
        else:
            mine = [_beside(source, row) for row in _about(source, known)]
        found += _distinct(mine) or [
            _comparison(source, source.candidates[0], None, None, reason="not computed")
        ]
    return tuple(found)


def _distinct(found: Sequence[Comparison]) -> list[Comparison]:
    """Drop what several databases hold alike, and missing values where there are others."""
    distinct = {
        (c.candidate, c.level, round(c.ours, SAME_DECIMALS)): c for c in found if c.ours is not None
    }
    return list(distinct.values()) or list(found)


def _about(source: Published, rows: Iterable[Row]) -> Iterator[Row]:
    """Rows that a published number speaks of; a surface energy is the same for all ions."""
    seen = set()
    for row in rows:
        if row.candidate not in source.candidates:
            continue
        if source.quantity == "gamma_j_m2":
            key = (row.candidate, row.level.fingerprint)
            if row["gamma_j_m2"] is not None and key not in seen:
                seen.add(key)
                yield row
        elif row.ion == source.ion and (
            source.quantity == "e_ads_ev" or row["barrier_ev"] is not None
        ):
            yield row


def _metals(source: Published, metals: Metals, levels: Mapping[str, Level]) -> Iterator[Comparison]:
    for (fingerprint, ion), lattice in sorted(metals.items()):
        if ion == source.ion and (level := levels.get(fingerprint)):
            yield _comparison(source, ion.lower(), level, lattice)


def _beside(source: Published, row: Row) -> Comparison:
    ours: float | None = row[source.quantity]
    place = {"e_ads_ev": row["site"], "barrier_ev": row["barrier_path"]}.get(source.quantity)
    apart = row["ion_distance_a"] if source.quantity != "gamma_j_m2" else None
    return _comparison(
        source,
        row.candidate,
        row.level,
        ours,
        where=place or "",
        apart=apart,
        reason=row.reason if ours is None else "",
        outcome=row["outcome"] or "",
    )


def _comparison(
    source: Published,
    candidate: str,
    level: Level | None,
    ours: float | None,
    *,
    where: str = "",
    apart: float | None = None,
    reason: str = "",
    outcome: str = "",
) -> Comparison:
    published, conversion = source.against_bulk()
    return Comparison(
        source=source,
        candidate=candidate,
        level=level,
        ours=ours,
        published=published,
        conversion=conversion,
        where=where,
        differs=tuple(_differences(source, level, apart, outcome)) if level else (),
        reason=reason,
    )


def _differences(
    source: Published, level: Level, apart: float | None, outcome: str
) -> Iterator[str]:
    if source.reference.endswith("?"):
        yield "reference state assumed"
    if source.functional == "experiment":
        yield "experiment"
        return
    if source.functional != level.functional:
        yield f"functional {source.functional or 'not stated'}"
    if source.dispersion != level.dispersion:
        yield f"dispersion {source.dispersion or 'not stated'}"
    if source.ion_distance_a and apart and abs(source.ion_distance_a - apart) > APART_TOLERANCE_A:
        yield f"ions {source.ion_distance_a:.1f} Å apart, here {apart:.1f} Å"
    elif apart and source.ion_distance_a is None:
        yield "coverage not stated"
    if outcome == "reconstructed":
        yield "host reconstructed here"
