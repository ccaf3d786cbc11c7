"""The door: a screen in Python, the second spelling of a workflow."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import pandas as pd
from ase import Atoms
from ase.calculators.calculator import Calculator

from screening.builders.hosts import Host, host_from
from screening.calculators import DEFAULT_CALCULATOR, CalculatorSpec, object_spec, resolve
from screening.calculators.device import Device
from screening.config import parse
from screening.descriptors import DescriptorSettings, Row, merged, name_of
from screening.descriptors.adsorption import Adsorption
from screening.errors import InputError
from screening.evaluate.settings import RelaxSettings
from screening.evaluate.task import Engine
from screening.pipeline.driver import Driver
from screening.pipeline.executor import default_jobs, make_executor
from screening.pipeline.plan import protocols_for
from screening.pipeline.store import Store, open_store
from screening.pipeline.structures import structure_of
from screening.pipeline.tally import Progress
from screening.pipeline.workflow import Workflow, load_workflow
from screening.ranking.rank import rank
from screening.ranking.weights import Weights, load_weights
from screening.report.explain import explain
from screening.report.tables import frame, sites_frame
from screening.units import IONS, Dispersion, Ion


@dataclass(frozen=True)
class Screen:
    """What to compute for each host, and by which calculator.

    Attributes
    ----------
    calculator
        Name as in a workflow, ``module:factory``, or any ASE calculator object.
    level
        What an object's numbers are (model, functional, version of the weights): energies of one
        level may be subtracted, so another level needs another text. Names state their own.
    ions
        Some of Li, Na, K.
    descriptors
        Settings of what is computed; adsorption always is.
    relax
        How tightly structures are relaxed.
    calibration
        ``auto``, ``none``, or a file of ``alkascreen train``.
    device
        Where sevennet and chgnet compute: ``auto`` (a graphics card where torch sees one), ``cpu``
        or ``cuda``.
    """

    calculator: str | Calculator = DEFAULT_CALCULATOR
    level: str = ""
    ions: Sequence[Ion] = IONS
    descriptors: Sequence[DescriptorSettings] = (Adsorption(),)
    relax: RelaxSettings = field(default_factory=RelaxSettings)
    dispersion: Dispersion = "none"
    calibration: str = "auto"
    options: Mapping[str, Any] = field(default_factory=dict)
    device: Device = "auto"

    @classmethod
    def from_file(cls, path: str | Path) -> tuple[Screen, tuple[str, ...]]:
        """Read a workflow file; return the screen and the candidates it names.

        Raises
        ------
        InputError
            One line with the file, the key's path and what is allowed.
        """
        flow = load_workflow(Path(path))
        asked = {name: s for ion in flow.ions for name, s in flow.wanted(ion).items()}
        screen = cls(
            flow.calculator,
            "",
            flow.ions,
            tuple(asked.values()),
            flow.relax,
            flow.dispersion,
            flow.calibration,
            flow.options,
        )
        return screen, flow.candidates

    def workflow(self, candidates: Sequence[str] = ("*",), name: str = "screen") -> Workflow:
        """Return the same as a workflow, whose ``model_dump`` is what its YAML holds.

        Raises
        ------
        InputError
            If a setting is out of range.
        """
        named = isinstance(self.calculator, str)
        data = {
            "name": name,
            "calculator": self.calculator if named else "object",
            "dispersion": self.dispersion,
            "calibration": self.calibration,
            "options": self._options,
            "ions": list(self.ions),
            "candidates": list(candidates),
            "relax": self.relax.model_dump(),
            "descriptors": {name_of(s): s.model_dump(mode="json") for s in self.descriptors},
        }
        return parse(Workflow, data, "Screen")

    def run(
        self,
        hosts: Mapping[str, Host] | Sequence[str],
        store: str | Path | None = None,
        jobs: int = 1,
        report: Callable[[Progress], None] = lambda _: None,
        *,
        retry: bool = False,
    ) -> Result:
        """Screen hosts; what the store holds already is reused.

        Parameters
        ----------
        hosts
            Structures, files, or candidates by name; or ids of the catalogue alone.
        store
            Database to keep results in, SQLite file or PostgreSQL URL; None: as long as the result
            lives.
        jobs
            Worker processes; on a graphics card tasks at the same time, at least 64.

        Raises
        ------
        InputError
            Before anything is computed: a structure that cannot be screened, an unknown id or
            calculator, an element that it does not know.
        """
        named = dict.fromkeys(hosts) if not isinstance(hosts, Mapping) else hosts
        candidates = [host_from(name, host) for name, host in named.items()]
        flow = self.workflow([candidate.id for candidate in candidates])
        spec, engine = self._engine()
        protocols = protocols_for(flow, spec, engine, candidates, str(store or ""))
        kept = None if store is not None else tempfile.TemporaryDirectory(prefix="alkascreen-")
        place = str(store) if kept is None else str(Path(kept.name, "screen.db"))
        opened = open_store(place, create=True)
        device = spec.place()
        width = jobs if device == "cpu" else max(jobs, default_jobs(device))
        make = partial(make_executor, width, None, device)
        driver = Driver(opened, make, width, report, retry=retry)
        return Result(tuple(merged(driver.run(protocols))), opened, kept)

    @property
    def _options(self) -> dict[str, Any]:
        chosen = {} if self.device == "auto" else {"device": self.device}
        return {**self.options, **chosen}

    def _engine(self) -> tuple[CalculatorSpec, Engine]:
        if isinstance(self.calculator, str):
            spec = resolve(self.calculator, self.dispersion, self._options)
            spec.require_installed()
            return spec, Engine(self.calculator, self.dispersion, self._options, spec.level())
        if self.dispersion != "none":
            raise InputError(
                "dispersion is added to calculators by name",
                where="Screen: dispersion",
                allowed="none; add it to your calculator object, and say so in level=",
            )
        spec = object_spec(self.calculator, self.level)
        return spec, Engine(spec.name, "none", {}, spec.level(), self.calculator)


@dataclass(frozen=True)
class Result:
    """Rows of a screen, and the structures behind them."""

    rows: tuple[Row, ...]
    _store: Store
    _kept: Any = None

    @classmethod
    def load(cls, store: str | Path) -> Result:
        """Read what a database holds.

        Raises
        ------
        InputError
            If it is no database of alkascreen.
        """
        opened = open_store(str(store))
        return cls(tuple(opened.rows()), opened)

    def table(self) -> pd.DataFrame:
        """Return all rows: numbers are floats, NaN where missing; units in ``attrs["units"]``."""
        return frame(self._ranking(ion) for ion in IONS)

    def rank(
        self, ion: Ion, weights: Mapping[str, float] | str | Path | None = None
    ) -> pd.DataFrame:
        """Hosts of one ion, best first; those without a score have no rank, and a reason.

        Parameters
        ----------
        weights
            Weights of the shipped objectives by name, or a weights file.
        """
        return frame([self._ranking(ion, weights)])

    def __getitem__(self, key: tuple[str, str]) -> Entry:
        """Return what is known of one host with one ion.

        Raises
        ------
        InputError
            If the pair was not screened, with those that were.
        """
        for row in self.rows:
            if (row.candidate, row.ion) == key:
                return Entry(row, self._store, self._kept)
        known = ", ".join(sorted({f"{row.candidate} {row.ion}" for row in self.rows}))
        raise InputError(f"no row of {key[0]} with {key[1]}", allowed=known)

    def _ranking(self, ion: Ion, weights: Any = None) -> Any:
        chosen = weights if isinstance(weights, str | Path) else None
        known = load_weights(None if chosen is None else Path(chosen))
        if isinstance(weights, Mapping):
            known = _weighed(known, weights)
        return rank(self.rows, ion, known)


@dataclass(frozen=True)
class Entry:
    """One host with one ion."""

    row: Row
    _store: Store
    _kept: Any = None

    def __getitem__(self, name: str) -> Any:
        """Value of a column; None if it is missing."""
        return self.row[name]

    @cached_property
    def sites(self) -> pd.DataFrame:
        """Every site that was tried, with its energy and outcome, or why there is none."""
        return sites_frame(self.row)

    def structure(self, site: str | None = None) -> Atoms:
        """Relaxed host with the ion: at its best site, or as it ended from a site.

        Raises
        ------
        InputError
            If there is no such structure, with the sites that have one.
        """
        return structure_of(self._store, self.row, site)

    def explain(self) -> str:
        """All that is known of the row, in words."""
        return explain(self.row)


def _weighed(known: Weights, weights: Mapping[str, float]) -> Weights:
    unknown = sorted(set(weights) - set(known.objectives))
    if unknown:
        raise InputError(
            f"no objective {', '.join(map(repr, unknown))}",
            where="weights",
            allowed=f"{', '.join(known.objectives)}; or a weights file",
        )
    chosen = {
        name: {**known.objectives[name].model_dump(), "weight": float(weight)}
        for name, weight in weights.items()
        if weight > 0
    }
    return parse(Weights, {"objectives": chosen}, "weights")
