"""Tables for spreadsheets and for data frames: XLSX and Parquet (extra ``report``)."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from screening import __version__
from screening.ranking.rank import Ranking
from screening.report.export import inert
from screening.report.tables import LEVEL, dictionary, frame, table

EPOCH = datetime(1980, 1, 1)
"""Time stamp of all files: the same table gives the same bytes."""


_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")


def to_xlsx(rankings: Sequence[Ranking]) -> bytes:
    """Return three sheets: the table, what its columns mean with units, and the levels.

    Text that a spreadsheet would run as a formula gets a leading apostrophe, and is text besides.
    """
    lines = table(rankings)
    book = Workbook()
    book.properties.created = book.properties.modified = EPOCH
    book.properties.creator = f"alkascreen {__version__}"
    sheet = book.active
    sheet.title = "hosts"
    _fill(sheet, [list(lines.columns), *lines.itertuples(index=False, name=None)])
    sheet.auto_filter.ref = sheet.dimensions
    meanings = [[name, unit, about] for name, (unit, about) in dictionary().items()]
    _fill(book.create_sheet("columns"), [["column", "unit", "meaning"], *meanings])
    known = [
        [level.fingerprint, *(getattr(level, n) for n in LEVEL)] for level in _levels(rankings)
    ]
    _fill(book.create_sheet("levels"), [["level", *LEVEL], *known])
    content = io.BytesIO()
    book.save(content)
    return _timeless(content.getvalue())


def _fill(sheet: Worksheet, lines: Sequence[Sequence[Any]]) -> None:
    for row, line in enumerate(lines, 1):
        for place, value in enumerate(line, 1):
            cell = sheet.cell(row, place, inert(value))
            if isinstance(value, str):
                cell.data_type = "s"
            if row == 1:
                cell.font = Font(bold=True)
    sheet.freeze_panes = "B2"


def _timeless(data: bytes) -> bytes:
    """Return the archive with one time for all its files."""
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(content, "w") as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, EPOCH.timetuple()[:6])
            # openpyxl states the time of saving in the properties, whatever they were set to.
            text = _MODIFIED.sub(rf"\g<1>{EPOCH:%FT%TZ}".encode(), old.read(name))
            new.writestr(entry, text, zipfile.ZIP_DEFLATED)
    return content.getvalue()


def to_parquet(rankings: Sequence[Ranking]) -> bytes:
    """Return the table with numbers as floats; each field carries its unit and meaning."""
    lines = frame(rankings)
    known = dictionary()
    plain = pa.Table.from_pandas(lines, preserve_index=False)
    fields = [
        field.with_metadata({"unit": known[field.name][0], "about": known[field.name][1]})
        for field in plain.schema
    ]
    levels = {level.fingerprint: asdict(level) for level in _levels(rankings)}
    extra = {"alkascreen_version": __version__, "levels": json.dumps(levels)}
    schema = pa.schema(fields, metadata={**(plain.schema.metadata or {}), **extra})
    content = io.BytesIO()
    pq.write_table(plain.cast(schema), content)
    return content.getvalue()


def _levels(rankings: Sequence[Ranking]) -> list[Any]:
    return list({level.fingerprint: level for r in rankings for level in r.levels}.values())
