"""XYZ and extended XYZ: species normalised and counts checked, the rest by ASE."""

from __future__ import annotations

import re
from io import StringIO

import numpy as np
from ase import Atoms
from ase.constraints import FixAtoms, FixCartesian
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
    if atoms.cell.rank and not atoms.pbc.any():
        said.append('its pbc is "F F F": its cell is not used')
    return atoms, [*said, *_hold(atoms)]


_HOLDING = re.compile(r"(?i)fix|fixed|frozen|constrained|held")
_FREEING = re.compile(r"(?i)selective_?dynamics|free|movable|mobile|moving|move|relax|unfixed")


def _hold(atoms: Atoms) -> list[str]:
    """Fix the atoms that a column of flags holds, and say which column did; ASE knows move_mask."""
    said: list[str] = []
    for name, column in atoms.arrays.items():
        free = _FREEING.fullmatch(name)
        if atoms.constraints or not (free or _HOLDING.fullmatch(name)):
            continue
        if column.dtype.kind not in "biu" or not np.isin(column, (0, 1)).all():
            said.append(f"column {name} is not read: it holds no flags")
            continue
        held = column.reshape(len(atoms), -1).astype(bool) ^ bool(free)
        if held.shape[1] == 1:
            atoms.set_constraint(FixAtoms(np.flatnonzero(held)))
        elif held.shape[1] == 3:
            rows = np.flatnonzero(held.any(axis=1))
            atoms.set_constraint([FixCartesian(int(row), held[row]) for row in rows])
        else:
            said.append(f"column {name} is not read: it has neither 1 nor 3 flags an atom")
            continue
        said.append(f"column {name}: {'T frees' if free else 'T holds'} an atom")
    return said


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
