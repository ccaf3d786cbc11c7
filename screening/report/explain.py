"""A row in words: what is known, how surely, on which scale, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator

from screening.descriptors import Column, Row, Value, descriptors
from screening.ranking.judged import cautions
from screening.report.tables import describe

_SCALES = {
    "engine": "the engine's own",
    "calibrated": "calibrated to the reference level",
    "reference": "at the reference level",
}


def explain(row: Row) -> str:
    """Return all that is known of a row, one statement a line."""
    return "\n".join(_lines(row))


def _lines(row: Row) -> Iterator[str]:
    yield f"{row.ion} on {row.candidate} ({row.formula}, {row.family}): {row.status}"
    yield describe(row.level)
    if row.reason:
        yield f"missing: {row.reason}"
    for name, descriptor in descriptors().items():
        known = [(c, row.values[c.name]) for c in descriptor.columns if c.name in row.values]
        if known:
            yield f"{name}:"
            yield from (f"  {_statement(column, value)}" for column, value in known)
    if sites := row.table("sites"):
        yield "sites:"
        for site in sites:
            energy = "–" if site.e_ads is None else f"{site.e_ads.number:+.2f} eV"
            moved = f" -> {site.final_site}" if site.final_site not in {None, site.site} else ""
            what = site.outcome or site.reason
            yield f"  {site.site}{moved}: {energy}, {what}"
    yield from (f"note: {flag}" for flag in cautions(row))
    yield from (f"does not apply: {note}" for note in row.notes)


def _statement(column: Column, value: Value) -> str:
    text = _plain(column, value.value)
    unit = f" {column.unit}" if column.unit else ""
    parts = [f"{column.name} = {text}{unit}"]
    if value.lower90 is not None and value.upper90 is not None:
        low, high = column.form.format(value.lower90), column.form.format(value.upper90)
        parts.append(f"90 % between {low} and {high}")
    if value.scale is not None:
        parts.append(_SCALES[value.scale])
    if value.raw is not None and value.scale != "engine":
        parts.append(f"raw {column.form.format(value.raw)}")
    return ", ".join(parts) + f". {column.about}"


def _plain(column: Column, value: object) -> str:
    if isinstance(value, tuple):
        return " ".join(column.form.format(part) for part in value)
    if isinstance(value, bool | str):
        return str(value)
    return column.form.format(value)
