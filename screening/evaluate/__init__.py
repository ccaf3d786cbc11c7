"""Energies, relaxations and reaction paths; knows atoms and calculators, not adsorption."""

from screening.evaluate.bulk import BulkMetal, relax_bulk
from screening.evaluate.crystal import Crystallisation, relax_crystal
from screening.evaluate.electronic import electronic_property
from screening.evaluate.mirror import Mirror
from screening.evaluate.modes import Modes, atom_hessian, atom_modes
from screening.evaluate.neb import Band, relax_band
from screening.evaluate.potential import Potential
from screening.evaluate.relax import Relaxation, max_force, relax_batch
from screening.evaluate.scan import scan_path

__all__ = [
    "Band",
    "BulkMetal",
    "Crystallisation",
    "Mirror",
    "Modes",
    "Potential",
    "Relaxation",
    "atom_hessian",
    "atom_modes",
    "electronic_property",
    "max_force",
    "relax_band",
    "relax_batch",
    "relax_bulk",
    "relax_crystal",
    "scan_path",
]
