"""Neighbours of many structures at once, found on the device that needs them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from ase import Atoms
from ase.geometry import complete_cell

CANDIDATES = 2**22
"""Pairs looked at in one go: some 400 MB."""


@dataclass(frozen=True)
class Pairs:
    """Pairs of atoms within a cut-off, both ways, structure after structure.

    Attributes
    ----------
    first, second
        Atoms numbered through all structures, shape (n_pairs,).
    vectors
        From the first to the (image of the) second, Å, shape (n_pairs, 3), double precision.
    counts
        Pairs of each structure.
    """

    first: torch.Tensor
    second: torch.Tensor
    vectors: torch.Tensor
    counts: tuple[int, ...]


def find_pairs(structures: Sequence[Atoms], cutoff: float, device: torch.device) -> Pairs:
    """Find all pairs closer than `cutoff` (Å) by looking at each atom and image.

    For cells of up to some hundred atoms that is faster on a graphics card than cell lists, and
    needs no loop over structures.

    Raises
    ------
    ValueError
        If a structure is periodic along a cell vector of length zero.
    """
    images = [_images(atoms, cutoff) for atoms in structures]
    sizes = np.array([len(atoms) for atoms in structures])
    n_images = np.array([len(shifts) for shifts in images])

    def moved(array: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(array).to(device)

    positions = moved(np.concatenate([atoms.positions for atoms in structures]).astype(float))
    shifts = moved(np.concatenate(images))
    owner = np.repeat(np.arange(len(structures)), sizes)
    first_atom, first_image = np.cumsum(sizes) - sizes, np.cumsum(n_images) - n_images
    widths = (sizes * n_images)[owner]
    atoms_of, atom_from, image_from = map(
        moved, (sizes[owner], first_atom[owner], first_image[owner])
    )
    parts = []
    for start, stop in _chunks(widths):
        width = moved(widths[start:stop])
        row = torch.repeat_interleave(torch.arange(stop - start, device=device), width)
        place = torch.arange(len(row), device=device) - (width.cumsum(0) - width)[row]
        row += start
        second = atom_from[row] + place % atoms_of[row]
        image = image_from[row] + place // atoms_of[row]
        vectors = positions[second] + shifts[image] - positions[row]
        itself = (row == second) & (image == image_from[row])  # the first image is no shift
        near = torch.nonzero((vectors.square().sum(1) < cutoff**2) & ~itself).squeeze(1)
        parts.append((row[near], second[near], vectors[near]))
    first, second, vectors = (torch.cat(columns) for columns in zip(*parts, strict=True))
    counts = torch.bincount(moved(owner)[first], minlength=len(structures))
    return Pairs(first, second, vectors, tuple(counts.tolist()))


def _images(atoms: Atoms, cutoff: float) -> np.ndarray:
    """Shifts to the images that may hold a neighbour, none first, Å, shape (n, 3)."""
    lengths = atoms.cell.lengths()
    if (lengths[atoms.pbc] == 0).any():
        raise ValueError("the structure is periodic along a cell vector of length zero")
    cell = complete_cell(atoms.cell.array)
    inverse = np.linalg.inv(cell)
    extent = np.ptp(atoms.positions @ inverse, axis=0) if len(atoms) else np.zeros(3)
    reach = np.floor(cutoff * np.linalg.norm(inverse, axis=0) + extent + 1e-9)
    ranges = [
        np.arange(-r, r + 1) if periodic else np.zeros(1)
        for r, periodic in zip(reach, atoms.pbc, strict=True)
    ]
    steps = np.array(np.meshgrid(*ranges, indexing="ij")).reshape(3, -1).T
    order = np.argsort(np.abs(steps).sum(axis=1), kind="stable")
    shifts: np.ndarray = steps[order] @ cell
    return shifts


def _chunks(widths: np.ndarray) -> Iterator[tuple[int, int]]:
    """Ranges of rows with at most `CANDIDATES` pairs to look at, at least one row each."""
    ends = np.cumsum(widths)
    start = 0
    while start < len(widths):
        done = ends[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, done + CANDIDATES, side="right")))
        yield start, stop
        start = stop
