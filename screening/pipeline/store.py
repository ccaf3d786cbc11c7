"""The store: results by key, in an ASE database with tables of ours beside it.

SQLite file by default, PostgreSQL by URL (with ``ase-db-backends``); ``ase db`` opens both. Only
drivers write, each result in one transaction, so a kill loses nothing that was finished. Several
drivers may share one store: a key is stored once, and claims tell them what others compute.
"""

from __future__ import annotations

import dataclasses
import gc
import hashlib
import json
import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator

from screening.descriptors import Row, merged, row_as_json, row_from_text
from screening.evaluate.task import Task, TaskResult
from screening.pipeline.database import Database
from screening.pipeline.leases import Leases
from screening.pipeline.log import log
from screening.pipeline.origins import Origin, Origins
from screening.pipeline.sqlite import open_file
from screening.structure.level import Level


class Store:
    """Results by key. Open one with `open_store`."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self.leases = Leases(database)
        self.origins = Origins(database)
        self._damaged: set[str] = set()

    @property
    def name(self) -> str:
        """File or URL, without a password."""
        return self._db.where

    def find(self, key: str) -> TaskResult | None:
        """Return the stored result of a task, failed ones included, or None.

        One that is damaged is as good as none: it is logged, and computed again.
        """

        def look() -> TaskResult | None:
            found = self._db.fetch("SELECT id, seal FROM alkascreen_tasks WHERE key=?", key)
            if not found:
                return None
            number, seal = found[0]
            try:
                result = _result(self._db.ase.get(id=number))
            except Exception:  # noqa: BLE001 (damage takes any form)
                log.exception("task %s is damaged in %s", key, self.name)
                self._damaged.add(key)
                return None
            if result.key != key or seal not in ("", _seal(result)):
                log.error("task %s is damaged in %s", key, self.name)
                self._damaged.add(key)
                return None
            return result

        return self._db.read(look)

    def save(self, task: Task, result: TaskResult) -> None:
        """Write one task's result in place of an older one; committed before it returns.

        Raises
        ------
        StoreError
            If the database cannot be written.
        ValueError
            If the result holds what a database cannot, e.g. a number that is not finite.
        """
        atoms = (result.atoms if result.atoms is not None else _first(task)).copy()
        if result.energy_ev is not None:
            forces = result.forces if result.forces is not None else np.zeros((len(atoms), 3))
            atoms.calc = SinglePointCalculator(atoms, energy=result.energy_ev, forces=forces)
        details = _plain(result)
        level = task.engine.level
        tags = {
            "task_key": task.key,
            "kind": task.kind,
            "status": "failed" if result.failed else "done",
            "level": level_key(level),
            "engine": level.calculator,
            **{f"tag_{name}": value for name, value in task.tags.items()},
        }
        data = {"result": details, "settings": dict(task.settings)}
        seal = _seal(dataclasses.replace(result, atoms=atoms if len(atoms) else None))

        def write() -> None:
            old = self._db.fetch("SELECT id FROM alkascreen_tasks WHERE key=?", task.key)
            number = self._db.ase.write(
                atoms, key_value_pairs=tags, data=data, id=old[0][0] if old else None
            )
            # ASE stores the login name of whoever computes; it is no part of a result.
            self._db.do("UPDATE systems SET username=NULL WHERE id=?", number)
            self._db.do(
                "INSERT INTO alkascreen_tasks VALUES (?, ?, ?) "
                "ON CONFLICT (key) DO UPDATE SET id=excluded.id, seal=excluded.seal",
                task.key,
                number,
                seal,
            )
            self._db.do("DELETE FROM alkascreen_claims WHERE key=?", task.key)

        self._db.write(write)

    def rows(self) -> list[Row]:
        """Return the result rows, one for each candidate, ion and level, in that order.

        What several workflows found of one host stands side by side in the database and is merged
        here. Damaged rows are logged and left out.
        """
        with _uncollected():
            found = merged(row for _, row in self.stored_rows())
        return sorted(found, key=lambda row: (row.candidate, row.ion, row.level.fingerprint))

    def find_row(self, key: str) -> Row | None:
        """Return the stored row of a pair's key, or None."""
        found = self._db.read(
            lambda: self._db.fetch("SELECT record, seal FROM alkascreen_rows WHERE key=?", key)
        )
        return self._row(key, *found[0]) if found else None

    def save_row(self, row: Row, key: str = "", origin: Origin | None = None) -> None:
        """Write the row of a pair, and where it comes from; it replaces one of the same key.

        Without a key it replaces one of the same candidate, ion and level.

        Raises
        ------
        ValueError
            If a number is not finite.
        """
        key = key or f"{row.candidate}-{row.ion}-{row.level.fingerprint}"
        text = json.dumps(row_as_json(row), separators=(",", ":"), allow_nan=False)

        def write() -> None:
            last = self._db.fetch("SELECT MAX(stamp) FROM alkascreen_rows")[0][0]
            self._db.do("DELETE FROM alkascreen_rows WHERE key=?", key)
            self._db.do(
                "INSERT INTO alkascreen_rows VALUES (?, ?, ?, ?)",
                key,
                (last or 0) + 1,
                text,
                _hash(text.encode()),
            )
            if origin is not None:
                self.origins.write(key, origin)

        self._db.write(write)

    def metal_lattices(self) -> dict[tuple[str, str], float]:
        """Lattice constant of each relaxed bcc metal, Å, by fingerprint of its level and ion."""
        found = {}
        for row in self._db.read(lambda: list(self._db.ase.select(kind="metal", status="done"))):
            lattice = (2 * row.volume / row.natoms) ** (1 / 3)
            found[row.level.removeprefix("level-"), row.tag_ion] = lattice
        return found

    def claim(self, keys: Sequence[str], again: Collection[str] = ()) -> set[str]:
        """Claim tasks for this run; return those that no other run computes or has stored.

        Parameters
        ----------
        again
            Stored ones to be computed again all the same; those found damaged always are.
        """
        return self.leases.claim(keys, self._damaged | set(again))

    def stored_rows(self) -> Iterable[tuple[str, Row]]:
        """Yield the rows that are whole, and their keys, in the order in which they were stored."""
        query = "SELECT key, record, seal FROM alkascreen_rows ORDER BY stamp DESC"
        found = self._db.read(lambda: self._db.fetch(query))
        while found:  # what is read is let go, for memory
            key, record, seal = found.pop()
            row = self._row(key, record, seal)
            if row is not None:
                yield key, row

    def _row(self, key: str, record: str, seal: str) -> Row | None:
        try:
            if seal not in ("", _hash(record.encode())):
                raise ValueError("its text is not what was written")  # noqa: TRY301
            return row_from_text(record)
        except Exception:  # noqa: BLE001 (damage takes any form)
            log.exception("row %s is damaged in %s", key, self.name)
            return None


