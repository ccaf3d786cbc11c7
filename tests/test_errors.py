"""Errors say what, where and what is allowed, also across processes."""

from __future__ import annotations

import pickle

import pytest

from screening import errors
from screening.errors import InputError, ScreeningError, StructureError, TaskError


def test_the_message_says_where_what_and_what_is_allowed() -> None:
    error = InputError("size 0 is not valid", where="a.yaml: size", allowed="1 or more")
    assert str(error) == "a.yaml: size: size 0 is not valid (allowed: 1 or more)"


def test_what_alone_is_enough() -> None:
    assert str(InputError("no atoms")) == "no atoms"


@pytest.mark.parametrize(
    "name",
    [
        "RecipeError",
        "StructureError",
        "CalculatorError",
        "WorkflowError",
        "StoreError",
        "LevelError",
    ],
)
def test_each_user_error_is_an_input_error(name: str) -> None:
    assert issubclass(getattr(errors, name), InputError)


def test_a_failed_task_is_no_input_error() -> None:
    assert issubclass(TaskError, ScreeningError)
    assert not issubclass(TaskError, InputError)


def test_an_error_crosses_a_process_boundary_whole() -> None:
    error = StructureError("overlap", where="x.cif", allowed="more")
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 (our own bytes)
    assert type(copy) is StructureError
    assert (copy.what, copy.where, copy.allowed) == ("overlap", "x.cif", "more")
    assert str(copy) == str(error)
