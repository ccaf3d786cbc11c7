"""Anchors of a screen: reference points on its own hosts, in a file beside its database.

They make hosts known to a calibration without training it again (`Calibration.with_anchors`), and
keep for themselves the value of the reference level.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from screening.errors import InputError
from screening.files import write_atomic
from screening.surrogate.identity import Identity, identity
from screening.surrogate.latent import Change
from screening.surrogate.model import Calibration
from screening.surrogate.recognise import Shape
from screening.surrogate.sample import Sample

FORMAT = "alkascreen-anchors"
VERSION = 2


@dataclass(frozen=True)
class Anchor:
    """A reference point on a host of a screen.

    Attributes
    ----------
    sample
        The structure, its adsorption energy by the engine and at the reference level.
    engine
        Of which engine (`screening.surrogate.identity.engine_identity`).
    reference
        Level of the reference energy.
    """

    sample: Sample
    engine: Identity
    reference: str

    def as_json(self) -> dict[str, Any]:
        """Plain numbers and text."""
        s = self.sample
        return {
            "host": s.host,
            "engine": dict(self.engine),
            "reference": self.reference,
            "clean": asdict(Shape.of(s.clean)),
            "adsorbed": asdict(Shape.of(s.adsorbed)),
            "ions": list(s.ions),
            "e_raw_ev": s.e_raw_ev,
            "e_ref_ev": s.e_ref_ev,
            "spread_ev": s.spread_ev,
            "change": s.change.as_json(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Anchor:
        """Undo `as_json`."""
        sample = Sample(
            host=str(data["host"]),
            clean=Shape.from_json(data["clean"]).atoms,
            adsorbed=Shape.from_json(data["adsorbed"]).atoms,
            ions=tuple(map(int, data["ions"])),
            e_raw_ev=float(data["e_raw_ev"]),
            e_ref_ev=float(data["e_ref_ev"]),
            change=Change.from_json(data["change"]),
            spread_ev=float(data.get("spread_ev", 0.0)),
        )
        return cls(sample, identity(data["engine"]), str(data["reference"]))


def anchors_beside(database: str | Path) -> Path:
    """Return where the anchors of a database are kept; a server's are in the current folder."""
    path = Path("alkascreen.db") if "://" in str(database) else Path(database)
    return path.with_name(f"{path.stem}.anchors.json")


def save_anchors(path: Path, anchors: Sequence[Anchor]) -> None:
    """Write anchors; the file is replaced as a whole."""
    found = [anchor.as_json() for anchor in anchors]
    document = {"format": FORMAT, "version": VERSION, "anchors": found}
    write_atomic(path, json.dumps(document, indent=1, allow_nan=False) + "\n")


def load_anchors(path: Path) -> tuple[Anchor, ...]:
    """Read anchors; none where there is no file.

    Raises
    ------
    InputError
        If the file is not one of anchors.
    """
    if not path.is_file():
        return ()
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        _check_stamp(data)
        return tuple(map(Anchor.from_json, data["anchors"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"cannot read anchors: {type(error).__name__}: {error}",
            where=str(path),
            allowed="a file written by this version's 'alkascreen anchor', which takes the points "
            "that it finds computed",
        ) from None


def _check_stamp(data: Mapping[str, Any]) -> None:
    if (data["format"], data["version"]) != (FORMAT, VERSION):
        raise ValueError(f"is not {FORMAT} {VERSION}")


def anchored(calibration: Calibration | None, database: str | Path) -> Calibration | None:
    """Return the calibration with the anchors of a database that are of its engine.

    Raises
    ------
    InputError
        If the file of anchors cannot be read, or an anchor is of another reference level.
    """
    if calibration is None:
        return None
    anchors = load_anchors(anchors_beside(database))
    mine = [anchor for anchor in anchors if anchor.engine == calibration.engine]
    for level in dict.fromkeys(anchor.reference for anchor in mine):
        samples = [anchor.sample for anchor in mine if anchor.reference == level]
        calibration = calibration.with_anchors(samples, level)
    return calibration


def joined(old: Sequence[Anchor], new: Sequence[Anchor]) -> tuple[Anchor, ...]:
    """Return all anchors; of two on one structure by one engine, the new one."""

    def key(anchor: Anchor) -> tuple[Identity, Shape]:
        return anchor.engine, Shape.of(anchor.sample.adsorbed)

    return tuple({key(anchor): anchor for anchor in (*old, *new)}.values())
