"""Whatever the parameters, a builder returns a sound host or one clear line, and never crashes."""

from __future__ import annotations

import random
from typing import Any

import pytest

from screening.builders import build, builder_names, get_builder
from screening.builders.registry import Recipe
from screening.builders.validate import validate_structure
from screening.errors import InputError

VALUES: list[Any] = [
    *(None, True, 0, 1, 2, 3, 4, -1, 10**9, 0.0, 0.3, 6.0, -5.5, 1e300),
    *("", "N", "Cu", "Fe", "Qq", "graphitic", "vacancy", "pyridinic", "O", "ortho", "x" * 999),
    *(
        [],
        [2, 2],
        [3, 3],
        [0, 1],
        [1, 1, 1],
        [1, 1, 0],
        ["hydroxyl"],
        ["epoxide", "carboxyl"],
        [[]],
    ),
    *({}, {"a": 1}, {"O": 1.0}),
]


@pytest.mark.parametrize("name", builder_names())
def test_random_parameters(name: str) -> None:
    rng = random.Random(name)
    fields = list(get_builder(name, "x").parameters.model_fields)
    for _ in range(150):
        chosen = rng.sample(fields, rng.randint(0, len(fields)))
        parameters = {field: rng.choice(VALUES) for field in chosen}
        message = ""
        try:
            host = build(Recipe(id="host", builder=name, parameters=parameters))
            validate_structure(host.atoms, host.geometry, "x")
        except InputError as error:
            message = str(error)
        assert "\n" not in message, parameters
