"""`alkascreen battery` as a user meets it."""

from __future__ import annotations

from pathlib import Path

import pytest
from rows import OTHER_LEVEL, make_row

from screening.pipeline.store import open_store

SALT = """\
name: 1 M NaPF6 in diglyme
ion: Na
concentration_mol_l: 1.0
diffusivity_m2_s: 2.0e-10
transference: 0.4
distance_um: 100.0
temperature_k: 303.0
source: measured here
"""


@pytest.fixture
def nucleated(database: Path) -> Path:
    """The database with a host whose nucleation overpotential is known."""
    open_store(str(database)).save_row(make_row("known", eta_nuc_mv=150.0))
    return database


def lines_with(text: str, word: str) -> list[str]:
    return [line for line in text.splitlines() if word in line.split()]


def test_every_ion_with_rows_gets_its_electrolyte_and_its_hosts(alkascreen, nucleated) -> None:
    text = alkascreen("battery").stdout
    assert [line for line in text.splitlines() if line in {"Li", "Na", "K"}] == ["Li", "Na", "K"]
    assert text.count("Limiting current") == 3
    assert "LiPF6" in text
    assert "10.1149/2.0571912jes" in text


def test_a_known_overpotential_gives_a_nucleus_and_an_unknown_one_a_reason(
    alkascreen, nucleated
) -> None:
    text = alkascreen("battery", "--ion", "Li").stdout
    own = text.partition("at the overpotential of")[0]
    (known,), (weak,) = lines_with(own, "known"), lines_with(own, "weak")
    assert "–" not in known
    assert "150" in known.split()
    assert "no nucleation overpotential" in weak
    assert "0.522*" in known
    assert "* gamma from literature, not computed: Tyson & Miller 1977" in text


def test_each_current_has_its_line(alkascreen, nucleated) -> None:
    text = alkascreen("battery", "--ion", "Li", "--current", "1,10,500").stdout
    assert "69.8 min" in lines_with(text, "69.8")[0]
    assert len([line for line in text.splitlines() if "never reached" in line]) == 2


def test_top_limits_the_hosts(alkascreen, nucleated) -> None:
    text = alkascreen("battery", "--ion", "Li", "--top", "1").stdout
    assert lines_with(text, "strong")
    assert not lines_with(text, "weak")


def test_an_electrolyte_file_chooses_the_ion(alkascreen, nucleated, project: Path) -> None:
    (project / "salt.yaml").write_text(SALT)
    text = alkascreen("battery", "--electrolyte", "salt.yaml").stdout
    assert "1 M NaPF6 in diglyme" in text
    assert "Li" not in text.split()
    assert "303 K" in text


def test_an_electrolyte_of_another_ion_is_refused(alkascreen, nucleated, project: Path) -> None:
    (project / "salt.yaml").write_text(SALT)
    result = alkascreen("battery", "--electrolyte", "salt.yaml", "--ion", "Li")
    assert result.exit_code == 2
    assert "--ion: Li does not fit an electrolyte of Na (allowed: Na)" in result.stderr


def test_the_transport_is_that_of_the_temperature(alkascreen, nucleated) -> None:
    warm = alkascreen("battery", "--ion", "Li", "--temperature", "333").stdout
    room = alkascreen("battery", "--ion", "Li").stdout
    assert "at 333 K" in warm
    assert "at 298.15 K" in room
    limits = [float(text.split("Limiting current: ")[1].split()[0]) for text in (room, warm)]
    assert limits[0] < limits[1]


@pytest.mark.parametrize("current", ["fast", "0", "-1", "1,,2", "1,1", "nan", "1e9", ""])
def test_a_wrong_current_is_refused_in_one_line(alkascreen, nucleated, current: str) -> None:
    result = alkascreen("battery", "--current", current)
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: --current")
    assert len(result.stderr.splitlines()) == 1


def test_a_wrong_electrolyte_is_refused_with_file_and_key(
    alkascreen, nucleated, project: Path
) -> None:
    (project / "salt.yaml").write_text(SALT.replace("0.4", "1.4"))
    result = alkascreen("battery", "--electrolyte", "salt.yaml")
    assert result.exit_code == 2
    assert "salt.yaml: transference" in result.stderr


def test_a_picture_is_written_and_nothing_else(alkascreen, nucleated, project: Path) -> None:
    before, stored = set(project.rglob("*")), nucleated.read_bytes()
    assert alkascreen("battery", "--current", "1,10", "-o", "cell.png").exit_code == 0
    picture = project / "cell.png"
    assert set(project.rglob("*")) - before == {picture}
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert nucleated.read_bytes() == stored


def test_a_picture_of_another_format_is_refused_before_anything(alkascreen, nucleated) -> None:
    result = alkascreen("battery", "-o", "cell.pdf")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "allowed: .png" in result.stderr


def test_without_a_picture_matplotlib_is_not_needed(alkascreen, nucleated, monkeypatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    assert alkascreen("battery").exit_code == 0


def test_levels_do_not_mix_unless_asked(alkascreen, nucleated) -> None:
    open_store(str(nucleated)).save_row(make_row("strong", level=OTHER_LEVEL))
    assert alkascreen("battery", "--ion", "Li").exit_code == 2
    assert alkascreen("battery", "--ion", "Li", "--level", "emt").exit_code == 0
