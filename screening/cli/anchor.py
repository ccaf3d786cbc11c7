"""`alkascreen anchor`: reference single points where they change the ranking most."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from screening.cli.options import DEFAULT_DB, Db, comma_list
from screening.errors import InputError

if TYPE_CHECKING:
    from screening.builders import Catalogue
    from screening.calculators import CalculatorSpec
    from screening.descriptors import Row
    from screening.pipeline.workflow import Workflow
    from screening.validation.anchors import Proposal

DEFAULT_TOP = 5


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(epilog="Example: alkascreen anchor --db results/alkascreen.db --top 3")(anchor)


def anchor(
    *,
    db: Db = DEFAULT_DB,
    top: Annotated[
        int | None, typer.Option("--top", min=1, help="Hosts that settle most of the order.")
    ] = None,
    hosts: Annotated[
        str | None, typer.Option("--hosts", metavar="ID,…", help="These hosts instead.")
    ] = None,
    calculator: Annotated[
        str, typer.Option("--calculator", metavar="NAME", help="The reference; see 'calculators'.")
    ] = "gpaw",
    write: Annotated[
        Path | None, typer.Option("--write", metavar="DIR", help="Write inputs, compute nothing.")
    ] = None,
    read: Annotated[
        Path | None, typer.Option("--read", metavar="DIR", help="Take results of --write back.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say which hosts; compute and write nothing.")
    ] = False,
) -> None:
    """Compute reference points on hosts of a screen; 'run' then says `reference` of them."""
    if read is not None and (top or hosts or write or dry_run):
        raise InputError("goes with --db only", where="--read")
    from screening import anchoring
    from screening.pipeline.store import open_store

    store = open_store(db)
    rows = store.rows()
    engine = _engine(rows)
    model = anchoring.calibration_to_anchor("auto", engine.level(), "--db")
    points = anchoring.points_beside(db)
    if read is not None:
        from screening.validation.exchange import read_results

        frames, missing = read_results(read)
        typer.echo(f"{len(frames)} results, {len(missing)} missing: {', '.join(missing[:5])}")
        anchoring.add(points, frames)
    else:
        names = comma_list(hosts, "--hosts")
        proposals = anchoring.chosen(store, rows, model, top or DEFAULT_TOP, names)
        for proposal in proposals:
            typer.echo(_line(proposal))
        if dry_run:
            return
        if write is not None:
            from screening.calculators.gpaw_settings import Settings
            from screening.validation.exchange import write_inputs

            frames = anchoring.frames_for(store, proposals)
            count = write_inputs(frames, write, model.reference, Settings())
            typer.echo(f"{write}: {count} structures to compute; {write}/README.txt says how")
            return
        spec = anchoring.reference_engine(calculator, model, "--calculator")
        counts = anchoring.compute(anchoring.frames_for(store, proposals), spec, db)
        typer.echo(f"{counts.computed} computed, {counts.reused} reused, {counts.failed} failed")
    path, anchors, anchored = anchoring.keep(db, engine, model)
    typer.echo(f"{path}: {anchors} anchors on {anchored} hosts")
    _renew(db, engine)


def _engine(rows: list[Row]) -> CalculatorSpec:
    """Return the screen's engine, the one of all its rows."""
    from screening.calculators import resolve

    levels = sorted({str(row.level) for row in rows})
    if len(levels) != 1:
        raise InputError(
            f"rows of {len(levels)} levels: {'; '.join(levels)}", where="--db", allowed="one level"
        )
    level = rows[0].level
    name = f"{level.calculator}:{level.model}" if level.model else level.calculator
    spec = resolve(name, "d3bj" if level.dispersion == "d3bj" else "none")
    if spec.level() != level:
        raise InputError(
            f"{name} is not of the level of the rows", where="--db", allowed=str(level)
        )
    return spec


def _renew(db: str, engine: CalculatorSpec) -> None:
    """Make the rows anew from stored tasks, by the workflows that their runs left beside them."""
    from screening.builders import load_catalogue
    from screening.pipeline.run import run
    from screening.pipeline.workflow import load_workflow
    from screening.resources import default_structures

    path, level = Path(db), engine.level().fingerprint
    places = [] if "://" in db else sorted(path.parent.glob(f"{path.stem}.*.*.yaml"))
    found = [workflow for workflow in map(load_workflow, places) if _ran_at(workflow, level)]
    for workflow in found:
        summary = run(workflow, load_catalogue(default_structures()), db, jobs=1)
        typer.echo(f"{workflow.name}: {len(summary.rows)} rows made anew")
    if not found:
        typer.echo("'alkascreen run' with the same database puts them into its rows")


def _ran_at(workflow: Workflow, level: str) -> bool:
    return (workflow.provenance or {}).get("fingerprint") == level


def _line(proposal: Proposal) -> str:
    row = proposal.row
    return (
        f"{row.candidate:28} {row.ion:3} settles {proposal.gain:5.2f} pairs, "
        f"about {proposal.seconds / 60:.0f} min"
    )


def anchor_after(workflow: Workflow, rows: Sequence[Row], db: str) -> bool:
    """Compute the anchors that are missing; whether there are new ones."""
    from screening.anchoring import anchor_best

    counts = anchor_best(workflow, rows, db)
    typer.echo(
        f"anchors: {counts.computed} single points computed, {counts.reused} reused, "
        f"{counts.failed} failed"
    )
    return counts.computed + counts.reused > 0


def say_cost(workflow: Workflow, catalogue: Catalogue) -> None:
    """Say what the anchors of a workflow cost; chosen they are after the screen."""
    if not workflow.anchors:
        return
    from screening.anchoring import check, expected_seconds

    check(workflow)
    minutes = expected_seconds(workflow, catalogue) / 60
    typer.echo(
        f"anchors on {workflow.anchors} hosts: {2 * workflow.anchors} single points by "
        f"{workflow.reference}, about {minutes:.0f} min on one core"
    )
