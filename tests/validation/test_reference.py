from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from ase import Atom, Atoms
from ase.build import bcc110
from reference_sets import frames, labelled, metal, raw, structure, write_set

from screening.calculators import resolve
from screening.errors import InputError
from screening.units import IONS
from screening.validation import measure, read_reference


@pytest.fixture
def good() -> list[Atoms]:
    return frames(lambda value: 0.25, hosts=[0, 1])


def test_adsorption_energies_are_formed_at_the_given_geometry(good, tmp_path) -> None:
    found = read_reference(write_set(tmp_path / "set.extxyz", good))
    expected = [raw(index, ion) + 0.25 for index in (0, 1) for ion in IONS]
    assert [p.e_ads_ref_ev for p in found.points] == pytest.approx(expected, abs=1e-6)
    assert [p.ion for p in found.points] == [*IONS, *IONS]
    assert all(p.ions == (8,) for p in found.points)


def test_what_a_denser_grid_adds_is_added(good, tmp_path) -> None:
    plain = read_reference(write_set(tmp_path / "plain.extxyz", good)).points[0]
    good[4].info["grid_ev"] = -0.076
    found = read_reference(write_set(tmp_path / "set.extxyz", good)).points
    assert found[0].e_ads_ref_ev == pytest.approx(plain.e_ads_ref_ev - 0.076, abs=1e-9)


def test_a_bulk_cell_of_two_atoms_gives_the_same_reference(good, tmp_path) -> None:
    doubled = metal("Li").repeat((1, 1, 2))
    twice = labelled(doubled, 2 * good[0].get_potential_energy(), bulk="Li")
    one = read_reference(write_set(tmp_path / "one.extxyz", good))
    two = read_reference(write_set(tmp_path / "two.extxyz", [twice, *good[1:]]))
    assert two.points[0].e_ads_ref_ev == pytest.approx(one.points[0].e_ads_ref_ev, abs=1e-9)


def test_energy_is_per_ion_when_there_are_several(good, tmp_path) -> None:
    li, clean = good[0].get_potential_energy(), good[3].get_potential_energy()
    pair = structure(0, "Li")
    pair.append("Li")
    pair.positions[-1] = pair.positions[-2] + [2.8, 0.0, 0.0]
    frame = labelled(pair, clean + 2 * li - 1.0, host="al-111", ion="Li", n_ions=2)
    found = read_reference(write_set(tmp_path / "set.extxyz", [*good[:4], frame]))
    assert found.points[0].e_ads_ref_ev == pytest.approx(-0.5)
    assert found.points[0].ions == (8, 9)


def test_ions_are_found_wherever_they_stand_in_the_file(good, tmp_path) -> None:
    first = good[4][[8, *range(8)]]
    frame = labelled(first, good[4].get_potential_energy(), host="al-111", ion="Li")
    found = read_reference(write_set(tmp_path / "set.extxyz", [*good[:4], frame]))
    assert found.points[0].ions == (0,)


def test_an_ion_on_its_own_metal_is_the_atom_that_the_clean_slab_lacks(tmp_path) -> None:
    slab = bcc110("Li", (2, 2, 3), a=3.44, vacuum=7.0)
    slab.pbc = (True, True, False)
    adsorbed = slab.copy()
    adsorbed.append(Atom("Li", slab.positions[-1] + [0.3, 1.2, 2.4]))
    adsorbed.positions[:-1, 2] += 0.05
    order = [12, *range(11, -1, -1)]
    shuffled = adsorbed[order]
    shuffled.wrap()
    frames = [
        labelled(metal("Li"), -1.9, bulk="Li"),
        labelled(slab, -20.0, host="li-110"),
        labelled(adsorbed, -22.0, host="li-110", ion="Li"),
        labelled(shuffled, -22.0, host="li-110", ion="Li"),
    ]
    last, first = read_reference(write_set(tmp_path / "set.extxyz", frames)).points
    assert (last.ions, first.ions) == ((12,), (0,))


def test_order_of_frames_forces_and_types_do_not_matter(good, tmp_path) -> None:
    expected = read_reference(write_set(tmp_path / "good.extxyz", good))
    for frame in good:
        frame.calc.results.pop("forces")
        if "n_ions" in frame.info:
            frame.info.update(n_ions=np.int64(1), ion=np.str_(frame.info["ion"]))
    found = read_reference(write_set(tmp_path / "odd.extxyz", good[::-1]))
    assert [p.e_ads_ref_ev for p in found.points[::-1]] == pytest.approx(
        [p.e_ads_ref_ev for p in expected.points], abs=1e-9
    )


def test_energy_may_stand_in_info(good, tmp_path) -> None:
    expected = read_reference(write_set(tmp_path / "good.extxyz", good))
    for frame in good:
        frame.info["energy"] = frame.get_potential_energy()
        frame.calc = None
    found = read_reference(write_set(tmp_path / "odd.extxyz", good))
    assert [p.e_ads_ref_ev for p in found.points] == pytest.approx(
        [p.e_ads_ref_ev for p in expected.points], abs=1e-6
    )


@pytest.mark.parametrize("absent", [None, "None", float("nan")])
def test_keys_written_without_a_value_are_absent(good, tmp_path, absent) -> None:
    for frame in good:
        for key in ("host", "ion", "bulk", "family", "note"):
            frame.info.setdefault(key, absent)
    found = read_reference(write_set(tmp_path / "odd.extxyz", good))
    assert [p.ion for p in found.points] == [*IONS, *IONS]
    assert {p.family for p in found.points} == {""}


