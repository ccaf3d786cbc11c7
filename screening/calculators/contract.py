"""The contract that every calculator has to keep, as one reusable check.

Authors of plug-ins call it in their tests::

    from screening.calculators.contract import check_calculator

    assert check_calculator(resolve("mine"), elements=["Cu", "Li"]) == []
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator
from ase.data import atomic_numbers, covalent_radii
from scipy.spatial.transform import Rotation

from screening.calculators.base import CalculatorSpec
from screening.calculators.interface import BatchCalculator, Point

VACUUM_A = 10.0
"""Each side of sheets and tubes: farther than potentials reach."""


@dataclass(frozen=True)
class Tolerances:
    """How much two answers that ought to agree may differ.

    Attributes
    ----------
    energy_ev_a_atom
        Energy of the same structure, moved or renumbered, eV/atom; single precision is allowed.
    force_ev_a
        Each component of its forces, eV/Å.
    vacuum_ev_a_atom, vacuum_ev_a
        Energy and forces of a sheet, slab or tube with its vacuum made periodic: images 20 Å away
        may feel each other's dipoles.
    derivative_ev_a
        Force against the slope of the energy, eV/Å; 1 % of the force is allowed beside it.
    step_a
        Step of the central difference, Å.
    """

    energy_ev_a_atom: float = 1e-5
    force_ev_a: float = 2e-3
    vacuum_ev_a_atom: float = 1e-3
    vacuum_ev_a: float = 1e-2
    derivative_ev_a: float = 1e-2
    step_a: float = 5e-3


def check_calculator(
    target: CalculatorSpec | Calculator,
    elements: Sequence[str],
    tolerances: Tolerances = Tolerances(),
) -> list[str]:
    """Check a calculator on a crystal, a slab, a cluster, a sheet and tubes of some elements.

    Parameters
    ----------
    target
        A spec, or an ASE calculator.
    elements
        Symbols that the structures are made of, in turn.

    Returns
    -------
    list of str
        The broken rules, empty if all hold: shapes and finite values; no change of the input;
        invariance under translation, rotation of the cell about z and another axis, renumbering,
        and atoms given in another image of the cell; the same answer when asked again; forces =
        -dE/dx; batches equal to single structures; and a sheet, slab or tube that is the same
        with its vacuum made periodic.
    """
    calculator = target.make() if isinstance(target, CalculatorSpec) else target
    found: list[str] = []
    for name, atoms in example_structures(elements):
        try:
            found += [f"{name}: {text}" for text in _violations(calculator, atoms, tolerances)]
        except Exception as error:  # noqa: BLE001 (an engine may raise anything: that is the find)
            found.append(f"{name}: raised {type(error).__name__}: {error}")
    if any(": raised " in text for text in found):
        return found
    try:
        found += _periodicities(calculator, elements, tolerances)
    except Exception as error:  # noqa: BLE001
        found.append(f"sheets and tubes: raised {type(error).__name__}: {error}")
    return found


def example_structures(elements: Sequence[str]) -> Iterator[tuple[str, Atoms]]:
    """Yield a crystal, a slab and a cluster: eight atoms on a distorted cubic lattice each."""
    symbols = [elements[i % len(elements)] for i in range(8)]
    spacing = 2.3 * float(np.mean([covalent_radii[atomic_numbers[s]] for s in elements]))
    corners = np.array([(i, j, k) for i in (0, 1) for j in (0, 1) for k in (0, 1)], dtype=float)
    crystal = Atoms(symbols, spacing * corners, cell=[2 * spacing] * 3, pbc=True)
    crystal.rattle(0.06 * spacing, seed=1)
    slab = crystal.copy()
    slab.pbc = (True, True, False)
    slab.center(vacuum=6.0, axis=2)
    cluster = crystal.copy()
    cluster.pbc = False
    cluster.center(vacuum=6.0)
    yield from (("crystal", crystal), ("slab", slab), ("cluster", cluster))


def open_structures(elements: Sequence[str]) -> Iterator[tuple[str, Atoms]]:
    """Yield a sheet, a slab, a tube along z and one along x, in wide vacuum."""
    crystal = dict(example_structures(elements))["crystal"]
    sheet = crystal[::2]  # every second atom has its corner at z = 0
    for name, atoms, pbc in (
        ("sheet", sheet, (True, True, False)),
        ("slab", crystal, (True, True, False)),
        ("tube", crystal, (False, False, True)),
        ("tube along x", crystal, (True, False, False)),
    ):
        cut = atoms.copy()
        cut.pbc = pbc
        cut.center(vacuum=VACUUM_A, axis=[axis for axis in range(3) if not pbc[axis]])
        yield name, cut


def _periodicities(
    calculator: Calculator, elements: Sequence[str], limit: Tolerances
) -> Iterator[str]:
    """Compare structures in vacuum with themselves where the vacuum is periodic as well."""
    loose = replace(limit, energy_ev_a_atom=limit.vacuum_ev_a_atom, force_ev_a=limit.vacuum_ev_a)
    for name, atoms in open_structures(elements):
        start = _evaluate(calculator, atoms.copy())
        for axes in _wider(atoms.pbc):
            other = atoms.copy()
            other.pbc = axes
            rule = f"{name}: periodic in {sum(axes)} directions, not {int(sum(atoms.pbc))}"
            yield from _differences(rule, _evaluate(calculator, other), start, loose)


def _wider(pbc: np.ndarray) -> list[tuple[bool, ...]]:
    """Periodicities with one or more directions more."""
    added = [tuple(bool(p or i == axis) for i, p in enumerate(pbc)) for axis in range(3)]
    return sorted({*(a for a in added if sum(a) > sum(pbc)), (True, True, True)})


def _violations(calculator: Calculator, atoms: Atoms, tolerances: Tolerances) -> Iterator[str]:
    before = atoms.copy()
    start = _evaluate(calculator, atoms)
    if start.forces.shape != (len(atoms), 3):
        yield f"forces have shape {start.forces.shape}, not {(len(atoms), 3)}"
        return
    if not (np.isfinite(start.energy_ev) and np.isfinite(start.forces).all()):
        yield "energy or forces are not finite"
        return
    if not _same_input(atoms, before):
        yield "the input was changed"
    for rule, moved, forces in _copies(before, start.forces):
        expected = Point(start.energy_ev, forces)
        yield from _differences(rule, _evaluate(calculator, moved), expected, tolerances)
    yield from _slopes(calculator, before, start.forces, tolerances)
    if isinstance(calculator, BatchCalculator):
        points = calculator.compute_batch([before.copy(), before[:4], before.copy()])
        yield from _differences("batch", points[0], start, tolerances)
        yield from _differences("batch", points[2], start, tolerances)


def _copies(atoms: Atoms, forces: np.ndarray) -> Iterator[tuple[str, Atoms, np.ndarray]]:
    """Yield copies whose energy is the same, and the forces that they must have."""
    shifted = atoms.copy()
    shifted.translate((0.31, -0.27, 0.22))
    yield "translation", shifted, forces
    turned = atoms.copy()
    turned.rotate(37.0, "z", rotate_cell=True)
    angle = np.radians(37.0)
    turn = np.array(
        [[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]]
    )
    yield "rotation", turned, forces @ turn.T
    axis, angle = np.array([1.0, 2.0, 0.5]) / np.linalg.norm([1.0, 2.0, 0.5]), 51.0
    tilted = atoms.copy()
    tilted.rotate(angle, axis, rotate_cell=True)
    yield (
        "rotated cell",
        tilted,
        forces @ Rotation.from_rotvec(np.radians(angle) * axis).as_matrix().T,
    )
    elsewhere = atoms.copy()
    shifts = np.random.default_rng(4).integers(-2, 3, size=(len(atoms), 3)) * atoms.pbc
    elsewhere.positions += shifts @ atoms.cell.array
    yield "atoms outside the cell", elsewhere, forces
    order = np.random.default_rng(2).permutation(len(atoms))
    yield "permutation", atoms[order], forces[order]
    yield "the same structure again", atoms.copy(), forces


def _differences(rule: str, got: Point, wanted: Point, limit: Tolerances) -> Iterator[str]:
    energy = abs(got.energy_ev - wanted.energy_ev) / len(wanted.forces)
    force = np.abs(got.forces - wanted.forces).max()
    if energy > limit.energy_ev_a_atom:
        yield f"{rule}: energy differs by {energy:.2g} eV/atom"
    if force > limit.force_ev_a:
        yield f"{rule}: forces differ by {force:.2g} eV/Å"


def _slopes(
    calculator: Calculator, atoms: Atoms, forces: np.ndarray, limit: Tolerances
) -> Iterator[str]:
    """Compare forces with central differences of the energy along two random directions."""
    random = np.random.default_rng(3)
    for _ in range(2):
        direction = random.normal(size=forces.shape)
        direction /= np.linalg.norm(direction)
        ends = []
        for sign in (1, -1):
            moved = atoms.copy()
            moved.positions += sign * limit.step_a * direction
            ends.append(_evaluate(calculator, moved, consistent=True).energy_ev)
        slope = -(ends[0] - ends[1]) / (2 * limit.step_a)
        force = float(np.sum(forces * direction))
        if abs(slope - force) > limit.derivative_ev_a + 0.01 * abs(force):
            yield f"force along a direction is {force:.4f} eV/Å, -dE/dx is {slope:.4f}"


def _evaluate(calculator: Calculator, atoms: Atoms, *, consistent: bool = False) -> Point:
    """Energy (the one that forces derive from, where asked) and forces of one structure."""
    free = consistent and "free_energy" in calculator.implemented_properties
    name = "free_energy" if free else "energy"
    energy = float(calculator.get_property(name, atoms))
    return Point(energy, np.array(calculator.get_property("forces", atoms), dtype=float))


def _same_input(atoms: Atoms, before: Atoms) -> bool:
    arrays: Collection[str] = before.arrays
    return (
        set(atoms.arrays) == set(arrays)
        and all(np.array_equal(atoms.arrays[key], before.arrays[key]) for key in arrays)
        and np.array_equal(atoms.cell.array, before.cell.array)
        and np.array_equal(atoms.pbc, before.pbc)
        and atoms.info == before.info
    )
