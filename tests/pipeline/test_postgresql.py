"""The store on a real PostgreSQL server, started for the test."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from screening.errors import StoreError
from screening.pipeline.driver import Driver
from screening.pipeline.executor import make_executor
from screening.pipeline.store import open_store
from tests.pipeline.toolbox import protocols, workflow

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))


def run_as_server_user(command: list[str]) -> None:
    """PostgreSQL refuses to run as root."""
    prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run([*prefix, *command], check=True, capture_output=True, cwd="/")


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    pytest.importorskip("ase_db_backends", reason="extra postgres is not installed")
    if not PROGRAMS:
        pytest.skip("no PostgreSQL server on this machine")
    programs = PROGRAMS[-1].parent
    folder = Path(tempfile.mkdtemp(prefix="alkascreen-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    data = str(folder / "data")
    control = [str(programs / "pg_ctl"), "-D", data, "-w", "-t", "240"]
    run_as_server_user([str(programs / "initdb"), "-D", data, "-A", "trust", "-U", "tester"])
    for last in (False, False, True):
        port = free_port()
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        try:
            run_as_server_user([*control, "-o", options, "-l", str(folder / "log"), "start"])
            break
        except subprocess.CalledProcessError:  # another process was given the port meanwhile
            if last:
                raise
    yield f"postgresql://tester@127.0.0.1:{port}/postgres"
    run_as_server_user([*control, "-m", "immediate", "stop"])
    shutil.rmtree(folder, ignore_errors=True)


def screen(url: str):
    driver = Driver(open_store(url, create=True), lambda: make_executor(1), 1, lambda _: None)
    return driver.run(protocols(workflow())), driver.tally


def test_rows_are_stored_and_reused_as_in_a_file(url: str) -> None:
    first, tally = screen(url)
    assert tally.done["adsorption"] == 6
    again, tally = screen(url)
    assert not tally.done
    assert again == first
    assert {row.ion for row in open_store(url).rows()} == {"Li", "K"}


def test_a_server_that_cannot_be_reached_is_one_clear_line(url: str) -> None:
    with pytest.raises(StoreError, match="cannot be reached") as caught:
        open_store(url.replace("/postgres", "/no_such_database"))
    assert "\n" not in str(caught.value)