def test_a_host_may_be_named_by_numbers(good, tmp_path) -> None:
    for frame in good:
        if frame.info.get("host") == "al-111":
            frame.info["host"] = "4 2"
        elif frame.info.get("host"):
            frame.info["host"] = 7
    found = read_reference(write_set(tmp_path / "odd.extxyz", good))
    assert {p.host for p in found.points} == {"4 2", "7"}


def test_atoms_on_the_other_side_of_the_cell_are_the_same_atoms(good, tmp_path) -> None:
    for frame in good[4:7]:
        frame.positions += frame.cell[0] / 2 - 2 * frame.cell[1]
        frame.wrap()
    found = read_reference(write_set(tmp_path / "odd.extxyz", good))
    assert all(p.ions == (8,) for p in found.points)
    measured = measure(found, resolve("emt"))
    assert [m.e_ads_raw_ev for m in measured] == pytest.approx(
        [raw(index, ion) for index in (0, 1) for ion in IONS], abs=1e-6
    )


def test_a_set_without_levels_is_one_level(good, tmp_path) -> None:
    for frame in good:
        del frame.info["level"]
    assert read_reference(write_set(tmp_path / "s.extxyz", good)).level == "not stated"


def drop(*indices: int) -> Callable[[list[Atoms]], list[Atoms]]:
    return lambda frames: [f for i, f in enumerate(frames) if i not in indices]


def info(index: int, **changes: object) -> Callable[[list[Atoms]], list[Atoms]]:
    def change(frames: list[Atoms]) -> list[Atoms]:
        frames[index].info.update(changes)
        return frames

    return change


def without_energy(frames: list[Atoms]) -> list[Atoms]:
    frames[4].calc = None
    return frames


def with_nan(frames: list[Atoms]) -> list[Atoms]:
    frames[4].positions[0, 0] = np.nan
    return frames


def with_dummy(frames: list[Atoms]) -> list[Atoms]:
    for frame in frames[3:7]:
        frame.symbols[0] = "X"
    return frames


def other_cell(frames: list[Atoms]) -> list[Atoms]:
    frames[3].cell[0, 0] += 0.1
    return frames


def another_clean_host(frames: list[Atoms]) -> list[Atoms]:
    copy = labelled(frames[3], frames[3].get_potential_energy() + 0.1, host="al-111")
    return [*frames, copy]


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (drop(3), "no clean frame of host 'al-111'"),
        (drop(0), "no bulk frame of Li"),
        (drop(*range(4, 7), *range(8, 11)), "no adsorption energy"),
        (info(4, level="other"), "frames of 2 levels"),
        (info(4, level=None), "frames of 2 levels"),
        (info(4, host=None), "has no host"),
        (info(4, ion=None), "two clean frames"),
        (with_dummy, "unknown ones"),
        (info(4, ion="Cs"), "'Cs' is not an ion"),
        (info(4, ion="Na"), "is not host 'al-111'"),
        (info(4, n_ions=2), "is not host 'al-111'"),
        (info(4, n_ions=0), "n_ions"),
        (info(4, n_ions="many"), "n_ions"),
        (info(4, grid_ev="dense"), "grid_ev"),
        (info(4, host="cu-111"), "is not host 'cu-111'"),
        (info(0, host="al-111"), "both bulk metal and host"),
        (info(0, bulk="Na"), "bulk Na holds Li"),
        (without_energy, "energy is missing"),
        (with_nan, "not finite"),
        (other_cell, "cell differs"),
        (another_clean_host, "two clean frames"),
    ],
)
def test_a_set_that_does_not_add_up_is_refused_in_one_line(
    good, tmp_path: Path, spoil, complaint: str
) -> None:
    path = write_set(tmp_path / "set.extxyz", spoil(good))
    with pytest.raises(InputError, match=complaint) as refused:
        read_reference(path)
    assert "\n" not in str(refused.value)
    assert "set.extxyz" in str(refused.value)


@pytest.mark.parametrize("content", [b"", b"\x00\xff" * 50, b"3\nno lattice\nX 0 0\n", b"[1, 2]"])
def test_a_file_that_is_no_set_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "set.extxyz"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"set\.extxyz"):
        read_reference(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a file"):
        read_reference(tmp_path / "nowhere.extxyz")


def test_an_ion_called_relaxed_and_above_the_free_atom_is_dropped_and_named(tmp_path) -> None:
    found = frames(lambda _: 0.0, hosts=[0, 1])
    for atoms in found:
        if atoms.info.get("ion") == "Li" and atoms.info["host"] == "al-111":
            atoms.info["note"] = "relaxed"
            atoms.calc.results["energy"] += 5.0
        elif atoms.info.get("ion") == "Na" and atoms.info["host"] == "al-111":
            atoms.info["note"] = "lowered"  # pushed down, an ion may be anywhere
            atoms.calc.results["energy"] += 5.0
    read = read_reference(write_set(tmp_path / "set.extxyz", found))
    assert len(read.points) == 5
    (reason,) = read.dropped
    assert reason.startswith("al-111 Li: e_ads ")
    assert "above the free atom (1.65 eV)" in reason
