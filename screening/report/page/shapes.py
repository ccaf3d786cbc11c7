"""What the viewer shows of each host and ion: atoms, cell, and the sites with their energies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from screening.descriptors import Row
from screening.errors import StoreError
from screening.pipeline.store import Store
from screening.pipeline.structures import structure_of
from screening.report.page.content import Line

DECIMALS = 2
"""Of coordinates, Å: what a picture shows."""


def structures(lines: Sequence[Line], store: Store) -> dict[str, dict[str, Any]]:
    """Return what the viewer shows of each host and ion: atoms, cell, sites with energies."""
    found: dict[str, dict[str, Any]] = {}
    for line in lines:
        try:
            atoms = structure_of(store, line.row)
        except StoreError:
            continue
        shape = [f"{len(atoms)}\n"]
        places = atoms.positions.round(DECIMALS).tolist()
        for symbol, (x, y, z) in zip(atoms.get_chemical_symbols(), places, strict=True):
            shape.append(f"{symbol} {x:g} {y:g} {z:g}")
        found.setdefault(line.key, {})[line.row.ion] = {
            "xyz": "\n".join(shape),
            "cell": atoms.cell.array.round(DECIMALS).tolist(),
            "sites": _sites(line.row, store),
        }
    return found


def _sites(row: Row, store: Store) -> list[dict[str, Any]]:
    """Where the ion ended from each site that was tried, with its energy."""
    found = []
    for site in row.table("sites"):
        result = store.find(site.e_ads.task) if site.e_ads is not None else None
        if result is None or result.atoms is None:
            continue
        atoms = result.atoms.copy()
        atoms.wrap()
        place = atoms.positions[-1].round(DECIMALS).tolist()
        energy = round(site.e_ads.number, 3)
        found.append({"site": site.site, "at": place, "energy": energy, "outcome": site.outcome})
    return found
