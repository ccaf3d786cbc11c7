"""How much of the agreement with experiment is choice: unfitted orders, and systems left out.

``python benchmarks/experiments.py DATABASE`` ranks the stored hosts by single objectives, by the
shipped weights and by a grid of other anchors and weights; then, for each group of facts, takes the
variant that is best on all others and counts what it has right of the one left out.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator, Sequence

from screening.descriptors import Row
from screening.pipeline.store import open_store
from screening.ranking.rank import rank
from screening.ranking.weights import Weights, load_weights
from screening.units import IONS
from screening.validation.experiments import Agreement, Experiments, agreement, load_experiments

POOR_EV, GOOD_EV = (0.35, 0.4, 0.5), (0.0, 0.1)
WEIGHTS = (1.0, 2.0, 3.0)


def agrees(rows: Sequence[Row], weights: Weights, facts: Experiments) -> Agreement:
    """Agreement of the order that the weights give; all hosts are mixed."""
    scores = {
        ion: {e.row.candidate: e.score for e in rank(rows, ion, weights, everything=True).scored}
        for ion in IONS
    }
    return agreement(scores, facts)


def variants(shipped: Weights) -> Iterator[Weights]:
    """Other anchors of the solubility, other weights of the three."""
    names = ("affinity", "mixing", "solubility")
    for poor, good in itertools.product(POOR_EV, GOOD_EV):
        for weights in itertools.product(WEIGHTS, repeat=len(names)):
            known = {name: shipped.objectives[name].model_dump() for name in names}
            known["solubility"] |= {"poor": poor, "good": good}
            for name, weight in zip(names, weights, strict=True):
                known[name]["weight"] = weight
            yield Weights.model_validate({"objectives": known})


def only(shipped: Weights, *names: str) -> Weights:
    """Some of the objectives alone, of weight 1."""
    return Weights.model_validate({"objectives": {n: shipped.objectives[n] for n in names}})


def say(name: str, found: Agreement) -> None:
    """Print one line of the table."""
    by_ion = [sum(bool(p.right) for p in found.pairs if p.ion == ion) for ion in IONS]
    yan = found.correlations[0].coefficient
    print(f"{name:36}{by_ion[0]:4}{by_ion[1]:4}{by_ion[2]:4}{sum(by_ion):5}  {yan:+.2f}")


def main(database: str) -> None:
    """Print the orders, the spread over variants, and the share right with systems left out."""
    rows, shipped, facts = open_store(database).rows(), load_weights(), load_experiments()
    print(f"{'order by':36}{'Li':>4}{'Na':>4}{'K':>4}{'all':>5}  Yan")
    for names in (("affinity",), ("mixing",), ("affinity", "mixing")):
        say(" and ".join(names), agrees(rows, only(shipped, *names), facts))
    say("shipped", agrees(rows, shipped, facts))
    found = [agrees(rows, weights, facts) for weights in variants(shipped)]
    rights = [sum(bool(p.right) for p in one.pairs) for one in found]
    yans = [one.correlations[0].coefficient or 0.0 for one in found]
    print(f"{len(found)} variants: {min(rights)} to {max(rights)} pairs, ", end="")
    print(f"Spearman {min(yans):+.2f} to {max(yans):+.2f}")
    groups = [(g.ion, g.basis, g.source) for g in facts.pairs for _ in g.better_worse]
    right = 0
    for system in dict.fromkeys(groups):
        mine = [i for i, group in enumerate(groups) if group == system]
        rest = [i for i in range(len(groups)) if i not in mine]
        best = max(found, key=lambda one: sum(bool(one.pairs[i].right) for i in rest))
        right += sum(bool(best.pairs[i].right) for i in mine)
    print(f"each of {len(set(groups))} groups of facts left out: {right} of {len(groups)} right")


if __name__ == "__main__":
    main(sys.argv[1])
