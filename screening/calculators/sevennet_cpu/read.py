"""The structure and the numbers of a SevenNet model, taken from its modules.

Names and shapes are those of sevenn 0.11 to 0.13 and e3nn; a model that does not fit is refused
with the reason, never guessed at.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from e3nn import o3

from screening.calculators.sevennet_cpu.network import (
    Layer,
    Network,
    Path,
    Polynomial,
    UnsuitableError,
)

Matrices = Mapping[int, np.ndarray]
"""Weights of a linear map by degree, shape (channels in, channels out)."""


@dataclass(frozen=True)
class LayerWeights:
    """Numbers of one layer; norms of paths and neighbours are folded in.

    Attributes
    ----------
    before, beside, behind
        Linear maps in front of the convolution, of the self-connection, behind the convolution.
    before_bias, behind_bias
        Added to the scalars; zero where the network has no modality.
    radial
        Radial functions at distances in Å, shape (n, n_radial), in double precision.
    """

    before: Matrices
    beside: Matrices
    behind: Matrices
    before_bias: np.ndarray
    behind_bias: np.ndarray
    radial: Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Weights:
    """Numbers of a network.

    Attributes
    ----------
    embedding
        Scalars of every species, shape (n_species, channels).
    readout, scale, shift
        Energy of an atom is scale · (readout · scalars) + shift; the last two by species, eV.
    """

    embedding: np.ndarray
    layers: tuple[LayerWeights, ...] = field(repr=False)
    readout: np.ndarray
    scale: np.ndarray
    shift: np.ndarray


def read_network(model: Any, modal: str | None) -> tuple[Network, Weights]:
    """Read a model of sevenn (`AtomGraphSequential`); the model is left as it was.

    Raises
    ------
    UnsuitableError
        If anything in it is not what this engine computes.
    """
    try:
        return _read(model, modal)
    except (AttributeError, KeyError, IndexError, TypeError, ValueError) as error:
        raise UnsuitableError(f"{type(error).__name__}: {error}") from error


def _read(model: Any, modal: str | None) -> tuple[Network, Weights]:
    blocks = model._modules  # noqa: SLF001 (sevenn names its blocks nowhere else)
    modality = model.modal_map[modal] if modal and model.modal_map else None
    count = sum(name.endswith("_convolution") for name in blocks)
    _require(count >= 2, "fewer than two interactions")
    layers = tuple(_layer(blocks, t) for t in range(count))
    for first, second in itertools.pairwise(layers):
        _require(first.output == second.features, "layers do not follow each other")
    edge = blocks["edge_embedding"]
    triples = sorted({path.triple for layer in layers for path in layer.paths})
    cutoff = float(model.cutoff)
    network = Network(
        layers=layers,
        numbers=tuple(z for z, _ in sorted(model.type_map.items(), key=lambda item: item[1])),
        cutoff=cutoff,
        breaks=_breaks(edge.cutoff_function, cutoff),
        activation=_activation(blocks, layers),
        harmonics=_harmonics(edge.spherical.sph),
        coupling={t: o3.wigner_3j(*t, dtype=torch.float64).numpy() for t in triples},
    )
    return network, _weights(blocks, count, modality)


def _layer(blocks: Mapping[str, Any], t: int) -> Layer:
    convolution = blocks[f"{t}_convolution"]
    shapes = convolution.convolution_kwargs
    into, edge, out = (shapes[f"irreps_{name}"] for name in ("in1", "in2", "out"))
    offsets, filled = [], [0] * (1 + max(ir.l for _, ir in out))
    for channels, ir in out:
        offsets.append(filled[ir.l])
        filled[ir.l] += channels
    paths, radial = [], 0
    for step in convolution.convolution.instructions:
        channels, ir = into[step.i_in1]
        _require(step.connection_mode == "uvu" and step.has_weight, "another kind of product")
        _require(tuple(step.path_shape) == (channels, 1), "another shape of radial weights")
        triple = (ir.l, edge[step.i_in2].ir.l, out[step.i_out].ir.l)
        paths.append(Path(triple, channels, radial, offsets[step.i_out]))
        radial += channels
    gate = blocks[f"{t}_equivariant_gate"].gate
    return Layer(_channels(into), tuple(filled), _channels(gate.irreps_in), tuple(paths))


def _channels(irreps: Any) -> tuple[int, ...]:
    """Channels by degree of features that are sorted by degree."""
    found: list[int] = []
    for channels, ir in irreps.simplify():
        _require(ir.p == 1 and ir.l == len(found), f"features {irreps} are not even and in order")
        _require(channels % 16 == 0, f"{channels} channels are not a multiple of 16")
        found.append(channels)
    return tuple(found)


def _breaks(cutoff: Any, length: float) -> tuple[float, ...]:
    """XPLOR switches on with a jump of the second derivative; polynomial cut-offs are smooth."""
    on = getattr(cutoff, "r_on", None)
    return (0.0, length) if on is None else (0.0, float(on), length)


def _activation(blocks: Mapping[str, Any], layers: tuple[Layer, ...]) -> float:
    """Constant of the gates' activation, after measuring that it is a scaled SiLU."""
    found = []
    z = torch.linspace(-8, 8, 65, dtype=torch.float64)
    for t in range(len(layers)):
        gate = blocks[f"{t}_equivariant_gate"].gate
        for act in [*gate.act_scalars.acts, *gate.act_gates.acts]:
            found.append(float(act.cst))
            silu = act.cst * z * torch.sigmoid(z)
            _require(torch.allclose(act(z), silu, atol=1e-9), "a gate is not SiLU")
    _require(max(found) - min(found) < 1e-12, "gates of several kinds")
    return found[0]


