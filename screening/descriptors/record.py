"""The records that descriptors return and tables are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from screening.structure.level import Level

Status = Literal["ok", "partial", "failed"]
"""ok: every descriptor asked for has a value; partial: some are missing; failed: no `e_ads_ev`."""


@dataclass(frozen=True)
class SiteRow:
    """One adsorption site of one host and ion after relaxation.

    Attributes
    ----------
    site
        Label of the site where the ion was placed.
    final_site
        Label of the site where it ended; None unless it is one of the host's sites.
    outcome
        kept, migrated, intercalated, incorporated, desorbed, reconstructed; None if failed.
    host_disp_a
        Largest displacement of a host atom on adsorption, Å.
    e_ads_ev, e_ads_raw_ev, e_ads_lower90_ev, e_ads_upper90_ev, in_domain
        As in `Row`.
    fmax_ev_a
        Largest force on a free atom in the final state, eV/Å.
    """

    site: str
    final_site: str | None
    outcome: str | None
    e_ads_ev: float | None
    host_disp_a: float | None
    fmax_ev_a: float | None
    converged: bool
    reason: str = ""
    e_ads_raw_ev: float | None = None
    e_ads_lower90_ev: float | None = None
    e_ads_upper90_ev: float | None = None
    in_domain: bool | None = None


@dataclass(frozen=True)
class HopRow:
    """One symmetry-distinct hop of the percolation graph.

    Attributes
    ----------
    forward_ev, reverse_ev
        Barriers in the two directions, eV; None if the path failed or left the host, with `reason`.
    multiplicity
        Copies in the cell.
    outcome
        kept: the ion stays on a whole host all the way; desorbed or reconstructed: it does not,
        and the hop is closed; None if there is no path.
    prefactor_thz
        Of the hop's rate from its first minimum, THz.
    """

    hop: str
    length_a: float
    multiplicity: int
    forward_ev: float | None
    reverse_ev: float | None
    reason: str = ""
    outcome: str | None = None
    prefactor_thz: float | None = None


@dataclass(frozen=True)
class CoverageRow:
    """The host's cell with some ions on one face.

    Attributes
    ----------
    n
        Ions in the cell.
    theta
        Ions per area over those of the bcc metal's (110) plane.
    e_ads_ev
        Adsorption energy per ion against the bulk metal, eV, by the engine itself; None if no
        start relaxed, with `reason`.
    ion_distance_a
        Smallest distance between two ions, periodic copies included, Å.
    outcome
        kept: all ions lie on the face. Otherwise what became of them, with `reason`.
    """

    n: int
    theta: float
    e_ads_ev: float | None = None
    ion_distance_a: float | None = None
    outcome: str | None = None
    reason: str = ""


@dataclass(frozen=True)
class Row:
    """All that is known of one candidate with one ion at one level.

    Missing values are None, and `reason` says why; they are never 0 or infinite.

    Attributes
    ----------
    e_ads_ev
        Adsorption energy against the relaxed bulk metal, lowest over the sites, eV; calibrated
        to the reference level where `calibration` names a model and `in_domain` is true.
    e_ads_raw_ev, e_ads_lower90_ev, e_ads_upper90_ev
        Where a calibration was applied: the engine's own value, and the 90 % interval, eV.
    in_domain
        Whether the host is inside the calibration's domain; outside, `e_ads_ev` is raw.
    calibration
        Fingerprint of the calibration.
    barrier_ev
        Diffusion barrier, eV; `barrier_path` names the hop: the hop from the best site, or with
        ``path: percolating`` the bottleneck of the way out of the cell in all directions.
    barrier_raw_ev, barrier_lower90_ev, barrier_upper90_ev
        Where the barrier is calibrated: the engine's own value, and the 90 % interval, eV.
    barrier_easy_ev
        Percolating barrier in the easiest direction alone, eV.
    barrier_method
        ``best hop``, ``percolating`` or ``scan``: what stands behind `barrier_ev`.
    diffusion_cm2_s, temperature_k
        Diffusion coefficient in the slowest direction at that temperature, cm²/s and K.
    attempt_thz
        Frequency of the ion's softest mode in the deepest minimum, THz.
    hops
        Every hop that was computed: of the percolation graph, or the one from the best site.
    force_calls
        Evaluations behind each descriptor, reused ones included; ``reference`` are those of the
        bulk metal and the clean host.
    e_step_ev
        Energy of the first, second, … added ion against the bulk metal, eV.
    eta_nuc_mv
        Limiting nucleation overpotential, mV: the largest step, if it costs anything.
    clustering_ev
        Two ions side by side against two ions apart, eV; negative: they cluster.
    e_ml_ev
        Energy per ion of a full monolayer against the bulk metal, eV; negative: it wets.
    coverage
        From one ion to the full monolayer.
    gamma_j_m2, gamma_spread_j_m2
        Surface energy of the host and its change with the thinnest slab left out, J/m².
    gamma_metal_j_m2, gamma_metal_spread_j_m2
        Wulff-averaged surface energy of the ion's own bcc metal, and the largest spread of its
        planes, J/m².
    gamma_metal_faces_j_m2
        Of (110), (100) and (111) of that metal, J/m².
    volume_change, volume_change_anode
        Volume of an alloy's crystal over that of its host element, and over that of its host
        element and metal together, minus 1.
    ion_distance_a
        Distance between the ion and its nearest periodic image, Å (the coverage); None on a
        cluster, which has no images.
    fmax_ev_a, converged
        Of the structures behind `e_ads_ev`: largest final force, and whether all converged.
    flags
        What a reader must know before trusting the value, e.g. that the host reconstructed.
    capacity_mah_g
        Of one ion on the host's cell, mAh per gram of host.
    misfit, misfit_plane, misfit_area_a2
        Smallest strain between the host's surface cell and a plane of the metal, and its cell.
    delta_chi, local_dipole_e_a
        Electronegativity difference and local dipole (e Å) of the dopants of a carbon host.
    charge_e, work_function_ev
        Electrons that the ion gave, e, and work function of the host's face that holds it, eV.
    electronic_level
        Level and fingerprint of these two, which may be another than `level`.
    host_distortion_ev
        Energy of the host as the ion left it less that of the relaxed clean host, eV.
    g_ads_ev, g_ads_temperature_k
        Adsorption free energy at the row's coverage, eV, and its temperature, K.
    review
        Rows of the review (R01 …) that the host stands for.
    sites
        Every site that was tried, relaxed or not.
    """

    candidate: str
    family: str
    formula: str
    ion: str
    level: Level
    status: Status
    reason: str = ""
    e_ads_ev: float | None = None
    e_ads_raw_ev: float | None = None
    e_ads_lower90_ev: float | None = None
    e_ads_upper90_ev: float | None = None
    in_domain: bool | None = None
    calibration: str | None = None
    site: str | None = None
    outcome: str | None = None
    barrier_ev: float | None = None
    barrier_raw_ev: float | None = None
    barrier_lower90_ev: float | None = None
    barrier_upper90_ev: float | None = None
    barrier_path: str | None = None
    barrier_easy_ev: float | None = None
    barrier_method: str | None = None
    diffusion_cm2_s: float | None = None
    temperature_k: float | None = None
    attempt_thz: float | None = None
    e_step_ev: tuple[float, ...] = ()
    eta_nuc_mv: float | None = None
    clustering_ev: float | None = None
    e_ml_ev: float | None = None
    gamma_j_m2: float | None = None
    gamma_spread_j_m2: float | None = None
    gamma_metal_j_m2: float | None = None
    gamma_metal_spread_j_m2: float | None = None
    gamma_metal_faces_j_m2: tuple[float, ...] = ()
    volume_change: float | None = None
    volume_change_anode: float | None = None
    capacity_mah_g: float | None = None
    misfit: float | None = None
    misfit_plane: str | None = None
    misfit_area_a2: float | None = None
    delta_chi: float | None = None
    local_dipole_e_a: float | None = None
    charge_e: float | None = None
    work_function_ev: float | None = None
    electronic_level: str | None = None
    host_distortion_ev: float | None = None
    g_ads_ev: float | None = None
    g_ads_temperature_k: float | None = None
    host_disp_a: float | None = None
    ion_distance_a: float | None = None
    fmax_ev_a: float | None = None
    converged: bool = False
    flags: tuple[str, ...] = ()
    review: tuple[str, ...] = ()
    sites: tuple[SiteRow, ...] = ()
    hops: tuple[HopRow, ...] = ()
    force_calls: Mapping[str, int] = field(default_factory=dict)
    coverage: tuple[CoverageRow, ...] = ()

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Row:
        """Rebuild a row from ``dataclasses.asdict`` after a trip through JSON.

        Fields that a row of another version lacks keep their defaults; those that it has beyond
        these are left out.
        """
        data = {name: data[name] for name in cls.__dataclass_fields__ if name in data}
        level = dict(data["level"])
        level["settings"] = tuple((str(k), str(v)) for k, v in level["settings"])
        parts: dict[str, Any] = {
            name: tuple(value) for name, value in data.items() if isinstance(value, list)
        }
        parts["level"] = Level(**level)
        parts["sites"] = tuple(SiteRow(**site) for site in data.get("sites", ()))
        parts["hops"] = tuple(HopRow(**hop) for hop in data.get("hops", ()))
        parts["coverage"] = tuple(CoverageRow(**layer) for layer in data.get("coverage", ()))
        return cls(**{**data, **parts})
