"""A grid looks as rich would lay it out, whether its columns fit or not."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from rich.table import Table
from rich.text import Text

from screening.report.grid import Grid, GridColumn

COLUMNS = (
    GridColumn("rank", ["1", "2", "10*"], right=True),
    GridColumn("candidate", ["cu-111", "graphène", "石墨烯"]),
    GridColumn("flags", ["", "two words", "–"]),
)


def by_rich(columns: tuple[GridColumn, ...]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for known in columns:
        justify = "right" if known.right else "left"
        table.add_column(known.title, justify=justify, overflow="fold")  # type: ignore[arg-type]
    for line in zip(*(known.cells for known in columns), strict=True):
        table.add_row(*map(Text, line))
    return table


@pytest.mark.parametrize("width", [12, 20, 26, 27, 28, 80, 10_000])
@pytest.mark.parametrize("terminal", [True, False])
def test_it_prints_what_rich_prints(width: int, terminal: bool) -> None:
    printed = []
    for shown in (Grid(COLUMNS), by_rich(COLUMNS)):
        stream = io.StringIO()
        console = Console(file=stream, width=width, force_terminal=terminal, highlight=False)
        console.print(shown, "")
        printed.append(stream.getvalue())
    assert printed[0] == printed[1]
    assert "cu-111" in printed[0] or width < 20
