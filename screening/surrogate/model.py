"""The calibration: what an engine's adsorption energy has to be corrected by, and how surely."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from ase import Atoms

from screening.errors import LevelError, TaskError
from screening.structure.level import Level
from screening.surrogate.correction import Hyperparameters
from screening.surrogate.domain import Estimate, Factors
from screening.surrogate.features import (
    CLASSES,
    FEATURES,
    describe,
    host_class,
    network_of,
)
from screening.surrogate.files import ModelFile
from screening.surrogate.identity import Identity, engine_identity, identity
from screening.surrogate.latent import NOTHING, Change, Components
from screening.surrogate.process import DOMAIN, Process
from screening.surrogate.recognise import STRANGER, Match, Shape, match
from screening.surrogate.sample import Computed, Sample, find, host_key
from screening.surrogate.strangers import Strangers, opinion

CELL_SLOPE = 0.3
"""Change of a known host's correction in another cell, by that of its uptake: what graphene 4 × 4
differs by from 3 × 3 beyond what features tell (0.46, 0.20, 0.24 for Li, Na, K)."""

CELL_SPREAD = 0.2
"""Standard deviation of `CELL_SLOPE`: it comes from one host."""


@dataclass(frozen=True)
class Calibration(Process, ModelFile):
    """Training data and settings of a Gaussian process for ``e_ads(reference) − e_ads(engine)``.

    Attributes
    ----------
    engine
        What makes an engine the one that was calibrated: calculator, model, functional,
        dispersion, weights.
    reference
        Level of the reference energies.
    hosts
        Name of each point's host.
    elements
        Elements of the training hosts by their class.
    shapes
        Training hosts by key: a host that is one of them is known to differ from what the
        features say as that host does.
    computed
        Anchors: structures that keep the energy of the reference level.
    components
        Of the engine's latent changes on carbon hosts; None if it has none.
    strangers
        Process of hosts that no training host is like; None: they are judged as known ones are.
    """

    FORMAT: ClassVar[str] = "alkascreen-calibration"
    VERSION: ClassVar[int] = 7
    NAMES: ClassVar[tuple[str, ...]] = tuple(FEATURES)
    COMMAND: ClassVar[str] = "alkascreen train"

    engine: Identity
    reference: str
    hosts: tuple[str, ...]
    elements: Mapping[str, tuple[str, ...]]
    shapes: Mapping[str, Shape] = field(default_factory=dict)
    computed: tuple[Computed, ...] = ()
    components: Components | None = None
    strangers: Strangers | None = None

    def fits(self, level: Level) -> bool:
        """Whether a level is the engine that was calibrated."""
        return self.engine == engine_identity(level)

    def estimate(
        self,
        clean: Atoms,
        adsorbed: Atoms,
        ions: Sequence[int],
        e_raw_ev: float,
        change: Change = NOTHING,
        *,
        host: Match | None = None,
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
            What engines see, per ion: the latent change on carbon if there are `components`, and
            the second engine's energy if it `asks_second`.
        host
            What the host was recognised as, a stranger included; None: it is looked at here.
        without
            Key of a host whose points are left out of the training data: a stranger, then.

        Raises
        ------
        TaskError
            If what is needed of the change is missing.
        """
        ion = str(adsorbed.symbols[ions[0]])
        if host is None:
            host = STRANGER if without else self.recognise(clean)
        exact = find(self.computed, host, ion, adsorbed, e_raw_ev)
        if exact is not None:
            return exact
        unknown = self.foreign(clean)
        if unknown and not host:
            reason = f"no training host of its class has {', '.join(unknown)}"
            return self._far(e_raw_ev, reason, host_class(clean)).below_free_atom(ion)
        x = self.features(clean, adsorbed, ions, e_raw_ev, change, host=host)
        estimate = self.process_of(host).at(x, e_raw_ev, host, without=without)
        return self._in_cell(estimate, clean, host).below_free_atom(ion)

    def recognise(self, clean: Atoms) -> Match:
        """Return the training host that this is, and how like it; false if it is none."""
        return match(clean, self.shapes)

    def asks_second(self, host: Match) -> bool:
        """Whether a second engine is to be asked on a host."""
        return self.strangers is not None and not host

    def process_of(self, host: Match) -> Process:
        """Return the process that a host is judged by."""
        return self.of_strangers if self.asks_second(host) else self

    @cached_property
    def of_strangers(self) -> Process:
        """The process that strangers are judged by."""
        if self.strangers is None:
            return self
        x = np.column_stack([self.x, self.strangers.opinions])
        settings = self.strangers.hyperparameters, self.strangers.factors
        return Process(x, self.y, self.keys, self.spread, *settings)

    def with_anchors(self, anchors: Sequence[Sample], reference: str) -> Calibration:
        """Return the calibration with more hosts known: reference points of its own level.

        Settings and factors stay: an anchor says what one host differs by, not how hosts do.

        Parameters
        ----------
        anchors
            Adsorption energies by this engine and at the reference level.
        reference
            Level of the anchors' reference energies.

        Raises
        ------
        LevelError
            If the anchors are of another level than the calibration.
        TaskError
            If an anchor lacks what the calibration needs of its change.
        """
        if not anchors:
            return self
        if reference != self.reference:
            raise LevelError(f"anchors of {reference!r}", allowed=self.reference)
        x = [self.features(a.clean, a.adsorbed, a.ions, a.e_raw_ev, a.change) for a in anchors]
        keys = [host_key(a.clean) for a in anchors]
        new = {key: Shape.of(a.clean) for key, a in zip(keys, anchors, strict=True)}
        strangers = self.strangers.joined(anchors) if self.strangers else None
        return replace(
            self,
            strangers=strangers,
            x=np.vstack([self.x, *x]),
            y=np.append(self.y, [a.e_ref_ev - a.e_raw_ev for a in anchors]),
            hosts=(*self.hosts, *(a.host for a in anchors)),
            keys=(*self.keys, *keys),
            spread=np.append(self.spread, [a.spread_ev for a in anchors]),
            shapes={**new, **self.shapes},
            computed=(*self.computed, *map(Computed.of, anchors)),
        )

    def features(
        self,
        clean: Atoms,
        adsorbed: Atoms,
        ions: Sequence[int],
        e_raw_ev: float,
        change: Change = NOTHING,
        *,
        host: Match | None = None,
    ) -> np.ndarray:
        """Return what `process_of` a host sees of an adsorbed ion, shape (n_features,).

        Parameters
        ----------
        host
            What the host was recognised as; None: one that is known.

        Raises
        ------
        TaskError
            If what is needed of the change is missing.
        """
        x = describe(clean, adsorbed, ions, e_raw_ev)
        return self.seen(x, change, e_raw_ev, host)

    def seen(
        self, x: np.ndarray, change: Change, e_raw_ev: float, host: Match | None = None
    ) -> np.ndarray:
        """Return `features` from those of `describe`."""
        x = with_components(x, self.components, change.latent)
        if host is None or not self.asks_second(host):
            return x
        return np.append(x, opinion(change, e_raw_ev))

    def foreign(self, clean: Atoms) -> list[str]:
        """Return elements that no training host of the class has, if more than a few atoms are."""
        known = self.elements.get(host_class(clean), ())
        return DOMAIN.unknown(clean.get_chemical_symbols(), known)

    def _in_cell(self, found: Estimate, clean: Atoms, host: Match) -> Estimate:
        """Carry what is known of a host to another cell: rigid bands, other filling."""
        if not host.other_cell or host_class(clean) != "carbon":
            return found
        known = network_of(self.shapes[host.key].atoms).uptake_ev()
        change = network_of(clean).uptake_ev() - known
        spread = self.factors.of("carbon", host.likeness) * CELL_SPREAD * change
        half = float(np.hypot((found.upper90_ev - found.lower90_ev) / 2, spread))
        value = found.e_ads_ev + CELL_SLOPE * change
        return replace(found, e_ads_ev=value, lower90_ev=value - half, upper90_ev=value + half)

    def content(self) -> dict[str, Any]:
        """Plain numbers and text."""
        return {
            "engine": dict(self.engine),
            "reference": self.reference,
            "hyperparameters": asdict(self.hyperparameters),
            "factors": self.factors.as_json(),
            "components": None if self.components is None else self.components.as_json(),
            "strangers": None if self.strangers is None else self.strangers.as_json(),
            "elements": {kind: list(known) for kind, known in self.elements.items()},
            "shapes": {key: asdict(known) for key, known in self.shapes.items()},
            "computed": [asdict(known) for known in self.computed],
            "hosts": list(self.hosts),
            "keys": list(self.keys),
            "spread": self.spread.tolist(),
            "y": self.y.tolist(),
            "x": self.x.tolist(),
        }

    @classmethod
    def from_content(cls, data: Mapping[str, Any]) -> Calibration:
        """Undo `content` and JSON."""
        return cls(
            engine=identity(data["engine"]),
            reference=str(data["reference"]),
            x=np.array(data["x"], dtype=float).reshape(len(data["y"]), -1),
            y=np.array(data["y"], dtype=float),
            hosts=tuple(map(str, data["hosts"])),
            keys=tuple(map(str, data["keys"])),
            spread=np.array(data["spread"], dtype=float),
            elements={
                str(kind): tuple(map(str, known)) for kind, known in data["elements"].items()
            },
            hyperparameters=Hyperparameters.from_json(data["hyperparameters"]),
            factors=Factors.from_json(data["factors"]),
            shapes={str(key): Shape.from_json(known) for key, known in data["shapes"].items()},
            computed=tuple(map(Computed.from_json, data["computed"])),
            components=Components.from_json(data["components"]) if data["components"] else None,
            strangers=Strangers.from_json(data["strangers"]) if data["strangers"] else None,
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
