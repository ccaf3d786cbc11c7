"""Where a row comes from: input structure, settings, engine and versions, kept for every run.

Records are stored once under the hash of their content, and never replaced. A row that several
runs made, with other versions of a package, has several origins.
"""

from __future__ import annotations

import dataclasses
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, metadata, packages_distributions, version
from typing import Any

import numpy as np
from ase import Atoms
from ase.constraints import FixAtoms

from screening import __version__
from screening.calculators import resolve
from screening.config import parse
from screening.descriptors import Context, descriptors
from screening.errors import StoreError
from screening.evaluate.settings import RelaxSettings
from screening.evaluate.task import Engine
from screening.pipeline.database import ORIGIN_TABLES, Database
from screening.pipeline.protocol import Protocol
from screening.structure import Candidate, digest, fixed_indices
from screening.structure.candidate import json_able
from screening.surrogate import Calibration
from screening.surrogate.second import second_of

PACKAGES = ("ase", "pymatgen", "numpy", "scipy", "spglib")
"""What every run rests on; engines add their own."""


@dataclass(frozen=True)
class Origin:
    """What a row was computed from, as JSON.

    Attributes
    ----------
    structure
        The host as built, to the last digit, with its recipe.
    run
        Ion, settings (seeds among them), engines with their levels, calibration, versions.
    """

    structure: Mapping[str, Any]
    run: Mapping[str, Any]

    @classmethod
    def of(cls, protocol: Protocol) -> Origin | None:
        """Origin of the row that a protocol makes; None for a structure that is not finite."""
        host, context = protocol.candidate, protocol.context
        if not (np.isfinite(host.atoms.positions).all() and np.isfinite(host.atoms.cell).all()):
            return None
        structure = {
            "id": host.id,
            "family": host.family,
            "geometry": host.geometry,
            "recipe": json_able(host.recipe),
            "numbers": host.atoms.numbers.tolist(),
            "positions": host.atoms.positions.tolist(),
            "cell": host.atoms.cell.tolist(),
            "pbc": host.atoms.pbc.tolist(),
            "fixed": fixed_indices(host.atoms).tolist(),
        }
        model = context.calibration
        run = {
            "ion": protocol.ion,
            "engine": _engine_record(context.engine),
            "engines": {name: _engine_record(one) for name, one in context.engines.items()},
            "calibration": model.fingerprint if model else "",
            "relax": context.relax.model_dump(mode="json"),
            "descriptors": {
                name: settings.model_dump(mode="json", exclude={"ions"})
                for name, settings in protocol.wanted.items()
            },
            "versions": versions(context.engine.name),
        }
        return cls(structure, run)

    def protocol(self, calibration: Calibration | None) -> Protocol:
        """Make the protocol again, with the engines that are installed here.

        Raises
        ------
        InputError
            If an engine was an object, or is of another level here.
        """
        host = self.structure
        atoms = Atoms(host["numbers"], host["positions"], cell=host["cell"], pbc=host["pbc"])
        atoms.set_constraint([FixAtoms(host["fixed"])] if host["fixed"] else None)
        candidate = Candidate(host["id"], host["family"], host["geometry"], atoms, host["recipe"])
        run = self.run
        engine = _engine(run["engine"])
        context = Context(
            engine,
            parse(RelaxSettings, run["relax"], "stored settings"),
            calibration,
            {name: _engine(one) for name, one in run["engines"].items()},
            second_of(calibration, engine),
        )
        wanted = {
            name: parse(descriptors()[name].settings, settings, f"stored settings of {name}")
            for name, settings in run["descriptors"].items()
        }
        return Protocol(candidate, run["ion"], context, wanted)

    def other_versions(self) -> list[str]:
        """Say which packages are of another version than when the row was computed."""
        now = versions(self.run["engine"]["name"])
        return [
            f"{name} {old} then, {now.get(name, 'none')} now"
            for name, old in self.run["versions"].items()
            if now.get(name) != old
        ]


