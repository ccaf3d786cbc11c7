"""The compiled force call beside stock SevenNet, with the bound that the processor sets.

    python benchmarks/force_call.py [MODEL …] [--calls 15]

Both engines take turns in the same process, so that ratios hold on a shared machine; times are
the least of all turns. The bound is the larger of floating-point operations over the speed of a
large float32 product and bytes over that of a copy, both measured here, one thread.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor

import numpy as np
from ase import Atoms
from ase.build import add_adsorbate, fcc111, graphene

from screening.calculators import resolve
from screening.calculators.sevennet_cpu.coupling import Couplings
from screening.calculators.sevennet_cpu.network import Layer, Network
from screening.calculators.sevennet_cpu.read import read_network


def cells() -> Iterator[tuple[str, Atoms]]:
    for name, ion, size in (("Cu16", "Li", (2, 2, 4)), ("Cu48", "Na", (4, 4, 3))):
        yield f"{name}+{ion}", metal(ion, size)
    sheet = graphene(size=(4, 4, 1), vacuum=8.0)
    add_adsorbate(sheet, "Li", 1.8, tuple(sheet.positions[3, :2] + [0.1, 0.2]))
    sheet.pbc = True
    sheet.rattle(0.03, seed=1)
    yield "C32+Li", sheet
    yield "Cu108+K", metal("K", (6, 6, 3))
    yield "Cu144+Na", metal("Na", (6, 6, 4))


def metal(ion: str, size: tuple[int, int, int]) -> Atoms:
    slab = fcc111("Cu", size, vacuum=8.0)
    add_adsorbate(slab, ion, 2.5, "fcc")
    slab.pbc = True
    slab.rattle(0.05, seed=3)
    return slab


def least(calls: dict[str, Callable[[], object]], turns: int) -> dict[str, float]:
    """Seconds of each, by turns."""
    for call in calls.values():
        call()
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(turns):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            times[name].append(time.perf_counter() - start)
    return {name: min(values) for name, values in times.items()}


def operations(network: Network, atoms: int, pairs: int) -> tuple[float, float]:
    """Floating-point operations and bytes that a call cannot do without."""
    couplings = Couplings.of(network)
    flops = moved = 0.0
    for layer in network.layers:
        edge = sum(
            path.channels * (6 * len(couplings.entries[path.triple]) + 8 * (2 * path.triple[0] + 1))
            for path in layer.paths
        )
        flops += 2 * pairs * edge + 30 * pairs * layer.n_radial + 4 * atoms * products(layer)
        # radial functions: written once and read by two edges, forward; with slopes, backward
        moved += 4 * (9 * pairs * layer.n_radial + 4 * atoms * components(layer.message))
        moved += 4 * (6 * atoms * components(layer.features) + 6 * atoms * components(layer.gated))
    return flops, moved


def products(layer: Layer) -> int:
    """Multiplications of the linear maps of an atom."""
    padded = (*layer.features, *[0] * len(layer.message))
    return sum(
        (2 * degree + 1) * (padded[degree] ** 2 + gated * (padded[degree] + layer.message[degree]))
        for degree, gated in enumerate(layer.gated)
    )


def components(channels: tuple[int, ...]) -> int:
    return sum((2 * degree + 1) * count for degree, count in enumerate(channels))


def speeds() -> tuple[float, float]:
    """Operations and bytes a second of one thread."""
    a = np.ones((768, 768), dtype=np.float32)
    source, target = np.ones(2**24), np.ones(2**24)
    times = least({"product": lambda: a @ a, "copy": lambda: np.copyto(target, source)}, 9)
    return 2 * 768**3 / times["product"], 2 * source.nbytes / times["copy"]


def measure(model: str, turns: int) -> list[tuple[str, int, int, float, float]]:
    """Name, atoms, pairs, seconds of stock and of ours."""
    ours = resolve(f"sevennet:{model}").make()
    stock = resolve(f"sevennet:{model}", options={"engine": "stock"}).make()
    rows = []
    for name, atoms in cells():
        pairs = len(ours.library.pairs(atoms)[0])
        calls = {
            "stock": lambda atoms=atoms: stock.compute_batch([atoms]),
            "ours": lambda atoms=atoms: ours.library.evaluate(atoms),
        }
        times = least(calls, turns)
        rows.append((name, len(atoms), pairs, times["stock"], times["ours"]))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="*", default=["7net-0"])
    parser.add_argument("--calls", type=int, default=15)
    arguments = parser.parse_args()
    per_second, bytes_per_second = speeds()
    print(f"one thread: {per_second / 1e9:.0f} GFLOP/s, {bytes_per_second / 1e9:.1f} GB/s\n")
    print(
        "| model | cell | atoms | pairs | stock, ms | ours, ms | ratio | bound, ms | two at once |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for model in arguments.models:
        stock = resolve(f"sevennet:{model}", options={"engine": "stock"}).make()
        network, _ = read_network(stock.model, stock.modal)
        alone = measure(model, arguments.calls)
        with ProcessPoolExecutor(2) as pool:
            both = list(pool.map(measure, [model] * 2, [arguments.calls] * 2))
        for row, *pair in zip(alone, *both, strict=True):
            name, atoms, pairs, slow, fast = row
            flops, moved = operations(network, atoms, pairs)
            bound = max(flops / per_second, moved / bytes_per_second)
            ratio = np.mean([other[3] / other[4] for other in pair])
            times = f"{slow * 1e3:.1f} | {fast * 1e3:.2f} | {slow / fast:.0f} | {bound * 1e3:.2f}"
            print(f"| {model} | {name} | {atoms} | {pairs} | {times} | {ratio:.0f} |", flush=True)


if __name__ == "__main__":
    main()
