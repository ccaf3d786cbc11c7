"""The dictionary of all columns, for docs/columns.md and `alkascreen columns`."""

from __future__ import annotations

from collections.abc import Mapping

from screening.descriptors import descriptors
from screening.report.tables import dictionary

HEAD = """# Columns

Written by `alkascreen columns --format md`; each descriptor's file says what its columns mean.

One line a candidate and ion. A missing value is an empty cell (CSV), `null` (JSON) or `–`
(Markdown), and `reason` says why it is missing, or `notes` why it does not apply. Negative energies
bind. In
Python, and in a [weights file](ranking.md), a column goes by the same name.
"""

FOOT = """
To compare with papers that refer to the isolated atom, subtract the cohesive energy of the metal
(experiment: Li 1.63, Na 1.113, K 0.934 eV; PBE: 1.60, 1.09, 0.86): `e_ads_atom = e_ads_ev − E_coh`.

In JSON, each line has the tables behind its values too: `sites` (every site that was tried), `hops`
and `coverage`; each entry names its `task`, whose structure `alkascreen structure` gives. CSV
text that a spreadsheet
would run as a formula starts with an apostrophe.
"""


def to_markdown() -> str:
    """Return the dictionary as a page: what ranking adds, then descriptor by descriptor."""
    known = dictionary()
    parts = [HEAD]
    owned: set[str] = set()
    for name, descriptor in descriptors().items():
        names = [flat for column in descriptor.columns for flat in column.names]
        owned |= set(names)
        better = {c.name: c.better for c in descriptor.columns if c.better}
        parts.append(_section(f"`{name}`: {descriptor.summary}", names, better))
    rest = [name for name in known if name not in owned]
    parts.insert(1, _section("Every row", rest, {}))
    return "\n".join(parts) + FOOT


def _section(title: str, names: list[str], better: Mapping[str, str]) -> str:
    known = dictionary()
    lines = [f"## {title}", "", "| column | meaning | unit | better |", "|---|---|---|---|"]
    for name in names:
        unit, about = known[name]
        lines.append(f"| `{name}` | {about} | {unit or '–'} | {better.get(name) or '–'} |")
    return "\n".join(lines) + "\n"
