"""GPAW with settings that follow from the structure: k-points, dipole layer, spin.

``python -m screening.calculators.gpaw_engine settings.json structure.json`` computes one structure
under ``mpiexec``; `KohnSham` calls it so when more than one rank is asked for.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes
from ase.io import read, write

from screening.calculators.gpaw_density import hirshfeld_charges, work_functions
from screening.calculators.gpaw_settings import (
    BASIS,
    MODELS,
    CommonSettings,
    LcaoSettings,
    Settings,
)
from screening.errors import CalculatorError, TaskError

START_MOMENT = MappingProxyType({"V": 1.0, "Cr": 2.0, "Mn": 3.0, "Fe": 2.5, "Co": 1.8, "Ni": 0.8})
"""Initial magnetic moments, μB; a structure with none of these elements is spin-paired, unless
an electron is left over above an open gap (`left_over`)."""

OPEN_GAP_EV = 0.5
"""An odd electron above a gap this wide stays on its ion, or in a state of its own, and has a spin:
spin-paired alkali atoms on h-BN are 0.4 eV above the free atom. In a metal it shares bands with
all others and the moment is gone (docs/dft.md)."""

FLAT_BAND = 0.1
"""Width of a band, of the gap below it, up to which its electron is an atom's and not the sheet's.
An alkali atom's electron in the π* bands of graphene (0.35 of 1.8 eV) is paired: a moment would
lower Na by 0.018 eV on the k-points of one cell and be gone on those of the next (docs/dft.md)."""

LEFT_OVER_ON = ("Li", "Na", "K")


def parameters(atoms: Atoms, settings: CommonSettings) -> dict[str, Any]:
    """Keyword arguments of ``gpaw.GPAW`` for a structure.

    A cell that is periodic in a and b only gets a dipole layer in the vacuum (Bengtsson,
    Phys. Rev. B 59, 12301 (1999), doi:10.1103/PhysRevB.59.12301).
    """
    arguments: dict[str, Any] = {
        **_basis(settings),
        "xc": "PBE",
        "kpts": kpoints(atoms, settings.kpoint_density_a),
        "occupations": {"name": "fermi-dirac", "width": settings.width_ev},
        "convergence": {"energy": 1e-5, "density": settings.density_change, "eigenstates": 1e-5},
    }
    if tuple(atoms.pbc) == (True, True, False):
        arguments["poissonsolver"] = {"dipolelayer": "xy"}
    return arguments


def _basis(settings: CommonSettings) -> dict[str, Any]:
    if isinstance(settings, LcaoSettings):
        return {"mode": {"name": "lcao"}, "basis": BASIS, "h": settings.spacing_a}
    return {"mode": {"name": "pw", "ecut": cast("Settings", settings).cutoff_ev}}


def kpoints(atoms: Atoms, density_a: float) -> np.ndarray:
    """Fractional k-points, shape (n, 3).

    Grids are shifted by half a step: with Γ in them the Dirac points of graphene cells get too
    much weight (docs/dft.md). A fully periodic cell, a bulk metal, gets
    a Γ-centred grid of twice the density: it is cheap, and its error would enter every row.
    """
    bulk = bool(atoms.pbc.all())
    lengths = 1 / np.linalg.norm(atoms.cell.reciprocal(), axis=1)
    counts = np.ceil(2 * np.pi * density_a * (2 if bulk else 1) / lengths - 1e-9).astype(int)
    counts = np.where(atoms.pbc, counts, 1)
    steps = np.array(list(np.ndindex(*counts)), dtype=float)
    offset = 0.0 if bulk else np.where(atoms.pbc, 0.5, 0.0)
    fractions = (steps + offset) / counts
    return fractions - np.round(fractions - 1e-9)


def with_moments(atoms: Atoms, *, unpaired: bool = False) -> Atoms:
    """Copy without constraints; magnetic elements carry their starting moment.

    Parameters
    ----------
    unpaired
        Start from one moment of 1 μB more, shared by the alkali atoms, or by all if there is none.
    """
    work = Atoms(atoms.symbols, atoms.positions, cell=atoms.cell, pbc=atoms.pbc)
    moments = np.array([START_MOMENT.get(symbol, 0.0) for symbol in work.symbols])
    if unpaired:
        holders = np.isin(work.symbols, LEFT_OVER_ON)
        holders = holders if holders.any() else np.ones(len(work), dtype=bool)
        moments = moments + holders / holders.sum()
    if moments.any():
        work.set_initial_magnetic_moments(moments)
    return work


def left_over(bands_ev: np.ndarray, electrons: float) -> bool:
    """Whether a spin-paired solution half fills a band above an open gap.

    Parameters
    ----------
    bands_ev
        Band energies, shape (n_kpoints, n_bands).
    electrons
        Number of electrons in the cell.
    """
    if round(electrons) % 2 == 0:
        return False
    half = round(electrons) // 2
    if half == 0:
        return True
    gap = bands_ev[:, half].min() - bands_ev[:, half - 1].max()
    return bool(gap > OPEN_GAP_EV and np.ptp(bands_ev[:, half]) < FLAT_BAND * gap)


_GROUND_STATE = ("energy", "free_energy", "forces")


class KohnSham(Calculator):
    """Energy (extrapolated to zero width), free energy and forces at one of GPAW's levels.

    Also ``charges`` and ``work_functions``, for `screening.evaluate.electronic`.

    Parameters
    ----------
    log
        File that GPAW writes its own report to; None for no report.
    """

    def __init__(self, settings: CommonSettings, log: Path | None = None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.implemented_properties = [*_GROUND_STATE, "charges", "work_functions"]
        self.settings, self.log = settings, log
        self._work: Atoms | None = None

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: Sequence[str] = ("energy",),
        system_changes: Sequence[str] = tuple(all_changes),
    ) -> None:
        """Fill `results` for the structure; positions alone restart from the last density."""
        super().calculate(atoms, properties, system_changes)  # type: ignore[no-untyped-call]
        current = cast("Atoms", self.atoms)
        if self.settings.ranks > 1:
            self.results = _compute_in_parallel(current, self.settings, properties)
        elif "charges" in properties:
            self._work = None  # it may hold another structure
            arguments = parameters(current, self.settings)
            self.results = {"charges": hirshfeld_charges(with_moments(current), arguments)}
        else:
            self._solve(current, system_changes)
            if "work_functions" in properties:
                self.results["work_functions"] = work_functions(cast("Atoms", self._work))

    def _solve(self, current: Atoms, system_changes: Sequence[str]) -> None:
        if self._work is not None and set(system_changes) <= {"positions"}:
            self._work.positions = current.positions
            with contextlib.suppress(_symmetry_broken()):
                self.results = _compute(self._work)
                return
        self._work = self._start(current)
        self.results = _compute(self._work)
        if _spin_paired(self._work) and left_over(*_bands(self._work)):
            self._work = self._start(current, unpaired=True)
            self.results = _compute(self._work)

    def _start(self, atoms: Atoms, *, unpaired: bool = False) -> Atoms:
        from gpaw import GPAW  # noqa: PLC0415 (an optional engine)

        work = with_moments(atoms, unpaired=unpaired)
        report = str(self.log) if self.log else None
        work.calc = GPAW(**parameters(work, self.settings), txt=report)
        return work


def _symmetry_broken() -> type[Exception]:
    """GPAW's complaint that a moved structure lost the symmetry that its k-points rely on."""
    from gpaw.new.symmetry import SymmetryBrokenError  # noqa: PLC0415 (an optional engine)

    error: type[Exception] = SymmetryBrokenError
    return error


