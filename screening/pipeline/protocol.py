"""What has to be computed for one candidate and one ion, and what row comes of it.

A protocol is a generator: it yields batches of tasks, is sent their results, and returns a `Row`.
It neither runs nor stores anything, so the same protocol serves a run, a resumed run and a dry
run, on any executor. Adsorption comes first; the other descriptors build on it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace

from screening.builders.phases import catalogue_key
from screening.descriptors import (
    DescriptorSettings,
    Found,
    Pair,
    Row,
    Steps,
    descriptors,
)
from screening.descriptors.adsorption import Adsorption, adsorb
from screening.descriptors.bound import Bound
from screening.descriptors.calibrated import calibrated_sites
from screening.descriptors.ledger import Ledger
from screening.evaluate.task import TaskResult
from screening.geometry import buckled, lies_flat, motif_changed
from screening.structure import digest

log = logging.getLogger(__name__)

ROW_PROTOCOL = 11
"""Part of every pair's key; raised when the same results would make another row than before."""

BUCKLED_EV = 0.02
"""A buckled sheet that is lower by less is the flat one, within what a relaxation leaves."""


@dataclass(frozen=True)
class Protocol(Pair):
    """Every descriptor that is asked for, of one ion on one host.

    Attributes
    ----------
    wanted
        Settings by the name of the descriptor; those for other ions are left out.
    """

    wanted: Mapping[str, DescriptorSettings]

    @property
    def name(self) -> str:
        """For the log."""
        return f"{self.candidate.id} with {self.ion}"

    @property
    def settings_key(self) -> str:
        """Hash of what is asked for and how tightly."""
        asked = {
            name: settings.model_dump(mode="json", exclude={"ions"})
            for name, settings in self.wanted.items()
        }
        return digest({"relax": self.context.relax.model_dump(), "descriptors": asked})

    @property
    def key(self) -> str:
        """Hash of all that decides the pair's row: equal keys mean equal rows."""
        context = self.context
        # As for a task's key, the letter keeps ASE's database from reading a number.
        return "p" + digest(
            {
                "protocol": ROW_PROTOCOL,
                "structure": self.host_key,
                "geometry": self.candidate.geometry,
                "recipe": dict(self.candidate.recipe),
                "family": self.candidate.family,
                "ion": self.ion,
                "level": context.engine.level.fingerprint,
                "calibration": context.calibration.fingerprint if context.calibration else "",
                "engines": {n: engine.level.fingerprint for n, engine in context.engines.items()},
                "settings": self.settings_key,
                "crystals": catalogue_key(frozenset(self.candidate.atoms.symbols) | {self.ion}),
            },
            length=32,
        )

    @property
    def row_key(self) -> str:
        """Key of the row; one with a number that is not finite has none, and fails by itself."""
        try:
            return self.key
        except ValueError:
            return f"none-{self.candidate.id}-{self.ion}"

    def failure(self, reason: str) -> Row:
        """Row of a pair that could not be brought to an end."""
        candidate = self.candidate
        return Row(
            candidate.id,
            candidate.family,
            candidate.formula,
            self.ion,
            self.context.engine.level,
            "failed",
            reason,
            review=tuple(candidate.recipe.get("review", ())),
            host=self._host_key,
            settings=self.settings_key,
        )

    @property
    def _host_key(self) -> str:
        """Key of the host; a structure with a number that is not finite has none."""
        try:
            return self.host_key
        except ValueError:
            return ""

    def steps(self) -> Steps[Row]:
        """Go from the built host to a row.

        Yields
        ------
        list of Task
            Tasks that may run side by side; send back their results in the same order.

        Returns
        -------
        Row
            Whatever happened, with what is missing and why.
        """
        ledger = Ledger()
        row = yield from self._row(ledger)
        return replace(row, force_calls=ledger.calls)

    def _row(self, ledger: Ledger) -> Steps[Row]:
        row = self.failure("")
        metal, host = yield [self.metal_task(), self.host_task(self.candidate.atoms)]
        ledger.add("reference", [metal, host])
        for name, result in ((f"bulk {self.ion}", metal), ("host", host)):
            if result.failed:
                return replace(row, reason=f"{name}: {result.reason}")
        host = yield from ledger.track("reference", self._out_of_plane(host))
        row = replace(row, host_task=host.key)
        if change := motif_changed(self.candidate.atoms, self.state(host).atoms):
            row = replace(row, flags=(f"host reconstructed on relaxing: {change}",))
        bound, row = yield from self._bound(ledger, host, metal, row)
        if bound.best is None:
            found = yield from descriptors()["adsorption"].steps(self._adsorption, self, bound)
            return replace(row.with_found(found), status="failed")
        row = replace(row, status="ok" if not row.reason else "partial")
        for name in [name for name in descriptors() if name in self.wanted]:
            row = yield from self._described(ledger, name, bound, row)
        return row

    @property
    def _adsorption(self) -> Adsorption:
        settings = self.wanted.get("adsorption")
        return settings if isinstance(settings, Adsorption) else Adsorption()

    def _bound(
        self, ledger: Ledger, host: TaskResult, metal: TaskResult, row: Row
    ) -> Steps[tuple[Bound, Row]]:
        """Relax the ion on the host, and calibrate its energies."""
        states = self.state(host), self.state(metal)
        sites = self.sites(host)
        adsorbed = yield from ledger.track(
            "adsorption", adsorb(self._adsorption, self, *states, sites)
        )
        bound = Bound(*states, adsorbed, sites)
        try:
            bound, flags = yield from ledger.track("calibration", calibrated_sites(self, bound))
        except Exception as error:  # the raw value is not lost with it
            log.exception("calibration of %s, %s", self.candidate.id, self.ion)
            return bound, replace(row, reason=f"calibration: {type(error).__name__}: {error}")
        model = bound.calibration.fingerprint if bound.calibration else None
        return bound, replace(row, flags=(*row.flags, *flags), calibration=model)

    def _described(self, ledger: Ledger, name: str, bound: Bound, row: Row) -> Steps[Row]:
        """Add what one descriptor finds; it never loses the row."""
        steps = descriptors()[name].steps(self.wanted[name], self, bound)
        try:
            found = yield from ledger.track(name, steps)
        except Exception as error:
            log.exception("%s of %s, %s", name, self.candidate.id, self.ion)
            return row.with_found(Found().lacking(f"{name}: {type(error).__name__}: {error}"))
        return row.with_found(found)

    def _out_of_plane(self, host: TaskResult) -> Steps[TaskResult]:
        """Relax a flat sheet once more from a buckled start; keep it if it is lower.

        A planar start has no force out of the plane, whether or not the plane is a minimum.
        """
        flat = self.state(host).atoms
        if not lies_flat(flat, self.candidate.geometry):
            return host
        (again,) = yield [self.host_task(buckled(flat))]
        if again.failed or again.energy_ev is None or host.energy_ev is None:
            return host
        return again if again.energy_ev < host.energy_ev - BUCKLED_EV else host
