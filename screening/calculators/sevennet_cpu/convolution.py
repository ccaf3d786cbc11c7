"""Convolutions of a network and their adjoints, in C, with the sparsity of couplings compiled in.

Forward, the message of an atom is summed in registers over its edges, sixteen channels of one
path at a time. Backward, edge by edge, gradients of features, harmonics and length come from one
pass over the channels, so that no gradient of a radial function is ever stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from screening.calculators.sevennet_cpu.coupling import Couplings, Entry
from screening.calculators.sevennet_cpu.network import Layer, Network, Path

HALVES = ("a", "b")
"""Two vectors of eight channels are in flight: a coupling loaded once serves both."""


def convolutions(network: Network, couplings: Couplings) -> tuple[list[int], str]:
    """Write the functions; layers of one shape share them.

    Returns
    -------
    list of int
        Number of the functions, by layer.
    str
        Source of ``convolve_N`` and ``convolve_N_adjoint``.
    """
    shapes: dict[tuple[object, ...], int] = {}
    names, parts = [], []
    for index, layer in enumerate(network.layers):
        shape = (layer.features, layer.message, layer.paths, index == 0)
        if shape not in shapes:
            number = shapes[shape] = len(shapes)
            parts += [_forward(layer, number, couplings)]
            parts += [_adjoint(layer, number, couplings, first=index == 0)]
        names.append(shapes[shape])
    return names, "\n".join(parts)


def _forward(layer: Layer, number: int, couplings: Couplings) -> str:
    lines = [
        "/* Messages [degree] of all atoms: sums over edges of radial × coupling × features. */",
        f"static void convolve_{number}(const graph *g, float *const *x, const float *radial,",
        "                       float *const *message)",
        "{",
        "    for (int64_t i = 0; i < g->atoms; i++) {",
        "        const int64_t begin = g->first[i], end = g->first[i + 1];",
    ]
    for path in layer.paths:
        lines += _forward_path(layer, path, couplings.entries[path.triple])
    return "\n".join([*lines, "    }", "}", ""])


def _forward_path(layer: Layer, path: Path, entries: Sequence[Entry]) -> Iterator[str]:
    l1, l2, l3 = path.triple
    n_in, n_out = 2 * l1 + 1, 2 * l3 + 1
    wide = layer.message[l3]
    yield f"        /* {l1} x {l2} -> {l3}, {path.channels} channels */"
    yield f"        for (int u = 0; u < {path.channels}; u += 2 * WIDTH) {{"
    sums = ", ".join(f"s{c}{h} = {{0}}" for c in range(n_out) for h in HALVES)
    yield f"            vec {sums};"
    yield "            for (int64_t e = begin; e < end; e++) {"
    yield f"                {_features(layer, path, ' + u')}"
    yield f"                {_radial(layer, path, 'w', 'radial', ' + u')}"
    yield f"                const float *m = g->coupling + N_COUPLING * e + {entries[0].place};"
    yield "                const vec wa = load(w), wb = load(w + WIDTH);"
    for a in range(n_in):
        at = a * path.channels
        yield f"                const vec x{a}a = load(f + {at}) * wa;"
        yield f"                const vec x{a}b = load(f + {at} + WIDTH) * wb;"
    for entry in entries:
        m = f"m[{entry.place - entries[0].place}]"
        terms = [f"s{entry.c}{h} += {m} * x{entry.a}{h};" for h in HALVES]
        yield f"                {' '.join(terms)}"
    yield "            }"
    yield f"            float *out = message[{l3}] + i * {n_out * wide} + {path.message} + u;"
    for c in range(n_out):
        yield f"            store(out + {c * wide}, s{c}a);"
        yield f"            store(out + {c * wide} + WIDTH, s{c}b);"
    yield "        }"


def _features(layer: Layer, path: Path, channel: str = "") -> str:
    l1 = path.triple[0]
    stride = (2 * l1 + 1) * layer.features[l1]
    return f"const float *f = x[{l1}] + (int64_t)g->source[e] * {stride}{channel};"


def _radial(layer: Layer, path: Path, name: str, array: str, channel: str = "") -> str:
    """Radial functions of edge e, or their slopes."""
    place = f"{layer.n_radial} + {path.radial}{channel}"
    return f"const float *{name} = {array} + (int64_t)g->pair[e] * {place};"


def _adjoint(layer: Layer, number: int, couplings: Couplings, *, first: bool) -> str:
    degrees = sorted(
        {b for p in layer.paths for e in couplings.entries[p.triple] for b, _ in e.terms}
    )
    moving = [b for b in degrees if b > 0]
    lines = [
        "/* Adjoint: from gradients of the messages, those of the features (added to x_back),",
        " * of the harmonics and of the length of every edge (added). */",
        f"static void convolve_{number}_adjoint(const graph *g, float *const *x,",
        "    const float *radial, const float *radial_slope, float *const *message,",
        "    float *const *x_back, float *edge_back, float *length_back)",
        "{",
        *(["    (void)x_back; /* these features depend on the element only */"] if first else []),
        "    for (int64_t i = 0; i < g->atoms; i++)",
        "        for (int64_t e = g->first[i]; e < g->first[i + 1]; e++) {",
        "            const float *m = g->coupling + N_COUPLING * e;",
        f"            vec {', '.join(f'y{b} = {{0}}' for b in moving)}, along = {{0}};",
    ]
    for path in layer.paths:
        lines += _adjoint_path(layer, path, couplings.entries[path.triple], first=first)
    lines += [f"            edge_back[N_HARMONICS * e + {b}] += total(y{b});" for b in moving]
    lines += ["            length_back[e] += total(along);", "        }", "}", ""]
    return "\n".join(lines)


def _adjoint_path(
    layer: Layer, path: Path, entries: Sequence[Entry], *, first: bool
) -> Iterator[str]:
    l1, l2, l3 = path.triple
    wide = layer.message[l3]
    yield f"            {{ /* {l1} x {l2} -> {l3}, {path.channels} channels */"
    yield f"                {_features(layer, path)}"
    if l2 > 0 or not first:
        yield f"                {_radial(layer, path, 'w', 'radial')}"
    yield f"                {_radial(layer, path, 'd', 'radial_slope')}"
    back = f"message[{l3}] + i * {(2 * l3 + 1) * wide} + {path.message}"
    yield f"                const float *back = {back};"
    if not first:
        stride = (2 * l1 + 1) * layer.features[l1]
        yield f"                float *q = x_back[{l1}] + (int64_t)g->source[e] * {stride};"
    for a in range(2 * l1 + 1):
        own = [entry for entry in entries if entry.a == a]
        if own:
            yield from _adjoint_component(path, wide, a, own, first=first)
    yield "            }"


def _adjoint_component(
    path: Path, wide: int, a: int, entries: Sequence[Entry], *, first: bool
) -> Iterator[str]:
    """One component of the features: h_c sums w x_a times the gradient of the message."""
    turns = path.triple[1] > 0  # the harmonic of degree 0 is constant
    space = "                    "
    yield f"                {{ /* a = {a} */"
    if turns:
        yield f"{space}vec {', '.join(f'h{entry.c} = {{0}}' for entry in entries)};"
    yield f"{space}for (int u = 0; u < {path.channels}; u += WIDTH) {{"
    inner = space + "    "
    yield f"{inner}const vec xu = load(f + {a * path.channels} + u);"
    if turns or not first:
        yield f"{inner}const vec wu = load(w + u);"
    for entry in entries:
        yield f"{inner}const vec g{entry.c} = load(back + {entry.c * wide} + u);"
    product = " + ".join(f"m[{entry.place}] * g{entry.c}" for entry in entries)
    yield f"{inner}const vec s = {product};"
    if not first:
        yield f"{inner}add(q + {a * path.channels} + u, wu * s);"
    yield f"{inner}along += load(d + u) * (xu * s);"
    if turns:
        yield f"{inner}const vec z = wu * xu;"
        yield f"{inner}{' '.join(f'h{entry.c} += z * g{entry.c};' for entry in entries)}"
    yield f"{space}}}"
    if turns:
        for entry in entries:
            sums = " ".join(f"y{b} += {x!r}f * h{entry.c};" for b, x in entry.terms)
            yield f"{space}{sums}"
    yield "                }"
