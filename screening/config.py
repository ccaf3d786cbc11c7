"""Strict YAML: safe-loaded, no duplicate or unknown keys, no silent type changes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from screening.errors import InputError, brief

MAX_YAML_BYTES = 5_000_000

_ODD_NUMBER = re.compile(r"[:_]|^[-+]?0[0-9bx]")


class StrictModel(BaseModel):
    """Base of every user-facing schema: frozen, unknown keys refused, no coercion."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


Model = TypeVar("Model", bound=StrictModel)


class _UniqueKeyLoader(yaml.SafeLoader):
    """Safe loader for hostile text.

    It refuses duplicate keys (PyYAML keeps the last one silently), aliases (a few hundred bytes of
    nested aliases expand to gigabytes), tags (``!!int ""``), and numbers that YAML 1.1 reads in
    base 60, 16, 8 or 2 (``1:30``, ``010``); dates stay text.
    """

    yaml_implicit_resolvers = {  # noqa: RUF012 (PyYAML's own class attribute)
        first: [(tag, match) for tag, match in resolvers if not tag.endswith(":timestamp")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("YAML aliases (*name) are not allowed here")
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if getattr(event, "tag", None) is not None:
            line = event.start_mark.line + 1
            raise yaml.YAMLError(f"line {line}: YAML tags ({event.tag}) are not allowed here")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise yaml.YAMLError(
                    f"line {key_node.start_mark.line + 1}: key {key!r} is not text; quote it"
                )
            if key in seen:
                raise yaml.YAMLError(
                    f"line {key_node.start_mark.line + 1}: key {key!r} is given twice"
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def _plain_number(loader: _UniqueKeyLoader, node: yaml.ScalarNode) -> int | float:
    if _ODD_NUMBER.search(node.value):
        raise yaml.YAMLError(
            f"line {node.start_mark.line + 1}: {node.value} is no plain number; "
            "write it in decimals, or in quotes if it is text"
        )
    if node.tag.endswith(":int"):
        return int(loader.construct_yaml_int(node))
    return float(loader.construct_yaml_float(node))


for _kind in ("int", "float"):
    _UniqueKeyLoader.add_constructor(f"tag:yaml.org,2002:{_kind}", _plain_number)


def load_yaml(path: Path) -> dict[str, Any]:
    """Read one YAML mapping.

    Raises
    ------
    InputError
        Missing, unreadable, too large, not YAML, empty, or not a mapping.
    """
    where = str(path)
    try:
        if not path.is_file():
            path.stat()  # says why, if it is missing
            raise InputError("not a regular file", where=where, allowed="a UTF-8 YAML file")
        if path.stat().st_size > MAX_YAML_BYTES:
            raise InputError("file is too large for YAML", where=where, allowed="up to 5 MB")
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError(
            "there is no such file",
            where=where,
            allowed="a YAML file; 'alkascreen init' lays out workflows/ and structures/",
        ) from None
    except (OSError, ValueError) as error:  # ValueError: not UTF-8, or a NUL byte in the name
        raise InputError(
            f"cannot read: {brief(str(error))}", where=where, allowed="a UTF-8 YAML file"
        ) from None
    try:
        data = yaml.load(text, Loader=_UniqueKeyLoader)  # noqa: S506 (a SafeLoader subclass)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        reason = brief(str(error)) or type(error).__name__
        raise InputError(f"not valid YAML: {reason}", where=where) from None
    if not isinstance(data, dict):
        kind = "empty" if data is None else type(data).__name__
        raise InputError(f"file is {kind}", where=where, allowed="a mapping of keys to values")
    return data


def parse(model: type[Model], data: Mapping[str, Any], where: str) -> Model:
    """Validate a mapping against a schema; the first problem becomes one clear line.

    Raises
    ------
    InputError
        With the key's path, the value, and what is allowed.
    """
    try:
        text = json.dumps(data)  # JSON rules: still strict, but a list may fill a tuple
        return model.model_validate_json(text)
    except (TypeError, RecursionError) as error:
        raise InputError(f"holds a value that YAML text cannot: {error}", where=where) from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        path = brief(".".join(str(part) for part in first["loc"]), 200) or "(top level)"
        raise _as_input_error(model, first, f"{where}: {path}") from None


def _as_input_error(model: type[StrictModel], first: Any, where: str) -> InputError:
    value, message = first["input"], first["msg"].removeprefix("Value error, ")
    if first["type"] == "value_error" and isinstance(value, dict):
        return InputError(message, where=where)
    if first["type"] == "extra_forbidden":
        owner = _owner(model, first["loc"][:-1])
        allowed = ", ".join(sorted(owner.model_fields)) if owner else None
        return InputError("unknown key", where=where, allowed=allowed)
    if first["type"] == "missing":
        return InputError("key is missing", where=where)
    if isinstance(value, bool):
        message += "; YAML reads NO, no, off, yes, on as true or false: put it in quotes"
    elif isinstance(value, str) and _is_number(value):
        message += "; YAML reads this as text: write it as 0.01 or 1.0e-2, without quotes"
    return InputError(f"{_short(value)} is not valid: {message}", where=where)


def _owner(model: type[StrictModel], path: tuple[Any, ...]) -> type[StrictModel] | None:
    """Return the nested schema that holds the key path, or None where it cannot be told."""
    for part in path:
        if isinstance(part, int) or part not in model.model_fields:
            return None
        annotation = model.model_fields[part].annotation
        if not (isinstance(annotation, type) and issubclass(annotation, StrictModel)):
            return None
        model = annotation
    return model


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _short(value: object, limit: int = 60) -> str:
    text = repr(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"
