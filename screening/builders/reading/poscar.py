"""POSCAR and CONTCAR: species and flags as VASP reads them, the rest by ASE."""

from __future__ import annotations

from io import StringIO

from ase import Atoms
from ase.io.vasp import read_vasp

from screening.builders.reading.elements import element, remark
from screening.errors import StructureError
from screening.structure.candidate import MAX_ATOMS


def looks_like_poscar(text: str) -> bool:
    """Whether a scaling factor and three vectors stand where a POSCAR has them."""
    lines = [line.split() for line in text.splitlines()[1:5]]
    return (
        len(lines) == 4
        and len(lines[0]) in {1, 3}
        and all(len(line) >= 3 for line in lines[1:])
        and all(
            _is_number(word)
            for line in (lines[0], *(row[:3] for row in lines[1:]))
            for word in line
        )
    )


def read_poscar(text: str, frame: str | None, where: str) -> tuple[Atoms, list[str]]:
    """Structure and what was read; ASE's constraints hold the selective dynamics.

    Raises
    ------
    StructureError
        If no line names the species, counts and coordinates do not agree, or a flag is none.
    """
    if frame not in {None, "1"}:
        raise StructureError("a POSCAR holds one frame", where=where, allowed="--frame 1")
    lines = text.splitlines()
    if not looks_like_poscar(text) or len(lines) < 8:
        raise StructureError("cannot be read as vasp: no scale and cell vectors", where=where)
    tokens, said = _species(lines, where)
    counts = _counts(lines[6], len(tokens), where)
    lines[5] = " ".join(symbol for symbol, _ in tokens)
    lines[6] = " ".join(map(str, counts))
    selective = lines[7].strip()[:1].lower() == "s"
    start, total = 8 + selective, sum(counts)
    rows = lines[start : start + total]
    if len(rows) < total or not all(row.split() for row in rows):
        found = next((i for i, row in enumerate(rows) if not row.split()), len(rows))
        raise StructureError(
            f"cannot be read as vasp: {found} positions for {total} atoms", where=where
        )
    if selective:
        for number in range(start, start + total):
            lines[number] = _flags(lines[number], number + 1, where)
    if any(row.split() for row in lines[start + total :]):
        said.append("velocities and what else follows the positions are not read")
    kept = lines[: start + total]
    return read_vasp(StringIO("\n".join([*kept, ""]))), said


def _species(lines: list[str], where: str) -> tuple[list[tuple[str, str]], list[str]]:
    """Symbols with the words they come from; inserts the line that VASP 4 leaves out."""
    words = _words(lines[5])
    said = []
    if words and words[0].isdecimal():
        words, counts = _words(lines[0]), _words(lines[5])
        lines.insert(5, "")
        if len(words) != len(counts):
            raise _nameless(lines[0], where)
        try:
            symbols = [element(word, where) for word in words]
        except StructureError:
            raise _nameless(lines[0], where) from None
        said.append(f"species from the comment line, as VASP 4 has it: {' '.join(symbols)}")
    symbols = [element(word, where) for word in words]
    if not symbols:
        raise _nameless(lines[0], where)
    said.append(remark(words, symbols))
    return list(zip(symbols, words, strict=True)), [part for part in said if part]


def _nameless(comment: str, where: str) -> StructureError:
    return StructureError(
        f"no line names the species, and the comment {comment.strip()[:40]!r} is no list of them",
        where=where,
        allowed="a line of element symbols above the counts, as VASP 5 writes it",
    )


def _counts(line: str, species: int, where: str) -> list[int]:
    words = _words(line)
    if not all(word.isdecimal() for word in words) or len(words) != species:
        raise StructureError(
            f"cannot be read as vasp: {species} species, counts {line.strip()[:40]!r}", where=where
        )
    counts = [int(word) for word in words]
    if not 0 < sum(counts) <= MAX_ATOMS:
        raise StructureError(
            f"structure has {sum(counts)} atoms", where=where, allowed=f"1 to {MAX_ATOMS}"
        )
    return counts


def _flags(line: str, number: int, where: str) -> str:
    """Write logicals as ASE reads them: VASP takes ``f``, ``.FALSE.`` and ``F`` alike."""
    words = line.split()
    flags = [word.lstrip(".")[:1].upper() for word in words[3:6]]
    if len(flags) != 3 or not set(flags) <= {"T", "F"}:
        raise StructureError(
            f"line {number}: {' '.join(words[3:6])!r} are no three flags",
            where=where,
            allowed="T or F for each direction",
        )
    return " ".join([*words[:3], *flags])


def _words(line: str) -> list[str]:
    """Words before a remark."""
    return line.partition("!")[0].partition("#")[0].split()


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
