"""The parameters of a builder, read from its schema and its documentation."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic_core import PydanticUndefined

from screening.builders.registry import Builder

_TYPES = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "null": "none",
}
_BOUNDS = {
    "minimum": "at least",
    "exclusiveMinimum": "above",
    "maximum": "at most",
    "exclusiveMaximum": "below",
}


@dataclass(frozen=True)
class Parameter:
    """One parameter of a builder.

    Attributes
    ----------
    kind
        Its type and what is allowed, in words.
    default
        As YAML; empty if it is required.
    meaning
        What the schema's documentation says of it.
    """

    name: str
    kind: str
    required: bool
    default: str
    meaning: str


def parameters(builder: Builder) -> tuple[Parameter, ...]:
    """Return the parameters of a builder, those without a default first."""
    schema = builder.parameters.model_json_schema()
    meanings = _meanings(builder.parameters)
    found = []
    for name, field in builder.parameters.model_fields.items():
        default = field.get_default(call_default_factory=True)
        required = default is PydanticUndefined
        kind = _kind(schema["properties"][name], schema.get("$defs", {}))
        text = "" if required else json.dumps(default, ensure_ascii=False, default=str)
        found.append(Parameter(name, kind, required, text, meanings.get(name, "")))
    return tuple(sorted(found, key=lambda parameter: not parameter.required))


def _kind(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return _kind(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    if "enum" in schema or "const" in schema:
        return " | ".join(map(str, schema.get("enum", [schema.get("const")])))
    if "anyOf" in schema:
        kinds = [_kind(choice, definitions) for choice in schema["anyOf"]]
        return " or ".join(kind for kind in kinds if kind != "none")
    if "examples" in schema:
        return " | ".join(map(str, schema["examples"]))
    if schema.get("type") == "array":
        items = schema.get("prefixItems") or [schema.get("items", {})]
        inner = ", ".join(dict.fromkeys(_kind(item, definitions) for item in items))
        least, most = schema.get("minItems"), schema.get("maxItems")
        counts = "" if least is None else f"{least}" if least == most else f"{least} to {most}"
        return f"list of {counts} ({inner})" if counts else f"list ({inner})"
    kind = _TYPES.get(str(schema.get("type")), str(schema.get("type", "anything")))
    bounds = [f"{words} {schema[key]:g}" for key, words in _BOUNDS.items() if key in schema]
    return f"{kind} {', '.join(bounds)}" if bounds else kind


def _meanings(schema: type) -> dict[str, str]:
    """Sentences of the ``Attributes`` sections of a schema and of those it extends."""
    found: dict[str, str] = {}
    for parent in reversed(schema.__mro__):
        if "Attributes\n" not in (parent.__doc__ or ""):
            continue
        section = re.split(
            r"\n-{3,}\n", inspect.cleandoc(parent.__doc__ or "").split("Attributes")[1]
        )
        for names, text in re.findall(r"(?m)^(\w[\w, ]*)\n((?:    .*\n?|\n)+)", section[1] + "\n"):
            sentence = " ".join(text.split()).replace("``", "").replace("`", "")
            found |= dict.fromkeys((name.strip() for name in names.split(",")), sentence)
    return found
