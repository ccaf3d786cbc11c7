"""What a network of the SevenNet family consists of, apart from its numbers.

Features are stored as one array a degree l, of shape (n_atoms, 2l+1, channels), so that the
channels of one component lie side by side. Only even parity occurs in the models read here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

Triple = tuple[int, int, int]
"""Degrees of a path: of the neighbour's features, of the edge, of the message."""

Polynomial = Mapping[tuple[int, int, int], float]
"""Coefficients by the powers of x, y and z."""


@dataclass(frozen=True)
class Path:
    """One product of a neighbour's features with the harmonics of an edge.

    Attributes
    ----------
    triple
        Degrees of features, edge and message.
    channels
        Channels of the features, which are also those of the message.
    radial
        Where the radial functions of these channels begin, among all of the layer.
    message
        Where these channels begin in the message of their degree.
    """

    triple: Triple
    channels: int
    radial: int
    message: int


@dataclass(frozen=True)
class Layer:
    """One interaction: linear, convolution, linear beside a self-connection, gate.

    Attributes
    ----------
    features, message, gated
        Channels by degree: of the features that enter, of the message that the convolution makes,
        and of what enters the gate (the scalars that open the gates come last among the scalars).
    paths
        In the order of the radial functions.
    """

    features: tuple[int, ...]
    message: tuple[int, ...]
    gated: tuple[int, ...]
    paths: tuple[Path, ...]

    @property
    def n_radial(self) -> int:
        """Radial functions, one a path and channel."""
        return sum(path.channels for path in self.paths)

    @property
    def output(self) -> tuple[int, ...]:
        """Channels by degree behind the gate."""
        return (self.gated[0] - sum(self.gated[1:]), *self.gated[1:])


@dataclass(frozen=True)
class Network:
    """A whole network.

    Attributes
    ----------
    numbers
        Atomic numbers that it knows, in the order of its species.
    cutoff
        Length of the longest edge, Å.
    breaks
        Distances, Å, where a radial function may have a kink in a derivative.
    activation
        c of the activation c z / (1 + exp(-z)) of all gates.
    harmonics
        Spherical harmonics of an edge, degree after degree, as polynomials on the unit sphere.
    coupling
        Clebsch–Gordan tensor of every triple, shape (2 l1 + 1, 2 l2 + 1, 2 l3 + 1).
    """

    layers: tuple[Layer, ...]
    numbers: tuple[int, ...]
    cutoff: float
    breaks: tuple[float, ...]
    activation: float
    harmonics: tuple[Polynomial, ...]
    coupling: Mapping[Triple, np.ndarray]

    @property
    def n_degrees(self) -> int:
        """One more than the highest degree of features."""
        return max(len(layer.gated) for layer in self.layers)

    @property
    def n_latent(self) -> int:
        """Invariant features of an atom behind the last gate."""
        return self.layers[-1].output[0]


class UnsuitableError(Exception):
    """A network that only stock SevenNet can run, for the reason given."""
