"""Documents read as Markdown, and their examples run as a reader would."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]

TOLERANCE = 0.1
"""Potentials and calibrations are renewed; a page is written anew when it would tell otherwise."""


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text and the line it starts at."""

    language: str
    text: str
    line: int

    @property
    def file(self) -> str | None:
        """Name of the file that the block shows: its first line is ``# NAME.py`` or the like."""
        first = self.text.partition("\n")[0]
        name = first.removeprefix("# ")
        return name if name != first and name.endswith((".py", ".yaml")) else None


def blocks(page: Path) -> Iterator[Block]:
    """Fenced blocks of a page, in order."""
    opened, start, lines = None, 0, []
    for number, line in enumerate(page.read_text().splitlines(), 1):
        if opened is None and line.startswith("```"):
            opened, start, lines = line[3:].strip(), number, []
        elif opened is not None and line == "```":
            yield Block(opened, "".join(f"{text}\n" for text in lines), start)
            opened = None
        elif opened is not None:
            lines.append(line)
    assert opened is None, f"{page.name}:{start}: block is not closed"


def run_page(page: Path, folder: Path, said: Callable[[str], None] | None = None) -> Path:
    """Do what a page says: write its files, run its commands as one shell, compare its output.

    A ``text`` block after commands is their output: its lines have to be there, in order, but for
    spaces; the word ``…`` stands for any others, and decimals agree to `TOLERANCE`. Returns the
    folder in which the page ends. With `said` nothing is compared, and it is told what was printed.
    """
    output = ""
    for block in blocks(page):
        where = f"{page.name}:{block.line}"
        if block.file is not None:
            (folder / block.file).write_text(block.text)
        elif block.language == "bash":
            output, folder = _bash(block.text, folder, where)
            if said is not None:
                said(f"{where}\n{block.text}{output}")
        elif block.language == "text" and said is None:
            _compare(block.text, output, where)
    return folder


def _bash(commands: str, folder: Path, where: str) -> tuple[str, Path]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {
        "PATH": path, "PYTHONPATH": str(ROOT), "COLUMNS": "110", "OMP_NUM_THREADS": "1"
    }  # fmt: skip
    shell = subprocess.Popen(
        ["bash", "-euo", "pipefail", "-c", f"trap 'printf \"\\n$PWD\"' EXIT\n{commands}"],
        cwd=folder, env=environment, text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        printed, said = shell.communicate(timeout=600)
    finally:
        with contextlib.suppress(ProcessLookupError):  # what runs on in the background
            os.killpg(shell.pid, signal.SIGTERM)
    assert shell.returncode == 0, f"{where}: {printed}{said}"
    printed, _, ends_in = printed.rpartition("\n")
    return printed + said, Path(ends_in)


def _compare(expected: str, output: str, where: str) -> None:
    printed = (line.split() for line in output.splitlines())
    for line in expected.splitlines():
        found = any(_fits(line.split(), words) for words in printed)
        assert found, f"{where}: {line!r} is not in\n{output}"


def _fits(expected: list[str], words: list[str]) -> bool:
    if not expected or not words:
        return expected in (words, ["…"])
    if expected[0] == "…":
        return _fits(expected[1:], words) or _fits(expected, words[1:])
    return _alike(expected[0], words[0]) and _fits(expected[1:], words[1:])


def _alike(expected: str, word: str) -> bool:
    if expected == word or not ("." in expected and "." in word):
        return expected == word
    try:
        return abs(float(expected) - float(word)) <= TOLERANCE
    except ValueError:
        return False


def main() -> None:
    """Print what the commands of a page print: ``python tests/pages.py docs/first-host.md``."""
    with tempfile.TemporaryDirectory() as folder:
        run_page(Path(sys.argv[1]).resolve(), Path(folder), said=print)


if __name__ == "__main__":
    main()
