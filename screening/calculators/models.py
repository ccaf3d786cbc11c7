"""Small helpers that engines share: model lookup, options, versions, hashes of weights."""

from __future__ import annotations

import difflib
import functools
import hashlib
import importlib.metadata
import importlib.util
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from ase.data import chemical_symbols

from screening.errors import CalculatorError

MPTRJ_ELEMENTS = frozenset(chemical_symbols[1:95]) - {"Po", "At", "Rn", "Fr", "Ra"}
"""The 89 elements of the MPtrj data set (Deng et al., doi:10.1038/s42256-023-00716-3)."""


def pick_model(engine: str, model: str, models: Collection[str]) -> str:
    """Return the model's name; empty picks the first one.

    Raises
    ------
    CalculatorError
        If the engine has no such model; with a did-you-mean.
    """
    if not model:
        return next(iter(models))
    if model in models:
        return model
    close = difflib.get_close_matches(model, models, n=1)
    hint = f"; did you mean {engine}:{close[0]}?" if close else ""
    raise CalculatorError(
        f"{engine} has no model {model!r}{hint}", where="calculator", allowed=", ".join(models)
    )


def refuse_options(engine: str, options: Mapping[str, Any]) -> None:
    """Raise `CalculatorError` if options are given to an engine that has none."""
    if options:
        raise CalculatorError(
            f"{engine} has no option {', '.join(map(str, options))}", where="calculator options"
        )


def package_version(distribution: str) -> str:
    """Version of an installed distribution, without importing it; ``unknown`` if not found."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


def package_file(package: str, relative: str) -> Path:
    """Path of a file inside an installed package, without importing it.

    Raises
    ------
    CalculatorError
        If the package or the file is missing.
    """
    found = importlib.util.find_spec(package)
    folders = (found.submodule_search_locations if found else None) or []
    for folder in folders:
        path = Path(folder) / relative
        if path.is_file():
            return path
    raise CalculatorError(f"{package} {package_version(package)} does not carry {relative}")


def file_hash(path: Path, length: int = 16) -> str:
    """SHA-256 prefix of a file's bytes."""
    state = path.stat()
    return _file_hash(path, state.st_mtime_ns, state.st_size)[:length]


@functools.cache
def _file_hash(path: Path, _changed: int, _size: int) -> str:
    """Hash a file once, as long as it stays what it is: weights have hundreds of megabytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
