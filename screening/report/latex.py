"""Tables for papers: LaTeX with booktabs."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

from screening.descriptors import all_columns
from screening.ranking.rank import Ranking
from screening.report.export import columns_for_people
from screening.report.tables import dictionary, entries, header, records

_SPECIAL = {c: f"\\{c}" for c in "&%$#_{}"}
_SPECIAL |= {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "–": "--",
    "—": "---",
    "…": r"\dots{}",
    "Å": r"\AA{}",
    "−": "$-$",
    "±": r"$\pm$",
    "×": r"$\times$",
    "·": r"$\cdot$",
    "°": r"$^\circ$",
    "→": r"$\to$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "≈": r"$\approx$",
    "√": r"$\surd$",
    "∞": r"$\infty$",
}
_GREEK = "α alpha β beta γ gamma δ delta ε epsilon θ theta κ kappa λ lambda μ mu µ mu ν nu π pi "
_GREEK += "ρ rho σ sigma τ tau φ phi χ chi ψ psi ω omega Γ Gamma Δ Delta Θ Theta Λ Lambda Π Pi "
_GREEK += "Σ Sigma Φ Phi Ψ Psi Ω Omega"
_SPECIAL |= {
    letter: f"$\\{name}$"
    for letter, name in zip(_GREEK.split()[::2], _GREEK.split()[1::2], strict=True)
}
_LATIN = frozenset("ßæøœÆØŒłŁı")
_ACCENTS = frozenset(
    f"{code:04X}"
    for code in [*range(0x300, 0x305), *range(0x306, 0x309), 0x30A, 0x30B, 0x30C, 0x327]
)
"""Letters and accents that the encoding of TeX's own fonts has."""


def to_tex(rankings: Sequence[Ranking]) -> str:
    """Return one table an ion, with the level below it; needs the package booktabs."""
    head = "% \\usepackage{booktabs}\n"
    return head + "\n".join(_table(ranking) for ranking in rankings)


def _table(ranking: Ranking) -> str:
    lines = list(records(entries(ranking)))
    asked = columns_for_people(ranking)
    columns = [name for name in asked if any(line[name] not in {None, ""} for line in lines)]
    units = dictionary()
    heads = [escape(name) for name in columns]
    below = [f"({escape(units[name][0])})" if units[name][0] else "" for name in columns]
    numbers = {flat for column in all_columns() for flat in column.names} | {"rank", "score"}
    shape = "".join("r" if _numeric(name, lines, numbers) else "l" for name in columns)
    body = [" & ".join(_cell(line[name]) for name in columns) + r" \\" for line in lines]
    notes = " ".join(f"{escape(line)}." for line in header(ranking))
    return "\n".join(
        [
            r"\begin{table}",
            r"\centering",
            f"\\caption{{Hosts for {ranking.ion}. {notes}}}",
            f"\\begin{{tabular}}{{{shape}}}",
            r"\toprule",
            " & ".join(heads) + r" \\",
            " & ".join(below) + r" \\",
            r"\midrule",
            *body,
            r"\bottomrule",
            r"\end{tabular}",
            r"\end{table}",
            "",
        ]
    )


def _numeric(name: str, lines: Sequence[dict[str, Any]], numbers: set[str]) -> bool:
    return name in numbers and not any(isinstance(line[name], str | bool) for line in lines)


def _cell(value: Any) -> str:
    if value is None or value == "":
        return "--"
    if isinstance(value, float):
        return f"${value:.3f}$" if value < 0 else f"{value:.3f}"
    return escape(str(value))


def escape(text: str) -> str:
    """Return text that LaTeX typesets as it is; letters that its fonts lack, by their number."""
    return "".join(_typeset(character) for character in text)


def _typeset(character: str) -> str:
    if character in _SPECIAL:
        return _SPECIAL[character]
    kind, *parts = unicodedata.decomposition(character).split() or [""]
    if kind in {"<sub>", "<super>"}:
        shifted = "".join(_typeset(chr(int(part, 16))).strip("$") for part in parts)
        return f"${'_' if kind == '<sub>' else '^'}{{{shifted}}}$"
    accented = len(parts) == 1 and parts[0] in _ACCENTS and character <= "\u017f"
    if character.isascii() or character in _LATIN or accented:
        return character
    return f"[U+{ord(character):04X}]"
