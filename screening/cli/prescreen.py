"""`alkascreen prescreen`: instant values of many candidates, without any engine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from screening.cli.options import comma_list

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from screening.builders import Catalogue
    from screening.pipeline.workflow import Workflow
    from screening.structure import Candidate


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(epilog="Example: alkascreen prescreen 'graphene-*' --ions Li -o instant.csv")(
        prescreen
    )


def prescreen(
    targets: Annotated[
        list[str],
        typer.Argument(metavar="WORKFLOW|ID…", help="A workflow, or ids and patterns."),
    ],
    *,
    ions: Annotated[
        str | None, typer.Option("--ions", metavar="Li,Na,K", help="Only these ions.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="CSV with all values.")
    ] = None,
    top: Annotated[int, typer.Option("--top", min=1, help="Lines to print of each ion.")] = 20,
    instant: Annotated[
        str | None,
        typer.Option("--instant", metavar="FILE", help="Model of 'train --instant'."),
    ] = None,
) -> None:
    """Rank candidates by adsorption energies guessed from their structure: nothing is relaxed."""
    from screening.builders import load_catalogue
    from screening.cli.console import stdout
    from screening.files import write_atomic
    from screening.report.prescreen import render, to_csv
    from screening.resources import default_structures
    from screening.surrogate.prescreen import best_first
    from screening.surrogate.prescreen import prescreen as guess
    from screening.surrogate.shipped import instant_model

    workflow = _workflow(targets, comma_list(ions, "--ions"))
    catalogue = load_catalogue(default_structures())
    model = instant_model(instant or workflow.instant)
    guesses = best_first(guess(_built(catalogue, workflow.candidates), workflow.ions, model))
    if output is not None:
        write_atomic(output, to_csv(guesses, model.fingerprint))
    typer.echo(f"model {model.fingerprint}, to the level {model.reference}; bounds hold 90 %")
    for ion in workflow.ions:
        stdout().print(*render(guesses, ion, top), sep="\n")


def train_instant(reference: Path, screens: Sequence[Path] | None, output: Path | None) -> None:
    """Fit the instant model and print its leave-one-host-out errors.

    Without screens, from those of the package, whose hosts are of the package's catalogue.
    """
    from screening.builders import load_catalogue
    from screening.cli.console import stdout
    from screening.report.prescreen import render_scores
    from screening.resources import default_structures, shipped
    from screening.surrogate.instant_train import train
    from screening.validation import read_reference
    from screening.validation.instant import (
        exact_samples,
        held_out_points,
        lowest_points,
        read_screens,
    )
    from screening.validation.scores import score_groups

    reference_set = read_reference(reference)
    points = lowest_points(reference_set)
    structures = default_structures() if screens else shipped("structures")
    screen = read_screens(screens or _shipped_screens(), load_catalogue(structures))
    model = train([*exact_samples(points), *screen.samples], reference_set.level, screen.level)
    tested = held_out_points(points, screen.samples)
    target = output or Path("instant.json")
    missing = f", {screen.skipped} lines of no use" if screen.skipped else ""
    model.save(target)
    hosts = len({point.host for point in points})
    typer.echo(
        f"{len(points)} points on {hosts} hosts at {reference_set.level}; "
        f"{len(screen.samples)} by {screen.level or 'no other engine'}{missing}; each host left out"
    )
    stdout().print(render_scores(score_groups(tested)))
    typer.echo(f"{target}: instant model {model.fingerprint}", err=True)
    typer.echo(f"'instant: {target}' in a workflow uses it", err=True)


def _shipped_screens() -> list[Path]:
    from screening.resources import shipped

    return [shipped("results") / name / "ranking.json" for name in ("review", "quickstart")]


def _workflow(targets: Sequence[str], ions: tuple[str, ...] | None) -> Workflow:
    """Return the workflow that is named, or one of the candidates that are."""
    from screening.pipeline.workflow import Workflow, load_workflow

    if len(targets) == 1 and Path(targets[0]).suffix in {".yaml", ".yml"}:
        workflow = load_workflow(Path(targets[0]))
    else:
        workflow = Workflow(name="prescreen", candidates=tuple(dict.fromkeys(targets)))
    return workflow.override(ions=ions)


def _built(catalogue: Catalogue, patterns: Sequence[str]) -> Iterator[Candidate]:
    recipes = catalogue.select(patterns)
    for number, recipe in enumerate(recipes, start=1):
        _progress(number, len(recipes))
        yield catalogue.build(recipe.id)


def _progress(done: int, total: int) -> None:
    from screening.cli.console import stderr

    if stderr().is_terminal:
        typer.echo(f"\r{done}/{total}" + ("\n" if done == total else ""), err=True, nl=False)
