"""SevenNet that evaluates independent structures in one pass of the network."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import sevenn._keys as keys
import torch
from ase import Atoms
from sevenn.atom_graph_data import AtomGraphData
from sevenn.calculator import SevenNetCalculator

from screening.calculators.interface import Point
from screening.calculators.pairs import Pairs, find_pairs
from screening.calculators.passes import Passes

T = TypeVar("T")

READOUT = "reduce_input_to_hidden"
"""Block of the network that makes atomic energies of its last invariant features."""


class BatchSevenNet(SevenNetCalculator):
    """An ASE calculator with ``compute_batch`` and ``latent``.

    Attributes
    ----------
    passes
        How batches are cut, by the edges of a pass.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.passes = Passes(self.device)

    def compute_batch(self, structures: Sequence[Atoms]) -> list[Point]:
        """Return one point a structure, in order; the inputs are left untouched.

        Raises
        ------
        ValueError
            If the network does not know an element, or a cell is not one.
        TaskError
            If one structure alone does not fit into the device's memory.
        """
        return self._in_passes(structures, self._points)

    @torch.no_grad()
    def latent(self, structures: Sequence[Atoms]) -> np.ndarray:
        """Input of the readout in units of energy, summed over atoms, shape (n, n_features)."""
        return np.array(self._in_passes(structures, self._latent))

    def _in_passes(
        self, structures: Sequence[Atoms], evaluate: Callable[[AtomGraphData, list[int]], list[T]]
    ) -> list[T]:
        for atoms in structures:
            self.set_atoms(atoms)  # refuses elements that the network does not know
        if not structures:
            return []
        pairs = find_pairs(structures, self.cutoff, self.device)
        self.model.set_is_batch_data(True)
        try:
            return self.passes.run(
                pairs.counts,
                lambda part: evaluate(
                    self._graph(structures, pairs, part), [len(a) for a in structures[part]]
                ),
            )
        finally:
            self.model.set_is_batch_data(False)

    def _points(self, graph: AtomGraphData, sizes: list[int]) -> list[Point]:
        output = self.model(graph)
        # Single precision loses tenths of a meV in the sum over a cell's atoms.
        atomic = output[keys.ATOMIC_ENERGY].detach().cpu().numpy().astype(float).ravel()
        forces = output[keys.PRED_FORCE].detach().cpu().numpy().astype(float)
        ends = np.cumsum(sizes)[:-1]
        parts = zip(np.split(atomic, ends), np.split(forces, ends), strict=True)
        return [Point(float(energies.sum()), own) for energies, own in parts]

    def _latent(self, graph: AtomGraphData, sizes: list[int]) -> list[np.ndarray]:
        data = self.model._preprocess(graph)  # noqa: SLF001
        blocks: Any = self.model._modules  # noqa: SLF001 (sevenn names its blocks nowhere else)
        for name, block in blocks.items():
            if name == READOUT:
                break
            data = block(data)
        scale = blocks["rescale_atomic_energy"].scale
        if scale.numel() > 1:
            scale = scale[data[keys.ATOM_TYPE]].view(-1, 1)
        features = (data[keys.NODE_FEATURE] * scale).double().cpu().numpy()
        return [own.sum(axis=0) for own in np.split(features, np.cumsum(sizes)[:-1])]

    def _graph(self, structures: Sequence[Atoms], pairs: Pairs, part: slice) -> AtomGraphData:
        """One graph of some of the structures, as the network wants it."""
        chosen = structures[part]
        sizes = torch.tensor([len(atoms) for atoms in chosen], device=self.device)
        skipped = sum(len(atoms) for atoms in structures[: part.start])
        start = sum(pairs.counts[: part.start])
        edges = slice(start, start + sum(pairs.counts[part]))
        numbers = torch.from_numpy(np.concatenate([atoms.numbers for atoms in chosen]))
        numbers = numbers.long().to(self.device)
        volumes = [abs(np.linalg.det(atoms.cell.array)) for atoms in chosen]
        graph = AtomGraphData(
            **{
                keys.NODE_FEATURE: numbers,
                keys.ATOMIC_NUMBERS: numbers,
                keys.EDGE_IDX: torch.stack([pairs.first[edges], pairs.second[edges]]) - skipped,
                keys.EDGE_VEC: pairs.vectors[edges].float(),
                keys.CELL_VOLUME: torch.tensor(volumes).float().to(self.device),
                keys.NUM_ATOMS: sizes,
                keys.BATCH: torch.repeat_interleave(
                    torch.arange(len(chosen), device=self.device), sizes
                ),
            }
        )
        if self.modal:
            graph[keys.DATA_MODALITY] = [self.modal] * len(chosen)
        return graph


def stock_engine(checkpoint: Path, modal: str | None, device: str = "cpu") -> BatchSevenNet:
    """Load a checkpoint onto a device of torch."""
    torch.set_num_threads(1)  # workers are processes; threads of several of them would compete
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # upstream's advice on accelerators that are not here
        return BatchSevenNet(model=checkpoint, modal=modal, device=device)
