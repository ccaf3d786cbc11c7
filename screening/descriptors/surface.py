"""Surface energies of the host and of the ion's metal: the same tasks for all ions, or hosts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any

from ase import Atoms
from pydantic import Field, field_validator

from screening.builders.bulk import crystal_of
from screening.descriptors.bound import Bound
from screening.descriptors.columns import Column
from screening.descriptors.pair import Pair, Steps
from screening.descriptors.registry import DescriptorSettings, Size, Work, descriptor
from screening.descriptors.row import Found
from screening.descriptors.slabs import (
    METAL_FMAX_EV_A,
    METAL_LAYERS,
    SurfaceEnergy,
    face_area,
    metal_slabs,
    surface_energy,
    symmetric_slabs,
    wulff_average,
)
from screening.descriptors.value import Value
from screening.errors import InputError, TaskError
from screening.evaluate.task import Task, TaskResult
from screening.structure import Candidate
from screening.units import IONS, Ion

SURFACE_ATOMS = 8
"""Atoms of the slabs behind a surface energy, for estimates."""


class Surface(DescriptorSettings):
    """Surface energies from slabs of several thicknesses.

    Attributes
    ----------
    layers
        Least numbers of atomic planes of the slabs of a host.
    metal
        Also those of the ion's own metal, (110), (100) and (111), and their Wulff average.
    """

    layers: tuple[Annotated[int, Field(ge=2, le=40)], ...] = (5, 7, 9)
    metal: bool = False

    @field_validator("layers")
    @classmethod
    def _ascending(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if len(value) < 3 or list(value) != sorted(set(value)):
            raise ValueError("give three numbers or more, in ascending order")
        return value


COLUMNS = (
    Column("gamma_j_m2", "J/m²", "Surface energy of the host.", "{:.2f}", energy=True),
    Column(
        "gamma_spread_j_m2",
        "J/m²",
        "Its change with the thinnest slab left out.",
        "{:.2f}",
        energy=True,
    ),
    Column(
        "gamma_metal_j_m2",
        "J/m²",
        "Wulff-averaged surface energy of the ion's own bcc metal.",
        "{:.2f}",
        energy=True,
    ),
    Column(
        "gamma_metal_spread_j_m2",
        "J/m²",
        "Largest spread of the planes behind it.",
        "{:.2f}",
        energy=True,
    ),
    Column(
        "gamma_metal_faces_j_m2",
        "J/m²",
        "Surface energies of (110), (100) and (111) of that metal.",
        "{:.3f}",
        energy=True,
    ),
)


def cost(settings: Surface, _size: Size) -> Iterator[Work]:
    """Slabs of the host, at most, and of the metal."""
    yield Work("slab", len(settings.layers), SURFACE_ATOMS, per="host")
    if settings.metal:
        slabs = sum(len(layers) for layers in METAL_LAYERS.values())
        yield Work("slab", slabs, SURFACE_ATOMS, per="ion")


@descriptor("surface", *COLUMNS, cost=cost)
def surface(settings: Surface, pair: Pair, bound: Bound) -> Steps[Found]:
    """Relax symmetric slabs of several thicknesses and fit their surface energies.

    A host that has no surface energy (a sheet, a polar slab) says so and lacks nothing. One of the
    metals that plate is measured like the metal that plates, so that a face has one surface energy.
    """
    found = Found()
    if (face := alkali_face(pair.candidate)) is not None:
        found = yield from _alkali_host(pair, bound, face, found)
        return (yield from metal_surfaces(pair, bound, found)) if settings.metal else found
    try:
        slabs = symmetric_slabs(pair.candidate, settings.layers)
    except TaskError as error:
        found = found.noted(f"surface energy: {error}")
    else:
        found = yield from _host(pair, slabs, found)
    if settings.metal:
        found = yield from metal_surfaces(pair, bound, found)
    return found


def alkali_face(candidate: Candidate) -> tuple[Ion, str] | None:
    """Metal and plane of a host that is a plain low-index slab of Li, Na or K; None of others."""
    try:
        bulk, cut = crystal_of(candidate.recipe)
    except InputError:
        return None
    symbols = set(bulk.symbols)
    metal = next((ion for ion in IONS if symbols == {ion}), None)
    plane = "".join(str(abs(index)) for index in sorted(cut.miller, key=abs, reverse=True))
    return (metal, plane) if metal is not None and plane in METAL_LAYERS else None


def _alkali_host(pair: Pair, bound: Bound, face: tuple[Ion, str], found: Found) -> Steps[Found]:
    """Measure one plane as `metal_surfaces` does; for the ion's own metal they are one task."""
    (ion, plane), metal = face, bound.metal
    if ion != pair.ion:
        (bulk,) = yield [replace(pair, ion=ion).metal_task()]
        if bulk.failed:
            return found.lacking(f"surface energy: bulk {ion}: {bulk.reason}")
        metal = pair.state(bulk)
    slabs = metal_slabs(ion, metal.atoms, plane)
    results = yield _tasks(pair, slabs, _metal_relax(pair), {"ion": ion, "plane": f"bcc{plane}"})
    return _host_found(pair, slabs, results, found)


