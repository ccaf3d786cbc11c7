"""Space groups by every name that files give them, and the operators of each setting (spglib)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import cast

import numpy as np
import spglib

_SETTINGS = 530
_CHOICES = {"1": "1", "2": "2", "h": "H", "r": "R", "s": "1", "z": "2"}


# Symbols of 1983 that the double glide e replaced in 2002, and spglib's number of the first setting
# of each (International Tables A, 5th ed., section 1.3.4.2.1).
_BEFORE_E = MappingProxyType({
    "abm2": 191, "bma2": 192, "b2cm": 193, "c2mb": 194, "cm2a": 195, "ac2m": 196,
    "aba2": 203, "bba2": 204, "b2cb": 205, "c2cb": 206, "cc2a": 207, "ac2a": 208,
    "cmca": 304, "ccmb": 305, "abma": 306, "acam": 307, "bbcm": 308, "bmab": 309,
    "cmma": 316, "cmmb": 317, "abmm": 318, "acmm": 319, "bmcm": 320, "bmam": 321,
    "ccca": 322, "cccb": 324, "abaa": 326, "acaa": 328, "bbcb": 330, "bbab": 332,
})  # fmt: skip


@dataclass(frozen=True)
class Setting:
    """A space group with its axes and origin.

    Attributes
    ----------
    rotations, translations
        In fractions of the cell, shapes (n, 3, 3) and (n, 3).
    """

    name: str
    number: int
    rotations: np.ndarray
    translations: np.ndarray


def settings(name: str = "", hall: str = "", number: int = 0) -> tuple[Setting, ...]:
    """Every setting that the names allow, from the most to the least telling name.

    Parameters
    ----------
    name
        Hermann–Mauguin symbol, short or full, with or without ``:1``, ``:2``, ``:H``, ``:R``.
    hall
        Hall symbol; tells the setting without doubt.
    number
        In the International Tables.
    """
    names, halls, numbers = _index()
    found = halls.get(_plain(hall), []) if hall else []
    if not found and name:
        symbol, choice = _split(name)
        spelling = next((s for s in _spellings(symbol) if s in names), "")
        found = [h for h in names.get(spelling, []) if choice in {"", _choice(h)}]
    if not found and number:
        # A number means the standard axes; of origins and of rhombohedral axes it tells nothing.
        every = numbers.get(number, [])
        found = [h for h in every if _choice(h)] or every[:1]
    return tuple(_setting(h) for h in dict.fromkeys(found))


def _choice(hall_number: int) -> str:
    """Choice of origin or of rhombohedral axes; empty where the group has none."""
    choice = _type(hall_number).choice  # such as 2, 2cab (axes exchanged), H, b1 (monoclinic)
    return choice[:1] if choice[:1] in _CHOICES.values() else ""


def _split(name: str) -> tuple[str, str]:
    """Symbol, and choice of origin or axes (1, 2, H, R)."""
    text = name.strip().strip("'\"")
    if text[:1] in {"H", "h"}:  # as the Protein Data Bank writes R in hexagonal axes
        return f"R{text[1:]}", "H"
    match = re.fullmatch(r"(.*?)(?:\s*:\s*|\s+\(origin choice\s*|\s+)([12hrszHRSZ])\)?", text)
    if match and (":" in text or "origin" in text or match[2].lower() in "hrsz"):
        return match[1], _CHOICES[match[2].lower()]
    return text, ""


def _plain(name: str) -> str:
    return re.sub(r"[\s_()]+", "", name).lower()


def _spaced(name: str) -> str:
    """With one space between axes: P 32 is not P 3 2."""
    return " ".join(re.sub(r"[_()]+", "", name).lower().split())


def _spellings(symbol: str) -> Iterator[str]:
    """Yield a symbol as it stands, without spaces, and as later editions spell it."""
    yield _spaced(symbol)
    yield _plain(symbol)
    yield re.sub(r"(?<!-)3", "-3", _plain(symbol), count=1)  # F m 3 m is now F m -3 m


@lru_cache(maxsize=1)
def _index() -> tuple[dict[str, list[int]], dict[str, list[int]], dict[int, list[int]]]:
    names: dict[str, list[int]] = {}
    halls: dict[str, list[int]] = {}
    numbers: dict[int, list[int]] = {}
    for h in range(1, _SETTINGS + 1):
        kind = _type(h)
        first, *others = (part.strip() for part in kind.international.split("="))
        aliases = {kind.international_full, *others}
        # A monoclinic group's own symbol stands for the first of its settings alone.
        if kind.number not in numbers or not others:
            aliases |= {first, kind.international_short}
        for form in {form for a in aliases for form in (a, _without_ones(a))}:
            for text in {_spaced(form), _plain(form)}:
                names.setdefault(text, []).append(h)
        halls.setdefault(_plain(kind.hall_symbol), []).append(h)
        numbers.setdefault(kind.number, []).append(h)
    for old, number in _BEFORE_E.items():
        names[old] = [number, number + 1] if _choice(number) else [number]
    return names, halls, numbers


def _without_ones(symbol: str) -> str:
    """``P 1 2_1/n 1`` as people shorten it."""
    letter, *axes = symbol.split()
    kept = [axis for axis in axes if axis != "1"]
    return " ".join([letter, *kept]) if kept and len(axes) == 3 else symbol


@lru_cache(maxsize=_SETTINGS)
def _type(hall_number: int) -> spglib.SpaceGroupType:
    return cast("spglib.SpaceGroupType", spglib.get_spacegroup_type(hall_number))


@lru_cache(maxsize=64)
def _setting(hall_number: int) -> Setting:
    kind = _type(hall_number)
    operations = cast("dict[str, np.ndarray]", spglib.get_symmetry_from_database(hall_number))
    name = kind.international.partition("=")[2].strip() or kind.international
    name += f":{_choice(hall_number)}" if _choice(hall_number) else ""
    return Setting(name, kind.number, operations["rotations"], operations["translations"])
