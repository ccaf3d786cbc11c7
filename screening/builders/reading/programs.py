"""Formats of other programs that ASE reads in part: what it skips is applied here or refused."""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from ase import Atoms
from ase.io import read
from ase.io.formats import ioformats

from screening.builders.reading.elements import element, remark
from screening.builders.reading.expansion import Sites, expand
from screening.builders.reading.frames import chosen_frame
from screening.builders.reading.plausible import occupancies, require_plausible
from screening.errors import StructureError
from screening.structure.candidate import MAX_ATOMS


def read_pdb(text: str, frame: str | None, where: str) -> tuple[Atoms, list[str]]:
    """PDB, with the space group of its CRYST1 line applied.

    Raises
    ------
    StructureError
        If the space group is unknown.
    """
    atoms, said = _read(text, "proteindatabank", frame, where)
    require_plausible(atoms, where)
    if re.search(r"(?m)^(ATOM  |HETATM).{10}[^ A]", text):
        said.append("alternate locations other than A are read as atoms of their own")
    match = re.search(r"(?m)^CRYST1.{49}(.{1,11})", text)
    group = match[1].strip() if match else ""
    if not group and match:
        said.append("no symmetry stated: the listed atoms are all")
    if not group or group == "P 1":
        return atoms, said
    sites = Sites(
        tuple(map(str, range(1, len(atoms) + 1))),
        tuple(atoms.symbols),
        atoms.get_scaled_positions(wrap=False),
        np.asarray(atoms.cell),
        tuple(occupancies(atoms).tolist()),
    )
    whole, setting = expand(sites, name=group, where=where)
    return whole, [*said, setting]


def read_shelx(text: str, frame: str | None, where: str) -> tuple[Atoms, list[str]]:
    """SHELX ``.res`` without symmetry, as crystal-structure searches write it.

    Elements are those of the SFAC line, whatever the labels; a number fixed by adding 10 is read
    as meant.

    Raises
    ------
    StructureError
        If it has symmetry, which is not read (LATT other than -1, or SYMM).
    """
    lattice = re.search(r"(?im)^LATT\s+(-?\d+)", text)
    if re.search(r"(?im)^SYMM\s", text) or (lattice and int(lattice[1]) != -1):
        raise StructureError(
            "has symmetry (LATT, SYMM), which is not read from this format",
            where=where,
            allowed="a CIF, or LATT -1 with all atoms",
        )
    listed = re.search(r"(?im)^SFAC\s+(.*)", text)
    symbols = [element(t, where) for t in (listed[1].split() if listed else []) if t[0].isalpha()]
    lines, words, occupied = [], [], []
    for line in text.splitlines():
        atom = _SHELX_ATOM.match(line)
        named = atom and not _SHELX_WORDS.fullmatch(atom[1])
        if atom and named and int(atom[2]) <= len(symbols):
            *place, held = (_freed(number) for number in atom.groups()[2:])
            occupied.append(held)
            words.append((atom[1], symbols[int(atom[2]) - 1]))
            numbers = " ".join(f"{number:.10f}" for number in (*place, held))
            line = f"{words[-1][1]} {atom[2]} {numbers}"  # noqa: PLW2901 (as ASE reads it)
        lines.append(line)
    atoms, said = _read("\n".join([*lines, ""]), "res", frame, where)
    if len(atoms) == len(words):
        atoms.set_array("occupancy", np.array(occupied))
        atoms.set_array("label", np.array([label for label, _ in words]))
    return atoms, [*said, *filter(None, [remark(*zip(*words, strict=True))] if words else [])]


