"""CIF: pymatgen splits it into tokens, what they mean is decided here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from ase import Atoms
from ase.cell import Cell

from screening.builders.reading.elements import ISOTOPES, element, element_of_label, remark
from screening.builders.reading.expansion import Sites, amounts, expand
from screening.builders.reading.plausible import OCCUPANCY_TOLERANCE, require_occupancies
from screening.errors import StructureError

_Data = Mapping[str, Any]

_OPERATORS = (
    "_space_group_symop_operation_xyz",
    "_space_group_symop.operation_xyz",
    "_symmetry_equiv_pos_as_xyz",
    "_symmetry_equiv.pos_as_xyz",
)
_NAMES = (
    "_space_group_name_h-m_alt",
    "_symmetry_space_group_name_h-m",
    "_space_group.name_h-m_alt",
    "_symmetry.space_group_name_h-m",
    "_space_group_name_h-m_ref",
    "_space_group_name_h-m_full",
)
_HALLS = ("_space_group_name_hall", "_symmetry_space_group_name_hall", "_space_group.name_hall")
_NUMBERS = ("_space_group_it_number", "_symmetry_int_tables_number", "_space_group.it_number")
_UNKNOWN = ("", "?", ".")


def read_cif(text: str, frame: str | None, where: str) -> tuple[Atoms, list[str]]:
    """Structure of the only block with sites, or of the one asked for, and what was read.

    Where sites are occupied in part, columns ``occupancy`` and ``label`` of the atoms tell which.

    Raises
    ------
    StructureError
        Several blocks and none chosen; a site without coordinates or element, or held less than not
        at all or more than once; a space group that is unknown or ambiguous.
    """
    data, said = _block(text, frame, where)
    kept, occupancies, occupied = _occupied(data, where)
    labels = [label for label, keep in zip(_labels(data), kept, strict=True) if keep]
    symbols, changed = _symbols(data, kept, where)
    said += [part for part in (*occupied, changed) if part]
    axis = "_atom_site_fract_" if f"{_FRACT}x" in data else "_atom_site_cartn_"
    places = _coordinates(data, axis, kept, labels, where)
    if axis != _FRACT:
        atoms = Atoms(symbols, positions=places)
        atoms.set_array("occupancy", np.array(occupancies))
        return atoms, [*said, "no cell: an isolated cluster"]
    cell = Cell.new([_number(data, f"_cell_{key}", where) for key in _CELL]).array
    atoms, setting = expand(
        Sites(tuple(labels), tuple(symbols), places, cell, tuple(occupancies)),
        name=_first(data, _NAMES),
        hall=_first(data, _HALLS),
        number=int(_first(data, _NUMBERS)) if _first(data, _NUMBERS).isdecimal() else 0,
        operators=_operators(data, where),
        count=_count(data),
        where=where,
    )
    return atoms, [*said, setting, *_doubts(data, atoms)]


_FRACT = "_atom_site_fract_"
_CELL = ("length_a", "length_b", "length_c", "angle_alpha", "angle_beta", "angle_gamma")


def _block(text: str, frame: str | None, where: str) -> tuple[_Data, list[str]]:
    from pymatgen.io.cif import CifBlock  # noqa: PLC0415 (only a CIF pays for it)

    parts = re.split(r"(?im)^\s*data_", f"\n{text}")[1:]
    if not parts:
        raise StructureError("cannot be read as cif: has no data_ block", where=where)
    blocks = [CifBlock.from_str(f"data_{part}") for part in parts]
    data = [{key.lower(): value for key, value in block.data.items()} for block in blocks]
    whole = [
        (block.header, fields)
        for block, fields in zip(blocks, data, strict=True)
        if f"{_FRACT}x" in fields or "_atom_site_cartn_x" in fields
    ]
    if not whole:
        raise StructureError("cannot be read as cif: no block has atom sites", where=where)
    names = [name for name, _ in whole]
    if frame is not None:
        chosen = [i for i, name in enumerate(names, 1) if frame in {name, str(i)}]
    else:
        chosen = [1] if len(whole) == 1 else []
    if len(chosen) != 1:
        raise StructureError(
            f"holds {len(whole)} structures" if frame is None else f"no single block {frame!r}",
            where=where,
            allowed=f"--frame with one of {', '.join(names)}, or its number",
        )
    name, fields = whole[chosen[0] - 1]
    more = f" of {len(whole)}" if len(whole) > 1 else ""
    return fields, [f"block {name}{more}"] if name or more else []


def _labels(data: _Data) -> list[str]:
    for key in ("_atom_site_label", "_atom_site_type_symbol"):
        if key in data:
            return _column(data, key)
    return [f"{i}" for i, _ in enumerate(_column(data, f"{_FRACT}x"), 1)]


def _column(data: _Data, key: str) -> list[str]:
    value = data.get(key, [])
    return [value] if isinstance(value, str) else list(value)


def _occupied(data: _Data, where: str) -> tuple[list[bool], list[float], list[str]]:
    """Which sites hold an atom and how much of it; an empty or dummy one is said."""
    labels = _labels(data)
    kept, occupancies, empty = [], [], []
    flags = _column(data, "_atom_site_calc_flag") or [""] * len(labels)
    values = _column(data, "_atom_site_occupancy") or ["1"] * len(labels)
    for label, flag, value in zip(labels, flags, values, strict=True):
        occupancy = 1.0 if value in _UNKNOWN else _float(value, f"occupancy of {label}", where)
        kept.append(not flag.lower().startswith("dum") and abs(occupancy) >= OCCUPANCY_TOLERANCE)
        if kept[-1]:
            occupancies.append(occupancy)
        else:
            empty.append(label)
    require_occupancies(occupancies, where)
    return kept, occupancies, [f"left out {', '.join(empty)}: no atom there"] if empty else []


def _symbols(data: _Data, kept: Sequence[bool], where: str) -> tuple[list[str], str]:
    """Elements of the sites, and a statement of those read otherwise than written."""
    formula = frozenset(re.findall(r"[A-Z][a-z]?", _first(data, ("_chemical_formula_sum",))))
    types = _column(data, "_atom_site_type_symbol")
    typed = bool(types) and not any(token in _UNKNOWN for token in types)
    tokens = [t for t, k in zip(types if typed else _labels(data), kept, strict=True) if k]
    if typed:
        symbols = [element(token, where) for token in tokens]
    else:
        symbols = [element_of_label(token, formula, where) for token in tokens]
    return symbols, remark(tokens, symbols)


def _coordinates(
    data: _Data, axis: str, kept: Sequence[bool], labels: Sequence[str], where: str
) -> np.ndarray:
    columns = [
        [value for value, keep in zip(_column(data, axis + xyz), kept, strict=True) if keep]
        for xyz in "xyz"
    ]
    for label, *values in zip(labels, *columns, strict=True):
        if any(value in _UNKNOWN for value in values):
            raise StructureError(
                f"atom {label} has no coordinates",
                where=where,
                allowed="numbers, or the file without that atom",
            )
    rows = zip(labels, *columns, strict=True)
    return np.array(
        [[_float(v, f"coordinate of {row[0]}", where) for v in row[1:]] for row in rows]
    )


def _operators(data: _Data, where: str) -> list[str]:
    for key in _OPERATORS:
        found = [text for text in _column(data, key) if text not in _UNKNOWN]
        if found:
            return found
    if any("symop_magn" in key for key in data) and not _first(data, (*_NAMES, *_HALLS)):
        raise StructureError(
            "its symmetry is a magnetic group, which is not read",
            where=where,
            allowed="the operators or the name of the crystal's space group",
        )
    return []


def _count(data: _Data) -> float | None:
    """Atoms in the cell by the file's formula and its number of formula units, if it has both."""
    units = _first(data, ("_cell_formula_units_z", "_cell.formula_units_z"))
    counts = _formula(data)
    if not counts or not re.fullmatch(r"\d+", units):
        return None
    return int(units) * sum(counts.values())


