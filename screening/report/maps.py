"""Maps for chemiscope: a point a row, and the relaxed structure behind it (extra ``chemiscope``).

Fraux, Cersonsky & Ceriotti, J. Open Source Softw. 5, 2117 (2020), doi:10.21105/joss.02117.
"""

from __future__ import annotations

import contextlib
import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import chemiscope
import pandas as pd
from ase import Atoms
from pandas.api.types import is_numeric_dtype

from screening import __version__
from screening.errors import StoreError
from screening.files import write_atomic
from screening.pipeline.store import Store
from screening.pipeline.structures import structure_of
from screening.ranking.rank import Ranking
from screening.report.tables import dictionary, entries, frame, header


def write(rankings: Sequence[Ranking], store: Store, path: Path) -> tuple[int, int]:
    """Write every row that has a structure; the same rows always give the same bytes.

    Returns
    -------
    tuple
        Rows written, and rows left out because no structure stands behind them.

    Raises
    ------
    StoreError
        If no row has a structure, or the file cannot be written.
    """
    table = frame(rankings)
    rows = [entry.row for ranking in rankings for entry in entries(ranking)]
    structures: dict[int, Atoms] = {}
    for place, row in enumerate(rows):
        with contextlib.suppress(StoreError):  # a row without one is counted below
            structures[place] = structure_of(store, row)
    if not structures:
        raise StoreError("no row has a relaxed structure to show", where=str(path))
    data = chemiscope.create_input(
        structures=[_plain(atoms) for atoms in structures.values()],
        metadata={
            "name": "alkascreen",
            "description": "\n".join(f"{r.ion}. {line}" for r in rankings for line in header(r)),
            "authors": [f"alkascreen {__version__}"],
        },
        properties=_properties(table.iloc[list(structures)]),
        settings=_settings(table),
    )
    text = json.dumps(data, ensure_ascii=False)
    zipped = path.suffix.lower() == ".gz"
    write_atomic(path, gzip.compress(text.encode(), mtime=0) if zipped else text)
    return len(structures), len(rows) - len(structures)


def _plain(atoms: Atoms) -> Atoms:
    """Return atoms and cell alone: what else a store keeps of them is in the table."""
    return Atoms(atoms.symbols, atoms.positions, cell=atoms.cell, pbc=atoms.pbc)


def _properties(table: pd.DataFrame) -> dict[str, Any]:
    """Return every column that has a value; missing numbers are NaN, which chemiscope hides."""
    known = dictionary()
    return {
        name: {
            "target": "structure",
            "values": list(values) if is_numeric_dtype(values) else [_text(v) for v in values],
            "units": known[name][0],
            "description": known[name][1],
        }
        for name, values in ((str(label), column) for label, column in table.items())
        if values.notna().any() and name in known
    }


def _text(value: Any) -> str:
    return "" if pd.isna(value) else str(value)


def _settings(table: pd.DataFrame) -> dict[str, Any]:
    """Show adsorption energy and barrier, or score, first; ions by symbol, score by colour."""
    has_barrier = "barrier_ev" in table and table["barrier_ev"].notna().any()
    has_score = table["score"].notna().any()
    upright = "barrier_ev" if has_barrier else "score" if has_score else "ion_distance_a"
    settings: dict[str, Any] = chemiscope.quick_settings(
        x="e_ads_ev",
        y=upright,
        map_color="score" if has_score else None,
        symbol="ion",
        periodic=True,
    )
    return settings