_NUMBER = r"(-?\d*\.?\d+(?:[eE][+-]?\d+)?)"
_SHELX_WORDS = re.compile(
    "ACTA|AFIX|ANIS|BAS[F]|BIND|BLO[C]|BOND|BUMP|CELL|CGLS|CHIV|CONF|CONN|DAMP|DANG|DEFS|DELU|DFIX|"
    "DISP|EADP|EQIV|EXTI|EXYZ|FEND|FLAT|FMAP|FRAG|FREE|FVAR|GRID|HFIX|HKLF|HTAB|ISOR|LATT|LAUE|"
    "LIST|LS|MERG|MORE|MOVE|MPLA|NCSY|NEUT|OMIT|PART|PLAN|RESI|RIGU|SADI|SAME|SFAC|SHEL|SIMU|SIZE|"
    "SPEC|STIR|SUMP|SWAT|SYMM|TEMP|TIME|TITL|TWIN|TWST|UNIT|WGHT|WIGL|WPDB|XNPD|ZERR",
    re.IGNORECASE,
)
_SHELX_ATOM = re.compile(rf"\s*(\w+)\s+(\d+)\s+{_NUMBER}\s+{_NUMBER}\s+{_NUMBER}\s+{_NUMBER}")


def _freed(number: str) -> float:
    """SHELX holds a parameter by adding 10 to it."""
    value = float(number)
    return value - 10.0 if 5.0 < value < 15.0 else value


def read_gen(text: str, frame: str | None, where: str) -> tuple[Atoms, list[str]]:
    """DFTB+'s ``gen``, whose second line names the elements."""
    lines = text.splitlines()
    tokens = lines[1].split() if len(lines) > 1 else []
    symbols = [element(token, where) for token in tokens]
    atoms, said = _read(
        "\n".join([lines[0], " ".join(symbols), *lines[2:], ""]), "gen", frame, where
    )
    return atoms, [*said, *filter(None, [remark(tokens, symbols)])]


def read_turbomole(text: str, frame: str | None, where: str) -> tuple[Atoms, list[str]]:
    """Turbomole's ``coord`` of a molecule.

    Raises
    ------
    StructureError
        If it is periodic, which is not read.
    """
    if re.search(r"(?im)^\s*\$(periodic|cell|lattice)", text):
        raise StructureError(
            "is periodic ($periodic, $cell), which is not read from this format",
            where=where,
            allowed="a CIF, POSCAR or extxyz of it; a coord file of a molecule",
        )
    return _read(text, "turbomole", frame, where)


def read_espresso(text: str, frame: str | None, where: str) -> tuple[Atoms, list[str]]:
    """Input of Quantum ESPRESSO."""
    return _read(text, "espresso-in", frame, where)


def read_cfg(text: str, frame: str | None, where: str) -> tuple[Atoms, list[str]]:
    """AtomEye's ``cfg``.

    Raises
    ------
    StructureError
        If it claims more atoms than it has lines, or than a host may have.
    """
    match = re.search(r"Number of particles\s*=\s*(\d+)", text)
    count = int(match[1]) if match else 0
    if count > min(MAX_ATOMS, text.count("\n")):
        raise StructureError(
            f"structure has {count} atoms", where=where, allowed=f"1 to {MAX_ATOMS}, all listed"
        )
    return _read(text, "cfg", frame, where)


def read_aims(text: str, frame: str | None, where: str) -> tuple[Atoms, list[str]]:
    """Input geometry of FHI-aims."""
    lines, tokens, symbols = [], [], []
    for line in text.splitlines():
        words = line.split()
        if words and words[0] in {"atom", "atom_frac"} and len(words) > 4:
            tokens.append(words[4])
            symbols.append(element(words[4], where))
            words[4] = symbols[-1]
        lines.append(" ".join(words))
    atoms, said = _read("\n".join([*lines, ""]), "aims", frame, where)
    return atoms, [*said, *filter(None, [remark(tokens, symbols)])]


def _read(text: str, form: str, frame: str | None, where: str) -> tuple[Atoms, list[str]]:
    if ioformats[form].acceptsfd:
        found = read(StringIO(text), index=-1 if ioformats[form].single else ":", format=form)
    else:
        # Some of ASE's readers open files themselves, one after expanding wildcards in the name.
        with TemporaryDirectory() as folder:
            copy = Path(folder, "structure")
            copy.write_text(text, encoding="utf-8")
            found = read(copy, format=form)
    frames: list[Atoms] = list(found) if isinstance(found, list) else [found]
    index, said = chosen_frame(len(frames), frame, where)
    return frames[index], said