class Origins:
    """The origins of a store's rows."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def prepare(self) -> None:
        """Make the tables in a database of before; called once by whoever will write."""

        def make() -> None:
            for statement in ORIGIN_TABLES:
                self._db.do(statement)

        self._db.write(make)

    def write(self, row_key: str, origin: Origin) -> None:
        """Keep the origin of a row; inside `Database.write`."""
        records = (dict(origin.structure), dict(origin.run))
        keys = [digest(record, length=32) for record in records]
        for key, record in zip(keys, records, strict=True):
            self._db.do(
                "INSERT INTO alkascreen_inputs VALUES (?, ?) ON CONFLICT (key) DO NOTHING",
                key,
                json.dumps(record, separators=(",", ":")),
            )
        number = self._db.fetch(
            "SELECT MAX(stamp) FROM alkascreen_origins WHERE row_key = ?", row_key
        )[0][0]
        self._db.do(
            "INSERT INTO alkascreen_origins VALUES (?, ?, ?, ?) "
            "ON CONFLICT (row_key, structure, run) DO NOTHING",
            row_key,
            *keys,
            (number or 0) + 1,
        )

    def of(self, row_key: str) -> tuple[Origin, ...]:
        """Return the origins of a row, the first run's first.

        Raises
        ------
        StoreError
            If a record is not what was written.
        """

        def look() -> Sequence[tuple[str, ...]]:
            return self._db.fetch(
                "SELECT s.key, s.record, r.key, r.record FROM alkascreen_origins o "
                "JOIN alkascreen_inputs s ON s.key = o.structure "
                "JOIN alkascreen_inputs r ON r.key = o.run WHERE o.row_key = ? ORDER BY o.stamp",
                row_key,
            )

        try:
            found = self._db.read(look)
        except StoreError as error:
            if "alkascreen_origins" not in error.what:
                raise
            return ()  # a database of before
        return tuple(
            Origin(self._whole(one, text), self._whole(two, more)) for one, text, two, more in found
        )

    def _whole(self, key: str, text: str) -> dict[str, Any]:
        try:
            record = json.loads(text)
            whole = digest(record, length=32) == key
        except ValueError:
            whole = False
        if not whole:
            raise StoreError(f"the stored inputs {key} are damaged", where=self._db.where)
        return dict(record)


def _engine_record(engine: Engine) -> dict[str, Any]:
    return {
        "name": engine.name,
        "dispersion": engine.dispersion,
        "options": json_able(engine.options),
        "level": json_able(dataclasses.asdict(engine.level)),
        "fingerprint": engine.level.fingerprint,
        "object": engine.calculator is not None,
    }


def _engine(record: Mapping[str, Any]) -> Engine:
    """Make an engine again, and see that it is of the same level."""
    name = record["name"]
    if record["object"]:
        raise StoreError(
            f"was computed with a calculator object, {name}, that is not stored",
            allowed="recomputing from Python: the same Screen with another store",
        )
    spec = resolve(name, record["dispersion"], record["options"])
    spec.require_installed()
    level = spec.level()
    if level.fingerprint != record["fingerprint"]:
        now, then = json_able(dataclasses.asdict(level)), record["level"]
        changed = [f"{key} {then[key]}, here {now[key]}" for key in then if then[key] != now[key]]
        raise StoreError(
            f"was computed at another level of {name}: {'; '.join(changed)}",
            allowed="the same versions and weights as then",
        )
    return Engine(name, record["dispersion"], record["options"], level)


@cache
def versions(calculator: str) -> dict[str, str]:
    """Versions of this package, of Python, and of what the numbers rest on."""
    try:
        modules = resolve(calculator).modules
    except Exception:  # noqa: BLE001 (a calculator object, or code that is not there)
        modules = ()
    engines = [name for module in modules for name in _packages(module)]
    packages = {name: version(name) for name in dict.fromkeys((*PACKAGES, *engines))}
    return {"alkascreen": __version__, "python": platform.python_version(), **packages}


def _packages(module: str) -> Sequence[str]:
    """Return the packages that a module comes with, most often one of its own name."""
    try:
        return (metadata(module)["Name"],)
    except PackageNotFoundError:
        return packages_distributions().get(module, ())  # reads about every package: seconds
