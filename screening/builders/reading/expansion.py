"""Atoms of a cell from its asymmetric unit: operators applied, images on one place merged."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from ase import Atoms

from screening.builders.reading.settings import Setting, settings
from screening.errors import StructureError

MERGE_A = 0.2
"""Images of one site closer than this are one atom on a special position, Å: coordinates of two or
three digits miss it by up to 0.1 Å, and no two atoms come so close."""

SAID_A = 0.001
"""Atoms moved onto a special position by more than this are mentioned, Å."""


@dataclass(frozen=True)
class Sites:
    """The asymmetric unit of a crystal.

    Attributes
    ----------
    labels, symbols
        Of each site.
    scaled
        Fractional coordinates, shape (n_sites, 3).
    cell
        Cell vectors, Å, shape (3, 3).
    occupancies
        Of each site; all full if not given.
    """

    labels: tuple[str, ...]
    symbols: tuple[str, ...]
    scaled: np.ndarray
    cell: np.ndarray
    occupancies: tuple[float, ...] = ()

    def expanded(self, setting: Setting) -> tuple[Atoms, float]:
        """All atoms of the cell, and how far a site was moved onto its special position, Å."""
        number: list[int] = []
        scaled: list[np.ndarray] = []
        moved = 0.0
        for i, site in enumerate(self.scaled):
            orbit, shift = self._orbit(site, setting)
            number += [i] * len(orbit)
            scaled += list(orbit)
            moved = max(moved, shift)
        symbols = [self.symbols[i] for i in number]
        atoms = Atoms(symbols, cell=self.cell, scaled_positions=scaled, pbc=True)
        if self.occupancies:
            atoms.set_array("occupancy", np.array(self.occupancies)[number])
            atoms.set_array("label", np.array(self.labels)[number])
        return atoms, moved

    def _orbit(self, site: np.ndarray, setting: Setting) -> tuple[np.ndarray, float]:
        images = site @ setting.rotations.transpose(0, 2, 1) + setting.translations
        offsets = images - site
        offsets -= np.rint(offsets)
        stabilise = np.linalg.norm(offsets @ self.cell, axis=1) < MERGE_A
        special = site + offsets[stabilise].mean(axis=0)
        images = special @ setting.rotations.transpose(0, 2, 1) + setting.translations
        kept: list[np.ndarray] = []
        for image in images - np.floor(images + 1e-9):
            apart = np.array(kept).reshape(-1, 3) - image
            apart -= np.rint(apart)
            if not (np.linalg.norm(apart @ self.cell, axis=1) < MERGE_A).any():
                kept.append(image)
        return np.array(kept), float(np.linalg.norm((special - site) @ self.cell))


def amounts(atoms: Atoms) -> dict[str, float]:
    """How much of each element a cell holds, sites counted by their occupancies."""
    weights = atoms.arrays.get("occupancy", np.ones(len(atoms)))
    symbols = np.array(atoms.symbols)
    return {str(s): round(float(weights[symbols == s].sum()), 6) for s in np.unique(symbols)}


def listed(operators: Sequence[str], where: str) -> Setting:
    """Return the setting that a file's own list of operators (``-x, y+1/2, -z``) makes.

    Raises
    ------
    StructureError
        If one cannot be read, or the list is no group: then some are missing.
    """
    rows = [_operator(text, where) for text in operators]
    setting = Setting(
        "listed", 0, np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    )
    keys = {_key(r, t) for r, t in rows}
    for rotation, translation in rows:
        turned = setting.rotations @ rotation
        shifts = setting.rotations @ translation + setting.translations
        if not {_key(r, t) for r, t in zip(turned, shifts, strict=True)} <= keys:
            raise StructureError(
                f"its {len(rows)} symmetry operators are no group: some are missing",
                where=where,
                allowed="all operators, or none and the name of the space group",
            )
    return setting


def _key(rotation: np.ndarray, translation: np.ndarray) -> tuple[int, ...]:
    steps = np.rint(np.asarray(translation) * 48).astype(int) % 48
    return (*np.rint(rotation).astype(int).ravel().tolist(), *steps.tolist())


_TERM = re.compile(r"([+-]?)(\d+(?:\.\d*)?(?:/\d+)?|\.\d+)?\*?([xyz])?")


def _operator(text: str, where: str) -> tuple[np.ndarray, np.ndarray]:
    rotation, translation = np.zeros((3, 3)), np.zeros(3)
    parts = text.strip().strip("'\"").lower().replace(" ", "").split(",")
    wrong = StructureError(
        f"symmetry operator {text[:40]!r} cannot be read", where=where, allowed="like -x, y+1/2, -z"
    )
    if len(parts) != 3:
        raise wrong
    for row, part in enumerate(parts):
        place = 0
        while place < len(part):
            match = _TERM.match(part, place)
            if not match or match.end() == place or not (match[2] or match[3]):
                raise wrong
            number = float(Fraction(match[2])) if match[2] else 1.0
            number *= -1 if match[1] == "-" else 1
            if match[3]:
                rotation[row, "xyz".index(match[3])] += number
            else:
                translation[row] += number
            place = match.end()
    if abs(abs(np.linalg.det(rotation)) - 1) > 1e-6:
        raise wrong
    return rotation, translation


def expand(
    sites: Sites,
    *,
    name: str = "",
    hall: str = "",
    number: int = 0,
    operators: Sequence[str] = (),
    count: float | None = None,
    where: str,
) -> tuple[Atoms, str]:
    """Atoms of the cell, and a statement of the setting that was used.

    Parameters
    ----------
    count
        Atoms that the file says the cell holds, if it does.

    Raises
    ------
    StructureError
        If the setting is unknown, or several fit and nothing tells which.
    """
    if operators:
        found: tuple[Setting, ...] = (listed(operators, where),)
        text = f"{len(operators)} symmetry operator{'s' * (len(operators) > 1)} as listed"
        named = settings(name, hall, number)
        if named and len(operators) not in {len(s.rotations) for s in named}:
            text += f", not the {len(named[0].rotations)} of {named[0].name}"
        elif named:
            text += f" ({name or named[0].name})"
    else:
        found = settings(name, hall, number)
        if not found and (name or hall or number):
            raise StructureError(
                f"space group {name or hall or number!r} is not known",
                where=where,
                allowed="a Hermann-Mauguin or Hall symbol, or a list of symmetry operators",
            )
        text = "" if found else "no symmetry stated: the listed atoms are all"
        found = found or settings("P 1")
    fitting = [s for s in found if _fits(s, sites.cell)]
    if not fitting:
        raise StructureError(f"the cell does not have the symmetry of {found[0].name}", where=where)
    expansions = [(s, *sites.expanded(s)) for s in fitting]
    setting, atoms, moved = _chosen(expansions, count, where)
    text = text or f"space group {setting.name}"
    if len(found) > 1 and not operators:
        text += f" (setting told by {'the cell' if len(fitting) == 1 else 'the number of atoms'})"
    if moved > SAID_A:
        text += f", sites moved up to {moved:.3f} Å onto their special positions"
    return atoms, text


def _fits(setting: Setting, cell: np.ndarray) -> bool:
    """Whether the operators keep the cell's lengths and angles, to 1 %."""
    metric = cell @ cell.T
    rotations = setting.rotations.transpose(0, 2, 1)
    turned = rotations @ metric @ setting.rotations
    return bool(np.abs(turned - metric).max() <= 0.02 * np.diag(metric).max())


def _chosen(
    expansions: Sequence[tuple[Setting, Atoms, float]], count: float | None, where: str
) -> tuple[Setting, Atoms, float]:
    """Return the only setting, or the only one with as many atoms as the file states."""
    numbers = [sum(amounts(atoms).values()) for _, atoms, _ in expansions]
    kept = [
        expansion
        for expansion, number in zip(expansions, numbers, strict=True)
        if count is None or abs(number - count) < 0.5
    ]
    monoclinic = all(3 <= setting.number <= 15 for setting, _, _ in expansions)
    if len(expansions) == 1 or monoclinic:
        # Without further words the unique axis is b, the first of the settings.
        return expansions[0]
    if len(kept) != 1:
        names = ", ".join(setting.name for setting, _, _ in expansions)
        raise StructureError(
            f"the space group has several settings, which give "
            f"{', '.join(f'{number:g}' for number in numbers)} "
            f"atoms: {names}",
            where=where,
            allowed="one of these names, or a list of symmetry operators, in the file",
        )
    return kept[0]
