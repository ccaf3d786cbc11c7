"""Adding points that were computed elsewhere to a reference set, once each is sane."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ase import Atoms
from ase.io import write

from screening.errors import InputError, LevelError
from screening.files import write_atomic
from screening.geometry import motif_changed
from screening.validation.compute import read_frames, structure_key
from screening.validation.frames import energy_of, numbered, text_of
from screening.validation.reference import ReferencePoint, points_of

LARGEST_EV = 6.0
"""No ion of ours binds more strongly: the self-consistency ended elsewhere."""


@dataclass(frozen=True)
class Merged:
    """What became of new frames.

    Attributes
    ----------
    added
        Frames that the set holds now, hosts before their ions.
    refused
        Hosts that were left out, each with the reason.
    waiting
        Hosts of which only the clean frame is there: nothing can be learned of them yet.
    """

    added: tuple[Atoms, ...]
    refused: tuple[str, ...]
    waiting: tuple[str, ...]


def merge(target: Path, sources: Sequence[Path]) -> Merged:
    """Append the frames of hosts that a reference set lacks; the file is replaced as a whole.

    A host comes in with its clean frame and its ions, or not at all: an energy or a force that is
    not finite, an ion above the free atom, an adsorption energy beyond `LARGEST_EV`, a host torn by
    its ion, an ion whose clean host is missing, and a name that the set has for another structure
    are reasons.

    Raises
    ------
    InputError
        If a file cannot be read, or the new frames are of another level than the set.
    """
    known = read_frames(target)
    there = {structure_key(atoms) for atoms in known}
    new = {structure_key(a): a for source in sources for a in read_frames(source)}
    wanted = [a for key, a in new.items() if key not in there and not a.info.get("bulk")]
    levels = {text_of(atoms, "level") for atoms in (*known, *wanted)}
    if len(levels) > 1:
        raise LevelError(f"frames of {len(levels)} levels: {'; '.join(sorted(levels))}")
    added: list[Atoms] = []
    refused: list[str] = []
    waiting: list[str] = []
    for host in dict.fromkeys(text_of(atoms, "host") for atoms in wanted):
        mine = [atoms for atoms in wanted if text_of(atoms, "host") == host]
        if not any(atoms.info.get("ion") for atoms in mine):
            waiting.append(host)
            continue
        old = [a for a in known if a.info.get("bulk") or text_of(a, "host") == host]
        try:
            _check(old, mine, target)
        except InputError as error:
            refused.append(f"{host}: {error}")
            continue
        added += sorted(mine, key=lambda atoms: bool(atoms.info.get("ion")))
    if added:
        text = io.StringIO()
        write(text, added, format="extxyz")
        write_atomic(target, target.read_text(encoding="utf-8") + text.getvalue())
    return Merged(tuple(added), tuple(refused), tuple(waiting))


def _check(old: Sequence[Atoms], new: Sequence[Atoms], where: Path) -> None:
    frames = numbered([*old, *new], where, energy_of)
    ions = {frame.ion for frame in frames[len(old) :]}
    mine = [frame for frame in frames if frame.ion in ions]
    for point in points_of(mine, frames, str(where)):
        if point.impossible:
            raise InputError(point.impossible)
        if abs(point.e_ads_ref_ev) > LARGEST_EV:
            raise InputError(f"{point.e_ads_ref_ev:.1f} eV is no adsorption energy")
        if torn := _torn(point):
            raise InputError(f"{point.ion} tore the host, which is a reaction: {torn}")


def _torn(point: ReferencePoint) -> str:
    host = point.adsorbed.copy()
    del host[list(point.ions)]
    return motif_changed(point.clean, host)
