"""A slab from a user's crystal: which cell the indices refer to, where it is cut, at what cost."""

from __future__ import annotations

from itertools import permutations, product
from typing import Annotated, cast

import numpy as np
import spglib
from ase import Atoms
from pydantic import Field

from screening.builders.recognition import Layers
from screening.builders.slab import Cut, SlabCut, best_cut, has_equal_faces, three_indices
from screening.builders.validate import check_overlaps
from screening.config import StrictModel
from screening.errors import StructureError
from screening.structure.candidate import fixed_indices

_SYMPREC_A = 1e-3
_Vector = Annotated[tuple[float, float, float], Field(strict=False)]


class CutCrystal(StrictModel):
    """The crystal that a user's slab was cut from, kept with its recipe.

    Attributes
    ----------
    symbols
        Of its atoms.
    cell
        Cell vectors that the indices refer to, Å.
    scaled
        Fractional coordinates.
    cut
        Where it was cut.
    """

    symbols: tuple[str, ...]
    cell: tuple[_Vector, _Vector, _Vector]
    scaled: tuple[_Vector, ...]
    cut: SlabCut

    @classmethod
    def of(cls, crystal: Atoms, cut: SlabCut) -> CutCrystal:
        """Keep a crystal to 1e-10 of its cell."""
        return cls(
            symbols=tuple(crystal.symbols),
            cell=cast("tuple[_Vector, _Vector, _Vector]", tuple(map(tuple, crystal.cell.tolist()))),
            scaled=tuple(map(tuple, np.round(crystal.get_scaled_positions(), 10).tolist())),
            cut=cut,
        )

    def atoms(self) -> Atoms:
        """Build the crystal."""
        return Atoms(self.symbols, cell=self.cell, scaled_positions=self.scaled, pbc=True)


def cut_crystal(
    crystal: Atoms, cut: SlabCut, where: str, repeats: np.ndarray | None = None
) -> tuple[Atoms, CutCrystal, tuple[str, ...]]:
    """Cut a slab, with the crystal and the cut to keep, and statements of what was done.

    Parameters
    ----------
    repeats
        The crystal's cell in the file's, if it was ordered: the indices then refer to the file's.

    Raises
    ------
    RecipeError, StructureError
        Atoms on top of each other, no such plane, no slice that ends as asked.
    """
    check_overlaps(crystal, where)
    plane = " ".join(map(str, cut.miller))
    if repeats is None:
        cell, reference = conventional_cell(crystal, where)
    else:
        cell, reference = crystal, "indices refer to the file's cell, whatever its lattice"
        indices = repeats @ three_indices(cut.miller)
        cut = cut.model_copy(update={"miller": tuple((indices // np.gcd.reduce(indices)).tolist())})
    found = best_cut(cell, cut)
    slab = found.atoms
    fixed = f"lower half fixed, {len(fixed_indices(slab))} of {len(slab)} atoms"
    said = (f"cut along ({plane}), {fixed}", reference, *_cost(found))
    return slab, CutCrystal.of(cell, cut), said


def conventional_cell(crystal: Atoms, where: str) -> tuple[Atoms, str]:
    """Cell that Miller indices refer to, not turned, and a statement that names it.

    The file's own cell, whatever its setting, unless it is a primitive one of a centred lattice:
    then the conventional cell, in the axes of the International Tables.

    Raises
    ------
    StructureError
        If spglib finds no lattice.
    """
    key = (crystal.cell[:], crystal.get_scaled_positions(), crystal.numbers)
    found = spglib.standardize_cell(key, to_primitive=False, no_idealize=True, symprec=_SYMPREC_A)
    data = spglib.get_symmetry_dataset(key, symprec=_SYMPREC_A)
    if found is None or data is None:
        raise StructureError("has no lattice that spglib recognises", where=where)
    if len(found[2]) <= len(crystal):
        ratio = len(crystal) // len(found[2])
        more = f", {ratio} times the conventional one" if ratio > 1 else ""
        return crystal, f"indices refer to the file's cell, {_lengths(crystal)}{more}"
    cell = _turned(Atoms(found[2], cell=found[0], scaled_positions=found[1], pbc=True), crystal)
    text = f"indices refer to the conventional cell of {data.international}, {_lengths(cell)}"
    return cell, f"{text}, not to the file's primitive one"


def _turned(conventional: Atoms, crystal: Atoms) -> Atoms:
    """Conventional cell with other axes of its lattice, which spglib may exchange or reverse.

    Without a centre of inversion that matters: of zincblende's (1 1 1) and (-1 -1 -1) one ends in
    metal. The sum of the axes is to lie as near as it can to that of the crystal's own, as it does
    in the primitive cells that programs and tables write.
    """
    metric = conventional.cell.array @ conventional.cell.array.T
    wanted, best, nearest = crystal.cell.array.sum(axis=0), np.eye(3, dtype=int), -np.inf
    for order, signs in product(permutations(range(3)), product((1, -1), repeat=3)):
        axes = np.eye(3, dtype=int)[list(order)] * np.array(signs)[:, None]
        same = np.allclose(axes @ metric @ axes.T, metric, atol=1e-4 * metric.max())
        near = float((axes @ conventional.cell.array).sum(axis=0) @ wanted)
        if same and np.linalg.det(axes) > 0 and near > nearest + 1e-6 * metric.max():
            best, nearest = axes, near
    turned: Atoms = conventional.copy()
    turned.set_cell(best @ conventional.cell.array, scale_atoms=False)
    turned.wrap()
    return turned


def _cost(found: Cut) -> list[str]:
    slab = found.atoms
    layers = Layers(slab, slab.positions[:, 2])
    above, below = ("".join(sorted(set(slab.symbols[layers.outer(side)]))) for side in (1, -1))
    ends = f"ends in {above} above and {below} below"
    if len(set(slab.symbols)) > 1 and not has_equal_faces(slab):
        ends += ", unequal faces"
    said = [f"{ends}, {found.broken_per_a2:.2f} bonds broken per Å²"]
    if found.n_molecules:
        said.append("molecular ions kept whole")
    if found.polar:
        said.append(
            f"POLAR: no stoichiometric cut of these planes is without a dipole, here "
            f"{abs(found.dipole_e_a or 0.0):.2f} e/Å by formal charges: such a surface is rebuilt "
            "or charged in nature, so take another plane or bring a rebuilt slab"
        )
    return said


def _lengths(cell: Atoms) -> str:
    *lengths, alpha, beta, gamma = np.round(cell.cell.cellpar(), 2).tolist()
    text = " × ".join(f"{length:g}" for length in lengths) + " Å"
    angles = f", {alpha:g} {beta:g} {gamma:g}°"
    return text if (alpha, beta, gamma) == (90, 90, 90) else text + angles
