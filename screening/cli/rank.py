"""`alkascreen rank` and `alkascreen compare`: the order of hosts, how sure it is, and why."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from screening.cli.options import DEFAULT_DB, Db, LevelName, Mix, OneIon, WeightsFile
from screening.cli.structures import require_picture
from screening.cli.tables import read_rankings
from screening.errors import InputError

OwnWeights = Annotated[
    list[str] | None,
    typer.Option("--weight", metavar="NAME=W", help="Weight of one objective; 0 leaves it out."),
]
Everything = Annotated[
    bool, typer.Option("--all", help="Rank raw, reconstructed, … hosts among the others.")
]


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command(epilog="Example: alkascreen rank --ion Li --robust")(rank)
    app.command(epilog="Example: alkascreen compare cu-111 graphene --ion Li")(compare)


def rank(
    *,
    db: Db = DEFAULT_DB,
    ion: OneIon = None,
    weights: WeightsFile = None,
    weight: OwnWeights = None,
    level: LevelName = None,
    mix: Mix = False,
    everything: Everything = False,
    pareto: Annotated[
        bool, typer.Option("--pareto", help="Add the Pareto layer over all objectives.")
    ] = False,
    over: Annotated[
        str | None,
        typer.Option("--objectives", metavar="A,B", help="Pareto layers over these alone."),
    ] = None,
    robust: Annotated[
        bool, typer.Option("--robust", help="Draw errors and weights (SMAA-2); expected ranks.")
    ] = False,
    draws: Annotated[int, typer.Option(min=100, max=100_000, help="Draws of --robust.")] = 1000,
    top: Annotated[int, typer.Option(min=1, max=1000, help="Ranks that count as top.")] = 5,
    seed: Annotated[int, typer.Option(min=0, help="Seed of --robust.")] = 0,
    across: Annotated[
        bool, typer.Option("--across", help="One line a host, with every ion.")
    ] = False,
    what_if: Annotated[
        Path | None,
        typer.Option("--what-if", metavar="FILE", help="Preset or weights file: what it moves."),
    ] = None,
    picture: Annotated[
        Path | None,
        typer.Option("--picture", metavar="FILE", help="PNG of coverage and nucleation."),
    ] = None,
) -> None:
    """Print the ranked hosts of each ion."""
    _one_view({"--robust": robust, "--across": across, "--what-if": what_if is not None})
    if across and ion:
        raise InputError("shows every ion", where="--across", allowed="no --ion")
    if picture is not None:
        require_picture(picture)
    from screening.cli.console import stdout
    from screening.cli.options import comma_list
    from screening.ranking.pareto import with_pareto
    from screening.ranking.robust import robustness
    from screening.ranking.smaa import Settings
    from screening.report import order
    from screening.report.terminal import render

    console = stdout()
    names = comma_list(over, "--objectives")
    rankings = read_rankings(
        db, ion, weights, level, mix=mix, overrides=weight or (), everything=everything
    )
    if pareto or names:
        rankings = [with_pareto(ranking, names) for ranking in rankings]
    if across:
        views = [order.render_across(rankings)]
    elif what_if is not None:
        others = read_rankings(db, ion, what_if, level, mix=mix, everything=everything)
        views = [order.render_moves(*pair) for pair in zip(rankings, others, strict=True)]
    elif robust:
        settings = Settings(draws=draws, top=top, seed=seed)
        views = [order.render_robust(robustness(ranking, settings)) for ranking in rankings]
    else:
        views = [render(ranking, console.width) for ranking in rankings]
    for view in views:
        console.print(view, "")
    if picture is not None:
        from screening.report.pictures.growth import draw

        draw(rankings, picture)
        typer.echo(f"{picture}: {', '.join(ranking.ion for ranking in rankings)}", err=True)


def _one_view(views: Mapping[str, bool]) -> None:
    chosen = [name for name, asked in views.items() if asked]
    if len(chosen) > 1:
        raise InputError("one view at a time", where=" ".join(chosen), allowed=", ".join(views))


def compare(
    first: Annotated[str, typer.Argument(metavar="A", help="Id of a host.")],
    second: Annotated[str, typer.Argument(metavar="B", help="Id of another.")],
    *,
    db: Db = DEFAULT_DB,
    ion: OneIon = None,
    weights: WeightsFile = None,
    weight: OwnWeights = None,
    level: LevelName = None,
    mix: Mix = False,
) -> None:
    """Say what decides between two hosts, with numbers and intervals."""
    if first == second:
        raise InputError("a host is compared with another one", where=first)
    rankings = read_rankings(db, ion, weights, level, mix=mix, overrides=weight or ())
    from screening.ranking.across import compare as compared
    from screening.report.order import in_words

    for ranking in rankings:
        typer.echo("\n".join(in_words(compared(ranking, first, second))))
