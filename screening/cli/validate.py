"""`alkascreen validate` and `alkascreen train`: engines against reference energies and papers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from screening.cli.options import DEFAULT_DB, Jobs, Kept, open_kept
from screening.cli.prescreen import train_instant
from screening.errors import InputError
from screening.units import IONS

if TYPE_CHECKING:
    from screening.surrogate.sample import Sample
    from screening.validation import Measured

Reference = Annotated[
    Path | None,
    typer.Option("--reference", metavar="FILE", help="extxyz; the shipped set by default."),
]
Engine = Annotated[str, typer.Option("--calculator", metavar="NAME", help="See 'calculators'.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command(epilog="Example: alkascreen validate --calculator sevennet -o parity.csv")(validate)
    app.command(epilog="Example: alkascreen train --calculator sevennet")(train)


def validate(
    *,
    reference: Reference = None,
    calculator: Engine = "sevennet",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="CSV, a line a point.")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="FILE", help="PNG with parity plots.")
    ] = None,
    calibration: Annotated[
        Path | None,
        typer.Option("--calibration", metavar="FILE", help="Of 'train'; the shipped by default."),
    ] = None,
    relax: Annotated[
        bool, typer.Option("--relax", help="Relax with the engine before taking its energy.")
    ] = False,
    literature: Annotated[
        bool, typer.Option("--literature", help="Compare stored rows with published numbers.")
    ] = False,
    db: Annotated[
        list[str] | None,
        typer.Option(
            "--db",
            metavar="FILE",
            help="Keeps what is computed; rows for --literature, --experiments (repeatable).",
        ),
    ] = None,
    jobs: Jobs = 1,
    experiments: Annotated[
        bool, typer.Option("--experiments", help="Compare the ranking with measured orders.")
    ] = False,
    facts: Annotated[
        Path | None,
        typer.Option("--facts", metavar="FILE", help="With --experiments: YAML of your own."),
    ] = None,
) -> None:
    """Compare an engine with reference energies, raw and, where there is one, calibrated."""
    if literature or experiments:
        name = "--literature" if literature else "--experiments"
        if reference or plot or calibration or relax:
            raise InputError("goes with stored rows only", where=name, allowed="--db")
        _against_stored(db or [DEFAULT_DB], output, facts, literature=literature)
        return
    _check_own(db, facts)
    from screening.calculators import resolve
    from screening.cli.console import stdout
    from screening.files import write_atomic
    from screening.report.validation import parity_plot, render, render_intervals, to_csv
    from screening.surrogate import Calibration, calibration_for
    from screening.validation import measure, read_reference
    from screening.validation.scores import score_groups

    points = read_reference(reference or _default_reference())
    spec = resolve(calculator, where="--calculator")
    level = spec.level()
    model = calibration_for(level) if calibration is None else Calibration.load(calibration)
    if model is not None and not model.fits(level):
        raise InputError(
            "calibration is of another engine", where=str(calibration), allowed=str(level)
        )
    store = open_kept(db[0] if db else None)
    measured = measure(points, spec, model, relax=relax, store=store, jobs=jobs, progress=_progress)
    if output is not None:
        write_atomic(output, to_csv(measured, str(level), points.level))
    if plot is not None:
        parity_plot(measured, str(level), plot)
    typer.echo(f"engine      {level}")
    typer.echo(f"reference   {points.source}: {points.level}")
    _say_dropped(points.dropped)
    if model is None:
        typer.echo("calibration: none for this engine; values are raw")
    else:
        typer.echo(f"calibration {model.fingerprint}, {_held_out(measured)}")
    scores = score_groups(measured)
    stdout().print(render(scores))
    if any(group.intervals for group in scores):
        stdout().print(render_intervals(scores))
    if missing := [m for m in measured if m.e_ads_raw_ev is None]:
        typer.echo(f"{len(missing)} points without a value: {missing[0].reason}", err=True)


def _check_own(db: Sequence[str] | None, facts: Path | None) -> None:
    """Refuse what does not go with a comparison of the engine's own energies."""
    if facts:
        raise InputError("goes with --experiments only", where="--facts")
    if db and len(db) > 1:
        raise InputError("keeps results in one", where="--db", allowed="one database")


def _against_stored(
    databases: Sequence[str], output: Path | None, facts: Path | None, *, literature: bool
) -> None:
    """Compare stored rows with published numbers, or their ranking with experiments."""
    if literature:
        _against_literature(databases, output)
    elif output is not None:
        raise InputError("does not go with --experiments", where="--output")
    else:
        _against_experiments(databases, facts)


