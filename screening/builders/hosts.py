"""Hosts from whatever a user has: ids of the catalogue, structures, files."""

from __future__ import annotations

import tempfile
from pathlib import Path

from ase import Atoms
from ase.io import write

from screening.builders.families.file import add_structure
from screening.builders.recipes import load_catalogue
from screening.resources import default_structures
from screening.structure import Candidate

Host = Atoms | Candidate | str | Path


def build(candidate_id: str, structures: str | Path | None = None) -> Candidate:
    """Build a host of the catalogue.

    Parameters
    ----------
    structures
        Folder of recipes; by default ``structures`` here, or the package's own.

    Raises
    ------
    InputError
        If there is no such recipe, with a did-you-mean.
    """
    folder = default_structures() if structures is None else Path(structures)
    return load_catalogue(folder).build(candidate_id)


def host_from(name: str, host: Host | None) -> Candidate:
    """Make a host of whatever the user has; files and atoms are read as by `alkascreen add`.

    Parameters
    ----------
    name
        Its id from now on; of the catalogue if there is no `host`.

    Raises
    ------
    InputError
        If it cannot be screened as it is, with what to change.
    """
    if host is None:
        return build(name)
    if isinstance(host, Candidate):
        return Candidate(name, host.family, host.geometry, host.atoms, host.recipe)
    with tempfile.TemporaryDirectory(prefix="alkascreen-") as folder:
        path = Path(host) if isinstance(host, str | Path) else Path(folder, "host.extxyz")
        if isinstance(host, Atoms):
            write(path, Atoms(host, info={}), format="extxyz")
        recipes = Path(folder, "structures")
        recipes.mkdir()
        return add_structure(path, name, "user", recipes)
