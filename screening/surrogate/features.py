"""What the calibration sees of an adsorbed ion: few numbers, each with a physical reason."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
from ase import Atoms
from ase.data import covalent_radii

from screening.structure.neighbours import close_pairs
from screening.surrogate.huckel import BOND_SCALE, Network, pi_network

IONISATION_EV = MappingProxyType({"Li": 5.392, "Na": 5.139, "K": 4.341})
"""First ionisation energy, eV (NIST Atomic Spectra Database, doi:10.18434/T4W30F)."""

SP2_SHARE = 0.5
"""A host with at least this share of its atoms in a π network has an uptake."""

REACH = 1.8
"""Host atoms beyond this multiple of the sum of covalent radii do not count as near."""

NEAR_WIDTH = 0.1
"""Decay of a neighbour's weight in `chi_near`, in units of the sum of covalent radii."""

CLASSES: Mapping[str, float] = MappingProxyType(
    {"supported": 2.0, "carbon": 1.0, "layer": 0.0, "compound": -1.0, "metal": -2.0}
)
"""Labels of `host_class` among the features."""

CARBON = 6

ACCEPTOR_EV = 0.5
"""Uptake at which a π network has ceased to be an acceptor: see `FEATURES`."""

FEATURES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "class": (0.0, 1.0),
        "e_raw_ev": (0.0, 1.0),
        "ion_ionisation_ev": (5.0, 0.5),
        "ion_radius_a": (1.6, 0.4),
        "acceptor": (0.0, 1.0),
        "chi_near": (2.5, 0.5),
        "contact": (1.1, 0.1),
    }
)
"""Name, centre and scale: a difference of one scale is a large physical difference. The scales
are fixed, not fitted, so that a distance between two ions does not depend on the training set.

Hosts of different `class` (`host_class`) share nothing. `acceptor` is
``tanh(uptake_ev / ACCEPTOR_EV)``: −1 where the ion's electron falls into empty states below the
Dirac point, +1 where it has to go above. The reference level saturates in the same way: on 3 × 3
cells Na is bound by 0.3 to 0.8 eV where the uptake is negative, unbound by 0.6 to 0.9 eV where
it is above 0.5 eV, and hardly depends on how far."""


ION_COLUMNS = (2, 3)
"""Columns of the features that tell the ions apart, whatever the host."""


def class_of(x: np.ndarray) -> str:
    """Return the class that features are of."""
    return next(kind for kind, label in CLASSES.items() if label == x[0])


def describe(clean: Atoms, adsorbed: Atoms, ions: Sequence[int], e_raw_ev: float) -> np.ndarray:
    """Features of ions on a host in the order of `FEATURES`, scaled; means over the ions.

    Parameters
    ----------
    clean
        Host without the ions.
    adsorbed, ions
        The same with ions, and their indices.
    e_raw_ev
        Adsorption energy per ion by the engine, eV.
    """
    ion = str(adsorbed.symbols[ions[0]])
    network = network_of(clean)
    kind = host_class(clean)
    around = np.mean([_surroundings(adsorbed, index, ions) for index in ions], axis=0)
    values = [
        CLASSES[kind],
        e_raw_ev,
        IONISATION_EV[ion],
        float(covalent_radii[adsorbed.numbers[ions[0]]]),
        np.tanh(network.uptake_ev(len(ions)) / ACCEPTOR_EV) if kind == "carbon" else 0.0,
        *around,
    ]
    centres, scales = np.array(list(FEATURES.values())).T
    scaled: np.ndarray = (np.array(values) - centres) / scales
    return scaled


