"""The calibration: what an engine's adsorption energy has to be corrected by, and how surely."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms

from screening.errors import TaskError
from screening.structure.level import Level, digest
from screening.surrogate.features import CLASSES, FEATURES, describe, host_class
from screening.surrogate.files import load_model
from screening.surrogate.gaussian import Hyperparameters, predict, predict_jointly
from screening.surrogate.latent import Components
from screening.surrogate.recognise import Signature

FORMAT = "alkascreen-calibration"
VERSION = 3

REACH = 2.0
"""Largest distance to a training point, in scales of the features, inside the domain."""

FOREIGN_SHARE = 0.1
"""Share of a host's atoms that may be of elements that no training host has: a dopant in a sheet
changes the energy through the network's electrons, which the features see."""

FAR_FACTOR = 1.5
"""Half-width of the interval outside the domain: this multiple of the largest correction of the
host's class, or of any class if it has none."""


@dataclass(frozen=True)
class Estimate:
    """An adsorption energy with its 90 % interval, eV.

    Attributes
    ----------
    e_ads_ev
        Calibrated inside the domain; the engine's own value outside.
    reason
        Why the host is outside the domain; empty inside.
    """

    e_ads_ev: float
    lower90_ev: float
    upper90_ev: float
    in_domain: bool
    reason: str = ""


