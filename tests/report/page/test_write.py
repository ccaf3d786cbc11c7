"""The page as text: everything is in it, nothing is fetched, nothing of a user's runs."""

from __future__ import annotations

import re
from pathlib import Path

from screening.pipeline.store import Store
from screening.ranking.rank import Ranking
from screening.report.page.write import VIEWER, to_html

EVIL = "<img src=x onerror=alert(1)></script>"


def test_text_of_rows_is_escaped_everywhere(page: Path) -> None:
    text = page.read_text()
    assert EVIL not in text
    assert "<img" not in text
    assert "&lt;img src=x" in text
    assert len(re.findall(r"<script\b", text.split("<body>")[1])) == 3  # ours, and no more


def test_nothing_is_fetched(page: Path) -> None:
    text = page.read_text()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy is not None
    rules = policy[1].replace("&#39;", "'")
    assert "default-src 'none'" in rules
    assert "connect-src 'none'" in rules
    assert "unsafe" not in rules
    assert not re.findall(r'<(?:script|link|iframe|img|source)[^>]+(?:src|href)="(?!data:)', text)


def test_the_same_rows_give_the_same_page(
    page: Path, screened: Store, ranked: list[Ranking]
) -> None:
    assert to_html(ranked, screened) == page.read_text()


def test_each_host_has_a_section_that_the_table_points_to(page: Path) -> None:
    text = page.read_text()
    sections = set(re.findall(r'<details class="host" id="([^"]+)"', text))
    assert len(sections) == 4
    assert set(re.findall(r'href="#(host-\d+)"', text)) == sections


def test_levels_sources_and_reasons_are_told(page: Path) -> None:
    text = page.read_text()
    assert "calculator emt" in text
    assert "@article{jacobsen1996emt," in text
    assert "doi:10.1016/0039-6028(96)00816-3" in text
    assert "not ranked" in text


def test_eighty_hosts_fit_in_fifteen_megabytes(page: Path) -> None:
    hosts = 4
    rest = page.stat().st_size - VIEWER.stat().st_size
    assert VIEWER.stat().st_size + rest / hosts * 80 < 15e6
