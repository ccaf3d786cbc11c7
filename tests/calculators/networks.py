"""Stock SevenNet in double precision, and small networks with random weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import sevenn._keys as keys
import torch
from ase import Atoms
from sevenn.atom_graph_data import AtomGraphData
from sevenn.model_build import build_E3_equivariant_model
from sevenn.train.dataload import unlabeled_atoms_to_graph
from sevenn.util import load_checkpoint

from screening.calculators.interface import Point
from screening.calculators.models import package_file
from screening.calculators.pairs import Pairs
from screening.calculators.sevennet import MODELS
from screening.calculators.sevennet_engine import stock_engine


def shipped(name: str) -> tuple[Path, str | None]:
    """Checkpoint and modality of a model."""
    model = MODELS[name]
    return package_file("sevenn", f"pretrained_potentials/{model.checkpoint}"), model.modal


@contextmanager
def double() -> Iterator[None]:
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


class Exact:
    """A network of sevenn, evaluated by sevenn and autograd, all in double precision."""

    def __init__(self, checkpoint: Path, modal: str | None) -> None:
        self.stock = stock_engine(checkpoint, modal, device="cpu")
        self.stock.model.double()
        self.stock._graph = self._graph
        for name, block in self.stock.model._modules.items():
            if name.startswith("one"):  # sevenn makes one-hot vectors single
                block.register_forward_hook(_to_double)

    def __call__(self, atoms: Atoms) -> Point:
        with double():
            return self.stock.compute_batch([atoms])[0]

    def latent(self, atoms: Atoms) -> np.ndarray:
        with double():
            return self.stock.latent([atoms])[0]

    def _graph(self, structures: Sequence[Atoms], pairs: Pairs, part: slice) -> AtomGraphData:
        """One structure's graph as sevenn makes it, not from our own pairs."""
        (atoms,) = structures[part]
        raw = unlabeled_atoms_to_graph(atoms, self.stock.cutoff)
        vectors = torch.tensor(raw[keys.EDGE_VEC], dtype=torch.float64)
        graph = AtomGraphData.from_numpy_dict(raw)  # makes all of `raw` tensors, some single
        graph[keys.EDGE_VEC] = vectors
        graph[keys.BATCH] = torch.zeros(len(atoms), dtype=torch.long)
        if self.stock.modal:
            graph[keys.DATA_MODALITY] = [self.stock.modal]
        return graph


def _to_double(block: Any, inputs: Any, data: Any) -> Any:
    for key, value in data.to_dict().items():
        if isinstance(value, torch.Tensor) and value.dtype == torch.float32:
            data[key] = value.double()
    return data


def small_checkpoint(path: Path, **changes: Any) -> Path:
    """Write a network of 16 channels, degree 1, and two interactions, with random weights."""
    config = dict(load_checkpoint(str(shipped("7net-0")[0])).config)
    config.update(
        irreps_manual=["16x0e", "16x0e+16x1e", "16x0e"],
        channel=16,
        lmax=1,
        num_convolution_layer=2,
        weight_nn_hidden_neurons=[8],
        shift=-1.0,
        scale=2.0,
        conv_denominator=5.0,
    )
    config.update(changes)
    torch.manual_seed(0)
    model = build_E3_equivariant_model(config)
    torch.save({"model_state_dict": model.state_dict(), "config": config, "epoch": 0}, path)
    return path
