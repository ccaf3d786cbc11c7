"""Databases of earlier schemas."""

from __future__ import annotations

import json

from ase.db.sqlite import all_tables

from screening.errors import StoreError
from screening.pipeline.database import MARK, SCHEMA, TABLES, Database, sign


def upgraded(database: Database) -> Database:
    """Bring a database of schema 1, where results were looked up by their tags, to this one."""

    def move() -> None:
        if database.ase.metadata.get(MARK) == SCHEMA:
            return  # another run did it while this one waited
        for statement in TABLES:
            database.do(statement)
        for number, key in database.fetch(
            "SELECT id, value FROM text_key_values WHERE key='task_key' ORDER BY id"
        ):
            database.do(
                "INSERT INTO alkascreen_tasks VALUES (?, ?, '') "
                "ON CONFLICT (key) DO UPDATE SET id=excluded.id",
                key,
                number,
            )
        for stamp, (number, key) in enumerate(
            database.fetch("SELECT id, value FROM text_key_values WHERE key='row_key' ORDER BY id")
        ):
            record = json.dumps(database.ase.get(id=number).data["row"])
            database.do(
                "INSERT INTO alkascreen_rows VALUES (?, ?, ?, '') "
                "ON CONFLICT (key) DO UPDATE SET record=excluded.record, stamp=excluded.stamp",
                key,
                stamp,
                record,
            )
            for table in all_tables[::-1]:
                database.do(f"DELETE FROM {table} WHERE id=?", number)  # noqa: S608 (ASE's names)
        sign(database)

    try:
        database.write(move)
    except StoreError as error:
        raise StoreError(
            f"was made by an older version and cannot be brought up to date: {error.what}",
            where=database.where,
        ) from None
    return database.again()
