"""7net-0 refitted to the reference set, against its calibration (docs/surrogate.md).

python benchmarks/fine_tuning.py results/reference/pbe.extxyz 8

First the readout alone (features of the frozen network), each host left out in turn; then the last
two of five interaction blocks with the readout, in four folds of hosts, for that many epochs. Its
"calibration" is the one without the network's components; with them it is "process on both".
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import sevenn._keys as keys
import torch
from ase import Atoms
from scipy.stats import spearmanr
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, GroupKFold, LeaveOneGroupOut
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch_geometric.data import Batch

from screening.calculators import resolve
from screening.structure.level import Level
from screening.surrogate.correction import Corrections, select
from screening.surrogate.features import describe
from screening.surrogate.latent import Components
from screening.surrogate.model import host_key
from screening.surrogate.sample import Sample
from screening.surrogate.train import held_out, train
from screening.validation.reference import ReferencePoint, read_reference

FOLDS, RATE, HUBER_EV = 4, 3e-4, 0.2
FIRST_TRAINED = "3_self_connection_intro"
PULL, REPLAY = 0.01, 1.0
"""Weights of the squared distance from the original weights (Li, Grandvalet & Davoine, ICML 2018),
and of the squared change of clean hosts' and metals' energies, eV an atom: no drift of the rest."""


class Network:
    """7net-0 with frozen lower blocks, whose output is computed once a structure."""

    def __init__(self) -> None:
        self.spec = resolve("sevennet")
        self.calculator: Any = self.spec.make()
        self.model = self.calculator.model
        self.model._modules.pop("force_output")  # noqa: SLF001 (energies only: six times faster)
        names = list(self.model._modules)  # noqa: SLF001 (sevenn cuts models by name like this)
        cut = names.index(FIRST_TRAINED)
        self.lower, self.upper = list(self.model)[:cut], torch.nn.ModuleList(self.model)[cut:]

    @torch.no_grad()
    def lower_output(self, structures: Sequence[Atoms]) -> Any:
        self.model.set_is_batch_data(True)
        graphs = [self.calculator._graph(atoms) for atoms in structures]  # noqa: SLF001
        data = self.model._preprocess(Batch.from_data_list(graphs))  # noqa: SLF001
        for module in self.lower:
            data = module(data)
        return data


def energies(upper: Any, data: Any) -> torch.Tensor:
    data = copy.copy(data)
    for module in upper:
        data = module(data)
    return data[keys.PRED_TOTAL_ENERGY]


class Host:
    """Points of one host with all that their adsorption energies are differences of."""

    def __init__(self, network: Network, points: Sequence[ReferencePoint]) -> None:
        self.points = points
        metals = {p.ion: p.metal for p in points}
        frames = [points[0].clean, *metals.values(), *(p.adsorbed for p in points)]
        self.atoms = torch.tensor([len(a) for a in frames], dtype=torch.float32)
        self.pristine = 1 + len(metals)
        rows = np.zeros((len(points), len(frames)))  # e_ads = rows @ energies
        for row, point in enumerate(points):
            metal = 1 + list(metals).index(point.ion)
            n = len(point.ions)
            rows[row, [0, metal, self.pristine + row]] = -1 / n, -1 / len(point.metal), 1 / n
        self.rows = torch.tensor(rows, dtype=torch.float32)
        self.features = rows @ network.calculator.latent(frames)
        self.data = network.lower_output(frames)
        with torch.no_grad():
            self.original = energies(network.upper, self.data)
        self.raw = (self.rows @ self.original).numpy().astype(float)
        self.reference = torch.tensor([p.e_ads_ref_ev for p in points], dtype=torch.float32)


def epoch(upper: Any, optimiser: Any, hosts: Sequence[Host], original: Any) -> None:
    """One step a host, all hosts of equal weight."""
    huber = torch.nn.HuberLoss(delta=HUBER_EV)
    for host in hosts:
        predicted = energies(upper, host.data)
        drift = (predicted - host.original)[: host.pristine] / host.atoms[: host.pristine]
        moved = [((p - q) ** 2).sum() for p, q in zip(upper.parameters(), original, strict=True)]
        loss = huber(host.rows @ predicted, host.reference)
        loss = loss + REPLAY * (drift**2).mean() + PULL * torch.stack(moved).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()


def fine_tune(network: Network, hosts: Sequence[Host], folds: Sequence[Any], epochs: int) -> Any:
    """Iterate over the held-out values after each epoch, shape (n_points,), eV."""
    original = [p.detach().clone() for p in network.upper.parameters()]
    uppers = [copy.deepcopy(network.upper) for _ in folds]
    optimisers = [torch.optim.Adam(upper.parameters(), lr=RATE) for upper in uppers]
    shuffle = np.random.default_rng(0)
    for _ in range(epochs):
        values: dict[int, Any] = {}
        for upper, optimiser, (train_on, test_on) in zip(uppers, optimisers, folds, strict=True):
            epoch(upper, optimiser, [hosts[i] for i in shuffle.permutation(train_on)], original)
            with torch.no_grad():
                values |= {i: hosts[i].rows @ energies(upper, hosts[i].data) for i in test_on}
        yield np.concatenate([values[i].numpy() for i in range(len(hosts))]).astype(float)


def ridge(x: np.ndarray, y: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Correction of each point by a refitted readout, its strength chosen without the host."""
    out = np.empty(len(y))
    model = make_pipeline(StandardScaler(), Ridge())
    for fit, test in LeaveOneGroupOut().split(x, y, groups):
        grid = {"ridge__alpha": np.logspace(-1, 5, 13)}
        search = GridSearchCV(model, grid, cv=GroupKFold(10), scoring="neg_mean_absolute_error")
        out[test] = search.fit(x[fit], y[fit], groups=groups[fit]).predict(x[test])
    return out


