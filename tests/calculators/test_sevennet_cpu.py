"""The compiled force call against stock SevenNet, both against double precision."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import add_adsorbate, bulk, fcc111, graphene, mx2
from ase.data import atomic_numbers

from screening.calculators import resolve
from screening.calculators.contract import check_calculator, example_structures
from screening.calculators.interface import Point
from screening.calculators.models import MPTRJ_ELEMENTS

pytestmark = pytest.mark.potential
pytest.importorskip("sevenn")

from calculators.networks import Exact, shipped, small_checkpoint  # noqa: E402

from screening.calculators import sevennet  # noqa: E402
from screening.calculators.sevennet_cpu import (  # noqa: E402
    SevenNetCPU,
    UnavailableError,
    build,
    open_library,
)
from screening.calculators.sevennet_cpu import check as checking  # noqa: E402
from screening.calculators.sevennet_cpu.network import UnsuitableError  # noqa: E402
from screening.calculators.sevennet_engine import stock_engine  # noqa: E402

MODELS = tuple(sevennet.MODELS)


def random_cell(seed: int) -> Atoms:
    """Three to twelve atoms of any elements in any cell, none closer than 1.5 Å."""
    random = np.random.default_rng(seed)
    n = int(random.integers(3, 13))
    cell = np.diag(random.uniform(3.0, 7.0, 3)) + random.uniform(-1.5, 1.5, (3, 3))
    symbols = [str(s) for s in random.choice(sorted(MPTRJ_ELEMENTS), n)]
    atoms = Atoms("X", cell=cell, pbc=random.random(3) < 0.7)
    for _ in range(3000):
        if len(atoms) == n + 1:
            break
        trial = atoms + Atoms("X", [random.uniform(-1.0, 2.0, 3) @ cell])
        near = trial.get_distances(-1, range(len(trial) - 1), mic=bool(atoms.pbc.any()))
        atoms = trial if near.min() > 1.5 else atoms
    atoms.symbols[1:] = symbols[: len(atoms) - 1]
    return atoms[1:]


def families() -> Iterator[tuple[str, Atoms]]:
    """Hosts like those that are screened, with an ion, displaced at random."""
    sheet = graphene(size=(3, 3, 1), vacuum=8.0)
    sheet.append("Li")
    sheet.positions[-1] = sheet.positions[3] + [0.3, 0.1, 1.9]
    yield "sheet with Li", sheet
    metal = fcc111("Cu", (2, 2, 3), vacuum=8.0)
    add_adsorbate(metal, "K", 2.6, "fcc")
    yield "metal with K", metal
    sulfide = mx2("MoS2", size=(2, 2, 1), vacuum=8.0)
    add_adsorbate(sulfide, "Na", 2.0, (0.0, 0.0))
    yield "sulfide with Na", sulfide
    yield "oxide", bulk("MgO", "rocksalt", 4.2, cubic=True)
    yield "alloy", bulk("NaK", "zincblende", 7.0).repeat((1, 1, 2))
    yield "carbide", bulk("TiC", "rocksalt", 4.3).repeat((2, 1, 1))


def corners() -> Iterator[tuple[str, Atoms]]:
    """Geometry that lists of neighbours and radial functions may get wrong."""
    far = graphene(size=(2, 2, 1), vacuum=12.0)
    far.append("K")
    far.positions[-1] = far.positions[0] + [0, 0, 11.0]
    yield "isolated atom beside a sheet", far
    yield "one atom, no cell", Atoms("Li")
    yield "one atom, large cell", Atoms("K", cell=[20, 20, 20], pbc=True)
    yield "two atoms out of reach", Atoms("LiC", [[0, 0, 0], [0, 0, 5.001]])
    yield "two atoms just in reach", Atoms("LiC", [[0, 0, 0], [0, 0, 4.999]])
    yield "two atoms where the cut-off sets in", Atoms("LiC", [[0, 0, 0], [0, 4.5, 0]])
    yield "one atom and its images", bulk("Na")
    yield "many images", Atoms("Cu", cell=[2.4, 2.5, 2.6], pbc=True)
    tilted = Atoms("CuO", [[0, 0, 0], [1.1, 1.3, 1.2]], pbc=True)
    tilted.cell = [[3.0, 0, 0], [7.0, 3.0, 0], [-6.0, 4.0, 3.2]]
    yield "strongly tilted cell", tilted
    left = tilted.copy()
    left.cell = tilted.cell.array[[1, 0, 2]]
    yield "left-handed cell", left
    outside = bulk("MgO", "rocksalt", 4.2)
    outside.positions += [[37.0, -22.0, 5.0], [-80.0, 11.0, 3.0]] @ outside.cell.array
    yield "atoms outside the cell", outside
    rod = Atoms("C4", [[0, 0, 0.0], [0.3, 0, 1.3], [0, 0.4, 2.6], [0.2, 0.2, 3.9]])
    rod.set_cell([0, 0, 5.2])
    rod.pbc = (False, False, True)
    yield "periodic along one direction, two cell vectors missing", rod
    slab = fcc111("Al", (1, 1, 3), vacuum=0.0)
    slab.pbc = (True, True, False)
    yield "slab without vacuum, not periodic along it", slab


def displaced(atoms: Atoms, seed: int) -> Atoms:
    moved = atoms.copy()
    if len(atoms) > 2:
        moved.rattle(0.1, seed=seed)
    return moved


ALL = [
    *((name, displaced(atoms, 1)) for name, atoms in families()),
    *corners(),
    *((f"random cell {seed}", random_cell(seed)) for seed in range(12)),
]
FEW = [ALL[k] for k in (0, 1, 7, 14, 20)]


@pytest.fixture(scope="module")
def engines() -> dict[str, tuple]:
    """Compiled, stock and exact networks by name, made when first asked for."""
    return {}


def engines_of(engines: dict[str, tuple], model: str) -> tuple:
    if model not in engines:
        checkpoint, modal = shipped(model)
        engines[model] = (
            SevenNetCPU(open_library(checkpoint, modal), modal),
            stock_engine(checkpoint, modal, device="cpu"),
            Exact(checkpoint, modal),
        )
    return engines[model]


@pytest.mark.parametrize(
    ("model", "atoms"),
    [
        *(pytest.param("7net-0", atoms, id=f"7net-0, {name}") for name, atoms in ALL),
        *(pytest.param(m, atoms, id=f"{m}, {name}") for m in MODELS[1:] for name, atoms in FEW),
    ],
)
def test_energy_and_forces_are_those_of_the_network(engines, model: str, atoms: Atoms) -> None:
    ours, stock, exact = engines_of(engines, model)
    before = atoms.copy()
    found, wanted = ours.compute_batch([atoms])[0], exact(atoms)
    reference = stock.compute_batch([atoms])[0]
    assert error(found, wanted) <= force_limit(reference, wanted)
    # float32 places atoms to within 1e-6 Å: the energy is no better than that times the force
    slack = 2e-6 * len(atoms) + 1e-6 * np.abs(wanted.forces).max()
    assert abs(found.energy_ev - wanted.energy_ev) <= slack
    assert np.array_equal(atoms.positions, before.positions)
    assert np.array_equal(atoms.cell.array, before.cell.array)


def error(found: Point, wanted: Point) -> float:
    return float(np.abs(found.forces - wanted.forces).max())


def force_limit(stock: Point, wanted: Point) -> float:
    """1e-5 eV/Å + 1e-6 of the largest force; where stock itself is not as good, four times its
    error: forces of hundreds of eV/Å change by 1e5 eV/Å an Å, and float32 with them."""
    return max(1e-5 + 1e-6 * float(np.abs(wanted.forces).max()), 4 * error(stock, wanted))


@pytest.mark.parametrize("model", MODELS)
def test_latent_features_and_stress_are_those_of_the_network(engines, model: str) -> None:
    ours, stock, exact = engines_of(engines, model)
    for name, atoms in FEW:
        wanted = exact.latent(atoms)
        noise = np.abs(stock.latent([atoms])[0] - wanted).max()
        limit = max(3e-6 * np.abs(wanted).max(), 4 * noise)
        assert np.abs(ours.latent([atoms])[0] - wanted).max() <= limit, name
        if atoms.cell.rank == 3 and atoms.pbc.all():
            stress = stock.get_property("stress", atoms)
            assert ours.get_property("stress", atoms) == pytest.approx(stress, abs=1e-6), name


@pytest.mark.parametrize("closest", [0.8, 0.9, 1.0, 1.2])
def test_short_contacts_cost_no_accuracy(engines, closest: float) -> None:
    ours, stock, exact = engines_of(engines, "7net-0")
    sheet = graphene(size=(2, 2, 1), vacuum=8.0)
    sheet.append("Na")
    sheet.positions[-1] = sheet.positions[0] + [0.0, 0.0, closest]
    (found,), wanted = ours.compute_batch([sheet]), exact(sheet)
    # As sevenn computes it: our batches of stock place neighbours in double precision.
    reference = Point(wanted.energy_ev, stock.get_property("forces", sheet))
    assert np.abs(wanted.forces).max() > 5
    assert error(found, wanted) <= force_limit(reference, wanted)


def test_a_structure_without_atoms_has_no_energy(engines) -> None:
    ours, _, _ = engines_of(engines, "7net-0")
    point = ours.compute_batch([Atoms()])[0]
    assert point.energy_ev == 0
    assert point.forces.shape == (0, 3)


def test_stress_is_the_slope_of_the_energy_with_strain(engines) -> None:
    ours, _, _ = engines_of(engines, "7net-0")
    crystal = displaced(bulk("MgO", "rocksalt", 4.2, cubic=True), 2)
    stress, step = ours.get_property("stress", crystal), 2e-3
    for voigt, (i, j) in enumerate([(0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1)]):
        ends = []
        for sign in (1, -1):
            strain = np.eye(3)
            strain[i, j] += sign * step / 2
            strain[j, i] += sign * step / 2
            strained = crystal.copy()
            strained.set_cell(crystal.cell.array @ strain, scale_atoms=True)
            ends.append(ours.get_property("energy", strained))
        slope = (ends[0] - ends[1]) / (2 * step) / crystal.cell.volume
        assert stress[voigt] == pytest.approx(slope, abs=2e-5)


def test_an_atom_without_a_cell_has_no_stress(engines) -> None:
    ours, _, _ = engines_of(engines, "7net-0")
    ours.get_property("energy", Atoms("Li"))
    assert "stress" not in ours.results


@pytest.mark.parametrize("model", MODELS)
def test_the_contract_of_engines_holds(model: str) -> None:
    calculator = resolve(f"sevennet:{model}").make()
    assert isinstance(calculator, SevenNetCPU)
    assert check_calculator(calculator, elements=["C", "Li", "Cu"]) == []


def test_latent_features_after_an_energy_take_no_second_pass(engines) -> None:
    ours, _, _ = engines_of(engines, "7net-0")
    atoms = displaced(bulk("NaK", "zincblende", 7.0), 3)
    atoms.positions[0, 0] += 0.01
    before = ours.passes
    ours.compute_batch([atoms])
    ours.latent([atoms])
    ours.get_property("forces", atoms)
    assert ours.passes == before + 1
    atoms.positions[0, 0] += 0.01
    ours.latent([atoms])
    assert ours.passes == before + 2


def test_results_do_not_change_when_the_caller_changes_them(engines) -> None:
    ours, _, _ = engines_of(engines, "7net-0")
    first = ours.compute_batch([bulk("MgO", "rocksalt", 4.3)])[0]
    kept = first.forces.copy()
    first.forces[:] = 1.0
    assert np.array_equal(ours.compute_batch([bulk("MgO", "rocksalt", 4.3)])[0].forces, kept)


def test_a_large_call_leaves_nothing_behind_for_a_small_one(engines) -> None:
    ours, _, _ = engines_of(engines, "7net-0")
    small = displaced(bulk("NaK", "zincblende", 7.0), 4)
    fresh = ours.library.evaluate(small)
    ours.library.evaluate(ALL[1][1])
    again = ours.library.evaluate(small)
    assert np.array_equal(fresh.forces, again.forces)
    assert fresh.energy_ev == again.energy_ev


def test_an_unknown_element_is_named(engines) -> None:
    ours, _, _ = engines_of(engines, "7net-0")
    with pytest.raises(ValueError, match="Po"):
        ours.compute_batch([Atoms("Po")])


def test_a_periodic_direction_without_a_vector_is_refused(engines) -> None:
    ours, _, _ = engines_of(engines, "7net-0")
    with pytest.raises(ValueError, match="length zero"):
        ours.compute_batch([Atoms("Li", pbc=True)])


def test_the_level_does_not_depend_on_the_engine() -> None:
    stock = resolve("sevennet", options={"engine": "stock"})
    assert stock.level() == resolve("sevennet").level()
    assert not isinstance(stock.make(), SevenNetCPU)


# Where a build cannot be had: stock SevenNet, and one line that says why.


@pytest.fixture
def empty_cache(monkeypatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "alkascreen" / "sevennet_cpu"


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    return small_checkpoint(tmp_path_factory.mktemp("networks") / "small.pth")


@pytest.fixture
def small_as_default(monkeypatch, small: Path) -> Path:
    monkeypatch.setattr(sevennet, "_checkpoint", lambda model: small)
    return small


def only_build(cache: Path) -> Path:
    (folder,) = cache.iterdir()
    return folder


def test_without_a_compiler_stock_runs_and_one_line_says_so(
    empty_cache, small_as_default, monkeypatch, caplog
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CC", raising=False)
    with caplog.at_level(logging.INFO):
        calculator = resolve("sevennet").make()
    assert not isinstance(calculator, SevenNetCPU)
    (record,) = [r for r in caplog.records if r.name.startswith("screening")]
    assert "stock" in record.message
    assert "compiler" in record.message
    assert "\n" not in record.message


def test_a_compiler_that_fails_is_quoted(empty_cache, small, monkeypatch, tmp_path) -> None:
    broken = tmp_path / "broken-cc"
    broken.write_text("#!/bin/sh\necho 'no such flag' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("CC", str(broken))
    with pytest.raises(UnavailableError, match="no such flag"):
        open_library(small, None)
    assert list(empty_cache.iterdir()) == []


def test_a_cache_that_cannot_be_written_is_a_reason(monkeypatch, small, tmp_path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    with pytest.raises(UnavailableError, match="NotADirectoryError"):
        open_library(small, None)


@pytest.mark.parametrize("damage", ["library cut", "numbers cut", "manifest cut", "library gone"])
def test_a_damaged_build_is_made_again(empty_cache, small, damage: str) -> None:
    sound = open_library(small, None).evaluate(bulk("Na")).energy_ev
    name = {"library": build.LIBRARY, "numbers": build.NUMBERS, "manifest": build.MANIFEST}
    part, how = damage.split()
    path = only_build(empty_cache) / name[part]
    content = path.read_bytes()
    path.unlink()  # the library stays mapped in this process
    if how == "cut":
        path.write_bytes(content[: len(content) // 2])
    assert open_library(small, None).evaluate(bulk("Na")).energy_ev == sound
    assert (only_build(empty_cache) / name[part]).stat().st_size >= len(content) * 0.9


def test_a_failed_self_check_is_kept_and_not_tried_again(empty_cache, small, monkeypatch) -> None:
    refused = checking.Limits(force_ev_a=-1.0)
    monkeypatch.setattr(checking.check, "__defaults__", (refused,))
    with pytest.raises(UnavailableError, match="self-check failed: a force of a crystal"):
        open_library(small, None)
    manifest = json.loads((only_build(empty_cache) / build.MANIFEST).read_text())
    assert "self-check" in manifest["refused"]
    monkeypatch.setattr(build, "_build", pytest.fail)
    with pytest.raises(UnavailableError, match="self-check failed"):
        open_library(small, None)


def test_a_self_check_finds_wrong_numbers(small, empty_cache) -> None:
    library, stock = open_library(small, None), stock_engine(small, None, device="cpu")
    checking.check(library, stock)
    library._weights[::7] *= 1.001
    with pytest.raises(UnsuitableError, match="differs from stock"):
        checking.check(library, stock)
    library._weights[:] = np.nan
    with pytest.raises(UnsuitableError, match="differs from stock"):
        checking.check(library, stock)


@pytest.mark.parametrize(
    "changes",
    [
        {"is_parity": True, "irreps_manual": False},
        {"channel": 8, "irreps_manual": False},
        {"act_gate": {"e": "ssp", "o": "tanh"}},
        {"self_connection_type": "nequip"},
    ],
    ids=["odd features", "eight channels", "another gate", "another self-connection"],
)
def test_a_network_of_another_kind_is_refused(empty_cache, tmp_path, changes) -> None:
    path = small_checkpoint(tmp_path / "other.pth", **changes)
    with pytest.raises(UnavailableError):
        open_library(path, None)


@pytest.mark.parametrize(
    "changes",
    [
        {"cutoff_function": {"cutoff_function_name": "poly_cut", "poly_cut_p_value": 6}},
        {"cutoff": 4.0, "cutoff_function": {"cutoff_function_name": "XPLOR", "cutoff_on": 3.0}},
        {
            "irreps_manual": ["32x0e", "32x0e+16x1e+16x2e+16x3e", "16x0e+16x1e", "48x0e"],
            "num_convolution_layer": 3,
            "lmax": 3,
        },
        {"weight_nn_hidden_neurons": [16, 16, 16], "act_radial": "tanh"},
    ],
    ids=["another cut-off", "a shorter one", "another shape", "another radial network"],
)
def test_the_generator_takes_other_networks(empty_cache, tmp_path, changes) -> None:
    path = small_checkpoint(tmp_path / "other.pth", **changes)
    library, exact = open_library(path, None), Exact(path, None)
    for _, atoms in example_structures(["C", "Li", "Cu", "O"]):
        found, wanted = library.evaluate(atoms), exact(atoms)
        assert found.energy_ev == pytest.approx(wanted.energy_ev, abs=1e-5)
        assert np.abs(found.forces - wanted.forces).max() < 1e-5


BUILD = """
import sys
from pathlib import Path
from ase.build import bulk
from screening.calculators.sevennet_cpu import open_library
print(repr(open_library(Path(sys.argv[1]), None).evaluate(bulk("Na")).energy_ev))
"""


def test_processes_that_build_at_once_share_one_result(empty_cache, small) -> None:
    command = [sys.executable, "-c", BUILD, str(small)]
    running = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ.copy())
        for _ in range(3)
    ]
    answers = [process.communicate(timeout=250)[0] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0]
    assert len(set(answers)) == 1
    assert [entry.name.startswith(".") for entry in empty_cache.iterdir()] == [False]


WITHOUT_TORCH = """
import sys
from screening.calculators import resolve
from ase.build import bulk
resolve("sevennet").make().compute_batch([bulk("Na")])
print("torch" in sys.modules)
"""


def test_a_worker_does_not_import_torch(engines) -> None:
    engines_of(engines, "7net-0")
    answer = subprocess.run(
        [sys.executable, "-c", WITHOUT_TORCH], check=True, capture_output=True, text=True
    )
    assert answer.stdout.strip() == "False"


def test_elements_are_those_of_the_model(engines) -> None:
    ours, stock, _ = engines_of(engines, "7net-0")
    assert ours.type_map == stock.type_map
    assert set(ours.type_map) == {atomic_numbers[s] for s in MPTRJ_ELEMENTS}
