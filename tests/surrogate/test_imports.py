"""Calibrating, ranking and listing never pay for torch."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("torch", "sklearn", "matplotlib")


@pytest.mark.parametrize(
    "modules",
    [
        "screening.surrogate, screening.surrogate.train",
        "screening.cli.tables, screening.report.terminal, screening.pipeline.store",
        "screening.validation, screening.report.validation",
    ],
)
def test_no_heavy_package_is_imported(modules: str) -> None:
    code = f"import {modules}, sys; print(*(set({HEAVY!r}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
