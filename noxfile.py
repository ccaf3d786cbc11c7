"""What `make compat` runs: other Pythons, the lowest allowed versions, the wheel elsewhere.

Interpreters that the machine lacks are left out, and nox says so; those of pyenv are found by their
own folders on PATH, not by its shims.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import nox

nox.options.error_on_missing_interpreters = False
nox.options.default_venv_backend = "uv"
nox.options.download_python = "never"

TOOLS = [
    "hypothesis>=6.110",
    "pytest>=8.3",
    "pytest-timeout>=2.3",
    "pytest-xdist>=3.6",
]
EXTRAS = ".[report,chemiscope]"
ELSEWHERE = [
    "tests/benchmarks",  # of the checkout's machine
    "tests/report/page/test_browser.py",
    "tests/test_docs.py",
    "tests/test_release.py",
]
"""What needs more than Python: a browser, other programs, the checkout's own environment."""

SMOKE = """\
name: smoke
calculator: emt
ions: [Li]
candidates: [cu-111, al-111]
descriptors:
  adsorption: {max_sites: 1}
"""


@nox.session(python=["3.11", "3.12", "3.13"])
def tests(session: nox.Session) -> None:
    """Run all but the slow tests with the newest dependencies."""
    session.install("--compile-bytecode", EXTRAS, *TOOLS)
    _tests(session)


@nox.session(python="3.11")
def lowest(session: nox.Session) -> None:
    """Run all but the slow tests with the lowest direct dependencies that pyproject.toml allows."""
    session.install("--compile-bytecode", "--resolution", "lowest-direct", EXTRAS, *TOOLS)
    _tests(session)


@nox.session(venv_backend="venv")
def wheel(session: nox.Session) -> None:
    """Build both distributions; screen with the wheel, elsewhere and without torch."""
    with tempfile.TemporaryDirectory(prefix="alkascreen-wheel-") as folder:
        session.install("--constraint", "constraints.txt", "build")
        session.run("python", "-m", "build", "--outdir", folder)
        (built,) = Path(folder).glob("*.whl")
        session.install("--constraint", "constraints.txt", f"{built}[report]")
        session.env["PYTHONPATH"] = None  # the checkout must not stand in for the wheel
        session.chdir(folder)
        session.run("alkascreen", "init", "away")
        session.chdir("away")
        Path("workflows/smoke.yaml").write_text(SMOKE)
        session.run("alkascreen", "run", "workflows/smoke.yaml", "--jobs", "2")
        session.run("alkascreen", "rank")
        session.run("alkascreen", "export", "-o", "hosts.xlsx")
        session.run("alkascreen", "report", "-o", "report.html")


def _tests(session: nox.Session) -> None:
    """Run every test that needs neither potential nor GPAW, browser or server."""
    left_out = (f"--ignore={path}" for path in ELSEWHERE)
    here = {"PYTHONPATH": str(Path.cwd())}  # programs that tests start find `tests` too
    session.run("pytest", "-m", "not potential and not dft", *left_out, *session.posargs, env=here)
