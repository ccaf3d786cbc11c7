"""Training of the instant model, and its leave-one-host-out test."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from ase import Atoms

from screening.errors import InputError
from screening.surrogate.domain import Estimate
from screening.surrogate.gaussian import conformal_score, host_weights, leave_group_out
from screening.surrogate.instant import Instant, Kernel, Points
from screening.surrogate.instant_features import describe_instant
from screening.surrogate.train import COVERAGE, MIN_HOSTS
from screening.units import IONS, Ion

NOISE_EV = 0.12
"""What relaxation and the choice of the site leave to chance."""


@dataclass(frozen=True)
class InstantSample:
    """Lowest adsorption energy of an ion on a host, eV.

    Attributes
    ----------
    host
        Name shared by all samples of a host, of both levels.
    exact
        Whether the energy is at the reference level; otherwise it is the cheap engine's.
    """

    host: str
    atoms: Atoms
    ion: Ion
    e_ads_ev: float
    exact: bool


@dataclass(frozen=True)
class _Data:
    points: Points
    y: np.ndarray
    ions: tuple[str, ...]
    symbols: tuple[frozenset[str], ...]

    def take(self, keep: np.ndarray) -> _Data:
        rows = np.flatnonzero(keep)
        return _Data(
            self.points.take(keep),
            self.y[keep],
            tuple(self.ions[row] for row in rows),
            tuple(self.symbols[row] for row in rows),
        )


def train(samples: Sequence[InstantSample], reference: str, screen: str) -> Instant:
    """Fit the model; the same samples always give the same one.

    Raises
    ------
    InputError
        If fewer than `MIN_HOSTS` hosts have a reference value.
    """
    hosts = {sample.host for sample in samples if sample.exact}
    if len(hosts) < MIN_HOSTS:
        raise InputError(
            f"{len(hosts)} hosts with a reference value are too few",
            where="reference set",
            allowed=f"{MIN_HOSTS} or more",
        )
    data = _describe(samples)
    return _fit(data, _base(data), reference, screen)


def held_out(samples: Sequence[InstantSample]) -> list[Estimate]:
    """Estimate each reference sample by a model fitted and made conformal without its host.

    The cheap engine's values of that host are left out too. The settings of the gap are tuned
    anew each time; those that describe the engine's values, by far the more, are tuned once.
    """
    data = _describe(samples)
    base = _base(data)
    names = np.asarray(data.points.hosts)
    found: dict[int, Estimate] = {}
    for host in dict.fromkeys(names[data.points.exact > 0]):
        model = _fit(data.take(names != host), base, "", "")
        rows = np.flatnonzero((names == host) & (data.points.exact > 0))
        estimates = model.estimates(
            data.points.x[rows], [data.ions[r] for r in rows], [data.symbols[r] for r in rows]
        )
        found.update(zip(rows.tolist(), estimates, strict=True))
    return [found[row] for row in sorted(found)]


def _describe(samples: Sequence[InstantSample]) -> _Data:
    atoms = {id(sample.atoms): sample.atoms for sample in samples}
    known = {key: describe_instant(host, IONS) for key, host in atoms.items()}
    x = [known[id(sample.atoms)][IONS.index(sample.ion)] for sample in samples]
    return _Data(
        Points(
            np.array(x),
            tuple(sample.host for sample in samples),
            np.array([float(sample.exact) for sample in samples]),
        ),
        np.array([sample.e_ads_ev for sample in samples]),
        tuple(sample.ion for sample in samples),
        tuple(frozenset(sample.atoms.get_chemical_symbols()) for sample in samples),
    )


def _fit(data: _Data, base: Kernel, reference: str, screen: str) -> Instant:
    exact = data.points.exact > 0
    kernel = _best(_gaps(base), data, exact)
    mean, deviation = _host_left_out(data, kernel, exact)
    hosts = data.points.take(exact).hosts
    return Instant(
        reference=reference,
        screen=screen,
        points=data.points,
        ions=data.ions,
        y=data.y,
        elements=tuple(sorted(frozenset().union(*data.symbols))),
        kernel=kernel,
        score=conformal_score(data.y[exact] - mean, deviation, hosts, COVERAGE),
    )


def _base(data: _Data) -> Kernel:
    """Return the settings with the best log density of hosts left out, of the cheap values.

    The grids are small and coarse, as the data are few.
    """
    exact = data.points.exact > 0
    cheap = ~exact if (~exact).any() else exact
    grid = itertools.product((0.3, 0.6, 1.0), (0.5, 1.0, 1.5, 2.0), (1.5, 2.2, 3.0), (0.1, 0.25))
    kernels = (Kernel(*settings, noise=NOISE_EV) for settings in grid)
    return _best(kernels, data.take(cheap), np.ones(int(cheap.sum()), dtype=bool))


def _gaps(base: Kernel) -> Iterator[Kernel]:
    """Iterate over settings of the difference between reference and engine."""
    for linear, smooth, host in itertools.product((0.03, 0.1, 0.3), (0.0, 0.2, 0.5), (0.05, 0.2)):
        yield replace(base, gap_linear=linear, gap_smooth=smooth, gap_host=host)


def _best(kernels: Iterable[Kernel], data: _Data, wanted: np.ndarray) -> Kernel:
    weights, y = host_weights(data.points.take(wanted).hosts), data.y[wanted]

    def loss(kernel: Kernel) -> float:
        mean, deviation = _host_left_out(data, kernel, wanted)
        return float(weights @ (((y - mean) / deviation) ** 2 / 2 + np.log(deviation)))

    return min(kernels, key=loss)


def _host_left_out(
    data: _Data, kernel: Kernel, wanted: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and deviation of the wanted points, predicted without any point of their host, eV."""
    observed = kernel.observations(data.points)
    mean, deviation = leave_group_out(observed, data.y, data.points.hosts)
    return mean[wanted], deviation[wanted]
