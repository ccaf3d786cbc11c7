"""What a second worker brings, and whether plan and progress are right: whole runs, side by side.

    python benchmarks/workers.py [WORKFLOW] [--jobs 1,2] [--repeats 2] [--only ID,…]

The workflow is planned, then run from an empty database with each number of workers in turn, each
in a process of its own. Columns: seconds by the plan and of the run; processor time of driver and
workers; largest memory of a worker; force calls; and, after a quarter, half and three quarters of
the run, the end that the progress then foretold over the true one.

A second line says what holds on a machine full of other work, too: the processor time that the plan
foresees, its force calls timed in that, over that of driver and workers; and the shares of the run
in which all workers, some, and none of them had a task.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import fmean
from types import SimpleNamespace

MARKS = (0.25, 0.5, 0.75)


def child(workflow: str, only: str, jobs: int, folder: Path) -> None:
    """Plan and run once; print what came of it as JSON."""
    from screening.builders import load_catalogue  # noqa: PLC0415 (the parent needs none of it)
    from screening.pipeline.executor import make_executor  # noqa: PLC0415
    from screening.pipeline.plan import plan  # noqa: PLC0415
    from screening.pipeline.run import run  # noqa: PLC0415
    from screening.pipeline.workflow import load_workflow  # noqa: PLC0415
    from screening.resources import default_structures  # noqa: PLC0415

    flow = load_workflow(Path(workflow)).override(only=tuple(only.split(",")) if only else None)
    catalogue = load_catalogue(default_structures())
    planned = plan(flow, catalogue, jobs).seconds if jobs > 1 else 0.0
    foreseen = processor_seconds_planned(flow, catalogue)
    spans = watched_calls()
    told: list[tuple[float, float | None]] = []
    own, start = time.process_time(), time.perf_counter()  # as spans have it
    summary = run(
        flow,
        catalogue,
        str(folder / "a.db"),
        jobs,
        lambda state: told.append((time.perf_counter() - start, state.seconds_left)),
    )
    own = time.process_time() - own
    make_executor(jobs).shutdown(wait=True)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    wall = summary.seconds
    ends = [next((t + left for t, left in told if t >= m * wall and left), None) for m in MARKS]
    result = {
        "jobs": jobs,
        "plan": planned,
        "run": wall,
        "driver": own,
        "workers": used.ru_utime + used.ru_stime,
        "memory": used.ru_maxrss / 1024,
        "calls": sum(summary.tally.force_calls.values()),
        "force": summary.tally.force_seconds,
        "tasks": summary.task_seconds,
        "foreseen": foreseen,
        "busy": shares(spans, jobs, start, start + wall),
        "ends": [end and end / wall for end in ends],
    }
    print(json.dumps(result))


def processor_seconds_planned(flow, catalogue) -> float:
    """What the plan foresees for one process, in processor time."""
    from screening.pipeline import plan, speed  # noqa: PLC0415

    speed.time = SimpleNamespace(perf_counter=time.process_time)
    found = plan.plan(flow, catalogue, 1).seconds - plan.START_SECONDS
    speed.time = time
    return found


def watched_calls() -> list[tuple[float, float]]:
    """Have the beginning and end of every call of a worker written down."""
    from screening.pipeline import workers  # noqa: PLC0415

    spans, call = [], workers._Worker.call  # noqa: SLF001 (watched from outside)

    def watched(self, *arguments):
        start = time.perf_counter()
        try:
            return call(self, *arguments)
        finally:
            spans.append((start, time.perf_counter()))

    workers._Worker.call = watched  # noqa: SLF001
    return spans


def shares(spans, jobs: int, start: float, end: float) -> tuple[float, float, float]:
    """Shares of a run in which all, some and none of the workers had a call."""
    events = sorted([(a, 1) for a, _ in spans] + [(b, -1) for _, b in spans] + [(end, 0)])
    held, busy, last = [0.0, 0.0, 0.0], 0, start
    for when, change in events:
        held[0 if busy == jobs else 1 if busy else 2] += when - last
        busy, last = busy + change, when
    return tuple(seconds / (end - start) for seconds in held)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("workflow", nargs="?", default="workflows/quickstart.yaml")
    parser.add_argument("--jobs", default="1,2")
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--only", default="")
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(options.workflow, options.only, options.child, Path.cwd())
        return
    print(
        "jobs   plan, s    run, s   driver, s   workers, s   worker, MB    calls"
        "  tasks, s  force, s   end foretold at 25, 50, 75 %"
    )
    walls: dict[int, list[float]] = {}
    for _ in range(options.repeats):
        for jobs in map(int, options.jobs.split(",")):
            found = apart(options.workflow, options.only, jobs)
            walls.setdefault(jobs, []).append(found["run"])
            ends = "  ".join("–" if end is None else f"{end:.2f}" for end in found["ends"])
            numbers = (
                "{jobs:>4}{plan:>10.1f}{run:>10.1f}{driver:>12.1f}{workers:>13.1f}{memory:>13.0f}"
                "{calls:>9}{tasks:>10.1f}{force:>10.1f}"
            )
            print(f"{numbers.format(**found)}   {ends}", flush=True)
            used = found["driver"] + found["workers"]
            line = f"     processor time: {found['foreseen']:.1f} s foreseen, {used:.1f} s used"
            if jobs > 1:
                line += "; all, some, no workers busy: {:.0%}, {:.0%}, {:.0%}".format(
                    *found["busy"]
                )
            print(line, flush=True)
    first = fmean(walls[min(walls)])
    for jobs, seconds in sorted(walls.items())[1:]:
        print(f"{jobs} workers are {first / fmean(seconds):.2f} times as fast as {min(walls)}")


def apart(workflow: str, only: str, jobs: int) -> dict:
    command = [sys.executable, __file__, str(Path(workflow).resolve()), "--child", str(jobs)]
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [*command, "--only", only],
            cwd=folder,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
    return dict(json.loads(done.stdout.splitlines()[-1]))


if __name__ == "__main__":
    main()
