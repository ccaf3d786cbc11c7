"""Remembers what pure functions of structures returned, by the content of their arguments."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, ParamSpec, TypeVar

from ase import Atoms

from screening.structure.candidate import fixed_indices

P = ParamSpec("P")
T = TypeVar("T")


class _Key:
    """A structure as part of a cache's key: elements, positions, cell, periodicity, fixed atoms."""

    def __init__(self, atoms: Atoms) -> None:
        self.atoms = atoms
        parts = atoms.numbers, atoms.positions, atoms.cell.array, atoms.pbc, fixed_indices(atoms)
        self._content = tuple(part.tobytes() for part in parts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self._content == other._content

    def __hash__(self) -> int:
        return hash(self._content)


def _keyed(value: Any) -> Any:
    return _Key(value) if isinstance(value, Atoms) else value


def _plain(value: Any) -> Any:
    return value.atoms if isinstance(value, _Key) else value


def remembered(size: int) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Decorate a function of structures and hashable values that always answers the same.

    All callers are given the same object: it must not be changed. What is raised is not kept.

    Parameters
    ----------
    size
        Answers that are kept; the one that was used longest ago goes first.
    """

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        @lru_cache(maxsize=size)
        def known(*values: Any, **named: Any) -> T:
            return function(*map(_plain, values), **{k: _plain(v) for k, v in named.items()})

        @wraps(function)
        def ask(*values: P.args, **named: P.kwargs) -> T:
            return known(*map(_keyed, values), **{k: _keyed(v) for k, v in named.items()})

        return ask

    return decorate
