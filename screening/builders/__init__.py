"""Hosts from recipes: one file a family, found and registered on import."""

from __future__ import annotations

import importlib
import pkgutil

from screening.builders import families
from screening.builders.families.file import add_structure
from screening.builders.recipes import Catalogue, load_catalogue
from screening.builders.registry import Builder, Recipe, build, builder_names, get_builder
from screening.builders.validate import validate_structure

for _module in pkgutil.iter_modules(families.__path__, f"{families.__name__}."):
    importlib.import_module(_module.name)

__all__ = [
    "Builder",
    "Catalogue",
    "Recipe",
    "add_structure",
    "build",
    "builder_names",
    "get_builder",
    "load_catalogue",
    "validate_structure",
]
