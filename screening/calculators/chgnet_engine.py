"""CHGNet that evaluates independent structures in one pass of the network."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from ase import Atoms
from chgnet.graph.crystalgraph import CrystalGraph
from chgnet.model.dynamics import CHGNetCalculator
from chgnet.model.model import CHGNet
from pymatgen.io.ase import AseAtomsAdaptor

from screening.calculators.interface import Point
from screening.calculators.passes import Passes


class BatchCHGNet(CHGNetCalculator):
    """An ASE calculator with ``compute_batch``.

    Attributes
    ----------
    passes
        How batches are cut, by the edges of a pass.
    """

    def __init__(self, network: CHGNet, device: str) -> None:
        super().__init__(network, use_device=device, on_isolated_atoms="error")
        self.passes = Passes(torch.device(device))

    def compute_batch(self, structures: Sequence[Atoms]) -> list[Point]:
        """Return one point a structure, in order; the inputs are left untouched.

        Raises
        ------
        ValueError
            If an atom has no neighbour.
        TaskError
            If one structure alone does not fit into the device's memory.
        """
        graphs = [self._graph(atoms) for atoms in structures]
        edges = [len(graph.atom_graph) for graph in graphs]
        return self.passes.run(edges, lambda part: self._points(graphs[part]))

    def _points(self, graphs: list[CrystalGraph]) -> list[Point]:
        found: Any = self.model.predict_graph(graphs, task="ef", batch_size=len(graphs))
        points = []
        for graph, own in zip(graphs, [found] if len(graphs) == 1 else found, strict=True):
            factor = len(graph.atomic_number) if self.model.is_intensive else 1
            points.append(Point(float(own["e"]) * factor, np.array(own["f"], dtype=float)))
        return points

    def _graph(self, atoms: Atoms) -> CrystalGraph:
        structure = AseAtomsAdaptor.get_structure(atoms)
        graph: CrystalGraph = self.model.graph_converter(structure)
        return graph


def batch_engine(model: str, device: str) -> BatchCHGNet:
    """Load a model that the wheel carries onto a device of torch."""
    torch.set_num_threads(1)  # workers are processes; threads of several of them would compete
    with contextlib.redirect_stdout(io.StringIO()):  # upstream prints the device
        network = CHGNet.load(model_name=model, use_device=device, verbose=False)
        return BatchCHGNet(network, device)
