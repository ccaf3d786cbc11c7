"""Which queued structures a reference set should have next: those that teach its calibration most.

``python -m screening.cli.next_points FRAMES REFERENCE OUTPUT --hours H`` (or ``--points N``)
writes them in the order to compute them; how it chooses: docs/reference.md.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from pathlib import Path

from ase.io import write

from screening.calculators import resolve
from screening.errors import InputError
from screening.validation.growth import Plan, plan
from screening.validation.known import KnownEnergies


def render(found: Plan) -> str:
    """Lines of a table, one a point, with what all of them together are expected to do."""
    lines = ["  no  host                      ion  note     frames  reduction/meV²  seconds  sum/h"]
    total = 0.0
    for number, step in enumerate(found.steps, start=1):
        total += step.seconds
        lines.append(
            f"{number:4d}  {step.point.host:24.24}  {step.point.ion:3}  {step.point.note:8.8} "
            f"{len(step.frames):6d}  {1e6 * step.reduction_ev2:14.0f}  {step.seconds:7.0f}  "
            f"{total / 3600:5.2f}"
        )
    lines.append(
        f"expected error on a new host: {found.before_ev:.3f} eV before, {found.after_ev:.3f} after"
    )
    return "\n".join([*lines, *(f"skipped {reason}" for reason in found.skipped)])


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{done}/{total}" + ("\n" if done == total else ""))


def main(arguments: Sequence[str]) -> int:
    """Choose, print the table and write the frames."""
    parser = argparse.ArgumentParser(prog="next_points", description=__doc__)
    parser.add_argument("frames", type=Path, help="extxyz: structures to choose from")
    parser.add_argument("reference", type=Path, help="extxyz: the set so far")
    parser.add_argument("output", type=Path, help="extxyz: structures to compute, in order")
    limit = parser.add_mutually_exclusive_group(required=True)
    limit.add_argument("--hours", type=float, default=math.inf)
    limit.add_argument("--points", type=int)
    parser.add_argument("--calculator", default="sevennet", help="the engine to be calibrated")
    parser.add_argument("--cache", type=Path, help="JSON: its energies not to compute again")
    given = parser.parse_args(arguments)
    try:
        found = plan(
            given.frames,
            given.reference,
            resolve(given.calculator, where="--calculator"),
            seconds=3600 * given.hours,
            points=given.points,
            known=KnownEnergies(given.cache),
            progress=_progress,
        )
    except InputError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    write(given.output, [a for step in found.steps for a in step.frames], format="extxyz")
    sys.stdout.write(f"{render(found)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
