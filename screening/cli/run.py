"""`alkascreen run`: compute what a workflow asks for and what is not there yet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from screening.cli.anchor import anchor_after, say_cost
from screening.cli.options import DEFAULT_DB, Db, comma_list
from screening.cli.progress import progress
from screening.cli.signals import ends
from screening.errors import InputError, public

if TYPE_CHECKING:
    from concurrent.futures import Executor

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
    device: Annotated[
        Literal["auto", "cpu", "cuda"] | None,
        typer.Option("--device", help="Where sevennet and chgnet compute."),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs",
            min=1,
            max=1024,
            help="Workers, all cores by default; on a graphics card tasks at the same time, 64.",
        ),
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
    task_limit: Annotated[
        float | None,
        typer.Option(
            "--task-limit",
            min=1.0,
            metavar="SECONDS",
            help="End a task that takes longer, as one that hangs; its row says so.",
        ),
    ] = None,
    executor: Annotated[
        Literal["local", "dask"],
        typer.Option("--executor", help="Workers of this machine, or those of a Dask scheduler."),
    ] = "local",
    scheduler: Annotated[
        str | None,
        typer.Option("--scheduler", metavar="TCP://…", help="Address of the Dask scheduler."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be computed; write nothing.")
    ] = False,
) -> None:
    """Screen the hosts of a workflow; the same command continues after an interruption."""
    from screening.builders import load_catalogue
    from screening.calculators.custom import not_loaded
    from screening.pipeline.executor import default_jobs
    from screening.pipeline.plan import plan as make_plan
    from screening.pipeline.workflow import load_workflow
    from screening.resources import default_structures

    resolved = load_workflow(workflow).override(
        ions=comma_list(ions, "--ions"),
        calculator=calculator,
        only=comma_list(only, "--only"),
        device=device,
    )
    if resolved.anchors and budget is not None:
        raise InputError(
            "a budget leaves hosts out, which anchors are chosen among",
            where=f"{resolved.name}: anchors",
            allowed="--budget without anchors, then 'alkascreen anchor'",
        )
    _announce_code(resolved, dry_run=dry_run)
    if dry_run:
        with not_loaded():
            catalogue = load_catalogue(default_structures())
            if budget is not None:
                _print_choice(resolved, catalogue, db, budget)
            else:
                workers = jobs or default_jobs()
                _print_plan(make_plan(resolved, catalogue, workers), workers)
                say_cost(resolved, catalogue)
        return
    make = _executors(resolved, executor, scheduler, jobs, task_limit)
    _finish(_compute(resolved, db, make, retry, budget), db)


def _executors(
    workflow: Workflow,
    executor: str,
    scheduler: str | None,
    jobs: int | None,
    task_limit: float | None,
) -> tuple[Callable[[], Executor], int]:
    """Return what makes the executor, and the number of its workers."""
    from screening.calculators import resolve
    from screening.pipeline.executor import default_jobs, make_executor

    if (executor == "dask") != (scheduler is not None):
        raise InputError(
            "Dask needs the address of its scheduler, and only Dask has one",
            where="--executor, --scheduler",
            allowed="--executor dask --scheduler tcp://HOST:8786, or neither",
        )
    if scheduler is None:
        place = resolve(workflow.calculator, workflow.dispersion, workflow.options).place()
        workers = jobs or default_jobs(place)
        return lambda: make_executor(workers, task_limit, place), workers
    if task_limit is not None:
        raise InputError(
            "a task of a Dask worker cannot be ended",
            where="--task-limit",
            allowed="--executor local; on a cluster the walltime of its workers",
        )
    from screening.pipeline.cluster import DaskExecutor

    cluster = DaskExecutor(scheduler)
    return lambda: cluster, jobs or cluster.workers()


def _compute(
    workflow: Workflow,
    db: str,
    executors: tuple[Callable[[], Executor], int],
    retry: bool,
    budget: int | None,
) -> Summary:
    """Run the workflow; a signal ends it, and what was finished is kept."""
    from screening.builders import load_catalogue
    from screening.pipeline.log import run_log
    from screening.pipeline.run import run as run_workflow
    from screening.pipeline.store import is_url
    from screening.resources import default_structures

    beside = Path(DEFAULT_DB) if is_url(db) else Path(db)
    make, workers = executors
    try:
        with ends(), run_log(beside, workflow.name):
            catalogue = load_catalogue(default_structures())
            if workflow.anchors:
                from screening import anchoring

                anchoring.check(workflow)
            compute = partial(run_workflow, workflow, catalogue, db, workers, make=make)
            with progress() as show:
                summary = compute(show, retry=retry, budget=budget)
            if workflow.anchors and anchor_after(workflow, summary.rows, db):
                # Tasks are stored: only the rows are made anew.
                summary = replace(summary, rows=compute().rows)
            return summary
    except KeyboardInterrupt as end:
        typer.echo(
            f"Interrupted. What was finished is kept in {public(db)}; the same command continues.",
            err=True,
        )
        raise typer.Exit(getattr(end, "code", INTERRUPTED)) from None


def _finish(summary: Summary, db: str) -> None:
    """Say what a run did; the exit code says whether every row has what was asked for."""
    _print_summary(summary)
    if summary.spent is not None:
        _print_spent(summary.spent)
    shown = public(db)
    if summary.failed_rows:
        typer.echo(
            f"{summary.failed_rows} of {len(summary.rows)} rows lack a value; "
            f"'alkascreen rank --db {shown}' gives the reasons"
        )
        raise typer.Exit(ROWS_FAILED)
    typer.echo(f"{len(summary.rows)} rows complete; 'alkascreen rank --db {shown}' prints them")


def _announce_code(workflow: Workflow, *, dry_run: bool) -> None:
    """Say whose code a workflow brings along, before any of it runs."""
    from screening.calculators.registry import foreign_code

    asked = [settings for _, settings in workflow.descriptors]  # type: ignore[attr-defined]
    engines = (getattr(settings, "calculator", None) for settings in asked)
    for name in sorted({workflow.calculator, *(str(name) for name in engines if name)}):
        if origin := foreign_code(name):
            what = "is not run in a dry run" if dry_run else "runs with your rights"
            typer.echo(f"calculator {name} is code in {origin}; it {what}", err=True)


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
