"""Salts: non-polar surfaces of ionic crystals of the catalogue, such as the phases of an SEI."""

from __future__ import annotations

from ase import Atoms

from screening.builders.families.oxide import nonpolar_slab
from screening.builders.phases import Phase, shipped_phases
from screening.builders.registry import builder
from screening.builders.slab import SlabCut
from screening.errors import RecipeError


class SaltParameters(SlabCut):
    """Which crystal of `structures/phases/`, and which of its surfaces.

    Attributes
    ----------
    crystal
        Its name there, such as ``LiF``.
    """

    crystal: str


def _crystal(parameters: SaltParameters) -> tuple[Atoms, SlabCut]:
    return _phase(parameters.crystal).crystal.atoms(), parameters


@builder("salt", family="salt", geometry="slab", crystal=_crystal)
def salt(parameters: SaltParameters) -> Atoms:
    """Stoichiometric slab of a crystal of the catalogue, without a dipole along its normal."""
    bulk, cut = _crystal(parameters)
    return nonpolar_slab(parameters.crystal, bulk, cut)


def _phase(name: str) -> Phase:
    catalogue = shipped_phases()
    salts = [known for known, phase in catalogue.items() if len(phase.elements) > 1]
    if name not in salts:
        raise RecipeError(f"no compound {name!r}", where="crystal", allowed=", ".join(salts))
    return catalogue[name]
