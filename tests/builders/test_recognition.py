"""What a foreign structure is: sheets however thick, slabs however thin, rods, pieces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import (
    add_adsorbate,
    bulk,
    diamond111,
    fcc111,
    graphene,
    graphene_nanoribbon,
    molecule,
    mx2,
    nanotube,
)
from ase.constraints import FixAtoms
from ase.io import write
from ase.spacegroup import crystal

from screening.builders import load_catalogue
from screening.builders.constraints import with_fixed_atoms
from screening.builders.frame import framed, recognise, to_frame
from screening.builders.reading import read_file
from screening.builders.slab import SlabCut, cut_slab
from screening.builders.validate import validate_structure
from screening.errors import StructureError
from screening.resources import shipped
from screening.structure import fixed_indices
from screening.structure.lattice import Lattice

PLACES = {"A": (0.0, 0.0), "B": (1 / 3, 2 / 3), "C": (2 / 3, 1 / 3)}


def stacked(a: float, *planes: tuple[str, str, float]) -> Atoms:
    """Hexagonal layers: symbol, close-packed position, height."""
    heights = np.array([height for _, _, height in planes])
    c = np.ptp(heights) + 20.0
    scaled = [(*PLACES[p], (z - heights.min() + 10.0) / c) for _, p, z in planes]
    cell = [a, a, c, 90, 90, 120]
    atoms = Atoms([s for s, _, _ in planes], cell=cell, scaled_positions=scaled, pbc=True)
    return atoms.repeat((2, 2, 1))


def mxene(metals: Sequence[str], nonmetal: str, group: str) -> Atoms:
    """M and X in turn, close-packed, with a group on either face."""
    planes, height = [], 0.0
    for number, metal in enumerate(metals):
        planes.append((metal, "ACB"[number % 3], height))
        if number < len(metals) - 1:
            planes.append((nonmetal, "BAC"[number % 3], height + 1.2))
        height += 2.4
    low, high = -0.95, height - 2.4 + 0.95
    for symbol, step in zip(group, (0.0, 0.97), strict=False):
        planes = [(symbol, "C", low - step), *planes, (symbol, "B", high + step)]
    return stacked(3.07, *planes)


def free(atoms: Atoms) -> Atoms:
    """As a CIF holds it: periodic along all axes, without constraints."""
    bare = atoms.copy()
    bare.set_constraint()
    bare.pbc = True
    return bare


SHEETS: dict[str, Callable[[], Atoms]] = {
    "silicene": lambda: stacked(3.87, ("Si", "B", 0), ("Si", "C", 0.45)),
    "stanene": lambda: stacked(4.67, ("Sn", "B", 0), ("Sn", "C", 0.86)),
    "bismuthene": lambda: stacked(4.33, ("Bi", "B", 0), ("Bi", "C", 1.73)),
    "antimonene": lambda: stacked(4.12, ("Sb", "B", 0), ("Sb", "C", 1.65)),
    "blue phosphorus": lambda: stacked(3.28, ("P", "B", 0), ("P", "C", 1.24)),
    "fluorographene": lambda: stacked(
        2.60, ("F", "B", -1.38), ("C", "B", 0), ("C", "C", 0.49), ("F", "C", 1.87)
    ),
    "GaSe": lambda: stacked(
        3.75, ("Se", "B", 0), ("Ga", "C", 1.18), ("Ga", "C", 3.6), ("Se", "B", 4.78)
    ),
    "Bi2Te3": lambda: stacked(
        4.38, ("Te", "A", 0), ("Bi", "B", 1.74), ("Te", "C", 3.77), ("Bi", "A", 5.8),
        ("Te", "B", 7.54),
    ),
    "MnBi2Te4, 11 Å thick": lambda: stacked(
        4.33, ("Te", "A", 0), ("Bi", "B", 1.74), ("Te", "C", 3.9), ("Mn", "A", 5.5),
        ("Te", "B", 7.1), ("Bi", "C", 9.26), ("Te", "A", 11.0),
    ),
    "MgCl2": lambda: stacked(3.64, ("Cl", "B", 0), ("Mg", "A", 1.35), ("Cl", "C", 2.7)),
    "MoS2": lambda: mx2(size=(2, 2, 1), vacuum=8.0),
    **{
        f"{''.join(metals)}{x} {group}": lambda m=metals, x=x, g=group: mxene(m, x, g)
        for metals, x in [
            (["Ti"] * 2, "C"), (["Ti"] * 3, "C"), (["V"] * 4, "N"), (["Ti"] * 5, "C"),
            (["Mo", "Ti", "Mo"], "C"), (["Mo"] * 2, "B"),
        ]
        for group in ("", "O", "F", "OH", "S")
    },
}  # fmt: skip


@pytest.mark.parametrize("name", SHEETS)
def test_a_sheet_however_thick_or_buckled(name: str) -> None:
    assert recognise(SHEETS[name]()).geometry == "sheet"


def covered(metal: str, layers: int, gap: float, cover: str = "C2") -> Atoms:
    slab = fcc111(metal, (2, 2, layers), vacuum=10.0)
    sheet = graphene(cover, size=(2, 2, 1))
    sheet.set_cell([*slab.cell[:2], [0, 0, 1]], scale_atoms=True)
    sheet.positions[:, 2] += slab.positions[:, 2].max() + gap
    both = free(slab + sheet)
    both.center(vacuum=10.0, axis=2)
    return both


def alloyed(metal: str, guest: str, place: int) -> Atoms:
    slab = fcc111(metal, (2, 2, 3), vacuum=8.0)
    slab.symbols[place] = guest
    return free(slab)


def adsorbed(what: Atoms | str, height: float) -> Atoms:
    slab = fcc111("Cu", (2, 2, 4), vacuum=8.0)
    add_adsorbate(slab, what, height, "fcc")
    slab.center(vacuum=8.0, axis=2)
    return free(slab)


def oxide(name: str, miller: tuple[int, ...], thickness: float) -> Atoms:
    crystals = {
        "TiO2": crystal(
            ["Ti", "O"], [(0, 0, 0), (0.305, 0.305, 0)], spacegroup=136,
            cellpar=[4.594, 4.594, 2.959, 90, 90, 90],
        ),
        "SrTiO3": crystal(
            ["Sr", "Ti", "O"], [(0, 0, 0), (0.5, 0.5, 0.5), (0.5, 0.5, 0)], spacegroup=221,
            cellpar=[3.905, 3.905, 3.905, 90, 90, 90],
        ),
        "CeO2": crystal(
            ["Ce", "O"], [(0, 0, 0), (0.25, 0.25, 0.25)], spacegroup=225,
            cellpar=[5.41, 5.41, 5.41, 90, 90, 90],
        ),
        "TiC": bulk("TiC", "rocksalt", a=4.33, cubic=True),
        "LiF": bulk("LiF", "rocksalt", a=4.03, cubic=True),
        "ZnS": bulk("ZnS", "zincblende", a=5.41, cubic=True),
    }  # fmt: skip
    return free(cut_slab(crystals[name], SlabCut(miller=miller, thickness=thickness)))


SLABS: dict[str, Callable[[], Atoms]] = {
    **{f"{g} in {m} at {p}": lambda m=m, g=g, p=p: alloyed(m, g, p)
       for m, g in [("Cu", "Sb"), ("Au", "Ge"), ("Al", "Si"), ("Cu", "As"), ("Ag", "Te")]
       for p in (-1, 5)},
    "graphene on Cu": lambda: covered("Cu", 3, 3.3),
    "graphene on two layers of Ni": lambda: covered("Ni", 2, 2.1),
    "h-BN on Pt": lambda: covered("Pt", 4, 3.2, "BN"),
    "O on Cu": lambda: adsorbed("O", 1.2),
    "CO above Cu": lambda: adsorbed(molecule("CO"), 3.0),
    **{f"{n} {m} {t}": lambda n=n, m=m, t=t: oxide(n, m, t) for n, m, t in [
        ("TiO2", (1, 1, 0), 6.0), ("TiO2", (1, 0, 1), 6.0), ("TiO2", (0, 0, 1), 3.5),
        ("SrTiO3", (1, 0, 0), 6.0), ("CeO2", (1, 1, 1), 4.0), ("TiC", (1, 0, 0), 4.0),
        ("LiF", (1, 0, 0), 4.0), ("ZnS", (1, 1, 0), 5.0), ("ZnS", (1, 1, 1), 5.0),
    ]},
    "Si(111)": lambda: free(diamond111("Si", (2, 2, 4), vacuum=8.0)),
}  # fmt: skip


@pytest.mark.parametrize("name", SLABS)
def test_a_slab_however_thin_and_whatever_lies_on_it(name: str) -> None:
    assert recognise(SLABS[name]()).geometry == "slab"


def test_a_thin_slab_that_nothing_tells_from_a_sheet_is_asked_about() -> None:
    found = recognise(oxide("LiF", (1, 0, 0), 2.0))
    assert found.geometry is None
    assert found.readings == ("sheet", "slab")


@pytest.mark.parametrize("kind", ["zigzag", "armchair"])
@pytest.mark.parametrize("width", [3, 4, 5])
@pytest.mark.parametrize("turn", [0.0, 30.0])
def test_a_ribbon_is_a_sheet_that_lies_flat(kind: str, width: int, turn: float) -> None:
    ribbon = free(graphene_nanoribbon(width, 2, type=kind, saturated=True, vacuum=8.0))
    along = int(np.argmin(ribbon.cell.lengths()))
    ribbon.rotate(turn, "xyz"[along])
    found = recognise(ribbon)
    assert found.geometry == "sheet"
    assert "ribbon" in found.reason
    host = to_frame(ribbon, "sheet", 8.0, "x")
    validate_structure(host, "sheet", "x")
    assert np.ptp(host.positions[:, 2]) < 1e-3
    assert host.cell.lengths()[0] == pytest.approx(ribbon.cell.lengths()[along])


def test_rods_are_told_apart() -> None:
    tube, wire = nanotube(6, 0, length=2, vacuum=6.0), bulk("Cu", cubic=True).repeat((2, 2, 1))
    wire.center(vacuum=6.0, axis=(0, 1))
    assert recognise(free(tube)).geometry == "tube"
    assert recognise(free(wire)).readings == ("tube", "sheet")
    walls = mx2(size=(1, 5, 1), vacuum=8.0)
    walls.set_cell([walls.cell[0], [0, 30, 0], walls.cell[2]])
    assert recognise(free(walls)).geometry == "sheet"


@pytest.mark.parametrize("pins", [[0], [1], [0, 4]])
def test_pinned_atoms_make_no_slab_and_are_freed(pins: list[int]) -> None:
    janus = mx2(size=(2, 2, 1), vacuum=8.0)
    janus.set_constraint(FixAtoms(pins))
    assert recognise(janus).geometry == "sheet"
    host, said = framed(janus, "sheet", 8.0, "x")
    assert len(fixed_indices(host)) == 0
    assert any("free" in text for text in said)


def test_a_held_face_makes_a_slab() -> None:
    sheet = mx2(size=(2, 2, 1), vacuum=8.0)
    lower = sheet.positions[:, 2] < sheet.positions[:, 2].min() + 0.1
    sheet.set_constraint(FixAtoms(np.flatnonzero(lower)))
    assert recognise(sheet).geometry == "slab"


@pytest.mark.parametrize("height", [6.5, 7.5, 9.0])
def test_pieces_that_nothing_joins_are_refused(height: float) -> None:
    slab = free(fcc111("Cu", (2, 2, 3), vacuum=20.0))
    slab += Atoms("CO", [(1, 1, slab.positions[:, 2].max() + height + z) for z in (0, 1.15)])
    with pytest.raises(StructureError, match=r"2 pieces.*Cu12, CO"):
        to_frame(slab, "slab", 8.0, "x")


def test_adsorbates_do_not_count_for_the_lower_half() -> None:
    host = to_frame(adsorbed(molecule("CO"), 3.0), "slab", 8.0, "x")
    assert len(fixed_indices(host)) == 8


SIDED = free(fcc111("Cu", (2, 2, 4), vacuum=8.0))
SIDED.symbols[-4:] = "Pt"


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (2, 1, 0), (0, 2, 1), (1, 2, 0)])
@pytest.mark.parametrize("mirrored", [False, True])
def test_up_stays_up_whatever_the_cell(order: tuple[int, ...], mirrored: bool) -> None:
    slab = SIDED.copy()
    slab.set_cell(slab.cell[list(order)])
    if mirrored:
        slab.set_cell(slab.cell.array * [1, -1, 1])
        slab.positions *= [1, -1, 1]
    host, _ = framed(slab, "slab", 8.0, "x")
    validate_structure(host, "slab", "x")
    assert set(host.symbols[host.positions[:, 2] > host.positions[:, 2].max() - 0.1]) == {"Pt"}
    assert host.get_all_distances(mic=True) == pytest.approx(
        SIDED.get_all_distances(mic=True), abs=1e-6
    )


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (0, 2, 1)])
def test_a_slab_held_from_above_is_turned_over(order: tuple[int, ...]) -> None:
    slab = SIDED.copy()
    slab.set_cell(slab.cell[list(order)])
    slab.set_constraint(
        FixAtoms(np.flatnonzero(slab.positions[:, 2] > slab.positions[:, 2].mean()))
    )
    host, said = framed(slab, "slab", 8.0, "x")
    validate_structure(host, "slab", "x")
    top = host.symbols[host.positions[:, 2] > host.positions[:, 2].max() - 0.1]
    assert set(top) == {"Cu"}
    assert any("turned over" in text for text in said)
    assert host.get_all_distances(mic=True) == pytest.approx(
        slab.get_all_distances(mic=True), abs=1e-6
    )
    upside = host.copy()
    upside.set_constraint(FixAtoms(np.setdiff1d(np.arange(16), fixed_indices(host))))
    with pytest.raises(StructureError, match="not its lower ones"):
        validate_structure(upside, "slab", "x")


def test_atoms_below_a_fixed_middle_are_fixed_too() -> None:
    slab = free(fcc111("Cu", (2, 2, 5), vacuum=8.0))
    slab.set_constraint(FixAtoms(range(8, 12)))
    host, said = framed(slab, "slab", 8.0, "x")
    assert len(fixed_indices(host)) == 12
    assert any("and the 8 below them" in text for text in said)
    validate_structure(host, "slab", "x")


@pytest.mark.parametrize(
    ("name", "form"), [("x.cif", "cif"), ("POSCAR", "vasp"), ("x.xyz", "extxyz")]
)
def test_every_shipped_host_comes_back_as_it_was(tmp_path: Path, name: str, form: str) -> None:
    """The same class, cell and places; hence the same faces and sites."""
    changed = []
    catalogue = load_catalogue(shipped("structures"))
    for host in map(catalogue.build, catalogue.recipes):
        write(tmp_path / name, host.atoms, format=form)
        atoms, _ = with_fixed_atoms(read_file(tmp_path / name).atoms)
        found = recognise(atoms)
        if found.geometry != host.geometry:
            changed.append(f"{host.id}: {host.geometry} as {found.geometry}: {found.reason}")
            continue
        back = to_frame(atoms, found.geometry, 8.0, name)
        if not same(host.atoms, back):
            changed.append(f"{host.id} is another structure")
    assert len(catalogue.recipes) >= 208
    assert changed == []


def same(one: Atoms, other: Atoms) -> bool:
    """Whether two hosts in our frame agree, their vacuum aside."""
    lattice = Lattice.of(one)
    shift = one.positions.min(axis=0) - other.positions.min(axis=0)
    shift[one.pbc] = 0.0
    found = lattice.match(one.positions, other.positions + shift, 2e-3)
    return (
        bool(np.allclose(one.cell[one.pbc], other.cell[one.pbc], atol=1e-4))
        and sorted(found) == list(range(len(one)))
        and bool((one.numbers[found] == other.numbers).all())
    )
