"""Where an ion comes to rest when it approaches a site along the normal."""

from __future__ import annotations

import numpy as np
from ase import Atom, Atoms

from screening.geometry.sites import Site
from screening.structure.lattice import Lattice
from screening.structure.radii import ion_contact


def place(atoms: Atoms, site: Site, ion: str) -> Atoms:
    """Return a copy of the host with the ion, as its last atom, in contact with the site.

    The ion comes down along the site's normal until it touches an atom, periodic images
    included: the supporting atoms at bonding distance, the others where they would overlap.
    Over a pore wider than the ion it stops in the plane of the supporting atoms.

    Parameters
    ----------
    atoms
        Host, left untouched; its constraints are kept in the copy.
    ion
        Chemical symbol.
    """
    contact = ion_contact(atoms, ion, site.support)
    placed: Atoms = atoms.copy()
    placed.append(Atom(ion, stand(atoms, site.anchor, site.normal, contact, site.headroom_a)))
    return placed


def stand(
    atoms: Atoms,
    anchor: tuple[float, ...] | np.ndarray,
    normal: tuple[float, ...] | np.ndarray,
    contact: np.ndarray,
    start: float,
) -> np.ndarray:
    """Where an ion that comes down stops, Å, (3,): in the anchor's plane where nothing stops it."""
    height, _ = descend(atoms, anchor, normal, contact, start)
    return np.asarray(anchor) + (height or 0.0) * np.asarray(normal)


def descend(
    atoms: Atoms,
    anchor: tuple[float, ...] | np.ndarray,
    normal: tuple[float, ...] | np.ndarray,
    contact: np.ndarray,
    start: float = np.inf,
) -> tuple[float | None, int | None]:
    """Height over the anchor at first contact, Å, and the host atom that is touched first.

    Parameters
    ----------
    contact
        Contact distance to each atom, Å, shape (n_atoms,).
    start
        Height from which the ion comes; atoms above it are not in its way.

    Returns
    -------
    (None, None) if nothing stands in the way.
    """
    lattice = Lattice.of(atoms)
    direction = np.asarray(normal)
    copies, owner, _ = lattice.images(atoms.positions, float(contact.max()))
    # The home cell of the copies is the one that holds the anchor.
    vectors = copies - lattice.wrap(np.asarray(anchor)[None])[0]
    heights = vectors @ direction
    lateral = np.linalg.norm(vectors - heights[:, None] * direction, axis=1)
    reach = contact[owner]
    blocking = (lateral < reach) & (heights < start)
    if not blocking.any():
        return None, None
    touch = heights[blocking] + np.sqrt(reach[blocking] ** 2 - lateral[blocking] ** 2)
    first = int(touch.argmax())
    return float(min(touch[first], start)), int(owner[blocking][first])
