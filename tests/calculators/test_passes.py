from __future__ import annotations

import pytest

from screening.errors import TaskError

torch = pytest.importorskip("torch")

from screening.calculators.passes import Passes  # noqa: E402 (needs torch)

EDGES = [5, 3, 8, 1, 1, 20]


class Card:
    """Holds so many edges at once, and remembers what it was given."""

    def __init__(self, holds: float = float("inf")) -> None:
        self.holds = holds
        self.given: list[list[int]] = []

    def __call__(self, part: slice) -> list[int]:
        indices = list(range(len(EDGES)))[part]
        if sum(EDGES[part]) > self.holds:
            raise torch.cuda.OutOfMemoryError("out of memory")
        self.given.append(indices)
        return indices


def passes(edges: int) -> Passes:
    made = Passes(torch.device("cpu"))
    made.edges = edges
    return made


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (1, [[0], [1], [2], [3], [4], [5]]),
        (9, [[0, 1], [2, 3], [4], [5]]),
        (10, [[0, 1], [2, 3, 4], [5]]),
        (1000, [[0, 1, 2, 3, 4, 5]]),
    ],
)
def test_passes_hold_what_the_limit_allows_and_never_cut_a_structure(
    limit: int, expected: list[list[int]]
) -> None:
    card = Card()
    assert passes(limit).run(EDGES, card) == [0, 1, 2, 3, 4, 5]
    assert card.given == expected


def test_a_pass_that_does_not_fit_is_halved_until_it_does() -> None:
    card, cut = Card(holds=20), passes(1000)
    assert cut.run(EDGES, card) == [0, 1, 2, 3, 4, 5]
    assert [sum(EDGES[i] for i in part) for part in card.given] == [18, 20]
    assert cut.edges == 19


def test_a_structure_that_does_not_fit_alone_is_an_error_that_says_so() -> None:
    with pytest.raises(TaskError, match="20 edges does not fit"):
        passes(1000).run(EDGES, Card(holds=19))


def test_nothing_is_evaluated_for_no_structure() -> None:
    assert passes(9).run([], Card()) == []
