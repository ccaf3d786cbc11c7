"""Parameters of effective medium theory for Li, Na and K."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

ALKALI: Mapping[str, tuple[float, ...]] = MappingProxyType(
    {
        "Li": (-1.6238, 3.3482, 0.73912, 1.111, 1.792, 0.94576, 0.003483),
        "Na": (-1.0978, 4.0231, 0.4997, 0.92467, 1.4914, 0.84123, 0.0019648),
        "K": (-0.91691, 4.9015, 0.41736, 0.75895, 1.2241, 0.76644, 0.0010388),
    }
)
"""E0 (eV), s0 (bohr), V0 (eV), eta2, kappa, lambda (1/bohr), n0 (1/bohr³). Fitted by
``benchmarks/fit_emt_alkali.py`` to lattice constant, cohesive energy and bulk modulus of the bcc
metal (Kittel, 8th ed.), which they reproduce to all digits given there."""
