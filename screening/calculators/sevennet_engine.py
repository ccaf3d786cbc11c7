"""SevenNet that evaluates independent structures in one pass of the network."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import sevenn._keys as keys
import torch
from ase import Atoms
from sevenn.atom_graph_data import AtomGraphData
from sevenn.calculator import SevenNetCalculator
from sevenn.train.dataload import unlabeled_atoms_to_graph
from torch_geometric.data import Batch

from screening.calculators.interface import Point

MAX_ATOMS = {"cuda": 4096, "cpu": 1}
"""Atoms in one pass, by device. A processor gains nothing from passes of several structures
(12 cells of 19 atoms: 1.7 s one by one, 2.0 s in fives, 2.3 s in one), a graphics card much."""


READOUT = "reduce_input_to_hidden"
"""Block of the network that makes atomic energies of its last invariant features."""


class BatchSevenNet(SevenNetCalculator):
    """An ASE calculator with ``compute_batch`` and ``latent``."""

    def compute_batch(self, structures: Sequence[Atoms]) -> list[Point]:
        """Return one point a structure, in order; the inputs are left untouched."""
        limit = MAX_ATOMS.get(self.device.type, 1)
        return [point for part in parts(structures, limit) for point in self._one_pass(part)]

    def _one_pass(self, structures: Sequence[Atoms]) -> list[Point]:
        graphs = [self._graph(atoms) for atoms in structures]
        batch = Batch.from_data_list(graphs).to(self.device)
        self.model.set_is_batch_data(True)
        try:
            output = self.model(batch)
        finally:
            self.model.set_is_batch_data(False)
        energies = output[keys.PRED_TOTAL_ENERGY].detach().cpu().numpy().astype(float)
        forces = output[keys.PRED_FORCE].detach().cpu().numpy().astype(float)
        ends = np.cumsum([len(atoms) for atoms in structures])[:-1]
        return [Point(float(e), f) for e, f in zip(energies, np.split(forces, ends), strict=True)]

    @torch.no_grad()
    def latent(self, structures: Sequence[Atoms]) -> np.ndarray:
        """Input of the readout in units of energy, summed over atoms, shape (n, n_features)."""
        return np.array([self._latent(atoms) for atoms in structures])

    def _latent(self, atoms: Atoms) -> np.ndarray:
        self.model.set_is_batch_data(True)
        try:
            batch = Batch.from_data_list([self._graph(atoms)]).to(self.device)
            data = self.model._preprocess(batch)  # noqa: SLF001
        finally:
            self.model.set_is_batch_data(False)
        blocks: Any = self.model._modules  # noqa: SLF001 (sevenn names its blocks nowhere else)
        for name, block in blocks.items():
            if name == READOUT:
                break
            data = block(data)
        scale = blocks["rescale_atomic_energy"].scale
        if scale.numel() > 1:
            scale = scale[data[keys.ATOM_TYPE]].view(-1, 1)
        summed: np.ndarray = (data[keys.NODE_FEATURE] * scale).sum(dim=0).cpu().numpy()
        return summed.astype(float)

    def _graph(self, atoms: Atoms) -> AtomGraphData:
        graph = AtomGraphData.from_numpy_dict(unlabeled_atoms_to_graph(atoms, self.cutoff))
        if self.modal:
            graph[keys.DATA_MODALITY] = self.modal
        return graph


def stock_engine(checkpoint: Path, modal: str | None, device: str = "auto") -> BatchSevenNet:
    """Load a checkpoint; ``auto`` takes a graphics card if there is one."""
    torch.set_num_threads(1)  # workers are processes; threads of several of them would compete
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # upstream's advice on accelerators that are not here
        return BatchSevenNet(model=checkpoint, modal=modal, device=device)


def parts(structures: Sequence[Atoms], limit: int) -> Iterator[list[Atoms]]:
    """Split a batch so that no part exceeds the limit of atoms, except single structures."""
    part: list[Atoms] = []
    for atoms in structures:
        if part and sum(map(len, part)) + len(atoms) > limit:
            yield part
            part = []
        part.append(atoms)
    if part:
        yield part
