"""Energies along the paths behind barriers, from the store."""

from __future__ import annotations

from screening.descriptors import Row
from screening.pipeline.store import Store


def path_energies(row: Row, store: Store) -> list[float]:
    """Return the engine's energies along the path of `barrier_ev`, from its start, eV.

    Empty if there is no barrier, or none with a path of its own.
    """
    value = row.values.get("barrier_ev")
    found = store.find(value.task) if value is not None and value.task else None
    known = found.data.get("energies_ev") if found is not None else None
    return [float(energy) - float(known[0]) for energy in known] if known else []
