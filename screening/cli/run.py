"""`alkascreen run`: compute what a workflow asks for and what is not there yet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from screening.cli.options import DEFAULT_DB, Db, comma_list
from screening.cli.progress import progress

if TYPE_CHECKING:
    from screening.builders import Catalogue
    from screening.pipeline.budget import Spent
    from screening.pipeline.plan import Plan
    from screening.pipeline.run import Summary
    from screening.pipeline.workflow import Workflow

INTERRUPTED = 130
ROWS_FAILED = 1


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(epilog="Example: alkascreen run workflows/quickstart.yaml --ions Li,Na --jobs 2")(
        run
    )


def run(
    workflow: Annotated[Path, typer.Argument(metavar="WORKFLOW", help="YAML file of the run.")],
    *,
    ions: Annotated[
        str | None, typer.Option("--ions", metavar="Li,Na,K", help="Only these ions.")
    ] = None,
    calculator: Annotated[
        str | None, typer.Option("--calculator", metavar="NAME", help="See 'calculators'.")
    ] = None,
    only: Annotated[
        str | None, typer.Option("--only", metavar="ID,…", help="Only these candidates.")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", min=1, max=1024, help="Workers; all cores by default.")
    ] = None,
    db: Db = DEFAULT_DB,
    retry: Annotated[bool, typer.Option("--retry", help="Repeat failed tasks.")] = False,
    budget: Annotated[
        int | None,
        typer.Option(
            "--budget",
            min=1,
            metavar="N",
            help="At most N new adsorption relaxations, on the most promising pairs.",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be computed; write nothing.")
    ] = False,
) -> None:
    """Screen the hosts of a workflow; the same command continues after an interruption."""
    from screening.builders import load_catalogue
    from screening.pipeline.executor import default_jobs
    from screening.pipeline.plan import plan as make_plan
    from screening.pipeline.run import run as run_workflow
    from screening.pipeline.workflow import load_workflow
    from screening.resources import default_structures

    resolved = load_workflow(workflow).override(
        ions=comma_list(ions, "--ions"), calculator=calculator, only=comma_list(only, "--only")
    )
    catalogue = load_catalogue(default_structures())
    workers = jobs or default_jobs()
    if dry_run and budget is not None:
        _print_choice(resolved, catalogue, db, budget)
        return
    if dry_run:
        _print_plan(make_plan(resolved, catalogue, workers), workers)
        return
    try:
        with progress() as show:
            summary = run_workflow(
                resolved, catalogue, db, workers, show, retry=retry, budget=budget
            )
    except KeyboardInterrupt:
        typer.echo(
            f"Interrupted. What was finished is kept in {db}; the same command continues.", err=True
        )
        raise typer.Exit(INTERRUPTED) from None
    _print_summary(summary)
    if summary.spent is not None:
        _print_spent(summary.spent)
    if summary.failed_rows:
        typer.echo(
            f"{summary.failed_rows} of {len(summary.rows)} rows lack a value; "
            f"'alkascreen rank --db {db}' gives the reasons"
        )
        raise typer.Exit(ROWS_FAILED)
    typer.echo(f"{len(summary.rows)} rows complete; 'alkascreen rank --db {db}' prints them")


def _print_plan(plan: Plan, workers: int) -> None:
    typer.echo(f"{plan.candidates} candidates, {plan.pairs} pairs of candidate and ion")
    for kind, count in plan.tasks.items():
        typer.echo(f"{kind:<12}{count:>8} tasks")
    typer.echo(
        f"about {plan.force_calls} force calls, {plan.seconds / 60:.1f} min on {workers} workers; "
        "stored results are not subtracted"
    )


def _print_choice(workflow: Workflow, catalogue: Catalogue, db: str, budget: int) -> None:
    """Say which pairs a budget would go to; writes nothing."""
    from screening.pipeline.budget import preview
    from screening.report.prescreen import choice_line

    chosen, pairs = preview(workflow, catalogue, db, budget)
    for choice in chosen:
        typer.echo(choice_line(choice))
    typer.echo(
        f"{sum(choice.tasks for choice in chosen)} of {budget} adsorption relaxations at most, on "
        f"{len(chosen)} pairs; {pairs} others are not computed"
    )


def _print_spent(spent: Spent) -> None:
    typer.echo(
        f"budget: {spent.tasks} of {spent.budget} adsorption relaxations spent on "
        f"{spent.computed} new pairs"
    )
    if spent.not_computed:
        typer.echo(
            f"{len(spent.not_computed)} pairs not computed, as the budget leaves them out; the "
            "same command goes on with the next, 'alkascreen prescreen WORKFLOW' shows what is "
            "expected of them"
        )


def _print_summary(summary: Summary) -> None:
    tally = summary.tally
    typer.echo(
        f"{'task':<12}{'done':>8}{'reused':>8}{'failed':>8}{'force calls':>13}{'seconds':>10}"
    )
    for kind in sorted({*tally.done, *tally.reused, *tally.failed}):
        counts = f"{tally.done[kind]:>8}{tally.reused[kind]:>8}{tally.failed[kind]:>8}"
        cost = f"{tally.force_calls[kind]:>13}{tally.task_seconds[kind]:>10.1f}"
        typer.echo(f"{kind:<12}{counts}{cost}")
    typer.echo(
        f"{summary.seconds:.1f} s on {summary.jobs} workers; "
        f"{summary.other_fraction:.1%} of their time outside force calls and model loading"
    )
