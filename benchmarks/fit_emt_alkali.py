"""Fit the EMT parameters of Li, Na and K to bcc lattice constant, cohesive energy, bulk modulus.

Run ``python benchmarks/fit_emt_alkali.py``; it prints the table that stands in
``screening/calculators/emt.py`` with the residuals. Targets: Kittel, Introduction to Solid State
Physics, 8th ed. (a at 5 K or 78 K from ch. 1 table 3, E_coh and B from ch. 3 tables 1 and 3).
Three targets fix E0, s0 and lambda. The rest is set by scaling: eta2 s0, kappa s0 and V0/E0 as in
aluminium, the softest metal of the table; n0 is half the mean valence density of the metal.
"""

from __future__ import annotations

import numpy as np
from ase.build import bulk
from ase.units import Bohr, GPa
from scipy.optimize import least_squares

from screening.calculators.emt_potential import AlkaliEMT

TARGETS = {"Li": (3.491, 1.63, 11.6), "Na": (4.225, 1.113, 6.8), "K": (5.225, 0.934, 3.2)}
ETA2_S0, KAPPA_S0, V0_OVER_E0 = 1.240 * 3.00, 2.000 * 3.00, 1.493 / 3.28
VALENCE_SHARE = 0.5


def parameters(symbol: str, fitted: np.ndarray) -> tuple[float, ...]:
    cohesive, s0, lambda_s0 = fitted
    radius = (3 / (8 * np.pi)) ** (1 / 3) * TARGETS[symbol][0] / Bohr
    n0 = VALENCE_SHARE * 3 / (4 * np.pi * radius**3)
    v0 = V0_OVER_E0 * cohesive
    return (-cohesive, s0, v0, ETA2_S0 / s0, KAPPA_S0 / s0, lambda_s0 / s0, n0)


def properties(symbol: str, table: tuple[float, ...], structure: str = "bcc") -> np.ndarray:
    """Lattice constant (Å), cohesive energy (eV), bulk modulus (GPa) from a cubic fit of E(a)."""
    guess = TARGETS[symbol][0] * (1.0 if structure == "bcc" else 2 ** (1 / 3))
    calculator = AlkaliEMT({symbol: table})
    lengths = guess * np.linspace(0.97, 1.03, 7)
    energies, volumes = [], []
    for length in lengths:
        cell = bulk(symbol, structure, a=length)
        cell.calc = calculator
        energies.append(cell.get_potential_energy())
        volumes.append(cell.get_volume())
    curve = np.poly1d(np.polyfit(volumes, energies, 4))
    grid = np.linspace(volumes[0], volumes[-1], 2001)
    volume = grid[np.argmin(curve(grid))]
    atoms_per_cube = 2 if structure == "bcc" else 4
    length = (atoms_per_cube * volume) ** (1 / 3)
    return np.array([length, -table[0] - curve(volume), volume * curve.deriv(2)(volume) / GPa])


def fit(symbol: str) -> tuple[float, ...]:
    target = np.array(TARGETS[symbol])
    radius = (3 / (8 * np.pi)) ** (1 / 3) * target[0] / Bohr

    def residual(fitted: np.ndarray) -> np.ndarray:
        return properties(symbol, parameters(symbol, fitted)) / target - 1

    start = np.array([target[1], radius, 3.5])
    return parameters(symbol, least_squares(residual, start, diff_step=1e-3).x)


if __name__ == "__main__":
    for symbol, target in TARGETS.items():
        table = tuple(float(f"{value:.5g}") for value in fit(symbol))
        bcc, fcc = properties(symbol, table), properties(symbol, table, "fcc")
        print(f'    "{symbol}": {table},')
        print(f"    # a {bcc[0]:.3f} ({target[0]}) Å, E_coh {bcc[1]:.3f} ({target[1]}) eV,")
        print(
            f"    # B {bcc[2]:.2f} ({target[2]}) GPa; fcc - bcc {1e3 * (bcc[1] - fcc[1]):+.0f} meV"
        )
