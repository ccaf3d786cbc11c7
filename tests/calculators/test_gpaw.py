from __future__ import annotations

import shutil

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, graphene

from screening.calculators import resolve
from screening.calculators.gpaw import ELEMENTS
from screening.calculators.gpaw_engine import kpoints, left_over, parameters, with_moments
from screening.calculators.gpaw_settings import LcaoSettings, Settings
from screening.errors import InputError

QUICK = {"cutoff_ev": 250.0, "kpoint_density_a": 1.0}
LEVELS = {"gpaw": QUICK, "gpaw:lcao": {"kpoint_density_a": 1.0}}


def lithium_hydride() -> Atoms:
    return Atoms("LiH", [(0, 0, 0), (0, 0, 1.6)], cell=[6, 6, 7], pbc=True)


def test_only_sheets_and_slabs_get_a_dipole_layer() -> None:
    sheet, metal = graphene(vacuum=6.0), bulk("Li")
    assert parameters(sheet, Settings())["poissonsolver"] == {"dipolelayer": "xy"}
    assert "poissonsolver" not in parameters(metal, Settings())


def test_only_magnetic_elements_make_a_calculation_spin_polarised() -> None:
    assert with_moments(bulk("Fe")).get_initial_magnetic_moments().tolist() == [2.5]
    assert not with_moments(bulk("Cu")).get_initial_magnetic_moments().any()


@pytest.mark.parametrize(
    "options", [{"cutoff_ev": -1.0}, {"cutoff_ev": "400"}, {"ranks": 0}, {"width": 0.1}]
)
def test_wrong_settings_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(InputError, match="gpaw options"):
        resolve("gpaw", options=options)


def test_settings_but_not_the_number_of_ranks_are_part_of_the_level() -> None:
    pytest.importorskip("gpaw")
    base = resolve("gpaw").level()
    assert resolve("gpaw", options={"ranks": 4}).level() == base
    assert resolve("gpaw", options={"width_ev": 0.05}).level() != base


@pytest.mark.dft
def test_listed_elements_have_a_data_set() -> None:
    gpaw_data = pytest.importorskip("gpaw_data")
    files = {path.name for path in gpaw_data.datapath().glob("*.PBE.gz")}
    assert {f"{symbol}.PBE.gz" for symbol in ELEMENTS} <= files


def test_atomic_orbitals_are_a_level_of_their_own() -> None:
    pytest.importorskip("gpaw")
    waves, orbitals = resolve("gpaw").level(), resolve("gpaw:lcao").level()
    assert str(waves) == "gpaw:pw (PBE, dispersion none)"
    assert str(orbitals) == "gpaw:lcao (PBE, dispersion none)"
    assert waves.fingerprint != orbitals.fingerprint
    assert dict(orbitals.settings)["basis"] == "dzp"
    sheet = graphene(size=(3, 3, 1), vacuum=6.0)
    one, other = (parameters(sheet, settings()) for settings in (Settings, LcaoSettings))
    assert (other["mode"], other["basis"], other["h"]) == ({"name": "lcao"}, "dzp", 0.22)
    assert np.array_equal(one["kpts"], other["kpts"])
    with pytest.raises(InputError, match="cutoff_ev"):
        resolve("gpaw:lcao", options={"cutoff_ev": 350.0})


@pytest.mark.dft
@pytest.mark.parametrize("name", LEVELS)
def test_forces_are_the_slope_of_the_free_energy_and_the_restart_changes_nothing(name) -> None:
    pytest.importorskip("gpaw")
    calculator, start = resolve(name, options=LEVELS[name]).make(), lithium_hydride()
    first = calculator.get_potential_energy(start)
    force = calculator.get_forces(start)[1, 2]
    energies = []
    for step in (0.02, -0.02):
        moved = start.copy()
        moved.positions[1, 2] += step
        energies.append(calculator.get_property("free_energy", moved))
    assert -(energies[0] - energies[1]) / 0.04 == pytest.approx(force, abs=0.02)
    assert calculator.get_potential_energy(start) == pytest.approx(first, abs=1e-3)


@pytest.mark.dft
def test_orbitals_stretch_lithium_hydride_as_waves_do() -> None:
    pytest.importorskip("gpaw")
    costs = []
    for name, options in LEVELS.items():
        calculator, molecule = resolve(name, options=options).make(), lithium_hydride()
        before = calculator.get_potential_energy(molecule)
        molecule.positions[1, 2] += 0.5
        costs.append(calculator.get_potential_energy(molecule) - before)
    assert costs[0] > 0.3
    assert costs[1] == pytest.approx(costs[0], abs=0.1)


@pytest.mark.dft
@pytest.mark.skipif(shutil.which("mpiexec") is None, reason="no MPI here")
def test_two_ranks_give_what_one_gives() -> None:
    pytest.importorskip("gpaw")
    atoms = lithium_hydride()
    one, two = (resolve("gpaw", options=QUICK | {"ranks": n}).make() for n in (1, 2))
    assert two.get_potential_energy(atoms) == pytest.approx(
        one.get_potential_energy(atoms), abs=1e-5
    )
    assert np.allclose(two.get_forces(atoms), one.get_forces(atoms), atol=1e-4)


def test_grids_of_sheets_avoid_gamma_and_bulk_grids_are_denser() -> None:
    sheet = kpoints(graphene(size=(3, 3, 1), vacuum=6.0), 2.75)
    assert sheet.shape == (9, 3)
    assert np.abs(sheet).sum(axis=1).min() > 0.3
    assert not sheet[:, 2].any()
    cube = Atoms("Li", cell=[2 * np.pi] * 3, pbc=True)
    assert len(kpoints(cube, 2.0)) == 4**3
    cube.pbc = (True, True, False)
    assert len(kpoints(cube, 2.0)) == 2**2
    assert kpoints(Atoms("H", cell=[9, 9, 9]), 5.0).tolist() == [[0.0, 0.0, 0.0]]


def test_an_electron_left_over_above_an_open_gap_has_a_spin() -> None:
    """Bands at two k-points: nine electrons half fill the fifth."""
    valence = np.array([[-9.0, -8.0, -7.0, -6.0], [-9.5, -8.5, -7.5, -5.0]])
    above, touching = (np.array([[level], [level + 0.2]]) for level in (-0.1, -5.1))
    assert left_over(np.hstack([valence, above]), 9.0)
    assert not left_over(np.hstack([valence, above]), 8.0)
    assert not left_over(np.hstack([valence, touching]), 9.0)
    assert left_over(above, 1.0)
    wide = above + 6.0 * np.linspace(0.0, 1.0, len(above))[:, None]
    assert not left_over(np.hstack([valence, wide]), 9.0)
    sheet = above + 1.0 * np.linspace(0.0, 1.0, len(above))[:, None]
    assert not left_over(np.hstack([valence, sheet]), 9.0)


def test_the_moment_of_an_electron_left_over_is_on_the_ions() -> None:
    host = graphene("BN", size=(2, 2, 1), vacuum=6.0)
    with_ion = host + Atoms("Li", [[1.0, 1.0, 9.0]])
    assert not with_moments(with_ion).get_initial_magnetic_moments().any()
    moments = with_moments(with_ion, unpaired=True).get_initial_magnetic_moments()
    assert moments[-1] == 1.0
    assert not moments[:-1].any()
    assert with_moments(host, unpaired=True).get_initial_magnetic_moments().sum() == pytest.approx(
        1.0
    )
