"""What a store costs as it grows: look-ups by key, a stored row, all rows at once, their tables.

python benchmarks/store.py 500 2000 8000 --rows 100000
"""

from __future__ import annotations

import argparse
import hashlib
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ase import Atoms

sys.path.insert(0, str(Path(__file__).parents[1]))

from screening.evaluate.task import Engine, Task, TaskResult
from screening.pipeline.store import Store, open_store
from screening.structure.level import Level
from screening.units import IONS
from tests.rows import make_row

LEVEL = Level("emt", "", "EMT", "none", "3.29.0")
REPEATS = 200


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tasks", nargs="+", type=int)
    parser.add_argument("--rows", type=int, default=10_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(f"{'tasks':>8}{'miss':>9}{'hit':>9}{'save':>9}   ms of processor time each")
        store, stored = open_store(Path(folder, "tasks.db"), create=True), 0
        for size in sorted(options.tasks):
            fill(store, stored, size)
            stored = size
            miss = timed(lambda n: store.find(f"none{n}"))
            hit = timed(lambda n, size=size: store.find(task(n * size // REPEATS).key))
            save = timed(lambda n: save_one(store, -1 - n), 20)
            print(f"{size:>8}{miss:>9.2f}{hit:>9.2f}{save:>9.2f}", flush=True)
        rows(Path(folder, "rows.db"), options.rows)


def rows(path: Path, number: int) -> None:
    store = open_store(path, create=True)
    start = time.process_time()
    store.save_row(make_row("h000000"), "h000000 Li")
    copy_row(path, number)
    start = time.process_time()
    found = store.rows()
    seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{len(found)} rows read in {seconds:.1f} s of processor time; peak {peak:.0f} MB")
    find = timed(lambda n: store.find_row(f"h{n * number // REPEATS // len(IONS):06d} Li"))
    save = timed(lambda n: store.save_row(make_row(f"new{n}"), f"new{n}"), 20)
    print(f"find_row {find:.2f} ms, save_row {save:.2f} ms", flush=True)
    for command in ("rank", "export -o rows.csv", "export -o rows.json"):
        table(command, path)


def table(command: str, path: Path) -> None:
    """Run a command on all rows, as a user would."""
    program = "from screening.cli import main; main()"
    words = [sys.executable, "-c", program, *command.split(), "--db", str(path)]
    with (path.parent / "table.txt").open("w") as output:
        process = subprocess.Popen(words, cwd=path.parent, stdout=output)
        _, status, used = os.wait4(process.pid, 0)
    seconds, peak = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    print(f"{command}: {seconds:.1f} s, {peak:.0f} MB, exit {status}", flush=True)


def copy_row(path: Path, number: int) -> None:
    """Multiply the one stored row by SQL: the same but for host and ion."""
    pairs = [(f"h{n // len(IONS):06d}", IONS[n % len(IONS)]) for n in range(1, number)]
    with sqlite3.connect(path) as opened:
        ((text,),) = opened.execute("SELECT record FROM alkascreen_rows").fetchall()
        for stamp, (host, ion) in enumerate(pairs, 2):
            copy = text.replace("h000000", host).replace('"ion":"Li"', f'"ion":"{ion}"')
            seal = hashlib.sha256(copy.encode()).hexdigest()[:32]
            values = (f"{host} {ion}", stamp, copy, seal)
            opened.execute("INSERT INTO alkascreen_rows VALUES (?, ?, ?, ?)", values)


def task(number: int) -> Task:
    atoms = Atoms("Cu4", positions=[[i, number % 97, number / 97] for i in range(4)], cell=[9] * 3)
    return Task("host", Engine("emt", "none", {}, LEVEL), (atoms,), {}, {"candidate": f"h{number}"})


def save_one(store: Store, number: int) -> None:
    one = task(number)
    store.save(one, TaskResult(one.key, "host", atoms=one.structures[0], energy_ev=-1.0))


def fill(store: Store, start: int, end: int) -> None:
    for number in range(start, end):
        save_one(store, number)


def timed(action, repeats: int = REPEATS) -> float:
    start = time.process_time()
    for number in range(repeats):
        action(number)
    return 1000 * (time.process_time() - start) / repeats


if __name__ == "__main__":
    main()