def _host(pair: Pair, slabs: Sequence[Atoms], found: Found) -> Steps[Found]:
    tags = {"candidate": pair.candidate.id}
    results = yield _tasks(pair, slabs, pair.context.relax.model_dump(), tags)
    return _host_found(pair, slabs, results, found)


def _host_found(
    pair: Pair, slabs: Sequence[Atoms], results: Sequence[TaskResult], found: Found
) -> Found:
    try:
        fit = _fit(pair, slabs, results)
    except TaskError as error:
        return found.lacking(f"surface energy: {error}")
    return found.given(gamma_j_m2=_gamma(fit.gamma_j_m2), gamma_spread_j_m2=_gamma(fit.spread_j_m2))


def metal_surfaces(pair: Pair, bound: Bound, found: Found) -> Steps[Found]:
    """Low-index planes of the ion's metal at its own lattice constant, and their Wulff average."""
    slabs = {plane: metal_slabs(pair.ion, bound.metal.atoms, plane) for plane in METAL_LAYERS}
    relax = _metal_relax(pair)
    results = yield [
        task
        for plane, cut in slabs.items()
        for task in _tasks(pair, cut, relax, {"ion": pair.ion, "plane": f"bcc{plane}"})
    ]
    rest = iter(results)
    try:
        fits = {p: _fit(pair, cut, [next(rest) for _ in cut]) for p, cut in slabs.items()}
        average = wulff_average({plane: fit.gamma_j_m2 for plane, fit in fits.items()})
    except TaskError as error:
        return found.lacking(f"surface energy of {pair.ion}: {error}")
    return found.given(
        gamma_metal_j_m2=_gamma(average),
        gamma_metal_spread_j_m2=_gamma(max(fit.spread_j_m2 for fit in fits.values())),
        gamma_metal_faces_j_m2=_gamma(tuple(fit.gamma_j_m2 for fit in fits.values())),
    )


def _metal_relax(pair: Pair) -> dict[str, Any]:
    relax = pair.context.relax.model_dump()
    return {**relax, "fmax": min(relax["fmax"], METAL_FMAX_EV_A)}


def _gamma(value: float | tuple[float, ...]) -> Value:
    return Value(value, "engine")


def _tasks(
    pair: Pair, slabs: Sequence[Atoms], relax: Mapping[str, Any], tags: Mapping[str, str]
) -> list[Task]:
    return [Task("slab", pair.context.engine, (slab,), relax, tags) for slab in slabs]


def _fit(pair: Pair, slabs: Sequence[Atoms], results: Sequence[TaskResult]) -> SurfaceEnergy:
    """Surface energy of relaxed slabs, thinnest first.

    Raises
    ------
    TaskError
        If one of them failed.
    """
    for result in results:
        if result.failed:
            raise TaskError(result.reason)
    energies = [pair.state(result).energy_ev for result in results]
    return surface_energy(energies, [len(slab) for slab in slabs], face_area(slabs[0]))
