"""A table of text in the terminal: what rich lays out, in lines of a hundred thousand hosts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

GAP = 2


@dataclass(frozen=True)
class GridColumn:
    """A column: its title, and its cells from top to bottom."""

    title: str
    cells: Sequence[str]
    right: bool = False


@dataclass(frozen=True)
class Grid:
    """Columns side by side.

    Where they fit the width, lines are put together here, some twenty times as fast as by rich,
    which does the rest: the titles, and cells that must be folded.
    """

    columns: Sequence[GridColumn]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the lines, for rich."""
        widths = [max(map(_width, (c.title, *c.cells))) for c in self.columns]
        if sum(widths) + GAP * (len(widths) - 1) > options.max_width:
            yield self._table([c.cells for c in self.columns])
            return
        widest = [[" " * width] for width in widths]
        yield from console.render_lines(self._table(widest), options, pad=False)[0]
        yield Segment.line()
        padded = [_padded(c, width) for c, width in zip(self.columns, widths, strict=True)]
        for line in zip(*padded, strict=True):
            yield Segment((" " * GAP).join(line))
            yield Segment.line()

    def _table(self, cells: Sequence[Sequence[str]]) -> Table:
        table = Table(box=None, header_style="bold", pad_edge=False)
        for known in self.columns:
            table.add_column(
                known.title, justify="right" if known.right else "left", overflow="fold"
            )
        for line in zip(*cells, strict=True):
            table.add_row(*map(Text, line))
        return table


def _padded(column: GridColumn, width: int) -> Iterator[str]:
    for cell in column.cells:
        blank = " " * (width - _width(cell))
        yield blank + cell if column.right else cell + blank


def _width(cell: str) -> int:
    return len(cell) if cell.isascii() else cell_len(cell)
