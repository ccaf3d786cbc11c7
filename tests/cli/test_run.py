from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.process import has_results, wait_until

from .conftest import WORKFLOW, snapshot

COMMAND = ["run", "workflows/tiny.yaml", "--jobs", "2"]
ENGINE = """\
import time
from ase.calculators.calculator import CalculatorError
from screening.calculators import resolve

def make(fail="", wait=0.0):
    emt = resolve("emt").make()
    calculate = emt.calculate
    def checked(atoms=None, *args, **kwargs):
        time.sleep(wait)
        if fail and fail in atoms.symbols:
            raise CalculatorError("no luck with " + fail)
        return calculate(atoms, *args, **kwargs)
    emt.calculate = checked
    return emt
make.functional = "EMT"
"""


@pytest.fixture
def engine(project: Path) -> str:
    """A calculator in the user's folder that can be told to fail or to be slow."""
    (project / "my_engine.py").write_text(ENGINE)
    return "my_engine:make"


def set_up(project: Path, *changes: tuple[str, str]) -> None:
    text = WORKFLOW
    for old, new in changes:
        text = text.replace(old, new)
    (project / "workflows/tiny.yaml").write_text(text)


def done_and_reused(stdout: str) -> tuple[int, int]:
    """Sums of the summary's columns."""
    kinds = ("metal", "points", "host", "adsorption", "barrier", "row")
    lines = [line.split() for line in stdout.splitlines() if line.startswith(kinds)]
    return sum(int(line[1]) for line in lines), sum(int(line[2]) for line in lines)


def test_run_then_rank(alkascreen, project: Path) -> None:
    result = alkascreen("run", "workflows/tiny.yaml", "--jobs", "1")
    assert result.exit_code == 0
    assert (project / "results/alkascreen.db").is_file()
    ranked = alkascreen("rank", "--ion", "Li")
    assert "cu-111" in ranked.stdout


def test_the_summary_tells_force_calls_and_time(alkascreen, project: Path) -> None:
    text = alkascreen("run", "workflows/tiny.yaml", "--jobs", "1").stdout
    assert "force calls" in text
    assert "outside force calls" in text


def test_the_workflow_as_it_was_run_stands_beside_the_results(alkascreen, project: Path) -> None:
    alkascreen("run", "workflows/tiny.yaml", "--jobs", "1", "--ions", "Na")
    (resolved,) = (project / "results").glob("*.yaml")
    assert "- Na" in resolved.read_text()


def test_a_finished_run_is_reused_whole(alkascreen, project: Path) -> None:
    first = done_and_reused(alkascreen("run", "workflows/tiny.yaml", "--jobs", "1").stdout)
    again = done_and_reused(alkascreen("run", "workflows/tiny.yaml", "--jobs", "1").stdout)
    assert first[1] == 0
    assert again == (0, 1)


def test_a_second_ion_reuses_the_host(alkascreen, project: Path) -> None:
    alkascreen("run", "workflows/tiny.yaml", "--jobs", "1", "--ions", "Li")
    _, reused = done_and_reused(
        alkascreen("run", "workflows/tiny.yaml", "--jobs", "1", "--ions", "Na").stdout
    )
    assert reused == 1


def test_dry_run_counts_tasks_and_writes_nothing(alkascreen, project: Path) -> None:
    before = snapshot(project)
    result = alkascreen("run", "workflows/tiny.yaml", "--dry-run")
    assert result.exit_code == 0
    assert "adsorption" in result.stdout
    assert "min" in result.stdout
    assert snapshot(project) == before


def test_a_failed_row_keeps_its_reason_and_the_exit_code_says_so(
    alkascreen, project: Path, engine: str
) -> None:
    set_up(project, ("emt", f'"{engine}"\noptions: {{fail: Na}}'), ("[Li]", "[Li, Na]"))
    result = alkascreen("run", "workflows/tiny.yaml", "--jobs", "1")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1].startswith("1 of 2 rows")
    alkascreen("export", "--format", "json", "-o", "table.json")
    rows = {row["ion"]: row for row in json.loads(Path("table.json").read_text())["rows"]}
    assert rows["Li"]["status"] == "ok"
    assert rows["Na"]["e_ads_ev"] is None
    assert "no luck with Na" in rows["Na"]["reason"]


@pytest.fixture
def started(project: Path, engine: str) -> Iterator[subprocess.Popen[str]]:
    """A run of the slow engine in a session of its own, its first results stored."""
    set_up(project, ("emt", f'"{engine}"\noptions: {{wait: 0.05}}'))
    with subprocess.Popen(
        [sys.executable, "-c", "from screening.cli import main; main()", *COMMAND],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        wait_until(lambda: has_results(project / "results/alkascreen.db"))
        yield process
        process.kill()


def test_ctrl_c_exits_with_130_says_what_to_do_and_the_same_command_continues(
    alkascreen, started: subprocess.Popen[str]
) -> None:
    os.killpg(started.pid, signal.SIGINT)
    _, stderr = started.communicate(timeout=60)
    assert started.returncode == 130
    assert stderr.splitlines()[-1].endswith("the same command continues.")
    assert "Traceback" not in stderr
    resumed = alkascreen(*COMMAND)
    assert resumed.exit_code == 0
    assert done_and_reused(resumed.stdout)[1] > 0


def test_after_kill_9_the_same_command_continues(
    alkascreen, started: subprocess.Popen[str]
) -> None:
    started.kill()
    started.wait(timeout=60)
    resumed = alkascreen(*COMMAND)
    assert resumed.exit_code == 0
    assert done_and_reused(resumed.stdout)[1] > 0
    assert "cu-111" in alkascreen("rank").stdout


def test_a_device_for_an_engine_without_one_is_refused_before_anything_is_written(
    alkascreen, project: Path
) -> None:
    before = snapshot(project)
    result = alkascreen("run", "workflows/tiny.yaml", "--device", "cuda")
    assert result.exit_code == 2
    assert "emt has no option device" in result.output
    assert snapshot(project) == before


def test_auto_is_what_every_engine_does_anyway(alkascreen, project: Path) -> None:
    assert alkascreen("run", "workflows/tiny.yaml", "--device", "auto", "--dry-run").exit_code == 0
