"""JSON: ASE's, and pymatgen's structures and molecules."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from ase import Atoms

from screening.builders.reading.elements import ISOTOPES
from screening.errors import StructureError

_PYMATGEN = {"Structure", "Slab", "IStructure", "Molecule", "IMolecule"}


def json_kind(text: str) -> str:
    """``json`` for ASE's, ``pymatgen`` for pymatgen's, empty for neither."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(data, dict):
        return ""
    if data.get("@class") in _PYMATGEN and str(data.get("@module")).startswith("pymatgen."):
        return "pymatgen"
    return "json" if {"ids", "nextid"} <= set(data) else ""


def read_pymatgen(text: str, frame: str | None, where: str) -> tuple[Atoms, list[str]]:
    """Read a structure or molecule of pymatgen.

    Where sites are occupied in part, each species on one is an atom, with its ``occupancy``.
    """
    from pymatgen.core.structure import Molecule, Structure  # noqa: PLC0415 (as above)
    from pymatgen.io.ase import AseAtomsAdaptor  # noqa: PLC0415 (only this format pays)

    if frame not in {None, "1"}:
        raise StructureError("holds one frame", where=where, allowed="--frame 1")
    data: dict[str, Any] = json.loads(text)
    kind = Molecule if "Molecule" in data["@class"] else Structure
    found = kind.from_dict(data)
    said = [f"pymatgen {data['@class']}"]
    if not found.is_ordered:
        entries = [
            (site, e, x) for site in found for e, x in site.species.items() if e.symbol != "X"
        ]
        atoms = Atoms(
            [_plain(species.symbol) for _, species, _ in entries],
            positions=[site.coords for site, _, _ in entries],
            cell=found.lattice.matrix if isinstance(found, Structure) else None,
            pbc=isinstance(found, Structure),
        )
        atoms.set_array("occupancy", np.array([x for _, _, x in entries]))
        flags = "selective_dynamics" in found.site_properties
        return atoms, [*said, *["selective_dynamics is not kept"] * flags]
    atoms = AseAtomsAdaptor.get_atoms(found, msonable=False)
    symbols = [_plain(site.specie.symbol) for site in found]
    return Atoms(
        symbols,
        positions=atoms.positions,
        cell=atoms.cell,
        pbc=atoms.pbc,
        constraint=atoms.constraints,
    ), said


def _plain(symbol: str) -> str:
    """Element of an isotope."""
    return ISOTOPES.get(symbol, symbol)
