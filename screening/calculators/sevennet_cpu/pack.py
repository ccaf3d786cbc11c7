"""Weights in the order that the C code reads them: one array, with the places of its parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from screening.calculators.sevennet_cpu.network import Network
from screening.calculators.sevennet_cpu.radial import Segment, segments, table
from screening.calculators.sevennet_cpu.read import Matrices, Weights

PANEL = 16
"""Columns of a matrix that lie side by side, those of the product's inner block."""

Places = Mapping[str, int]
"""Where the parts of a layer begin; ``before1`` is the matrix ``before`` of degree 1."""


@dataclass(frozen=True)
class Packed:
    """Numbers of a network for the C code.

    Attributes
    ----------
    weights, tables
        float32, one-dimensional.
    scale_shift
        Of atomic energies by species, shape (n_species, 2), eV.
    grid
        Segments of the radial tables, the same in all layers.
    places, table_starts
        By layer: where parts begin in `weights`, and where the table begins in `tables`.
    species_before, species_beside, readout
        Where the tables by species and the readout begin in `weights`.
    """

    weights: np.ndarray
    tables: np.ndarray
    scale_shift: np.ndarray
    grid: Sequence[Segment]
    places: Sequence[Places]
    table_starts: Sequence[int]
    species_before: int
    species_beside: int
    readout: int


class _Shelf:
    """Arrays one after another."""

    def __init__(self) -> None:
        self.parts: list[np.ndarray] = []
        self.size = 0

    def put(self, array: np.ndarray) -> int:
        start = self.size
        self.parts.append(np.ascontiguousarray(array, dtype=np.float32).ravel())
        self.size += array.size
        return start

    def all(self) -> np.ndarray:
        return np.concatenate(self.parts)


def pack(network: Network, weights: Weights) -> Packed:
    """Arrange weights and tabulate radial functions.

    Raises
    ------
    UnsuitableError
        If a radial function is not smooth.
    """
    shelf, tables = _Shelf(), _Shelf()
    first = weights.layers[0]
    radials = [layer.radial for layer in weights.layers]
    grid = segments(radials, network.breaks)
    return Packed(
        species_before=shelf.put(weights.embedding @ first.before[0] + first.before_bias),
        species_beside=shelf.put(weights.embedding @ first.beside[0] + first.behind_bias),
        readout=shelf.put(weights.readout),
        places=[
            {
                "before_bias": shelf.put(layer.before_bias),
                "behind_bias": shelf.put(layer.behind_bias),
                **_matrices(shelf, "before", layer.before),
                **_matrices(shelf, "beside", layer.beside),
                **_matrices(shelf, "behind", layer.behind),
            }
            for layer in weights.layers
        ],
        table_starts=[tables.put(table(radial, grid)) for radial in radials],
        weights=shelf.all(),
        tables=tables.all(),
        scale_shift=np.stack([weights.scale, weights.shift], axis=1),
        grid=grid,
    )


def _matrices(shelf: _Shelf, name: str, matrices: Matrices) -> dict[str, int]:
    """Each matrix, and its transpose for the way back."""
    places = {}
    for degree, matrix in matrices.items():
        places[f"{name}{degree}"] = shelf.put(_panels(matrix))
        places[f"{name}_back{degree}"] = shelf.put(_panels(matrix.T))
    return places


def _panels(matrix: np.ndarray) -> np.ndarray:
    """From [k][n] to [n / PANEL][k][PANEL]."""
    rows, columns = matrix.shape
    return matrix.reshape(rows, columns // PANEL, PANEL).transpose(1, 0, 2)
