"""Spherical harmonics of an edge and their adjoint, in C."""

from __future__ import annotations

from collections.abc import Sequence

from screening.calculators.sevennet_cpu.network import Polynomial

AXES = "xyz"


def harmonics_source(harmonics: Sequence[Polynomial]) -> str:
    """Write ``harmonics`` (values at a unit vector) and ``harmonics_adjoint``.

    The adjoint is the gradient of Σ_b g_b P_b, with P_b the polynomial; its part along the
    vector is taken out by the caller, since the vector is kept at unit length.
    """
    lines = [
        "/* Real spherical harmonics at a unit vector, e3nn's order and norm, m by m. */",
        "static void harmonics(double x, double y, double z, double *restrict out)",
        "{",
        *(f"    out[{b}] = {_sum(p)};" for b, p in enumerate(harmonics)),
        "}",
        "",
        "/* Gradient of the sum of g_b times harmonic b, as a polynomial in x, y, z. */",
        "static void harmonics_adjoint(double x, double y, double z, const float *restrict g,",
        "                              double *restrict out)",
        "{",
    ]
    for axis, name in enumerate(AXES):
        terms = [
            f"g[{b}] * ({_sum(derivative)})"
            for b, p in enumerate(harmonics)
            if (derivative := _derivative(p, axis))
        ]
        lines.append(f"    out[{axis}] = {' + '.join(terms)}; /* d/d{name} */")
    return "\n".join([*lines, "}", ""])


def _derivative(polynomial: Polynomial, axis: int) -> Polynomial:
    found = {}
    for powers, coefficient in polynomial.items():
        if powers[axis]:
            lowered = tuple(p - (k == axis) for k, p in enumerate(powers))
            found[lowered] = coefficient * powers[axis]
    return found  # type: ignore[return-value]


def _sum(polynomial: Polynomial) -> str:
    return " + ".join(
        " * ".join([repr(c), *(AXES[k] for k in range(3) for _ in range(powers[k]))])
        for powers, c in polynomial.items()
    )