def _against_literature(databases: Sequence[str], output: Path | None) -> None:
    from screening.cli.console import stdout
    from screening.files import write_atomic
    from screening.pipeline.store import open_store
    from screening.report.literature import render, to_csv
    from screening.validation.literature import compare, load_literature

    stores = [open_store(database) for database in databases]
    rows = [row for store in stores for row in store.rows()]
    metals = {key: lattice for store in stores for key, lattice in store.metal_lattices().items()}
    found = compare(rows, metals, load_literature())
    if output is not None:
        write_atomic(output, to_csv(found))
    stdout().print(render(found))
    missing = sum(c.ours is None for c in found)
    typer.echo(f"{len(found) - missing} comparisons; {missing} published numbers not computed")


def _against_experiments(databases: Sequence[str], facts: Path | None) -> None:
    from screening.cli.console import stdout
    from screening.descriptors import merged
    from screening.pipeline.store import open_store
    from screening.ranking.rank import rank
    from screening.ranking.weights import load_weights
    from screening.report.experiments import render
    from screening.validation.experiments import load_experiments

    known = load_experiments(facts)
    rows = merged(row for database in databases for row in open_store(database).rows())
    weights = load_weights()
    ions = [ion for ion in IONS if any(row.ion == ion for row in rows)]
    rankings = [rank(rows, ion, weights, everything=True) for ion in ions]
    stdout().print(render(rankings, known))


def train(
    *,
    reference: Reference = None,
    calculator: Engine = "sevennet",
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="JSON; in this folder by default."),
    ] = None,
    instant: Annotated[
        bool, typer.Option("--instant", help="Fit the model of 'prescreen' and 'run --budget'.")
    ] = False,
    screen: Annotated[
        list[Path] | None,
        typer.Option(
            "--screen", metavar="FILE", help="With --instant: JSON of 'export' by a cheap engine."
        ),
    ] = None,
    db: Kept = None,
    jobs: Jobs = 1,
) -> None:
    """Fit the calibration of an engine and print its leave-one-host-out errors."""
    if instant:
        train_instant(reference or _default_reference(), screen, output)
        return
    from screening.calculators import resolve
    from screening.cli.console import stdout
    from screening.report.validation import render, render_intervals
    from screening.surrogate.second import second_level
    from screening.surrogate.shipped import file_name
    from screening.surrogate.train import judge, train
    from screening.validation import measure, read_reference
    from screening.validation.held_out import as_measured, as_samples
    from screening.validation.scores import score_groups

    points = read_reference(reference or _default_reference())
    _say_dropped(points.dropped)
    spec = resolve(calculator, where="--calculator")
    store = open_kept(db)
    measured = measure(points, spec, training=True, store=store, jobs=jobs, progress=_progress)
    samples: list[Sample] = as_samples(measured)
    second = second_level(spec)
    calibration = train(samples, spec.level(), points.level, second)
    target = output or Path(f"calibration-{file_name(spec.level())}")
    calibration.save(target)
    typer.echo(f"{len(samples)} points, {len(set(calibration.keys))} hosts")
    judged = judge(samples, spec.level(), second)
    for title, estimates in (
        ("each host left out", judged.strangers),
        ("each chemistry left out", judged.chemistries),
        ("each host left out but for one ion", judged.anchored),
    ):
        scores = score_groups(as_measured(measured, estimates))
        typer.echo(f"\n{title}:")
        stdout().print(render(scores))
        stdout().print(render_intervals(scores))
    typer.echo(f"{target}: calibration {calibration.fingerprint} of {spec.level()}", err=True)
    typer.echo(f"'calibration: {target}' in a workflow uses it", err=True)


def _default_reference() -> Path:
    from screening.resources import shipped

    return shipped("results") / "reference" / "pbe.extxyz"


def _held_out(measured: tuple[Measured, ...]) -> str:
    count, known = sum(m.held_out for m in measured), sum(m.known_host for m in measured)
    parts = []
    if count:
        parts.append(f"{count} points of hosts it was trained on are predicted without their host")
    if known:
        parts.append(f"{known} points are of training hosts at another geometry, which it knows")
    return "; ".join(parts) or "no host of this set was in its training"


def _say_dropped(reasons: Sequence[str]) -> None:
    for reason in reasons:
        typer.echo(f"dropped     {reason}", err=True)


def _progress(done: int, total: int) -> None:
    from screening.cli.console import stderr

    if stderr().is_terminal:
        typer.echo(f"\r{done}/{total}" + ("\n" if done == total else ""), err=True, nl=False)
