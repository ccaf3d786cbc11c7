"""Adsorption sites, ion placement, symmetry, outcomes and hops; no energies."""