def _spin_paired(work: Atoms) -> bool:
    return bool(work.calc.get_number_of_spins() == 1)


def _bands(work: Atoms) -> tuple[np.ndarray, float]:
    """Band energies, shape (n_kpoints, n_bands), and number of electrons of a finished one."""
    kpoints = range(len(work.calc.get_ibz_k_points()))
    bands = np.array([work.calc.get_eigenvalues(kpt=k) for k in kpoints])
    return bands, float(work.calc.get_number_of_electrons())


def _compute(work: Atoms) -> dict[str, Any]:
    return {
        "energy": float(work.get_potential_energy()),
        "free_energy": float(work.get_potential_energy(force_consistent=True)),
        "forces": np.array(work.get_forces()),
    }


def _compute_in_parallel(
    atoms: Atoms, settings: CommonSettings, properties: Sequence[str]
) -> dict[str, Any]:
    """Run this module under ``mpiexec`` and read its answer.

    Raises
    ------
    CalculatorError
        If there is no ``mpiexec``.
    TaskError
        If the calculation fails; with the last line that it printed.
    """
    launcher = shutil.which("mpiexec")
    if launcher is None:
        raise CalculatorError("gpaw option ranks needs mpiexec on the PATH", allowed="ranks: 1")
    with tempfile.TemporaryDirectory() as folder:
        structure, answer = Path(folder, "structure.json"), Path(folder, "answer.json")
        write(structure, with_moments(atoms))
        options = Path(folder, "settings.json")
        name = next(name for name, kind in MODELS.items() if isinstance(settings, kind))
        options.write_text(json.dumps({"model": name, "settings": settings.model_dump()}))
        command = [launcher, "--oversubscribe", "-n", str(settings.ranks), sys.executable]
        command += ["-m", __name__, str(options), str(structure), str(answer)]
        command += sorted(set(properties) - set(_GROUND_STATE))
        done = subprocess.run(  # noqa: S603 (our own command line)
            command, env=_environment(), capture_output=True, text=True, check=False
        )
        if done.returncode or not answer.exists():
            lines = [line for line in done.stderr.splitlines() if "Error" in line]
            raise TaskError(f"gpaw on {settings.ranks} ranks failed: {' '.join(lines[-1:])}")
        results: dict[str, Any] = json.loads(answer.read_text())
    return {k: np.array(v) if isinstance(v, list) else v for k, v in results.items()}


def _environment() -> dict[str, str]:
    """Environment of the ranks: one thread each; Open MPI refuses root unless told twice."""
    root = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    extra = {"GPAW_MPI_BACKEND": "cgpaw", "OMP_NUM_THREADS": "1"}
    return dict(os.environ) | extra | (root if os.geteuid() == 0 else {})


def _main(options: str, structure: str, answer: str, *properties: str) -> None:
    from gpaw.mpi import world  # noqa: PLC0415 (an optional engine)

    asked = json.loads(Path(options).read_text())
    settings = MODELS[asked["model"]].model_validate(asked["settings"])
    calculator = KohnSham(settings.model_copy(update={"ranks": 1}))
    calculator.calculate(cast("Atoms", read(structure)), properties or ("energy",))
    results: Mapping[str, Any] = calculator.results
    if world.rank == 0:
        plain = {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in results.items()}
        Path(answer).write_text(json.dumps(plain))


if __name__ == "__main__":
    _main(*sys.argv[1:])
