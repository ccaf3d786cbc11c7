from __future__ import annotations

import os
import resource
import subprocess
import sys

import pytest

COMMANDS = ["run", "rank", "export", "build", "add", "candidates", "calculators", "init"]


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )


def test_help_lists_every_command(alkascreen) -> None:
    result = alkascreen("--help")
    assert result.exit_code == 0
    for command in COMMANDS:
        assert f" {command} " in result.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_each_command_has_an_example(alkascreen, command: str) -> None:
    result = alkascreen(command, "--help")
    assert result.exit_code == 0
    assert f"Example: alkascreen {command}" in result.stdout


def test_version_names_the_command_and_its_version(alkascreen) -> None:
    from screening import __version__

    assert alkascreen("--version").stdout == f"alkascreen {__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["rnak"],
        ["rank", "--ion", "Rb"],
        ["rank", "--unknown"],
        ["export", "--format", "docx", "-o", "x.csv"],
        ["run"],
        ["run", "w.yaml", "--jobs", "many"],
        ["run", "w.yaml", "--jobs", "0"],
        ["run", "w.yaml", "--jobs", "-1"],
    ],
)
def test_a_wrong_command_line_is_one_line_and_exit_code_2(alkascreen, arguments) -> None:
    result = alkascreen(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    assert "--help" in result.stderr


def test_the_message_about_a_wrong_choice_names_the_choices(alkascreen) -> None:
    assert all(ion in alkascreen("rank", "--ion", "Rb").stderr for ion in ("Li", "Na", "K"))


def test_help_takes_less_than_a_second() -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-c", "from screening.cli import main; main()", "--help"],
        capture_output=True,
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # Processor time: the wall clock also counts what else the machine does.
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 1.0


def test_importing_the_command_line_loads_no_numerical_library() -> None:
    code = (
        "import sys, screening.cli;"
        "heavy = {'torch', 'ase', 'numpy', 'pandas', 'pymatgen', 'scipy'} & set(sys.modules);"
        "print(heavy)"
    )
    assert python(code).stdout == "set()\n"


@pytest.mark.parametrize("command", ["candidates", "calculators", "rank"])
def test_listing_and_ranking_do_not_import_torch(database, command: str) -> None:
    code = (
        "import sys\nfrom screening.cli.app import app\n"
        f"try: app(['{command}'])\nexcept SystemExit as stop: assert stop.code == 0, stop.code\n"
        "assert 'torch' not in sys.modules"
    )
    result = python(code)
    assert result.returncode == 0, result.stderr


def test_shells_complete_commands() -> None:
    """What `alkascreen --install-completion` installs asks the command itself."""
    asked = {
        "_ALKASCREEN_COMPLETE": "complete_bash",
        "COMP_WORDS": "alkascreen rec",
        "COMP_CWORD": "1",
    }
    code = "import sys; sys.argv = ['alkascreen']; from screening.cli import main; main()"
    found = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | asked,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.stdout.split() == ["recompute"]


def test_without_arguments_the_help_is_all(alkascreen) -> None:
    found = alkascreen()
    assert found.exit_code == 2
    assert "Commands" in found.stdout
    assert "Error" not in found.stderr


def test_the_package_runs_as_a_module_too() -> None:
    command = [sys.executable, "-m", "screening", "--version"]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    assert found.stdout.startswith("alkascreen ")
