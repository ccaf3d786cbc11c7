"""`single-points`, `settle-points`, `add-points`, `next-points`: how a reference set grows."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from screening.cli.options import Jobs, Kept, open_kept
from screening.errors import InputError

if TYPE_CHECKING:
    from screening.calculators import CalculatorSpec
    from screening.validation.compute import Counts
    from screening.validation.growth import Plan

Frames = Annotated[
    Path, typer.Argument(metavar="FRAMES", help="extxyz: structures to choose from.")
]
Target = Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="extxyz to write.")]
Computing = Annotated[str, typer.Option("--calculator", metavar="NAME", help="See 'calculators'.")]
Tasks = Annotated[
    str | None,
    typer.Option("--db", metavar="FILE", help="Database of the tasks; beside the output."),
]
Retry = Annotated[bool, typer.Option("--retry", help="Compute again what failed.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command(
        "single-points",
        epilog="Example: alkascreen single-points frames.extxyz -o pbe.extxyz --calculator gpaw",
    )(single_points)
    app.command(
        "settle-points",
        epilog="Example: alkascreen settle-points pbe.extxyz -o minima.extxyz --calculator gpaw",
    )(settle_points)
    app.command("add-points", epilog="Example: alkascreen add-points pbe.extxyz elsewhere.extxyz")(
        add_points
    )
    app.command(
        "next-points",
        epilog="Example: alkascreen next-points frames.extxyz pbe.extxyz -o next.extxyz --hours 4",
    )(next_points)


def single_points(
    frames: Frames,
    *,
    output: Target,
    calculator: Computing = "gpaw",
    db: Tasks = None,
    jobs: Jobs = 1,
    retry: Retry = False,
) -> None:
    """Compute energies and forces of the frames that the output lacks; the command resumes."""
    from screening.validation.compute import compute_missing, read_frames

    spec = _ready(calculator)
    _say(compute_missing(read_frames(frames), spec, output, open_kept(db), jobs, retry=retry))


def settle_points(
    reference: Annotated[Path, typer.Argument(metavar="REFERENCE", help="extxyz: the set.")],
    *,
    output: Target,
    hosts: Annotated[
        str, typer.Option("--hosts", metavar="NAMES", help="Comma-separated; all by default.")
    ] = "",
    calculator: Computing = "gpaw",
    db: Tasks = None,
    jobs: Jobs = 1,
    retry: Retry = False,
) -> None:
    """Relax ions at the set's own level where it pushes them on; the command resumes."""
    from screening.validation.minima import compute_minima

    spec = _ready(calculator)
    chosen = [name.strip() for name in hosts.split(",") if name.strip()]
    kept = open_kept(db)
    _say(compute_minima(reference, spec, output, kept, jobs, hosts=chosen, retry=retry))


def _ready(calculator: str) -> CalculatorSpec:
    """Return an engine that is installed; what it does from now on is logged."""
    import logging
    import sys

    from screening.calculators import resolve

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    spec = resolve(calculator, where="--calculator")
    spec.require_installed()
    return spec


def _say(counts: Counts) -> None:
    typer.echo(f"computed {counts.computed}, reused {counts.reused}, failed {counts.failed}")
    if counts.failed:
        raise typer.Exit(1)


def add_points(
    target: Annotated[Path, typer.Argument(metavar="REFERENCE", help="extxyz: the set.")],
    sources: Annotated[list[Path], typer.Argument(metavar="NEW…", help="extxyz: more points.")],
) -> None:
    """Add points that were computed elsewhere to a reference set; what is not sane stays out."""
    from screening.validation.merge import merge

    found = merge(target, sources)
    hosts = {str(atoms.info["host"]) for atoms in found.added}
    typer.echo(f"{target}: {len(found.added)} frames of {len(hosts)} hosts added")
    if found.waiting:
        typer.echo(f"{len(found.waiting)} clean hosts wait for an ion", err=True)
    for reason in found.refused:
        typer.echo(f"left out {reason}", err=True)


def next_points(
    frames: Frames,
    reference: Annotated[Path, typer.Argument(metavar="REFERENCE", help="extxyz: the set so far.")],
    *,
    output: Target,
    hours: Annotated[
        float | None, typer.Option("--hours", min=0.0, help="Time that they may take together.")
    ] = None,
    points: Annotated[int | None, typer.Option("--points", min=1, help="Their number.")] = None,
    calculator: Annotated[
        str, typer.Option("--calculator", metavar="NAME", help="The engine to be calibrated.")
    ] = "sevennet",
    db: Kept = None,
    jobs: Jobs = 1,
) -> None:
    """Choose the structures that teach a calibration most for their cost, best first."""
    if (hours is None) == (points is None):
        raise InputError("give one limit", where="next-points", allowed="--hours or --points")
    from ase.io import write

    from screening.calculators import resolve
    from screening.cli.console import stderr
    from screening.validation.growth import plan

    terminal = stderr().is_terminal

    def progress(done: int, total: int) -> None:
        if terminal:
            typer.echo(f"\r{done}/{total}" + ("\n" if done == total else ""), err=True, nl=False)

    found = plan(
        frames,
        reference,
        resolve(calculator, where="--calculator"),
        seconds=math.inf if hours is None else 3600 * hours,
        points=points,
        store=open_kept(db),
        jobs=jobs,
        progress=progress,
    )
    write(output, [a for step in found.steps for a in step.frames], format="extxyz")
    typer.echo(_table(found))


def _table(found: Plan) -> str:
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
