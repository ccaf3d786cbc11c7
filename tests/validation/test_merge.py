"""Points from elsewhere come into a set whole and sane, or not at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator
from reference_sets import METALS, frames, write_set

from screening.errors import InputError
from screening.validation import read_reference
from screening.validation.merge import merge


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return write_set(tmp_path / "set.extxyz", frames(lambda value: 0.2, hosts=range(3)))


def more(hosts: range = range(7)) -> list[Atoms]:
    return frames(lambda value: 0.2, hosts=hosts)


def with_energy(atoms: Atoms, by: float, force: float = 0.0) -> Atoms:
    energy = atoms.calc.results["energy"] + by
    forces = np.full((len(atoms), 3), force)
    atoms.calc = SinglePointCalculator(atoms, energy=energy, forces=forces)
    return atoms


def test_hosts_that_the_set_lacks_come_in_once(target: Path) -> None:
    before = read_reference(target)
    source = write_set(target.with_name("new.extxyz"), more())
    found = merge(target, [source, source])
    assert len(found.added) == 4 * 4
    assert not found.refused
    after = read_reference(target)
    assert after.points[: len(before.points)] == before.points
    assert {p.host for p in after.points} == {f"{metal}-111".lower() for metal in METALS}
    content = target.read_bytes()
    assert merge(target, [source]).added == ()
    assert target.read_bytes() == content


@pytest.mark.parametrize(
    ("by", "force", "note", "reason"),
    [
        (5.0, 0.0, "relaxed", "above the free atom"),
        (-9.0, 0.0, "relaxed", "is no adsorption energy"),
        (0.0, np.nan, "relaxed", "force is not finite"),
    ],
)
def test_what_is_not_sane_stays_out_with_its_host(
    target: Path, by: float, force: float, note: str, reason: str
) -> None:
    new = more(range(3, 5))
    wrong = next(a for a in new if a.info.get("ion"))
    wrong.info["note"] = note
    with_energy(wrong, by, force)
    found = merge(target, [write_set(target.with_name("new.extxyz"), new)])
    assert {a.info["host"] for a in found.added} == {f"{METALS[4]}-111".lower()}
    (said,) = found.refused
    assert f"{METALS[3]}-111".lower() in said
    assert reason in said


def test_an_ion_without_its_clean_host_waits(target: Path) -> None:
    new = [a for a in more(range(3, 4)) if a.info.get("ion")]
    found = merge(target, [write_set(target.with_name("new.extxyz"), new)])
    assert not found.added
    assert "no clean frame of host" in found.refused[0]


def test_a_clean_host_without_ions_waits(target: Path) -> None:
    new, content = more(range(3, 4))[3:4], target.read_bytes()
    found = merge(target, [write_set(target.with_name("new.extxyz"), new)])
    assert found.waiting == (f"{METALS[3]}-111".lower(),)
    assert (found.added, found.refused, target.read_bytes()) == ((), (), content)


def test_another_structure_of_a_known_name_stays_out(target: Path) -> None:
    new = more(range(1))
    for atoms in new:
        atoms.positions[:, 2] += 0.3 * np.arange(len(atoms)) / len(atoms)
        with_energy(atoms, 0.1)
    found = merge(target, [write_set(target.with_name("new.extxyz"), new)])
    assert not found.added
    assert "two clean frames of different energy" in found.refused[0]


def test_another_level_is_refused_and_nothing_written(target: Path) -> None:
    new, content = more(range(3, 5)), target.read_bytes()
    for atoms in new:
        atoms.info["level"] = "another"
    source = write_set(target.with_name("new.extxyz"), new)
    with pytest.raises(InputError, match="2 levels"):
        merge(target, [source])
    assert target.read_bytes() == content


def test_a_host_that_its_ion_tore_stays_out(target: Path) -> None:
    new = more(range(3, 5))
    wrong = next(a for a in new if a.info.get("ion"))
    wrong.positions[0, 2] -= 2.0
    found = merge(target, [write_set(target.with_name("new.extxyz"), new)])
    assert len(found.refused) == 1
    assert "tore the host" in found.refused[0]
    assert {a.info["host"] for a in found.added} == {new[-1].info["host"]}


def test_a_minimum_of_an_ion_that_the_set_has_comes_in_alone(target: Path) -> None:
    first = next(a for a in more(range(1)) if a.info.get("ion"))
    lower = with_energy(first, -0.1)
    lower.info["note"] = "minimum"
    lower.positions[-1, 2] += 0.05
    before = read_reference(target)
    found = merge(target, [write_set(target.with_name("new.extxyz"), [*more(range(1)), lower])])
    assert len(found.added) == 1
    after = read_reference(target)
    assert len(after.points) == len(before.points)
    (gain,) = (p.gain for p in after.points if p.gain is not None)
    assert gain.energy_ev == pytest.approx(0.1)


def test_a_minimum_above_the_point_that_it_is_of_stays_out(target: Path) -> None:
    higher = with_energy(next(a for a in more(range(1)) if a.info.get("ion")), 0.1)
    higher.info["note"] = "minimum"
    higher.positions[-1, 2] += 0.05
    found = merge(target, [write_set(target.with_name("new.extxyz"), [*more(range(1)), higher])])
    assert not found.added
    (reason,) = found.refused
    assert "which is lower" in reason
