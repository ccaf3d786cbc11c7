"""Structures behind the numbers: each value of a row names the task that relaxed it."""

from __future__ import annotations

from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator

from screening.descriptors import Row
from screening.errors import StoreError
from screening.pipeline.store import Store

CLEAN = "host"
"""In place of a site's name: the relaxed host without the ion."""


def structure_of(store: Store, row: Row, site: str | None = None) -> Atoms:
    """Relaxed structure of a row, with its energy and forces.

    Parameters
    ----------
    site
        Where the ion was placed; ``host`` for the clean host; None: the structure of `e_ads_ev`.

    Raises
    ------
    StoreError
        If there is no such structure, with the sites that have one.
    """
    known = {s.site: s.e_ads.task for s in row.table("sites") if s.e_ads is not None}
    best = row.values.get("e_ads_ev")
    key = row.host_task if site == CLEAN else known.get(site or "")
    if site is None and best is not None:
        key = best.task
    found = store.find(key) if key else None
    if found is None or found.atoms is None:
        what = f"at site {site!r}" if site else "with a value"
        raise StoreError(
            f"{row.candidate} has no relaxed structure of {row.ion} {what}",
            allowed=", ".join([CLEAN, *known]),
        )
    atoms: Atoms = found.atoms.copy()
    if found.energy_ev is not None and found.forces is not None:
        atoms.calc = SinglePointCalculator(atoms, energy=found.energy_ev, forces=found.forces)
    atoms.info |= {"host": row.candidate, "level": str(row.level)}
    if site != CLEAN:
        atoms.info |= {"ion": row.ion, "site": site or row["site"]}
    return atoms
