from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, graphene
from ase.neighborlist import primitive_neighbor_list

torch = pytest.importorskip("torch")

from screening.calculators.pairs import Pairs, find_pairs  # noqa: E402 (needs torch)

CUTOFF = 5.0
CPU = torch.device("cpu")


def tilted(seed: int, pbc: tuple[bool, bool, bool]) -> Atoms:
    """Five atoms, some outside a tilted cell, whose sides may be shorter than the cut-off."""
    random = np.random.default_rng(seed)
    cell = random.normal(size=(3, 3)) + np.diag([3.5, 4.0, 6.0])
    return Atoms("CLiCuFK", random.uniform(-2, 3, size=(5, 3)) @ cell, cell=cell, pbc=pbc)


STRUCTURES = [
    *(tilted(seed, (True, True, True)) for seed in range(3)),
    tilted(3, (True, True, False)),
    tilted(4, (False, True, False)),
    tilted(5, (False, False, False)),
    bulk("Na"),
    graphene(size=(2, 2, 1), vacuum=8.0),
    Atoms("Li"),
    Atoms("Cu2", [[0, 0, 0], [0, 0, 9.0]]),
    Atoms("LiF", [[0, 0, 0], [1.6, 0, 0.2]], cell=[4, 0, 0], pbc=(1, 0, 0)),
]


def rows(first: np.ndarray, second: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Pairs in an order that does not depend on how they were found."""
    table = np.column_stack([first, second, vectors.round(6) + 0.0])
    return table[np.lexsort(table.T[::-1])]


def split(found: Pairs) -> list[np.ndarray]:
    table = np.column_stack([found.first.numpy(), found.second.numpy(), found.vectors.numpy()])
    return np.split(table, np.cumsum(found.counts)[:-1])


@pytest.mark.parametrize("candidates", [1, 500, 2**22])
def test_pairs_are_those_that_ase_finds(monkeypatch: pytest.MonkeyPatch, candidates: int) -> None:
    monkeypatch.setattr("screening.calculators.pairs.CANDIDATES", candidates)
    start = 0
    for atoms, own in zip(STRUCTURES, split(find_pairs(STRUCTURES, CUTOFF, CPU)), strict=True):
        i, j, vectors = primitive_neighbor_list(
            "ijD", atoms.pbc, atoms.cell.complete(), atoms.positions, CUTOFF
        )
        got = rows(own[:, 0] - start, own[:, 1] - start, own[:, 2:])
        wanted = rows(i, j, vectors)
        assert got.shape == wanted.shape
        assert got == pytest.approx(wanted, abs=2e-6)
        start += len(atoms)


def test_a_periodic_cell_vector_of_length_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="length zero"):
        find_pairs([Atoms("Li", cell=[4, 0, 0], pbc=(1, 1, 0))], CUTOFF, CPU)