def process(
    known: np.ndarray, x: np.ndarray | None, y: np.ndarray, groups: np.ndarray
) -> np.ndarray:
    """Correction by the calibration's process on `known` and on main components of `x`."""
    out = np.empty(len(y))
    for fit, test in LeaveOneGroupOut().split(known, y, groups):
        a, b = known[fit], known[test]
        if x is not None:
            components = Components.fit(x[fit])
            a = np.hstack([a, [components.of(change) for change in x[fit]]])
            b = np.hstack([b, [components.of(change) for change in x[test]]])
        names = groups[fit].tolist()
        out[test] = Corrections(a, y[fit], names, select(a, y[fit], names)).predict(b)[0]
    return out


def calibrated(samples: Sequence[Sample], level: Level, fit: np.ndarray) -> np.ndarray:
    """Values of all samples by the calibration trained on some."""
    model = train([samples[i] for i in np.flatnonzero(fit)], level, "")
    estimates = [model.estimate(s.clean, s.adsorbed, s.ions, s.e_raw_ev) for s in samples]
    return np.array([estimate.e_ads_ev for estimate in estimates])


def show(name: str, values: np.ndarray, reference: np.ndarray, sp2: np.ndarray) -> None:
    cells = [name]
    for part in (np.ones_like(sp2), sp2, ~sp2):
        error = np.abs(values - reference)[part].mean()
        cells.append(f"{error:.3f} / {spearmanr(values[part], reference[part]).statistic:.2f}")
    print(f"| {' | '.join(cells)} |", flush=True)


def main(path: str, epochs: str) -> None:
    torch.manual_seed(0)
    groups: dict[str, list[ReferencePoint]] = {}
    for point in read_reference(Path(path)).points:
        groups.setdefault(host_key(point.clean), []).append(point)
    network = Network()
    hosts = [Host(network, points) for points in groups.values()]
    level = network.spec.level()
    number = np.repeat(np.arange(len(hosts)), [len(h.points) for h in hosts])
    raw, x = (np.concatenate([getattr(h, a) for h in hosts]) for a in ("raw", "features"))
    samples = [
        Sample(p.host, p.clean, p.adsorbed, p.ions, float(e), p.e_ads_ref_ev)
        for p, e in zip((p for h in hosts for p in h.points), raw, strict=True)
    ]
    known = np.array([describe(s.clean, s.adsorbed, s.ions, s.e_raw_ev) for s in samples])
    reference = np.array([s.e_ref_ev for s in samples])
    y, family, truth = reference - raw, known[:, :1], (reference, known[:, 0] > 0)

    print(f"{len(samples)} points on {len(hosts)} hosts: MAE, eV / Spearman")
    print("| model | all | sp² | other |\n|---|---|---|---|")
    show("7net-0", raw, *truth)
    show("calibration", np.array([e.e_ads_ev for e in held_out(samples, level)]), *truth)
    show("its process, no domain", raw + process(known, None, y, number), *truth)
    show("readout refitted", raw + ridge(x, y, number), *truth)
    show("process on the network's features", raw + process(family, x, y, number), *truth)
    show("process on both", raw + process(known, x, y, number), *truth)
    folds = list(GroupKFold(FOLDS).split(hosts, groups=range(len(hosts))))
    values = raw.copy()
    for fit, test in folds:
        outside = np.isin(number, test)
        values[outside] = calibrated(samples, level, np.isin(number, fit))[outside]
    show(f"calibration, {FOLDS} folds", values, *truth)
    for count, tuned in enumerate(fine_tune(network, hosts, folds, int(epochs)), start=1):
        show(f"fine-tuned, {FOLDS} folds, epoch {count}", tuned, *truth)


if __name__ == "__main__":
    main(*sys.argv[1:])
