from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from reference_sets import frames, labelled, metal, raw, structure, write_set

from screening.errors import InputError
from screening.units import IONS
from screening.validation import read_reference


@pytest.fixture
def good() -> list[Atoms]:
    return frames(lambda value: 0.25, hosts=[0, 1])


def test_adsorption_energies_are_formed_at_the_given_geometry(good, tmp_path) -> None:
    found = read_reference(write_set(tmp_path / "set.extxyz", good))
    expected = [raw(index, ion) + 0.25 for index in (0, 1) for ion in IONS]
    assert [p.e_ads_ref_ev for p in found.points] == pytest.approx(expected, abs=1e-6)
    assert [p.ion for p in found.points] == [*IONS, *IONS]
    assert all(p.ions == (8,) for p in found.points)


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
        (info(4, ion="Cs"), "'Cs' is not an ion"),
        (info(4, ion="Na"), "is not host 'al-111'"),
        (info(4, n_ions=2), "is not host 'al-111'"),
        (info(4, n_ions=0), "n_ions"),
        (info(4, n_ions="many"), "n_ions"),
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
