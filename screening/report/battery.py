"""Cell-level numbers in the terminal."""

from __future__ import annotations

from rich.console import Group
from rich.table import Table
from rich.text import Text

from screening.electrochemistry.metals import SURFACE_ENERGY_SOURCE
from screening.ranking.battery import BatteryReport
from screening.ranking.nuclei import WULFF, Nucleus
from screening.report.tables import plain

CLASSICAL_ATOMS = 10
"""A nucleus of fewer atoms has no surface to speak of: the classical theory does not apply."""
_LEFT = {"candidate", "remark", ""}


def render(report: BatteryReport) -> Group:
    """Return the electrolyte, its Sand's times, and the critical nuclei on the best hosts."""
    salt = report.electrolyte
    values = (
        f"D {salt.diffusivity_m2_s:.3g} m²/s, t+ {salt.transference:.3g}, "
        f"c0 {salt.concentration_mol_l:.3g} mol/L at {salt.temperature_k:g} K"
    )
    lines = [f"Electrolyte: {salt.name}; {values}", f"Source: {salt.source}"]
    lines.append(
        f"Limiting current: {report.limiting_ma_cm2:.3g} mA/cm² "
        f"at {salt.distance_um:g} µm between the electrodes, MacMullin number {salt.macmullin:g}"
    )
    parts: list[Table | Text] = [Text(salt.ion, style="bold"), *map(_text, lines)]
    if report.area_factor > 1:
        parts.append(_text(f"The host has {report.area_factor:g} times the area of the cell"))
    parts += [_depletion(report), Text()]
    if not report.nuclei:
        return Group(*parts, Text("Critical nuclei: no host is ranked"))
    parts.append(Text(f"Critical nuclei at each host's overpotential, {salt.temperature_k:g} K"))
    parts.append(_nuclei(report.nuclei))
    if report.driven:
        title = "Critical nuclei at the overpotential of charge transfer that each current takes"
        parts += [Text(), Text(title), _driven(report.driven)]
    else:
        parts.append(Text("No exchange current is stated: currents say nothing about nuclei"))
    return Group(*parts, *map(Text, _remarks(report.nuclei)))


def _depletion(report: BatteryReport) -> Table:
    table = _table("mA/cm²", "on the host", "overpotential mV", "Sand's time", "")
    for entry in report.depletion:
        remark = "" if entry.reached else "never reached: below the limiting current"
        table.add_row(
            f"{entry.current_ma_cm2:g}",
            f"{entry.local_ma_cm2:.3g}",
            _number(entry.overpotential_mv, ".3g"),
            duration(entry.sand_s),
            remark,
        )
    return table


def _driven(nuclei: tuple[Nucleus, ...]) -> Table:
    numbers = ("mA/cm²", "eta mV", "angle °", "r* nm", "atoms", "dG*/kT", "nuclei/cm²")
    table = _table("rank", "candidate", *numbers, "remark")
    for nucleus in nuclei:
        table.add_row(
            str(nucleus.entry.rank),
            _text(nucleus.entry.row.candidate),
            _number(nucleus.current_ma_cm2, "g"),
            _number(nucleus.eta_mv, ".3g"),
            _angle(nucleus),
            _number(nucleus.radius_nm, ".2f"),
            _number(nucleus.atoms, ".3g"),
            _number(nucleus.barrier_kt, ".3g"),
            _number(nucleus.density_cm2, ".1e"),
            _text(_remark(nucleus)),
        )
    return table


def _angle(nucleus: Nucleus) -> str:
    return "sphere" if nucleus.angle_deg is None else f"{nucleus.angle_deg:.0f}"


def _nuclei(nuclei: tuple[Nucleus, ...]) -> Table:
    numbers = ("eta_nuc_mv", "angle °", "gamma J/m²", "r* nm", "atoms", "dG* eV", "dG*/kT")
    table = _table("rank", "candidate", *numbers, "remark")
    for nucleus in nuclei:
        table.add_row(
            str(nucleus.entry.rank),
            _text(nucleus.entry.row.candidate),
            _number(nucleus.eta_mv, ".0f"),
            _angle(nucleus),
            f"{nucleus.gamma_j_m2:.3f}{'' if nucleus.gamma_source else '*'}",
            _number(nucleus.radius_nm, ".2f"),
            _number(nucleus.atoms, ".3g"),
            _number(nucleus.barrier_ev, ".3g"),
            _number(nucleus.barrier_kt, ".3g"),
            _text(_remark(nucleus)),
        )
    return table


def _remark(nucleus: Nucleus) -> str:
    if nucleus.atoms is not None and nucleus.atoms < CLASSICAL_ATOMS:
        return "too small for classical nucleation"
    return nucleus.reason


def _remarks(nuclei: tuple[Nucleus, ...]) -> list[str]:
    sources = {nucleus.gamma_source for nucleus in nuclei}
    lines = []
    if WULFF in sources:
        lines.append("gamma: Wulff average of the metal's planes, computed")
    if slabs := sorted(name for name in sources if name and name != WULFF):
        lines.append(f"gamma: lowest surface energy computed for the metal, {', '.join(slabs)}")
    if None in sources:
        lines.append(f"* gamma from literature, not computed: {SURFACE_ENERGY_SOURCE}")
    if any(nucleus.angle_deg is None for nucleus in nuclei):
        lines.append("sphere: no contact angle was computed (wetting: {}): an upper bound of dG*")
    return lines


def duration(seconds: float) -> str:
    """Return a time in the largest unit that keeps it above two."""
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.3g} {unit}"
    return f"{seconds:.3g} s"


def _table(*columns: str) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in columns:
        table.add_column(name, justify="left" if name in _LEFT else "right")
    return table


def _text(text: str) -> Text:
    return Text(plain(text))


def _number(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)