def _formula(data: _Data) -> dict[str, float]:
    text = _first(data, ("_chemical_formula_sum", "_chemical_formula_structural"))
    found = re.findall(r"([A-Z][a-z]?)\s*(\d*\.?\d*)(?=[\sA-Z'\"]|$)", text)
    counts: dict[str, float] = {}
    for written, number in found:
        symbol = ISOTOPES.get(written, written)
        counts[symbol] = counts.get(symbol, 0.0) + float(number or 1)
    return counts


def _doubts(data: _Data, atoms: Atoms) -> list[str]:
    """Say so where the atoms are not those of the file's own formula."""
    counts, have = _formula(data), amounts(atoms)
    if not counts:
        return []
    total = sum(have.values())
    unit = {s: n / sum(counts.values()) for s, n in counts.items()}
    mine = {s: n / total for s, n in have.items()}
    if all(abs(unit.get(s, 0) - mine.get(s, 0)) < 1e-3 for s in {*unit, *mine}):
        expected = _count(data)
        if expected is not None and abs(expected - total) > 0.5:
            return [f"the cell holds {total:g} atoms, by the file's formula and Z {expected:g}"]
        return []
    text = " ".join(f"{s}{n:g}" for s, n in counts.items())
    mine_text = "".join(f"{s}{n:g}" for s, n in sorted(have.items()))
    return [f"the atoms are {mine_text}, the file's formula is {text}"]


def _first(data: _Data, keys: Sequence[str]) -> str:
    for key in keys:
        value = data.get(key, "")
        text = (value[0] if value else "") if isinstance(value, list) else value
        if text.strip() not in _UNKNOWN:
            return str(text.strip())
    return ""


def _number(data: _Data, key: str, where: str) -> float:
    if not _first(data, (key,)):
        raise StructureError(f"cannot be read as cif: {key} is missing", where=where)
    return _float(_first(data, (key,)), key, where)


def _float(text: str, what: str, where: str) -> float:
    """Read a number, with or without its uncertainty: ``0.3333(2)``."""
    try:
        return float(re.sub(r"\(\d*\)?$", "", text))
    except ValueError:
        raise StructureError(
            f"cannot be read as cif: {what} is {text[:30]!r}, no number", where=where
        ) from None
