"""What a run costs on a Dask cluster as it grows: N tasks of `emt`, real scheduler and workers.

    python benchmarks/cluster.py 100 1000 10000 [--workers 2] [--atoms 30] [--plot FILE.svg]

Scheduler and workers are started by Dask's own commands, as processes of their own. Tasks are
relaxations of rattled copper slabs with an adatom, 50 to a pair, driven and stored as those of a
run. For each size the table says: wall time; the share of the workers' time that was spent in
tasks; processor time of driver and scheduler, and what the task itself took, for each task; memory
of the driver.
"""

from __future__ import annotations

import argparse
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from ase.build import add_adsorbate, fcc111
from ase.constraints import FixAtoms

from screening.calculators import resolve
from screening.descriptors import Context, Row, Steps
from screening.evaluate.task import Engine, Task
from screening.pipeline.cluster import DaskExecutor
from screening.pipeline.driver import Driver
from screening.pipeline.protocol import Protocol
from screening.pipeline.store import open_store
from screening.structure import Candidate

PAIR_TASKS = 50
SPEC = resolve("emt")
ENGINE = Engine("emt", "none", {}, SPEC.level())
TICKS = 100  # of /proc, a second


@dataclass(frozen=True)
class Relaxations(Protocol):
    """Relaxations of rattled slabs, and a row that says that they are done."""

    def steps(self) -> Steps[Row]:
        """Yield all tasks at once."""
        seed = int(self.candidate.id.removeprefix("h"))
        yield [self._one(np.random.default_rng([seed, n])) for n in range(PAIR_TASKS)]
        return self.failure("")

    def _one(self, draw: np.random.Generator) -> Task:
        atoms = self.candidate.atoms.copy()
        atoms.positions += draw.normal(scale=0.03, size=(len(atoms), 3))
        settings = {"fmax": 0.05, "max_steps": 200, "soft": [len(atoms) - 1]}
        return self.task("adsorption", (atoms,), settings)


def protocols(tasks: int, atoms: int) -> list[Relaxations]:
    side = max(1, round((atoms / 3) ** 0.5))
    slab = fcc111("Cu", (side, side, 3), vacuum=8.0)
    slab.set_constraint(FixAtoms(range(len(slab) // 3)))
    add_adsorbate(slab, "Li", 2.0, "fcc")
    context = Context(ENGINE)
    hosts = (Candidate(f"h{n}", "metal", "slab", slab, {}) for n in range(tasks // PAIR_TASKS))
    return [Relaxations(host, "Li", context, {}) for host in hosts]


@contextmanager
def cluster(workers: int, folder: Path) -> Iterator[tuple[str, int]]:
    """Start a scheduler and workers; yield the address and the scheduler's process id."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address, dask = f"tcp://127.0.0.1:{port}", [sys.executable, "-m", "dask"]
    commands = (
        ["scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"],
        ["worker", address, "--nworkers", str(workers), "--nthreads", "1", "--no-dashboard"],
    )
    with (folder / "dask.log").open("w") as log:
        started = [
            subprocess.Popen([*dask, *command], stdout=log, stderr=log, cwd=folder)
            for command in commands
        ]
        try:
            yield address, started[0].pid
        finally:
            for process in reversed(started):
                process.terminate()
                process.wait()


def processor_seconds(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def measure(
    options: argparse.Namespace, tasks: int, db: Path, address: str, scheduler: int
) -> dict[str, float]:
    workers = options.workers
    executor = DaskExecutor(address)
    while executor.workers() < workers:
        time.sleep(0.2)
    driver = Driver(open_store(db, create=True), lambda: executor, workers, lambda _: None)
    others = processor_seconds(scheduler)
    own, start = time.process_time(), time.perf_counter()
    driver.run(protocols(tasks, options.atoms))
    wall, own = time.perf_counter() - start, time.process_time() - own
    executor.shutdown()
    seconds = driver.tally.task_seconds["adsorption"]
    if driver.tally.done["adsorption"] != tasks:
        raise SystemExit(f"tasks failed: {dict(driver.tally.failed)}")
    return {
        "tasks": tasks,
        "wall": wall,
        "busy": seconds / (wall * workers),
        "task": 1e3 * seconds / tasks,
        "driver": 1e3 * own / tasks,
        "scheduler": 1e3 * (processor_seconds(scheduler) - others) / tasks,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tasks", nargs="+", type=int)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--atoms", type=int, default=30)
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    print("  tasks    wall, s   busy   task, ms   driver, ms   scheduler, ms   driver, MB")
    found = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for size in sorted(options.tasks):
            with cluster(options.workers, folder) as (address, scheduler):
                result = measure(options, size, folder / f"{size}.db", address, scheduler)
            found.append(result)
            print(
                "{tasks:>7}{wall:>11.1f}{busy:>7.0%}{task:>11.1f}{driver:>13.2f}"
                "{scheduler:>16.2f}{memory:>13.0f}".format(**result),
                flush=True,
            )
    if options.plot:
        draw(found, options.plot)


def draw(found: list[dict], path: Path) -> None:
    from matplotlib.figure import Figure  # noqa: PLC0415 (only for the picture)

    figure = Figure(figsize=(5, 3.4), layout="constrained")
    axes = figure.subplots()
    sizes = [result["tasks"] for result in found]
    for key, label in (("driver", "driver"), ("scheduler", "scheduler"), ("task", "task itself")):
        axes.loglog(sizes, [result[key] for result in found], marker="o", label=label)
    axes.set(xlabel="tasks", ylabel="processor time a task, ms")
    axes.legend()
    figure.savefig(path)


if __name__ == "__main__":
    main()
