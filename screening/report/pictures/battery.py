"""Cell-level numbers as one figure. Needs matplotlib (extra ``report``)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from screening.electrochemistry import (
    A_M2_PER_MA_CM2,
    MOLAR_VOLUME_M3,
    critical_radius_m,
    nucleation_barrier_ev,
    sand_time_s,
    thermal_energy_ev,
)
from screening.files import write_atomic
from screening.ranking.battery import BatteryReport

DPI = 150
COLOURS = {"Li": "#c2181b", "Na": "#1f4fbf", "K": "#08752f"}
ETA_MV = np.geomspace(5, 1500, 100)
MOST_NAMES = 12


def draw(reports: Sequence[BatteryReport], path: Path) -> None:
    """Write a PNG: Sand's time over current, and critical nuclei over overpotential.

    Lines are the formulas; points are the currents asked for and the hosts. Sand's time is dashed
    below the limiting current, where it is not reached.

    Raises
    ------
    StoreError
        If the file cannot be written.
    """
    figure = Figure(figsize=(13, 4.2), layout="constrained")
    sand, radius, barrier = figure.subplots(1, 3)
    for report in reports:
        _sand(sand, report)
        _nuclei(radius, barrier, report)
    if reports:
        kt = float(thermal_energy_ev(reports[0].temperature_k))
        barrier.axhline(kt, color="0.5", linewidth=0.8, linestyle=":")
        barrier.text(ETA_MV[0], kt, " kT", fontsize=7, color="0.4", va="bottom")
    sand.set(xlabel="current density / mA cm$^{-2}$", ylabel="Sand's time / s")
    radius.set(xlabel="nucleation overpotential / mV", ylabel="critical radius / nm")
    barrier.set(xlabel="nucleation overpotential / mV", ylabel="nucleation barrier / eV")
    for axes in (sand, radius, barrier):
        axes.set(xscale="log", yscale="log")
        axes.grid(linewidth=0.3)
    sand.legend(fontsize=7, title="dashed: below the limiting current", title_fontsize=7)
    content = io.BytesIO()
    figure.savefig(content, dpi=DPI, format="png")
    write_atomic(path, content.getvalue())


def _sand(axes: Axes, report: BatteryReport) -> None:
    salt, limit = report.electrolyte, report.limiting_ma_cm2
    asked = [entry.current_ma_cm2 for entry in report.depletion]
    colour = COLOURS[salt.ion]
    ends = min(0.1, *asked), max(10 * limit, *asked)
    for low, high, style in ((ends[0], limit, "--"), (limit, ends[1], "-")):
        currents = np.geomspace(low, high, 50)
        times = sand_time_s(
            A_M2_PER_MA_CM2 * currents / report.area_factor,
            diffusivity_m2_s=salt.diffusivity_m2_s,
            concentration_mol_m3=salt.concentration_mol_m3,
            transference=salt.transference,
            macmullin=salt.macmullin,
            porosity=salt.porosity,
        )
        label = salt.name if style == "-" else None
        axes.plot(currents, times, color=colour, linestyle=style, linewidth=1, label=label)
    axes.plot(asked, [e.sand_s for e in report.depletion], "o", color=colour, markersize=4)


def _nuclei(radius: Axes, barrier: Axes, report: BatteryReport) -> None:
    """Formulas with the first host's surface energy, and a point a host."""
    if not report.nuclei:
        return
    ion = report.electrolyte.ion
    colour = COLOURS[ion]
    metal = {
        "surface_energy_j_m2": report.nuclei[0].gamma_j_m2,
        "molar_volume_m3": MOLAR_VOLUME_M3[ion],
    }
    source = report.nuclei[0].gamma_source or "literature"
    label = f"{ion}, surface energy {metal['surface_energy_j_m2']:.3f} J/m² ({source})"
    radii = 1e9 * critical_radius_m(ETA_MV / 1e3, **metal)
    barriers = nucleation_barrier_ev(ETA_MV / 1e3, **metal)
    for axes, values in ((radius, radii), (barrier, barriers)):
        axes.plot(ETA_MV, values, color=colour, linewidth=1, label=label)
    radius.legend(fontsize=7)
    for count, nucleus in enumerate(report.nuclei):
        if nucleus.eta_mv is None or nucleus.radius_nm is None or nucleus.barrier_ev is None:
            continue
        radius.plot(nucleus.eta_mv, nucleus.radius_nm, "o", color=colour, markersize=4)
        barrier.plot(nucleus.eta_mv, nucleus.barrier_ev, "o", color=colour, markersize=4)
        if count < MOST_NAMES:
            name = nucleus.entry.row.candidate
            place = (nucleus.eta_mv, nucleus.radius_nm)
            radius.annotate(name, place, (4, 3), textcoords="offset points", fontsize=6)
