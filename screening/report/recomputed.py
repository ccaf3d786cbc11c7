"""A recomputed row beside the stored one, in the terminal."""

from __future__ import annotations

from rich.console import Group
from rich.table import Table
from rich.text import Text

from screening.descriptors import Value
from screening.pipeline.recompute import RELATIVE, Check, Recomputed
from screening.report.tables import describe


def render(found: Recomputed, energy_ev: float) -> Group:
    """Return level, what is not as it was, each value stored and recomputed, and the verdict."""
    row, host = found.stored, found.origin.structure
    inputs = f"From the stored structure, {len(host['numbers'])} atoms, key {row.host}"
    lines = [
        f"{row.candidate} with {row.ion}, level {row.level.fingerprint}: {describe(row.level)}",
        f"{inputs}, settings {row.settings}",
        *found.remarks,
    ]
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("column", "stored", "recomputed", "difference", "verdict"):
        table.add_column(name, justify="left" if name in {"column", "verdict"} else "right")
    for check in found.checks:
        table.add_row(*map(Text, _cells(check)))
    differ = [check.column for check in found.checks if not check.agrees]
    verdict = f"{len(found.checks) - len(differ)} of {len(found.checks)} values are the same"
    verdict += f" within {energy_ev:g} eV, other units than energies within {RELATIVE:.0%}"
    if not found.checks:
        verdict = "there is no value to compare"
    elif differ:
        verdict += f"; not {', '.join(differ)}"
    if found.found.reason and found.found.reason != row.reason:
        verdict += f"; recomputed: {found.found.reason}"
    return Group(*map(Text, lines), table, Text(verdict))


def _cells(check: Check) -> tuple[str, ...]:
    difference = "" if check.difference is None else f"{check.difference:+.2g}"
    verdict = "same" if check.agrees else "DIFFERS"
    return check.column, _shown(check.stored), _shown(check.found), difference, verdict


def _shown(value: Value | None) -> str:
    if value is None:
        return "–"
    if isinstance(value.value, tuple):
        return " ".join(f"{part:.6g}" for part in value.value)
    return f"{value.value:.6g}" if isinstance(value.value, float) else str(value.value)
