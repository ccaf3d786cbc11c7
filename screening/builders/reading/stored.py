"""JSON: ASE's, and pymatgen's structures and molecules."""

from __future__ import annotations

import json
from typing import Any

from ase import Atoms

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

    Raises
    ------
    StructureError
        If sites are occupied in part.
    """
    from pymatgen.core.structure import Molecule, Structure  # noqa: PLC0415 (as above)
    from pymatgen.io.ase import AseAtomsAdaptor  # noqa: PLC0415 (only this format pays)

    if frame not in {None, "1"}:
        raise StructureError("holds one frame", where=where, allowed="--frame 1")
    data: dict[str, Any] = json.loads(text)
    kind = Molecule if "Molecule" in data["@class"] else Structure
    found = kind.from_dict(data)
    if not found.is_ordered:
        raise StructureError(
            "sites are occupied in part", where=where, allowed="an ordered structure"
        )
    atoms = AseAtomsAdaptor.get_atoms(found, msonable=False)
    symbols = [site.specie.symbol for site in found]
    return Atoms(
        ["H" if s in {"D", "T"} else s for s in symbols],
        positions=atoms.positions,
        cell=atoms.cell,
        pbc=atoms.pbc,
        constraint=atoms.constraints,
    ), [f"pymatgen {data['@class']}"]
