"""Structures a second on a graphics card: one by one, in our batches, and by torch-sim.

    python benchmarks/device.py frames FRAMES.xyz [--count 64]
    python benchmarks/device.py run FRAMES.xyz [--json FILE] [--device cuda] [--seconds 210]

`frames` writes hosts of the review with an adatom each, as our builders and site finder make them;
`run` needs that file, sevenn and torch, and torch-sim for its part. Every number is printed as it
comes and kept in the JSON. The compiled engine on one core is beside the card, for scale.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import sys
import time
import types
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch
from ase import Atoms
from ase.io import read, write
from threadpoolctl import threadpool_limits

from screening.calculators import sevennet_cpu
from screening.calculators.models import package_file
from screening.calculators.pairs import find_pairs
from screening.calculators.sevennet import MODELS
from screening.calculators.sevennet_engine import stock_engine
from screening.evaluate import Potential, relax_batch
from screening.evaluate.gather import Gather

FMAX, MAX_STEPS = 0.05, 100
AGREE_EV = 5e-3
IONS = ("Li", "Na", "K")


def make_frames(path: Path, count: int) -> None:
    """Write hosts of the review with an ion at one of their sites, every fourth doubled."""
    from screening.builders import load_catalogue  # noqa: PLC0415 (pymatgen)
    from screening.geometry import find_sites, place  # noqa: PLC0415 (pymatgen)
    from screening.pipeline.workflow import load_workflow  # noqa: PLC0415 (pymatgen)
    from screening.resources import default_structures  # noqa: PLC0415 (pymatgen)

    folder = Path(__file__).parents[1] / "workflows"
    catalogue = load_catalogue(default_structures())
    recipes = catalogue.select(load_workflow(folder / "review.yaml").candidates)
    frames: list[Atoms] = []
    each = max(1, -(-2 * count // len(recipes)))
    for number, recipe in enumerate(recipes):
        host = catalogue.build(recipe.id)
        if not (15 <= len(host.atoms) <= 150 and host.atoms.cell.rank == 3):
            continue
        for site in find_sites(host.atoms, host.geometry)[:each]:
            frame = place(host.atoms, site, IONS[number % 3])
            frame.info = {"host": recipe.id, "site": site.label}
            frames.append(frame)
        if len(frames) >= count:
            break
    frames = [doubled(f) if n % 4 == 3 else f for n, f in enumerate(frames[:count])]
    write(path, frames, format="extxyz")
    sizes = [len(frame) for frame in frames]
    print(f"{len(sizes)} frames of {min(sizes)} to {max(sizes)} atoms in {path}")


def doubled(frame: Atoms) -> Atoms:
    """Twice the cell and one ion, last: sizes reach those of large hosts."""
    wide = frame.repeat((2, 1, 1))
    wide.info = dict(frame.info)
    del wide[len(frame) - 1]
    return wide


class Bench:
    """Measures and keeps what it measured."""

    def __init__(
        self, frames: list[Atoms], device: str, size: int, seconds: float, out: Path | None
    ) -> None:
        self.frames, self.device, self.out = frames, device, out
        self.size = size
        self.end = time.perf_counter() + seconds
        self.checkpoint = package_file(
            "sevenn", f"pretrained_potentials/{MODELS['7net-0'].checkpoint}"
        )
        self.engine = stock_engine(self.checkpoint, None, device)
        card = torch.cuda.get_device_name() if device == "cuda" else platform.processor()
        self.found: dict[str, Any] = {
            "device": card,
            "cores": len(os.sched_getaffinity(0)),
            "python": platform.python_version(),
            "torch": torch.__version__,
            "model": "7net-0",
            "frames": len(frames),
            "atoms": [len(frame) for frame in frames],
        }

    def note(self, name: str, **values: Any) -> None:
        self.found[name] = values
        shown = "  ".join(f"{k} {v:.4g}" if isinstance(v, float) else f"{k} {v}"
                          for k, v in values.items() if not isinstance(v, list))  # fmt: skip
        print(f"{name:<34}{shown}", flush=True)
        if self.out:
            self.out.write_text(json.dumps(self.found, indent=1))

    @property
    def left(self) -> float:
        return self.end - time.perf_counter()

    def timed(self, call: Callable[[], Any]) -> tuple[Any, float]:
        self._wait()
        start = time.perf_counter()
        value = call()
        self._wait()
        return value, time.perf_counter() - start

    def _wait(self) -> None:
        if self.device == "cuda":
            torch.cuda.synchronize()

    def many(self, count: int) -> list[Atoms]:
        """At least so many frames: the same ones again, each rattled otherwise."""
        found = [frame.copy() for frame in self.frames]
        for number in range(len(found), count):
            frame = self.frames[number % len(self.frames)].copy()
            frame.rattle(0.02, seed=number)
            found.append(frame)
        return found[:count]


def evaluations(bench: Bench) -> None:
    """Energies and forces: compiled engine, card one by one, our batches."""
    one_core = compiled(bench)
    reference = None
    if one_core is not None:
        one_core.compute_batch(bench.frames[:2])
        reference, seconds = bench.timed(lambda: one_core.compute_batch(bench.frames))
        bench.note("compiled engine, one core", structures_per_s=len(reference) / seconds)
    engine = bench.engine

    def one_by_one() -> list[float]:
        found = []
        for frame in bench.frames:
            engine.calculate(frame)
            found.append(engine.results["energy"])
        return found

    for _ in range(2):
        engine.calculate(bench.frames[0])
    singles, seconds = bench.timed(one_by_one)
    bench.note("one by one", structures_per_s=len(singles) / seconds)
    batch = bench.many(bench.size)
    engine.compute_batch(batch[:8])
    pairs, seconds = bench.timed(lambda: find_pairs(batch, engine.cutoff, engine.device))
    pairs, seconds = bench.timed(lambda: find_pairs(batch, engine.cutoff, engine.device))
    edges = sum(pairs.counts)
    bench.note("neighbours of a batch", structures=len(batch), edges=edges, seconds=seconds)
    limits = [2**12, 2**14, 2**16, None]
    for limit in limits:
        for _ in range(2):  # the first pass of a size compiles and allocates
            if limit is not None:
                engine.passes.edges = engine.passes._ceiling = limit  # noqa: SLF001
            else:
                engine.passes._ceiling = None  # noqa: SLF001
                engine.compute_batch(batch)
            points, seconds = bench.timed(lambda: engine.compute_batch(batch))
        size = limit if limit is not None else engine.passes.edges
        bench.note(
            f"batch, {'by memory' if limit is None else limit} edges a pass",
            structures_per_s=len(points) / seconds,
            edges_per_s=edges / seconds,
            limit=size,
            bytes_per_edge=engine.passes._bytes_per_edge,  # noqa: SLF001
        )
        if bench.left < 120:
            break
    apart = [abs(p.energy_ev - e) for p, e in zip(points, singles, strict=False)]
    bench.note("batch against one by one", largest_ev=float(max(apart)))
    if reference is not None:
        differences = list(zip(points, reference, strict=False))
        bench.note(
            "batch against the compiled engine",
            largest_ev=float(max(abs(p.energy_ev - r.energy_ev) for p, r in differences)),
            largest_ev_a=float(max(np.abs(p.forces - r.forces).max() for p, r in differences)),
        )


def compiled(bench: Bench) -> Any:
    try:
        return sevennet_cpu.SevenNetCPU(sevennet_cpu.open_library(bench.checkpoint, None))
    except sevennet_cpu.UnavailableError as error:
        bench.note("compiled engine, one core", reason=str(error))
        return None


def relaxations(bench: Bench) -> None:
    """Relaxations: one by one on the card, many together, and on one core."""

    def relax(frame: Atoms, calculator: Any) -> Any:
        potential = Potential(calculator)
        return relax_batch(
            [frame], potential, fmax=FMAX, max_steps=MAX_STEPS, soft=[len(frame) - 1]
        )[0]

    def together(frames: list[Atoms]) -> tuple[list[Any], list[int]]:
        gather = Gather(bench.engine, bench.found["cores"])

        def one(frame: Atoms) -> Any:
            with gather.seat() as seat:
                return relax(frame, seat)

        with ThreadPoolExecutor(len(frames)) as threads:
            return list(threads.map(one, frames)), gather.batches

    def report(name: str, ends: list[Any], seconds: float, **more: Any) -> None:
        bench.note(
            name,
            relaxations_per_s=len(ends) / seconds,
            force_calls_per_s=sum(end.force_calls for end in ends) / seconds,
            converged=sum(end.converged for end in ends),
            of=len(ends),
            energies_ev=[end.energy_ev for end in ends],
            **more,
        )

    with threadpool_limits(1):
        frames = bench.many(bench.size // 4)
        (ends, batches), seconds = bench.timed(lambda: together(frames))
        report("relaxed together", ends, seconds, batches=batches, passes=len(batches))
        for name, calculator, share in (
            ("relaxed one by one", bench.engine, 0.3),
            ("relaxed on one core", compiled(bench), 0.35),
        ):
            if calculator is None:
                continue
            stop, alone = time.perf_counter() + share * bench.left, []
            start = time.perf_counter()
            for frame in frames:
                alone.append(relax(frame, calculator))
                if time.perf_counter() > stop:
                    break
            report(name, alone, time.perf_counter() - start)
            agreement(bench, f"{name} against together", ends, alone)


def agreement(bench: Bench, name: str, ends: list[Any], others: list[Any]) -> None:
    """How far the final energies of the same starts lie apart, converged ones."""
    both = [
        abs(a.energy_ev - b.energy_ev)
        for a, b in zip(ends, others, strict=False)
        if a.converged and b.converged
    ]
    apart = np.array(both or [np.nan])
    bench.note(
        name,
        largest_ev=float(apart.max()),
        median_ev=float(np.median(apart)),
        beyond_5_mev=int((apart > AGREE_EV).sum()),
        of=len(both),
    )


def torch_sim(bench: Bench) -> None:
    """The same by torch-sim: its fastest neighbour list, its own optimisers."""
    if importlib.util.find_spec("torch_sim") is None:
        bench.note("torch-sim", reason="not installed")
        return
    if importlib.util.find_spec("tables") is None:
        sys.modules["tables"] = stand_in()  # of its trajectory files, of which none is written
    import torch_sim as ts  # noqa: PLC0415 (not everywhere)
    from sevenn.torchsim import SevenNetModel  # noqa: PLC0415

    frames = bench.many(bench.size)
    for frame in frames:
        frame.pbc = True  # torch-sim wants the same periodicity of all: vacuum is periodic here
    best: tuple[float, Any] = (0.0, None)
    for name, neighbours in torch_sim_neighbours(ts):
        if bench.left < 30:
            break
        try:
            model = SevenNetModel(
                bench.checkpoint, device=bench.device, neighbor_list_fn=neighbours
            )
            state = ts.io.atoms_to_state(frames, torch.device(bench.device), torch.float32)
            parts = state.split()
            groups = [ts.concatenate_states(parts[i : i + 64]) for i in range(0, len(parts), 64)]
            model(groups[0])
            found, seconds = bench.timed(lambda: [model(group) for group in groups])  # noqa: B023
        except Exception as error:  # noqa: BLE001 (theirs; the rest is still measured)
            bench.note(f"torch-sim, {name}", reason=f"{type(error).__name__}: {error}"[:300])
            continue
        rate = len(frames) / seconds
        energies = torch.cat([f["energy"] for f in found]).tolist()
        bench.note(f"torch-sim, {name}", structures_per_s=rate, energies_ev=energies)
        best = max(best, (rate, model), key=lambda pair: pair[0])
    if best[1] is None:
        return
    for name in ("bfgs", "lbfgs", "fire"):
        if bench.left > 15:
            torch_sim_relaxations(bench, ts, best[1], name, frames[: bench.size // 4])


def torch_sim_neighbours(ts: Any) -> Iterator[tuple[str, Any]]:
    known = ts.neighbors
    yield "pairs by torch, all", known.torch_nl_n2
    yield "pairs by torch, cells", known.torch_nl_linked_cell
    if known.VESIN_AVAILABLE:
        yield "pairs by vesin", known.vesin_nl
    if known.alchemiops.ALCHEMIOPS_AVAILABLE:
        yield "pairs by alchemiops", known.alchemiops_nl_n2


def torch_sim_relaxations(bench: Bench, ts: Any, model: Any, name: str, frames: list) -> None:
    try:
        optimizer = ts.Optimizer(name)
        settled = ts.runners.generate_force_convergence_fn(FMAX, include_cell_forces=False)
        batcher = ts.InFlightAutoBatcher(model, memory_scales_with="n_atoms", max_memory_scaler=1e5)
        state, seconds = bench.timed(
            lambda: ts.optimize(
                frames, model, optimizer=optimizer, convergence_fn=settled,
                max_steps=MAX_STEPS, steps_between_swaps=1, autobatcher=batcher,
            )
        )  # fmt: skip
        ours = bench.found.get("relaxed together", {}).get("energies_ev", [])
        theirs = state.energy.tolist()
        forces = np.array([float(part.forces.norm(dim=1).max()) for part in state.split()])
    except Exception as error:  # noqa: BLE001 (theirs)
        bench.note(f"torch-sim, {name}", reason=f"{type(error).__name__}: {error}"[:300])
        return
    bench.note(
        f"torch-sim, {name}",
        relaxations_per_s=len(frames) / seconds,
        converged=int((forces < FMAX).sum()),
        of=len(frames),
        energies_ev=theirs,
        median_against_ours_ev=float(
            np.median([abs(a - b) for a, b in zip(ours, theirs, strict=False)] or [0])
        ),
    )


def stand_in() -> types.ModuleType:
    module = types.ModuleType("tables")
    module.__getattr__ = lambda _: type("Unused", (), {"__init__": lambda *_, **__: None})  # type: ignore[method-assign]
    return module


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["frames", "run"])
    parser.add_argument("file", type=Path)
    parser.add_argument("--count", type=int, default=64)
    parser.add_argument("--batch", type=int, default=256, help="structures of a batch")
    parser.add_argument("--device", default="cuda", choices=["cpu", "cuda"])
    parser.add_argument("--seconds", type=float, default=210.0)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    if given.what == "frames":
        make_frames(given.file, given.count)
        return
    frames: list[Atoms] = read(given.file, index=":", format="extxyz")
    bench = Bench(frames[: given.count], given.device, given.batch, given.seconds, given.json)
    for part in (evaluations, relaxations, torch_sim):
        try:
            part(bench)
        except Exception as error:  # noqa: BLE001 (one part must not lose the others)
            bench.note(part.__name__, failed=f"{type(error).__name__}: {error}"[:500])


if __name__ == "__main__":
    main()
