"""Instant values as a table."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from rich.table import Table
from rich.text import Text

from screening.pipeline.budget import Choice
from screening.report.export import csv_text
from screening.report.tables import plain
from screening.surrogate.prescreen import Guess
from screening.validation.scores import GroupScore

COLUMNS = (
    "rank",
    "candidate",
    "family",
    "formula",
    "ion",
    "e_ads_instant_ev",
    "lower90_ev",
    "upper90_ev",
    "in_domain",
    "reason",
    "model",
)
"""Columns of the table; docs/surrogate.md defines them."""


def table(guesses: Sequence[Guess], fingerprint: str) -> pd.DataFrame:
    """Return one line a candidate and ion, in the order given; outside the domain no rank."""
    counts: dict[str, int] = {}
    records = []
    for guess in guesses:
        found = guess.estimate
        rank = None
        if found.in_domain:
            rank = counts[guess.ion] = counts.get(guess.ion, 0) + 1
        values = (found.e_ads_ev, found.lower90_ev, found.upper90_ev, found.in_domain, found.reason)
        names = (guess.candidate, guess.family, guess.formula, guess.ion)
        records.append([plain(value) for value in (rank, *names, *values, fingerprint)])
    return pd.DataFrame(records, columns=list(COLUMNS), dtype=object)


def to_csv(guesses: Sequence[Guess], fingerprint: str) -> str:
    """Return the table as CSV; missing values are empty cells."""
    return csv_text(table(guesses, fingerprint))


def render(guesses: Sequence[Guess], ion: str, top: int) -> list[Text | Table]:
    """Return the best of an ion as a table for the terminal, and a count of the others."""
    mine = [guess for guess in guesses if guess.ion == ion]
    inside = [guess for guess in mine if guess.estimate.in_domain]
    parts: list[Text | Table] = [Text(ion, style="bold")]
    shown = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("rank", "candidate", "family", "e_ads_instant_ev", "lower90_ev", "upper90_ev"):
        shown.add_column(name, justify="left" if name in {"candidate", "family"} else "right")
    for rank, guess in enumerate(inside[:top], start=1):
        found = guess.estimate
        numbers = (f"{v:+.2f}" for v in (found.e_ads_ev, found.lower90_ev, found.upper90_ev))
        shown.add_row(str(rank), guess.candidate, guess.family, *numbers)
    if inside:
        parts.append(shown)
    if more := len(inside) - min(top, len(inside)):
        parts.append(Text(f"and {more} more"))
    if outside := len(mine) - len(inside):
        parts.append(Text(f"{outside} outside the model's domain, e.g. {_example(mine)}"))
    return parts


def choice_line(choice: Choice) -> str:
    """Return one line on a pair that a budget goes to."""
    found, guess = choice.guess.estimate, choice.guess
    gain = "outside the model's domain"
    if choice.gain_ev is not None:
        gain = f"expected gain {choice.gain_ev:.3f} eV"
    return (
        f"{guess.candidate:<30} {guess.ion:<2} {choice.tasks:>4} sites  {found.e_ads_ev:+.2f} eV "
        f"[{found.lower90_ev:+.2f}, {found.upper90_ev:+.2f}]  {gain}"
    )


def render_scores(groups: Sequence[GroupScore]) -> Table:
    """Return the errors of a leave-one-host-out test as a table."""
    shown = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("group", "points", "MAE", "Spearman", "90 % interval covers"):
        shown.add_column(name, justify="left" if name == "group" else "right")
    for group in groups:
        score = group.calibrated
        if score is None or group.coverage is None:
            continue
        mae = f"{score.mae_ev:.3f}" if score.mae_ev is not None else "–"
        order = f"{score.spearman:.2f}" if score.spearman is not None else "–"
        shown.add_row(group.group, str(score.count), mae, order, f"{group.coverage:.0%}")
    return shown


def _example(guesses: Sequence[Guess]) -> str:
    guess = next(g for g in guesses if not g.estimate.in_domain)
    return f"{guess.candidate}: {guess.estimate.reason}"
