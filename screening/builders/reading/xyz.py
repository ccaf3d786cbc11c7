"""XYZ and extended XYZ: species normalised and counts checked, the rest by ASE."""

from __future__ import annotations

import re
from io import StringIO

from ase import Atoms
from ase.io.extxyz import read_extxyz

from screening.builders.reading.elements import element, remark
from screening.builders.reading.frames import chosen_frame
from screening.errors import StructureError
from screening.structure.candidate import MAX_ATOMS


def read_xyz(text: str, frame: str | None, where: str) -> tuple[Atoms, list[str]]:
    """One frame, by default the last, and what was read.

    Raises
    ------
    StructureError
        If a frame is shorter than it says or too large, or a species is unknown.
    """
    lines = text.splitlines()
    starts = _starts(lines, where)
    index, said = chosen_frame(len(starts), frame, where)
    start, count = starts[index]
    head, rows = lines[start : start + 2], [line.split() for line in lines[start + 2 :][:count]]
    column = _species_column(head[1])
    if column is not None:
        tokens = [row[column] if len(row) > column else "" for row in rows]
        symbols = [_named(token, where) for token in tokens]
        for row, symbol in zip(rows, symbols, strict=True):
            if len(row) > column:
                row[column] = symbol
        said += [part for part in (remark(tokens, symbols),) if part]
    body = [" ".join(row) for row in rows]
    (atoms,) = read_extxyz(StringIO("\n".join([*head, *body, ""])), slice(None))
    return atoms, said


def _named(token: str, where: str) -> str:
    """Element of a species, which plain XYZ may give as an atomic number."""
    return token if token.isdecimal() else element(token, where)


def _starts(lines: list[str], where: str) -> list[tuple[int, int]]:
    """First line and number of atoms of each frame."""
    starts, line = [], 0
    while line < len(lines) and lines[line].strip():
        word = lines[line].split()[0]
        if not re.fullmatch(r"\d{1,12}", word):
            raise StructureError(
                f"cannot be read as xyz: line {line + 1} holds no number of atoms", where=where
            )
        count = int(word)
        if count > MAX_ATOMS:
            raise StructureError(
                f"structure has {count} atoms", where=where, allowed=f"1 to {MAX_ATOMS}"
            )
        if line + 2 + count > len(lines):
            found = max(len(lines) - line - 2, 0)
            raise StructureError(
                f"cannot be read as xyz: {found} positions for {count} atoms", where=where
            )
        starts.append((line, count))
        line += 2 + count
    return starts


def _species_column(comment: str) -> int | None:
    """Column of the species, 0 in plain XYZ; None if there are only atomic numbers."""
    match = re.search(r"Properties=\"?([^\s\"]+)", comment)
    if not match:
        return 0
    fields = match[1].split(":")
    column = 0
    for name, _, width in zip(fields[::3], fields[1::3], fields[2::3], strict=False):
        if name.lower() == "species":
            return column
        column += int(width) if width.isdecimal() else 1
    return None
