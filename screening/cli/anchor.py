"""`alkascreen anchor`: reference single points where they change the ranking most."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from screening.cli.options import DEFAULT_DB, Db, comma_list
from screening.errors import InputError

if TYPE_CHECKING:
    from ase import Atoms

    from screening.calculators import CalculatorSpec
    from screening.descriptors import Row
    from screening.pipeline.store import Store
    from screening.pipeline.workflow import Workflow
    from screening.surrogate import Calibration
    from screening.validation.anchors import Proposal


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
    from screening.pipeline.store import open_store
    from screening.surrogate.anchors import anchors_beside

    store = open_store(db)
    rows = _rows(store)
    engine, model = _engine(rows)
    points = anchors_beside(db).with_suffix(".extxyz")
    if read is not None:
        from screening.validation.exchange import read_results

        frames, missing = read_results(read)
        typer.echo(f"{len(frames)} results, {len(missing)} missing: {', '.join(missing[:5])}")
        _add(points, frames)
    else:
        chosen = _chosen(store, rows, model, top, comma_list(hosts, "--hosts"))
        for proposal in chosen:
            typer.echo(_line(proposal))
        if dry_run:
            return
        frames = _frames(store, chosen)
        if write is not None:
            from screening.calculators.gpaw_settings import Settings
            from screening.validation.exchange import write_inputs

            count = write_inputs(frames, write, model.reference, Settings())
            typer.echo(f"{write}: {count} structures to compute; {write}/README.txt says how")
            return
        _compute(frames, calculator, model, points)
    _keep(db, points, engine, model)


def _rows(store: Store) -> list[Row]:
    rows = store.rows()
    levels = sorted({str(row.level) for row in rows})
    if len(levels) != 1:
        raise InputError(
            f"rows of {len(levels)} levels: {'; '.join(levels)}", where="--db", allowed="one level"
        )
    return rows


def _engine(rows: list[Row]) -> tuple[CalculatorSpec, Calibration]:
    """Return the screen's engine and its calibration, whose level an anchor has to be of."""
    from screening.calculators import resolve
    from screening.surrogate import calibration_for

    level = rows[0].level
    name = f"{level.calculator}:{level.model}" if level.model else level.calculator
    spec = resolve(name, "d3bj" if level.dispersion == "d3bj" else "none")
    if spec.level() != level:
        raise InputError(
            f"{name} is not of the level of the rows", where="--db", allowed=str(level)
        )
    model = calibration_for(level)
    if model is None:
        raise InputError(
            f"there is no calibration of {level}, which an anchor would serve",
            where="--db",
            allowed="an engine with a calibration; 'alkascreen train' makes one",
        )
    return spec, model


def _chosen(
    store: Store,
    rows: list[Row],
    model: Calibration,
    top: int | None,
    hosts: tuple[str, ...] | None,
) -> list[Proposal]:
    from screening.validation.anchors import propose
    from screening.validation.compute import read_frames
    from screening.validation.growth import fit_seconds

    shipped = _shipped_set()
    seconds = fit_seconds(read_frames(shipped), str(shipped))

    def cost(row: Row) -> float:
        return sum(seconds(atoms) for atoms in structures(store, row))

    def known(row: Row) -> bool:
        return bool(model.recognise(structures(store, row)[0]))

    wanted = [row for row in rows if hosts is None or row.candidate in hosts]
    if hosts and (unknown := sorted(set(hosts) - {row.candidate for row in rows})):
        raise InputError(f"no row of {', '.join(unknown)}", where="--hosts", allowed="stored hosts")
    proposals = propose(rows, known if hosts is None else lambda _: False, cost)
    names = {row.candidate for row in wanted}
    found = [p for p in proposals if p.row.candidate in names]
    return found if hosts else found[: top or 5]


def structures(store: Store, row: Row) -> tuple[Atoms, Atoms]:
    """Return the relaxed host and the structure behind a row's adsorption energy.

    Raises
    ------
    InputError
        If the database does not hold them.
    """
    tasks = (row.host_task, row.values["e_ads_ev"].task)
    found = [result.atoms for key in tasks if key and (result := store.find(key))]
    clean, adsorbed = (*found, None, None)[:2]
    if clean is None or adsorbed is None:
        raise InputError(
            f"no structure of {row.candidate} with {row.ion}",
            where="--db",
            allowed="rows of this version; 'alkascreen run' makes them anew from stored tasks",
        )
    return clean, adsorbed


def _frames(store: Store, chosen: Iterable[Proposal]) -> list[Atoms]:
    from screening.validation.anchors import frames_of, with_metals
    from screening.validation.compute import read_frames

    frames: list[Atoms] = []
    for proposal in chosen:
        row = proposal.row
        frames += frames_of(row.candidate, row.ion, *structures(store, row))
    metals = {str(a.info["bulk"]): a for a in read_frames(_shipped_set()) if a.info.get("bulk")}
    return with_metals(frames, metals)


def _compute(frames: list[Atoms], calculator: str, model: Calibration, points: Path) -> None:
    from screening.calculators import resolve
    from screening.errors import LevelError
    from screening.validation.compute import compute_missing, level_text, read_frames

    spec = resolve(calculator, where="--calculator")
    spec.require_installed()
    level = level_text(spec.level())
    if level != model.reference:
        raise LevelError(
            f"{level} is not the level of the calibration", where="--calculator",
            allowed=model.reference,
        )  # fmt: skip
    if not points.exists():
        _add(points, [a for a in read_frames(_shipped_set()) if a.info.get("bulk")])
    counts = compute_missing(frames, spec, points)
    typer.echo(f"{counts.computed} computed, {counts.reused} reused, {counts.failed} failed")


def _add(points: Path, frames: list[Atoms]) -> None:
    """Add frames with energies to the anchors' set; those of the same structure are replaced."""
    from ase.io import write

    from screening.validation.compute import read_frames, structure_key

    old = read_frames(points) if points.exists() else []
    by_key = {structure_key(atoms): atoms for atoms in (*old, *frames)}
    if by_key:
        write(points, list(by_key.values()), format="extxyz")


def _keep(db: str, points: Path, engine: CalculatorSpec, model: Calibration) -> None:
    """Evaluate the engine at the points and keep them as anchors beside the database."""
    from screening.surrogate.anchors import anchors_beside, joined, load_anchors, save_anchors
    from screening.validation.anchors import read_anchors

    path = anchors_beside(db)
    new = read_anchors(points, engine, model)
    if other := sorted({a.reference for a in new} - {model.reference}):
        raise InputError(
            f"points of {', '.join(other)}", where=str(points), allowed=model.reference
        )
    found = joined(load_anchors(path), new)
    save_anchors(path, found)
    typer.echo(f"{path}: {len(found)} anchors on {len({a.sample.host for a in found})} hosts")
    _renew(db, engine)


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


def _shipped_set() -> Path:
    from screening.resources import shipped

    return shipped("results") / "reference" / "pbe.extxyz"
