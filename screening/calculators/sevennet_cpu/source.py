"""C source of a network: constants, and the functions that the C files beside this leave open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.resources import files

from screening.calculators.sevennet_cpu.convolution import convolutions
from screening.calculators.sevennet_cpu.coupling import Couplings, coupling_source
from screening.calculators.sevennet_cpu.harmonics import harmonics_source
from screening.calculators.sevennet_cpu.network import Network
from screening.calculators.sevennet_cpu.pack import Packed, Places

MATRICES = ("before", "beside", "behind", "before_back", "beside_back", "behind_back")


def source(network: Network, packed: Packed) -> str:
    """Write the whole translation unit."""
    couplings = Couplings.of(network)
    names, functions = convolutions(network, couplings)
    parts = [
        _text("header.c"),
        _text("neighbours.c"),
        _constants(network, packed, couplings),
        harmonics_source(network.harmonics),
        coupling_source(couplings),
        _text("geometry.c"),
        functions,
        _layers(network, packed, names),
        _text("driver.c"),
    ]
    return "\n".join(parts)


def _text(name: str) -> str:
    return files("screening.calculators.sevennet_cpu").joinpath(name).read_text(encoding="utf-8")


def _constants(network: Network, packed: Packed, couplings: Couplings) -> str:
    layers = network.layers
    rows = sum(segment.rows for segment in packed.grid)
    sizes = {
        "DEGREES": network.n_degrees,
        "LAYERS": len(layers),
        "LATENT": network.n_latent,
        "N_HARMONICS": len(network.harmonics),
        "N_COUPLING": couplings.size,
        "MOST_FEATURES": max(c for layer in layers for c in (*layer.features, *layer.output)),
        "MOST_MESSAGE": max(c for layer in layers for c in layer.message),
        "MOST_RADIAL": max(layer.n_radial for layer in layers),
        "SEGMENTS": len(packed.grid),
        "ROWS": rows,
        "SPECIES_BEFORE": packed.species_before,
        "SPECIES_BESIDE": packed.species_beside,
        "READOUT": packed.readout,
    }
    grid = [
        f"    {{{s.start!r}, {1 / s.step!r}, {s.intervals}, {s.row}}}, /* {s.step:.4f} Å */"
        for s in packed.grid
    ]
    return "\n".join(
        [
            "/* Sizes of this network, and places in its weights. */",
            "enum {",
            *(f"    {name} = {value}," for name, value in sizes.items()),
            "};",
            f"#define ACTIVATION {network.activation!r}f",
            "",
            "/* Grid of the radial tables: start (Å), 1 / step, intervals, first row. */",
            "static const struct {",
            "    double start, inverse_step;",
            "    int intervals, row;",
            "} segments[SEGMENTS] = {",
            *grid,
            "};",
            "",
        ]
    )


LAYER = """\
/* A layer: channels by degree, places in the weights (by degree), and its convolution. */
typedef struct {
    int x[DEGREES], message[DEGREES], gated[DEGREES], out[DEGREES], n_radial;
    size_t before[DEGREES], beside[DEGREES], behind[DEGREES];
    size_t before_back[DEGREES], beside_back[DEGREES], behind_back[DEGREES];
    size_t before_bias, behind_bias, table;
    void (*convolve)(const graph *, float *const *, const float *, float *const *);
    void (*convolve_adjoint)(const graph *, float *const *, const float *, const float *,
                             float *const *, float *const *, float *, float *);
} layer;
"""


def _layers(network: Network, packed: Packed, names: Sequence[int]) -> str:
    lines = [LAYER, "static const layer layers[LAYERS] = {"]
    for layer, places, start, name in zip(
        network.layers, packed.places, packed.table_starts, names, strict=True
    ):
        lines += ["    {"]
        channels = {
            "x": layer.features,
            "message": layer.message,
            "gated": layer.gated,
            "out": layer.output,
        }
        lines += [f"        .{key} = {{{_row(row)}}}," for key, row in channels.items()]
        lines += list(_places(places, network.n_degrees))
        lines += [
            f"        .n_radial = {layer.n_radial},",
            f"        .table = {start},",
            f"        .convolve = convolve_{name},",
            f"        .convolve_adjoint = convolve_{name}_adjoint,",
            "    },",
        ]
    return "\n".join([*lines, "};", ""])


def _places(places: Places, degrees: int) -> Iterator[str]:
    for name in MATRICES:
        row = _row([places.get(f"{name}{degree}", 0) for degree in range(degrees)])
        yield f"        .{name} = {{{row}}},"
    for name in ("before_bias", "behind_bias"):
        yield f"        .{name} = {places[name]},"


def _row(values: Sequence[int]) -> str:
    return ", ".join(map(str, values))
