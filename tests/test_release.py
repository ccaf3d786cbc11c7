"""A release says one version, everywhere."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_the_citation_names_the_version_that_is_built() -> None:
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text())["version"] == PROJECT["version"]


def test_the_latest_dated_section_of_the_changelog_is_this_version() -> None:
    changes = (ROOT / "CHANGELOG.md").read_text()
    sections = re.findall(r"^## \[(.+?)\](?: - (\S+))?$", changes, re.MULTILINE)
    assert sections[0] == ("Unreleased", "")
    dated = sections[1:]
    assert all(re.fullmatch(r"\d{4}-\d{2}-\d{2}", date) for _, date in dated)
    assert [version for version, _ in dated][:1] in ([], [PROJECT["version"]])


def test_every_extra_but_those_of_developers_is_part_of_all() -> None:
    extras = PROJECT["optional-dependencies"]
    named = re.findall(r"\[(.*)\]", extras["all"][0])[0].split(",")
    assert sorted(named) == sorted(set(extras) - {"all", "dev", "docs"})