def _harmonics(spherical: Any) -> tuple[Polynomial, ...]:
    """Fit homogeneous polynomials to e3nn's harmonics: its conventions, written out."""
    _require(spherical.normalize, "harmonics of vectors that are not normalised")
    degrees = [ir.l for _, ir in spherical.irreps_out]
    _require(degrees == list(range(len(degrees))), "degrees of edges are not 0, 1, 2 …")
    points = torch.tensor(np.random.default_rng(0).normal(size=(400, 3)))
    points /= points.norm(dim=1, keepdim=True)
    values = np.concatenate(
        [
            o3.spherical_harmonics(
                degree, points, normalize=True, normalization=spherical.normalization
            ).numpy()
            for degree in degrees
        ],
        axis=1,
    )
    _require(np.allclose(spherical(points.float()).numpy(), values, atol=1e-5), "other harmonics")
    found: list[Polynomial] = []
    for degree in degrees:
        powers = [(i, j, degree - i - j) for i in range(degree + 1) for j in range(degree + 1 - i)]
        basis = np.stack([(points.numpy() ** np.array(p)).prod(axis=1) for p in powers], axis=1)
        for column in values[:, degree**2 : (degree + 1) ** 2].T:
            fit, _, _, _ = np.linalg.lstsq(basis, column, rcond=None)
            _require(np.abs(basis @ fit - column).max() < 1e-10, "harmonics are no polynomials")
            found.append({p: float(c) for p, c in zip(powers, fit, strict=True) if abs(c) > 1e-10})
    return tuple(found)


def _weights(blocks: Mapping[str, Any], count: int, modality: int | None) -> Weights:
    hidden, bias = _linear(blocks["reduce_input_to_hidden"], modality)
    energy, last = _linear(blocks["reduce_hidden_to_energy"], modality)
    embedding, first = _linear(blocks["onehot_to_feature_x"], modality)
    rescale = blocks["rescale_atomic_energy"]
    scale, shift = (
        _by_species(p, modality, len(embedding[0])) for p in (rescale.scale, rescale.shift)
    )
    return Weights(
        embedding=embedding[0] + first,
        layers=tuple(_layer_weights(blocks, t, modality) for t in range(count)),
        readout=(hidden[0] @ energy[0])[:, 0],
        scale=scale,
        shift=shift + scale * float((bias @ energy[0] + last)[0]),
    )


def _by_species(parameter: Any, modality: int | None, species: int) -> np.ndarray:
    """One number a species, of a parameter that may depend on modality, on species, or on none."""
    values: np.ndarray = parameter.detach().double().numpy()
    if values.ndim == 2:
        _require(modality is not None, "energies depend on a modality that is not given")
        values = values[modality]
    _require(values.size in {1, species}, "energies do not go by species")
    return np.full(species, values)


def _layer_weights(blocks: Mapping[str, Any], t: int, modality: int | None) -> LayerWeights:
    convolution = blocks[f"{t}_convolution"]
    before, before_bias = _linear(blocks[f"{t}_self_interaction_1"], modality)
    beside, beside_bias = _linear(blocks[f"{t}_self_connection_intro"], modality)
    behind, behind_bias = _linear(blocks[f"{t}_self_interaction_2"], modality)
    neighbours = float(convolution.denominator)
    edge, product = blocks["edge_embedding"], convolution.convolution
    norms = np.concatenate([np.full(s.path_shape[0], s.path_weight) for s in product.instructions])

    def radial(distances: np.ndarray) -> np.ndarray:
        scaled: np.ndarray = norms * _radial(edge, convolution.weight_nn, distances)
        return scaled

    return LayerWeights(
        before=before,
        beside=beside,
        behind={degree: matrix / neighbours for degree, matrix in behind.items()},
        before_bias=before_bias,
        behind_bias=behind_bias + beside_bias,
        radial=radial,
    )


@torch.no_grad()
def _radial(edge: Any, network: Any, distances: np.ndarray) -> np.ndarray:
    """Basis, cut-off and network of the edge length, evaluated in double precision."""
    r = torch.tensor(distances, dtype=torch.float64)
    basis = edge.basis_function
    kept = basis.coeffs.data
    basis.coeffs.data = kept.double()
    try:
        values = basis(r) * edge.cutoff_function(r).unsqueeze(-1)
        for layer in network.children():  # e3nn's FullyConnectedNet, whose parameters are float32
            norm = (layer.h_in * layer.var_in) ** 0.5
            values = values @ (layer.weight.double() / norm)
            values = values if layer.act is None else layer.act(values)
            values = values * layer.var_out**0.5
    finally:
        basis.coeffs.data = kept
    result: np.ndarray = values.numpy()
    return result


def _linear(module: Any, modality: int | None) -> tuple[Matrices, np.ndarray]:
    """Matrices by degree, and what the modality adds to the scalars."""
    linear = module.linear
    _require(linear.bias.numel() == 0, "a linear map has a bias")
    flat = linear.weight.detach().double().numpy()
    several = getattr(module, "num_modalities", 0) > 1
    _require(not several or modality is not None, "the model needs a modality")
    last = len(linear.irreps_in) - 1
    matrices: dict[int, np.ndarray] = {}
    bias = np.zeros(linear.irreps_out[0].mul)
    start = 0
    for step in linear.instructions:
        size = int(np.prod(step.path_shape))
        matrix = flat[start : start + size].reshape(step.path_shape) * step.path_weight
        start += size
        degree = linear.irreps_in[step.i_in].ir.l
        if several and step.i_in == last:
            bias = bias + matrix[modality]
        else:
            _require(degree not in matrices, "several blocks of one degree in a linear map")
            matrices[degree] = matrix
    return matrices, bias


def _require(condition: bool, reason: str) -> None:
    if not condition:
        raise UnsuitableError(reason)