def host_class(clean: Atoms) -> str:
    """Return ``supported``, ``carbon``, ``layer``, ``metal`` or ``compound``.

    Half of the host's atoms, H apart, are carbon of a π network, or a π network of other elements
    (boron nitride, whose gap puts an ion's electron 2 eV higher than any engine thinks). A network
    that carries clusters of metals or of their oxides is a class apart: what is wrong on bare
    carbon is not wrong beside a cluster (0.7 eV on Sn4). Of the others, a metal has metals and
    metalloids only, a compound has anions.
    """
    symbols, network = clean.get_chemical_symbols(), network_of(clean)
    heavy = sum(symbol != "H" for symbol in symbols)
    if len(network.atoms) >= SP2_SHARE * heavy:
        if _carries_cluster(clean, network):
            return "supported"
        carbons = sum(symbols[atom] == "C" for atom in network.atoms)
        return "carbon" if carbons >= SP2_SHARE * heavy else "layer"
    return "metal" if all(map(_metallic, set(symbols))) else "compound"


def network_of(clean: Atoms) -> Network:
    """Return the π network of a host; hosts are asked for once an ion, so the last few are kept."""
    return _network(
        tuple(clean.get_chemical_symbols()),
        clean.positions.round(6).tobytes(),
        clean.cell.array.round(6).tobytes(),
        tuple(bool(p) for p in clean.pbc),
    )


@functools.lru_cache(maxsize=64)
def _network(symbols: tuple[str, ...], positions: bytes, cell: bytes, pbc: tuple[bool]) -> Network:
    host = Atoms(
        list(symbols),
        np.frombuffer(positions).reshape(-1, 3),
        cell=np.frombuffer(cell).reshape(3, 3),
        pbc=pbc,
    )
    return pi_network(host)


def _surroundings(adsorbed: Atoms, ion: int, ions: Sequence[int]) -> tuple[float, float]:
    """Mean electronegativity of the nearest host atoms, and distance to the nearest, scaled."""
    reach = REACH * covalent_radii[adsorbed.numbers]
    first, second, _, distance = close_pairs(adsorbed, 2 * float(reach.max()))
    mine = (first == ion) & ~np.isin(second, ions) & (distance < reach[first] + reach[second])
    neighbours = adsorbed.numbers[second[mine]]
    if not len(neighbours):
        host = np.delete(adsorbed.numbers, list(ions))
        return float(np.mean([electronegativity(int(n)) for n in host])), REACH
    scaled = distance[mine] / (covalent_radii[neighbours] + covalent_radii[adsorbed.numbers[ion]])
    weights = np.exp(-(scaled - scaled.min()) / NEAR_WIDTH)
    chi = np.array([electronegativity(int(n)) for n in neighbours])
    return float(weights @ chi / weights.sum()), float(scaled.min())


def _carries_cluster(clean: Atoms, network: Network) -> bool:
    """Whether a metal atom is bound to more than carbon beside the π network: to a cluster."""
    metals = np.array([_metal(symbol) for symbol in clean.symbols])
    if not metals.any():
        return False
    beside = ~np.isin(np.arange(len(clean)), network.atoms) & (clean.numbers != CARBON)
    radii = covalent_radii[clean.numbers]
    first, second, _, distance = close_pairs(clean, 2 * BOND_SCALE * float(radii.max()))
    bound = distance < BOND_SCALE * (radii[first] + radii[second])
    return bool((bound & metals[first] & beside[second]).any())


@functools.lru_cache(maxsize=128)
def _metallic(symbol: str) -> bool:
    from pymatgen.core.periodic_table import Element  # noqa: PLC0415 (a second to import)

    element = Element(symbol)
    return bool((element.is_metal or element.is_metalloid) and not element.is_chalcogen)


@functools.lru_cache(maxsize=128)
def _metal(symbol: str) -> bool:
    from pymatgen.core.periodic_table import Element  # noqa: PLC0415 (a second to import)

    return bool(Element(symbol).is_metal)


@functools.lru_cache(maxsize=128)
def electronegativity(number: int) -> float:
    """Pauling's electronegativity (as tabulated in pymatgen); not finite where there is none."""
    from pymatgen.core.periodic_table import Element  # noqa: PLC0415 (a second to import)

    return float(Element.from_Z(number).X)
