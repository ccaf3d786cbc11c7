from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from ase.build import fcc111
from rows import make_row

from screening import Screen
from screening.pipeline.store import Store, open_store
from screening.ranking.rank import Ranking, rank
from screening.ranking.weights import load_weights
from screening.report.page.write import write
from screening.units import Ion

EVIL = "<img src=x onerror=alert(1)></script><script>alert(2)</script>"


@pytest.fixture(scope="session")
def screened(tmp_path_factory) -> Store:
    """A database with two hosts really relaxed, one that failed, and one whose text attacks."""
    path = tmp_path_factory.mktemp("report") / "hosts.db"
    hosts = {name: fcc111(name, (2, 2, 3), vacuum=8.0) for name in ("Cu", "Ag")}
    result = Screen("emt", ions=("Li", "Na")).run(hosts, store=path)
    store = open_store(str(path))
    level = result.rows[0].level
    bad = make_row("evil", family=EVIL, reason=EVIL, flags=(EVIL,), status="partial", level=level)
    store.save_row(replace(bad, candidate=EVIL))
    store.save_row(make_row("broken", e_ads_ev=None, status="failed", reason="no", level=level))
    return store


@pytest.fixture(scope="session")
def ranked(screened: Store) -> list[Ranking]:
    rows = screened.rows()
    ions: tuple[Ion, ...] = ("Li", "Na")
    return [rank(rows, ion, load_weights(), mix=True) for ion in ions]


@pytest.fixture(scope="session")
def page(screened: Store, ranked: list[Ranking], tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    write(ranked, screened, path)
    return Path(path)
