"""Model files: JSON that says what it is, for which version and features; nothing in it can run."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Self

from screening.errors import InputError
from screening.files import write_atomic
from screening.structure.level import digest


class ModelFile(ABC):
    """A trained model as a file.

    Attributes
    ----------
    FORMAT, VERSION, NAMES
        What a file has to say of itself: its kind, its version, the names of the features.
    COMMAND
        What writes it, for messages.
    """

    FORMAT: ClassVar[str]
    VERSION: ClassVar[int]
    NAMES: ClassVar[tuple[str, ...]]
    COMMAND: ClassVar[str]

    @abstractmethod
    def content(self) -> dict[str, Any]:
        """Plain numbers and text that the model is made of."""

    @classmethod
    @abstractmethod
    def from_content(cls, data: Mapping[str, Any]) -> Self:
        """Undo `content` and JSON."""

    def as_json(self) -> dict[str, Any]:
        """Content of the file."""
        return {**self._stamp(), **self.content()}

    @cached_property
    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits that change with anything in the model."""
        return digest(self.as_json())

    def save(self, path: Path) -> None:
        """Write the model; the file is replaced as a whole."""
        write_atomic(path, json.dumps(self.as_json(), indent=1, allow_nan=False) + "\n")

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a model.

        Raises
        ------
        InputError
            If the file is not one, or was made with other features.
        """
        allowed = f"a file written by '{cls.COMMAND}'"
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            if any(data[name] != value for name, value in cls._stamp().items()):
                raise InputError("made for other features", where=str(path), allowed=allowed)
            return cls.from_content(data)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(
                f"cannot read model: {type(error).__name__}: {error}",
                where=str(path),
                allowed=allowed,
            ) from None

    @classmethod
    def _stamp(cls) -> dict[str, Any]:
        return {"format": cls.FORMAT, "version": cls.VERSION, "features": list(cls.NAMES)}
