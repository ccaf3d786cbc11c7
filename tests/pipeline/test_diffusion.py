"""From minima and hops to a barrier and a diffusion coefficient, where they are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.units import kB

from screening.descriptors import Row
from screening.pipeline.store import open_store
from screening.pipeline.tally import Tally
from screening.pipeline.tasks import execute
from tests.pipeline.test_driver import TIGHT, drive
from tests.pipeline.toolbox import protocols, square, workflow
from tests.toys import BARRIER_EV, CORRUGATION_EV, LATTICE_A, STIFFNESS_EV_A2, EggBox

RISE_A = 3.5
EV_A2 = 16.02176634
"""kg/s²."""


class Springboard(EggBox):
    """On the way over a bridge the ion is thrown far off the surface."""

    def calculate(self, atoms=None, properties=("energy",), system_changes=()) -> None:
        super().calculate(atoms, properties, system_changes)
        if "Cu" not in atoms.symbols or atoms.symbols[-1] == "Cu":
            return
        k = 2 * np.pi / LATTICE_A
        x, y, z = atoms.positions[-1] - (0, 0, 11.9)
        lift = RISE_A * (2 + np.cos(k * x) + np.cos(k * y)) / 2
        slope = -RISE_A * k * np.array([np.sin(k * x), np.sin(k * y)]) / 2
        self.results["energy"] += STIFFNESS_EV_A2 * ((z - lift) ** 2 - z**2) / 2
        self.results["forces"][-1, 2] += STIFFNESS_EV_A2 * lift
        self.results["forces"][-1, :2] += STIFFNESS_EV_A2 * (z - lift) * slope


def make_springboard() -> Springboard:
    return Springboard()


def screened(tmp_path: Path, path: str, **changes: object) -> tuple[Row, Tally]:
    barrier = {"path": path, "images": 3, "fmax": 1e-4, "max_steps": 500}
    flow = workflow(ions=("Li",), descriptors={"barrier": barrier}, **TIGHT, **changes)
    (row,), tally = drive(tmp_path / f"{path}.db", protocols(flow, square(repeat=3)))
    assert open_store(str(tmp_path / f"{path}.db")).rows() == [row]
    return row, tally


def frequency_thz(curvature: float) -> float:
    mass = Atoms("Li").get_masses()[0] * 1.66053906660e-27
    return float(np.sqrt(curvature * EV_A2 / mass) / (2 * np.pi) / 1e12)


SIDEWAYS_THZ = frequency_thz(CORRUGATION_EV * (2 * np.pi / LATTICE_A) ** 2)
KNOWN_D = SIDEWAYS_THZ * np.exp(-BARRIER_EV / (kB * 300)) * LATTICE_A**2 * 1e-4


def test_the_diffusion_coefficient_is_that_of_the_square_lattice(tmp_path: Path) -> None:
    """On the saddle the mode along the path is lost, the two others are those of the hollow."""
    row, _ = screened(tmp_path, "percolating")
    assert row["barrier_method"] == "percolating"
    assert row["temperature_k"] == 300.0
    assert row["diffusion_cm2_s"] == pytest.approx(KNOWN_D, rel=2e-3)
    (hop,) = row.table("hops")
    assert hop.prefactor_thz == pytest.approx(SIDEWAYS_THZ, rel=2e-3)
    assert hop.outcome == "kept"


def test_a_scan_gives_the_same_for_less_and_says_that_it_is_one(tmp_path: Path) -> None:
    band, band_tally = screened(tmp_path, "percolating")
    scan, tally = screened(tmp_path, "scan")
    assert scan["barrier_method"] == "scan"
    assert scan["barrier_ev"] == pytest.approx(band["barrier_ev"], abs=1e-6)
    # The prefactor is the softest frequency of the minimum: here the same.
    assert scan["diffusion_cm2_s"] == pytest.approx(KNOWN_D, rel=2e-3)
    assert tally.force_calls["modes"] < band_tally.force_calls["modes"]


def test_sites_and_hops_that_symmetry_makes_equal_are_computed_once(tmp_path: Path) -> None:
    """Nine hollows, nine tops, eighteen bridges and eighteen hops in the cell."""
    row, tally = screened(tmp_path, "percolating")
    assert [hop.multiplicity for hop in row.table("hops")] == [18]
    assert tally.done["adsorption"] == len(row.table("sites")) == 3
    assert (tally.done["half-band"], tally.done["barrier"]) == (1, 0)
    assert tally.done["modes"] == 3 + 1


def test_half_of_a_mirrored_band_is_evaluated(tmp_path: Path) -> None:
    """Of three images two; a band costs these for each of its steps, and the ends are known."""
    protocol = protocols(
        workflow(ions=("Li",), descriptors={"barrier": {"images": 3, "fmax": 1e-4}}, **TIGHT),
        square(repeat=3),
    )[0]
    steps = protocol.steps()
    batch = next(steps)
    while batch[0].kind != "half-band":
        batch = steps.send([execute(task) for task in batch])
    (half,) = [execute(task) for task in batch]
    assert half.force_calls % 2 == 0
    assert len(half.data["energies_ev"]) == 5
    assert half.data["forward_ev"] == pytest.approx(BARRIER_EV, abs=1e-6)


@pytest.mark.parametrize("path", ["best hop", "percolating", "scan"])
def test_a_path_that_leaves_the_surface_is_reported_and_stays_closed(
    tmp_path: Path, path: str
) -> None:
    maker = "tests.pipeline.test_diffusion:make_springboard"
    row, _ = screened(tmp_path, path, calculator=maker)
    (hop,) = row.table("hops")
    assert hop.outcome == "desorbed"
    assert "radii sums off the host" in hop.reason
    assert (hop.forward_ev, hop.reverse_ev) == (None, None)
    assert (row["barrier_ev"], row["barrier_method"], row["diffusion_cm2_s"]) == (None, None, None)
    assert row.status == "partial"
    assert row["e_ads_ev"] is not None


def test_the_row_says_what_each_descriptor_cost(tmp_path: Path) -> None:
    row, tally = screened(tmp_path, "percolating")
    assert set(row.force_calls) == {"reference", "adsorption", "barrier"}
    assert sum(row.force_calls.values()) == tally.force_calls.total()
    assert row.force_calls["adsorption"] == tally.force_calls["adsorption"]
    again, _ = screened(tmp_path, "percolating")
    assert again.force_calls == row.force_calls


@pytest.mark.parametrize("temperature", [200.0, 600.0])
def test_a_hotter_ion_is_faster(tmp_path: Path, temperature: float) -> None:
    barrier = {"path": "scan", "temperature_k": temperature}
    flow = workflow(ions=("Li",), descriptors={"barrier": barrier}, **TIGHT)
    (row,), _ = drive(tmp_path / "a.db", protocols(flow, square(repeat=3)))
    factor = np.exp(-BARRIER_EV / kB * (1 / temperature - 1 / 300))
    assert row["diffusion_cm2_s"] == pytest.approx(KNOWN_D * factor, rel=1e-2)
    assert bool(row.flags) is (4 * kB * temperature > BARRIER_EV)
