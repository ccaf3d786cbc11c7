"""The 20 systems of the review, and which candidates stand for each."""

from __future__ import annotations

import csv
from dataclasses import dataclass

from screening.builders.recipes import Catalogue
from screening.resources import shipped


@dataclass(frozen=True)
class ReviewSystem:
    """A row of the review.

    Attributes
    ----------
    id
        ``R01`` … ``R20``, as in the recipes' ``review``.
    system
        The host in the review's words.
    ions
        Alkali metals that it was plated with there.
    family
        Family of materials, several joined by ``+``.
    """

    id: str
    system: str
    ions: tuple[str, ...]
    family: str


def review_systems() -> tuple[ReviewSystem, ...]:
    """Return the systems of the review, in its order."""
    path = shipped("structures") / "review" / "systems.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        return tuple(
            ReviewSystem(row["id"], row["system"], tuple(row["ions"].split(";")), row["family"])
            for row in csv.DictReader(stream)
        )


def review_coverage(catalogue: Catalogue) -> tuple[tuple[ReviewSystem, tuple[str, ...]], ...]:
    """Return each system of the review with the ids of its candidates, which may be none."""
    return tuple(
        (system, tuple(r.id for r in catalogue.recipes.values() if system.id in r.review))
        for system in review_systems()
    )
