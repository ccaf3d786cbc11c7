"""Figures for papers: each kind draws what rows have, and says when they have nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from rows import make_row

from screening.errors import StoreError
from screening.pipeline.store import Store, open_store
from screening.ranking.rank import rank
from screening.ranking.weights import load_weights
from screening.report.pictures.figures import draw

ROWS = (
    make_row("a$_x", e_ads_ev=-0.5, e_ads_raw_ev=-0.3, e_ads_lower90_ev=-0.7,
             e_ads_upper90_ev=-0.4, barrier_ev=0.3, e_step_ev=(0.1, -0.2)),
    make_row("b", e_ads_ev=0.2, barrier_ev=0.1),
)  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(str(tmp_path / "hosts.db"), create=True)


@pytest.mark.parametrize("kind", ["pareto", "parity", "nucleation", "heatmap"])
@pytest.mark.parametrize("form", ["pdf", "svg", "png"])
def test_a_figure_is_drawn_twice_alike(kind, form: str, store: Store, tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}.{form}" for name in ("one", "two")]
    for path in paths:
        draw(kind, [rank(ROWS, "Li", load_weights())], store, path)
    one, two = (path.read_bytes() for path in paths)
    assert one == two
    assert len(one) > 2000


def test_hosts_of_the_front_are_named_as_they_are(store: Store, tmp_path: Path) -> None:
    draw("pareto", [rank(ROWS, "Li", load_weights())], store, tmp_path / "x.svg")
    text = (tmp_path / "x.svg").read_text()
    assert "a$_x" in text


@pytest.mark.parametrize("kind", ["parity", "nucleation", "profile"])
def test_nothing_to_draw_is_said(kind, store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=f"no host has what a {kind} figure shows"):
        draw(kind, [rank([make_row()], "Li", load_weights())], store, tmp_path / "x.svg")
    assert not (tmp_path / "x.svg").exists()