@dataclass(frozen=True)
class Calibration:
    """Training data and settings of a Gaussian process for ``e_ads(reference) − e_ads(engine)``.

    Attributes
    ----------
    engine
        What makes an engine the one that was calibrated: calculator, model, functional,
        dispersion, weights.
    reference
        Level of the reference energies.
    x, y
        Features, shape (n_points, n_features), and corrections, eV, shape (n_points,). Features
        are those of `FEATURES`, then the components, zero on hosts that are not carbon.
    hosts, keys
        Name of each point's host, and hash of its clean structure.
    elements
        Elements of the training hosts by their class.
    score
        Half-width of the 90 % interval in predicted standard deviations.
    signatures
        Of the training hosts, by key: a host that is one of them is known to differ from what the
        features say as that host does.
    components
        Of the engine's latent changes on carbon hosts; None if it has none.
    """

    engine: tuple[tuple[str, str], ...]
    reference: str
    x: np.ndarray
    y: np.ndarray
    hosts: tuple[str, ...]
    keys: tuple[str, ...]
    elements: Mapping[str, tuple[str, ...]]
    hyperparameters: Hyperparameters
    score: float
    signatures: Mapping[str, Signature] = field(default_factory=dict)
    components: Components | None = None

    @cached_property
    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits that change with anything in the model."""
        return digest(self.as_json())

    def fits(self, level: Level) -> bool:
        """Whether a level is the engine that was calibrated."""
        return self.engine == engine_identity(level)

    def estimate(
        self,
        clean: Atoms,
        adsorbed: Atoms,
        ions: Sequence[int],
        e_raw_ev: float,
        change: np.ndarray | None = None,
        *,
        without: str = "",
    ) -> Estimate:
        """Calibrate one adsorption energy.

        Parameters
        ----------
        clean, adsorbed, ions
            Host, host with ions, indices of the ions.
        e_raw_ev
            Adsorption energy per ion by the engine, eV.
        change
            Latent change by the engine, per ion; needed on carbon if there are `components`.
        without
            Key of a host whose points are left out of the training data.

        Raises
        ------
        TaskError
            If the latent change is needed and missing.
        """
        if unknown := self.foreign(clean):
            label = CLASSES[host_class(clean)]
            reason = f"no training host of its class has {', '.join(unknown)}"
            return self._far(e_raw_ev, reason, label)
        x = self.features(clean, adsorbed, ions, e_raw_ev, change)
        host = "" if without else self.recognise(clean)
        return self.at(x, e_raw_ev, host, without=without)

    def recognise(self, clean: Atoms) -> str:
        """Return the key of the training host that this is; empty if it is none."""
        found = Signature.of(clean)
        return next((key for key, known in self.signatures.items() if known.matches(found)), "")

    def features(
        self,
        clean: Atoms,
        adsorbed: Atoms,
        ions: Sequence[int],
        e_raw_ev: float,
        change: np.ndarray | None = None,
    ) -> np.ndarray:
        """Return what the process sees of an adsorbed ion, shape (n_features,)."""
        x = describe(clean, adsorbed, ions, e_raw_ev)
        return with_components(x, self.components, change)

    def difference(
        self, first: np.ndarray, second: np.ndarray, host: str = ""
    ) -> tuple[float, float]:
        """Correction of an energy difference on one host, and half of its 90 % interval, eV.

        What no feature explains of a host is the same at both ends and drops out.

        Parameters
        ----------
        first, second
            Features of two structures with the same ions on the same host; second less first.
        host
            Key of that host, if it is a training host.
        """
        keep = self.x[:, 0] == first[0]
        keys = [key for key, kept in zip(self.keys, keep, strict=True) if kept]
        both = np.array([first, second])
        mean, spread = predict_jointly(
            self.x[keep], self.y[keep], keys, self.hyperparameters, both, host=host
        )
        variance = spread[0, 0] + spread[1, 1] - 2 * spread[0, 1]
        return float(mean[1] - mean[0]), self.score * float(np.sqrt(max(variance, 0.0)))

    def foreign(self, clean: Atoms) -> list[str]:
        """Return elements that no training host of the class has, if more than a few atoms are."""
        symbols = clean.get_chemical_symbols()
        known = self.elements.get(host_class(clean), ())
        unknown = [symbol for symbol in symbols if symbol not in known]
        return sorted(set(unknown)) if len(unknown) > FOREIGN_SHARE * len(symbols) else []

    def at(self, x: np.ndarray, e_raw_ev: float, host: str = "", *, without: str = "") -> Estimate:
        """Calibrate a value whose features, shape (n_features,), are known."""
        keep = np.array([key != without for key in self.keys]) & (self.x[:, 0] == x[0])
        away = (self.x[keep] - x)[:, : len(FEATURES)]
        distance = float(np.linalg.norm(away, axis=1).min(initial=np.inf))
        if not distance <= REACH:
            reason = f"unlike every training host (distance {distance:.1f})"
            return self._far(e_raw_ev, reason, float(x[0]))
        keys = [key for key, kept in zip(self.keys, keep, strict=True) if kept]
        mean, deviation = predict(
            self.x[keep], self.y[keep], keys, self.hyperparameters, x[np.newaxis], host=host
        )
        value, half = e_raw_ev + float(mean[0]), self.score * float(deviation[0])
        return Estimate(value, value - half, value + half, in_domain=True)

    def _far(self, e_raw_ev: float, reason: str, label: float) -> Estimate:
        alike = np.abs(self.y[self.x[:, 0] == label])
        half = FAR_FACTOR * float(alike.max() if len(alike) else np.abs(self.y).max())
        return Estimate(e_raw_ev, e_raw_ev - half, e_raw_ev + half, in_domain=False, reason=reason)

    def as_json(self) -> dict[str, Any]:
        """Plain numbers and text; nothing in it can run."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "engine": dict(self.engine),
            "reference": self.reference,
            "features": list(FEATURES),
            "hyperparameters": asdict(self.hyperparameters),
            "score": self.score,
            "components": None if self.components is None else self.components.as_json(),
            "elements": {kind: list(known) for kind, known in self.elements.items()},
            "signatures": {key: asdict(known) for key, known in self.signatures.items()},
            "hosts": list(self.hosts),
            "keys": list(self.keys),
            "y": self.y.tolist(),
            "x": self.x.tolist(),
        }

    @classmethod
    def load(cls, path: Path) -> Calibration:
        """Read a calibration.

        Raises
        ------
        InputError
            If the file is not one, or was made with other features.
        """
        stamp = (FORMAT, VERSION, list(FEATURES))
        return load_model(
            path, stamp, cls._from_json, what="calibration", command="alkascreen train"
        )

    @classmethod
    def _from_json(cls, data: dict[str, Any]) -> Calibration:
        return cls(
            engine=tuple(sorted((str(k), str(v)) for k, v in data["engine"].items())),
            reference=str(data["reference"]),
            x=np.array(data["x"], dtype=float).reshape(len(data["y"]), -1),
            y=np.array(data["y"], dtype=float),
            hosts=tuple(map(str, data["hosts"])),
            keys=tuple(map(str, data["keys"])),
            elements={
                str(kind): tuple(map(str, known)) for kind, known in data["elements"].items()
            },
            hyperparameters=Hyperparameters.from_json(data["hyperparameters"]),
            score=float(data["score"]),
            signatures={
                str(key): Signature(str(known["formula"]), tuple(map(float, known["sums"])))
                for key, known in data["signatures"].items()
            },
            components=Components.from_json(data["components"]) if data["components"] else None,
        )


def with_components(
    x: np.ndarray, components: Components | None, change: np.ndarray | None
) -> np.ndarray:
    """Add the components of a latent change to the features of `describe`; zeros off carbon.

    Raises
    ------
    TaskError
        If the change is needed and missing.
    """
    if components is None:
        return x
    if x[0] != CLASSES["carbon"]:
        return np.concatenate([x, np.zeros(len(components))])
    if change is None:
        raise TaskError("the engine gave no latent features, which its calibration needs")
    return np.concatenate([x, components.of(change)])


def engine_identity(level: Level) -> tuple[tuple[str, str], ...]:
    """Return what the numbers of an engine depend on; its package version is not among it."""
    names = ("calculator", "model", "functional", "dispersion", "weights")
    return tuple(sorted((name, str(getattr(level, name))) for name in names))


def host_key(clean: Atoms) -> str:
    """Hash of a clean host, to 0.001 Å."""
    return digest(
        {
            "numbers": clean.numbers.tolist(),
            "positions": (clean.positions.round(3) + 0.0).tolist(),
            "cell": (clean.cell.array.round(3) + 0.0).tolist(),
        }
    )
