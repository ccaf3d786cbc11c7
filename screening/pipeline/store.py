"""The store: an ASE database with one row a task and one row a result.

SQLite file by default, PostgreSQL by URL (with ``ase-db-backends``); ``ase db`` works on it.
Only the driver writes, one committed row at a time, so a kill loses nothing that was finished.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import re
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator
from ase.db import connect

from screening.descriptors import Row, merged, row_as_json, row_from_json
from screening.errors import StoreError
from screening.evaluate.task import Task, TaskResult
from screening.structure.level import Level

SCHEMA = 1
MARK = "alkascreen_schema"


Database = Any
"""SQLite or PostgreSQL back end of ASE; their base class lacks the transactions of both."""


class Store:
    """Results by key. Open one with `open_store`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def find(self, key: str) -> TaskResult | None:
        """Return the stored result of a task, failed ones included, or None."""
        for row in self._db.select(task_key=key, limit=1):
            return _result(row)
        return None

    def save(self, task: Task, result: TaskResult) -> None:
        """Write one task's result in place of an older one; committed before it returns."""
        atoms = (result.atoms if result.atoms is not None else _first(task)).copy()
        if result.energy_ev is not None:
            forces = result.forces if result.forces is not None else np.zeros((len(atoms), 3))
            atoms.calc = SinglePointCalculator(atoms, energy=result.energy_ev, forces=forces)
        details = dataclasses.asdict(dataclasses.replace(result, atoms=None, forces=None))
        level = task.engine.level
        self._replace(
            {"task_key": task.key},
            atoms,
            {
                "kind": task.kind,
                "status": "failed" if result.failed else "done",
                "level": _level_key(level),
                "engine": level.calculator,
                **{f"tag_{name}": value for name, value in task.tags.items()},
            },
            {"result": details, "settings": dict(task.settings)},
        )

    def rows(self) -> list[Row]:
        """Every result row, one for each candidate, ion and level, in that order.

        What several workflows found of one host stands side by side in the database and is merged
        here.
        """
        stored = (row_from_json(e.data["row"]) for e in self._db.select(kind="row", sort="id"))
        found = merged(row for row in stored if row is not None)
        return sorted(found, key=lambda row: (row.candidate, row.ion, row.level.fingerprint))

    def metal_lattices(self) -> dict[tuple[str, str], float]:
        """Lattice constant of each relaxed bcc metal, Å, by fingerprint of its level and ion."""
        found = {}
        for row in self._db.select(kind="metal", status="done"):
            lattice = (2 * row.volume / row.natoms) ** (1 / 3)
            found[row.level.removeprefix("level-"), row.tag_ion] = lattice
        return found

    def find_row(self, key: str) -> Row | None:
        """Return the stored row of a pair's key, or None."""
        for entry in self._db.select(row_key=key, limit=1):
            return row_from_json(entry.data["row"])
        return None

    def save_row(self, row: Row, key: str = "unknown") -> None:
        """Write the row of a pair; it replaces one of the same key, and no other."""
        self._replace(
            {
                "kind": "row",
                "tag_candidate": row.candidate,
                "tag_ion": row.ion,
                "level": _level_key(row.level),
                "row_key": key,
            },
            Atoms(),
            {"status": row.status},
            {"row": row_as_json(row)},
        )

    def _replace(
        self, identity: dict[str, str], atoms: Atoms, pairs: dict[str, str], data: dict[str, Any]
    ) -> None:
        old = [entry.id for entry in self._db.select(**identity)]
        with self._db:
            self._db.delete(old)
            self._db.write(atoms, key_value_pairs={**identity, **pairs}, data=data)


def _level_key(level: Level) -> str:
    """Fingerprint as a value that ASE's database does not take for a number."""
    return f"level-{level.fingerprint}"


def open_store(target: Path | str, *, create: bool = False) -> Store:
    """Open a database of ours.

    Parameters
    ----------
    target
        SQLite file, or a PostgreSQL URL.
    create
        Make a new one where there is none.

    Raises
    ------
    StoreError
        No such file, not a database of ours, of another schema, or not writable.
    """
    if is_url(target):
        return Store(_mark(_connect_server(str(target)), str(target)))
    path = Path(target)
    if path.exists():
        _check_file(path)
    elif not create:
        raise StoreError(
            "there is no such database; 'alkascreen run WORKFLOW' makes one", where=str(path)
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return Store(_mark(_connect(str(path), type="db"), str(path)))
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"cannot be opened for writing: {error}", where=str(path)) from None


def is_url(target: Path | str) -> bool:
    """Whether a database is named by a URL rather than a file."""
    return str(target).startswith(("postgresql://", "postgres://"))


def _connect(target: str, type: str) -> Database:  # noqa: A002 (ASE's word)
    # No lock file: one driver writes, and a killed driver would leave a stale lock behind.
    return connect(target, type=type, use_lock_file=False)


def _connect_server(url: str) -> Database:
    """Connect to PostgreSQL; the password, if the URL has one, stays out of messages."""
    try:
        database = _connect(url, type="postgresql")
        database.count()
    except ImportError:
        raise StoreError(
            "PostgreSQL needs ase-db-backends; install it with: pip install 'alkascreen[postgres]'"
        ) from None
    except Exception as error:  # noqa: BLE001 (each driver raises its own)
        where = re.sub(r"//[^@/]*@", "//", url)
        reason = " ".join(str(error).split())
        raise StoreError(f"cannot be reached: {reason}", where=where) from None
    return database


def _mark(database: Database, where: str) -> Database:
    """Sign a fresh database as ours; refuse one that holds something else."""
    metadata = database.metadata
    if MARK not in metadata:
        if database.count():
            raise StoreError("is an ASE database, but not one of alkascreen", where=where)
        database.metadata = {**metadata, MARK: SCHEMA}
    elif metadata[MARK] != SCHEMA:
        raise StoreError(
            f"was written with schema {metadata[MARK]}", where=where, allowed=f"schema {SCHEMA}"
        )
    return database


def _check_file(path: Path) -> None:
    """Refuse a file that is not ours before ASE opens it, which would write into it."""
    if not path.is_file():
        raise StoreError("is not a file", where=str(path), allowed="an alkascreen database")
    if path.stat().st_size == 0:
        raise StoreError("is empty", where=str(path), allowed="an alkascreen database")
    try:
        read_only = f"{path.resolve().as_uri()}?mode=ro"
        with contextlib.closing(sqlite3.connect(read_only, uri=True)) as db:
            found = db.execute("SELECT value FROM information WHERE name='metadata'").fetchone()
            if found and MARK in json.loads(found[0]):
                return
    except (sqlite3.Error, ValueError, TypeError):
        pass
    raise StoreError("is not a database of alkascreen", where=str(path))


def _first(task: Task) -> Atoms:
    return task.structures[0] if task.structures else Atoms()


def _result(row: Any) -> TaskResult:
    details = dict(row.data["result"])
    atoms = row.toatoms() if row.natoms else None
    forces = None
    if atoms is not None:
        if details["energy_ev"] is not None:
            forces = atoms.get_forces(apply_constraint=False)
        atoms.calc = None
    return TaskResult(**{**details, "atoms": atoms, "forces": forces})