def level_key(level: Level) -> str:
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
        from screening.pipeline.postgresql import open_server  # noqa: PLC0415 (an extra)

        store = Store(open_server(str(target)))
    else:
        store = Store(open_file(Path(target), create=create))
    if create:
        store.origins.prepare()
    return store


@contextmanager
def passing_store() -> Iterator[Store]:
    """Open a new database that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="alkascreen-") as folder:
        yield open_store(Path(folder, "passing.db"), create=True)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep Python from looking for cycles among what is read: there are none, only many objects."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def is_url(target: Path | str) -> bool:
    """Whether a database is named by a URL rather than a file."""
    return str(target).startswith(("postgresql://", "postgres://"))


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


def _seal(result: TaskResult) -> str:
    """Hash of what must come back from the disk as it was written: bits do flip."""
    parts = [json.dumps(_plain(result), sort_keys=True).encode()]
    if result.atoms is not None:
        parts += [
            np.asarray(result.atoms.numbers, dtype="<i4").tobytes(),
            np.asarray(result.atoms.positions, dtype="<f8").tobytes(),
            np.asarray(result.atoms.cell, dtype="<f8").tobytes(),
        ]
        if result.energy_ev is not None:
            forces = (
                result.forces if result.forces is not None else np.zeros((len(result.atoms), 3))
            )
            parts.append(np.asarray(forces, dtype="<f8").tobytes())
    return _hash(b"".join(parts))


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]


def _plain(result: TaskResult) -> dict[str, Any]:
    """JSON types only, so that what is read back equals what was written; no arrays of atoms."""
    apart = dataclasses.replace(result, atoms=None, forces=None)
    # Field by field: `asdict` copies every number of a band one by one.
    record = {field.name: getattr(apart, field.name) for field in dataclasses.fields(apart)}
    return dict(json.loads(json.dumps(record, allow_nan=False)))
