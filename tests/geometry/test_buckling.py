"""Sheets in one plane, and the push that tells whether the plane is a minimum."""

from __future__ import annotations

import numpy as np
import pytest
from ase import Atoms
from ase.build import fcc111, graphene
from ase.constraints import FixAtoms

from screening.geometry import buckled, lies_flat


def test_only_sheets_in_one_plane_lie_flat() -> None:
    sheet = graphene(size=(2, 2, 1), vacuum=8.0)
    assert lies_flat(sheet, "sheet")
    assert not lies_flat(sheet, "slab")
    assert not lies_flat(fcc111("Al", (2, 2, 2), vacuum=8.0), "slab")
    assert not lies_flat(Atoms("C"), "sheet")
    sheet.positions[0, 2] += 0.3
    assert not lies_flat(sheet, "sheet")


def test_the_push_is_out_of_plane_small_and_always_the_same() -> None:
    sheet = graphene(size=(3, 3, 1), vacuum=8.0)
    before = sheet.positions.copy()
    pushed = buckled(sheet)
    assert sheet.positions == pytest.approx(before)
    assert pushed.positions[:, :2] == pytest.approx(before[:, :2])
    height = pushed.positions[:, 2] - before[:, 2]
    assert height.mean() == pytest.approx(0.0, abs=1e-12)
    assert 0.02 < np.abs(height).max() < 0.4
    assert buckled(sheet).positions == pytest.approx(pushed.positions)


def test_fixed_atoms_stay_fixed() -> None:
    sheet = graphene(size=(2, 2, 1), vacuum=8.0)
    sheet.set_constraint(FixAtoms([0, 3]))
    assert buckled(sheet).constraints[0].get_indices().tolist() == [0, 3]
