"""Elements as other programs write them: upper case, isotopes, charges, names of potentials."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from ase.data import chemical_symbols

from screening.errors import StructureError

ELEMENTS = frozenset(chemical_symbols[1:])
ISOTOPES = {"D": "H", "T": "H"}

_TOKEN = re.compile(
    r"(?P<isotope>\d{0,3})(?P<symbol>[A-Za-z]{1,2})"
    r"(?P<charge>\d*\.?\d*[+-]\d*|[+-]?\d{0,2})(?P<suffix>[_/].*)?"
)


def element(token: str, where: str) -> str:
    """Element that a token of a species column names: ``NI``, ``cu``, ``D``, ``O2-``, ``Ti_pv``.

    Raises
    ------
    StructureError
        If it names none, or a pseudo-atom such as ``H1.25``.
    """
    match = _TOKEN.fullmatch(token.strip())
    symbol = match["symbol"].capitalize() if match else ""
    symbol = ISOTOPES.get(symbol, symbol)
    if symbol not in ELEMENTS:
        raise StructureError(
            f"unknown element {token.strip()[:20]!r}", where=where, allowed="H to Og, or D, T"
        )
    return symbol


def element_of_label(label: str, formula: Collection[str], where: str) -> str:
    """Element of a site that has a label (``CU1``, ``Ca2``, ``O1W``) and no type.

    Parameters
    ----------
    formula
        Elements that the file's formula names; they decide where ``CU1`` could be Cu or C.

    Raises
    ------
    StructureError
        If the label can be read in two ways, or in none.
    """
    match = re.match(r"[A-Za-z]+", label)
    letters = match[0] if match else ""
    readings = [letters[:n].capitalize() for n in (2, 1) if len(letters) >= n]
    readings = [s for s in readings if s in ELEMENTS or s in ISOTOPES]
    if letters[1:2].islower() and readings:
        # "Cu1" is copper whatever follows; "Oh" and "Cb" are an element and a remark.
        readings = readings[:1]
    named = [s for s in readings if ISOTOPES.get(s, s) in formula or s in formula]
    if len(named or readings) != 1:
        ways = " or ".join(named or readings) or "no element"
        raise StructureError(
            f"site {label[:20]!r} could be {ways}",
            where=where,
            allowed="an _atom_site_type_symbol, or a _chemical_formula_sum that tells",
        )
    return ISOTOPES.get((named or readings)[0], (named or readings)[0])


def remark(tokens: Iterable[str], symbols: Iterable[str]) -> str:
    """Return a statement of what was changed from tokens to symbols; empty if nothing."""
    changed = dict.fromkeys(
        f"{token.strip()} as {symbol}"
        for token, symbol in zip(tokens, symbols, strict=True)
        if not token.strip().startswith(symbol)
    )
    return f"read {', '.join(changed)}" if changed else ""
