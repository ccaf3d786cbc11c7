"""Engines that misbehave, each on potassium alone; and one that takes its time."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.toys import EggBox

Deed = Callable[[dict], None]


class Bad(EggBox):
    """An egg box that does something else once it sees potassium on a host."""

    def __init__(self, deed: Deed) -> None:
        super().__init__()
        self._deed = deed

    def calculate(self, atoms=None, properties=("energy",), system_changes=()) -> None:
        super().calculate(atoms, properties, system_changes)
        if {"K", "Cu"} <= set(atoms.symbols):
            self._deed(self.results)


def _fork_and_go_on(_: dict) -> None:
    os.fork()


def _leave_a_child(_: dict) -> None:
    if os.fork() == 0:
        time.sleep(3)
        os._exit(0)
    os._exit(1)


def _unpicklable(_: dict) -> None:
    class Local(Exception):  # noqa: N818
        def __init__(self, one: int, two: int) -> None:
            super().__init__("two")
            self.function = lambda: 0

    raise Local(1, 2)


def _raises(error: BaseException) -> Deed:
    def deed(_: dict) -> None:
        raise error

    return deed


def _gives(name: str, make: Callable[[np.ndarray], object]) -> Deed:
    def deed(results: dict) -> None:
        results[name] = make(results["forces"])

    return deed


def _recursion(results: dict) -> None:
    _recursion(results)


DEEDS: dict[str, Deed] = {
    "exits": lambda _: sys.exit(3),
    "exits_well": lambda _: sys.exit(0),
    "interrupts": _raises(KeyboardInterrupt()),
    "raises_megabytes": _raises(ValueError("x" * 10_000_000)),
    "raises_lines": _raises(ValueError("broke\n\x1b[31mred\0 | <b>")),
    "raises_nothing": _raises(ValueError()),
    "memory": _raises(MemoryError()),
    "recursion": _recursion,
    "unpicklable": _unpicklable,
    "forces_n2": _gives("forces", lambda f: f[:, :2]),
    "forces_n1": _gives("forces", lambda f: f[:, :1]),
    "forces_n4": _gives("forces", lambda f: np.zeros((len(f), 4))),
    "forces_more": _gives("forces", lambda f: np.zeros((len(f) + 1, 3))),
    "forces_less": _gives("forces", lambda f: f[1:]),
    "forces_13": _gives("forces", lambda f: f[:1]),
    "forces_3": _gives("forces", lambda f: f[0]),
    "forces_flat": _gives("forces", np.ravel),
    "forces_turned": _gives("forces", np.transpose),
    "forces_number": _gives("forces", lambda _: np.array(0.0)),
    "forces_none": _gives("forces", lambda _: None),
    "forces_text": _gives("forces", lambda f: f.astype(str)),
    "forces_bool": _gives("forces", lambda f: f > 0),
    "forces_complex": _gives("forces", lambda f: f + 0j),
    "forces_nan": _gives("forces", lambda f: f * np.nan),
    "forces_objects": _gives("forces", lambda f: np.full(f.shape, "1", dtype=object)),
    "energy_text": _gives("energy", lambda _: "-3.0"),
    "energy_true": _gives("energy", lambda _: True),
    "energy_none": _gives("energy", lambda _: None),
    "energy_two": _gives("energy", lambda _: np.array([1.0, 2.0])),
    "energy_complex": _gives("energy", lambda _: 1 + 0j),
    "energy_inf": _gives("energy", lambda _: float("inf")),
    "forks": _fork_and_go_on,
}
"""What an engine may do in the process of the run itself; the row fails, all else goes on."""

DEADLY: dict[str, Deed] = {
    "os_exit": lambda _: os._exit(0),
    "leaves_a_child": _leave_a_child,
    "closes_all": lambda _: os.closerange(3, 64),
    "hangs": lambda _: time.sleep(1000),
}
"""What only a worker process can be let do."""

HARMLESS: dict[str, Deed] = {
    "forces_list": _gives("forces", lambda f: f.tolist()),
    "forces_float32": _gives("forces", lambda f: f.astype("float32")),
    "forces_object": _gives("forces", lambda f: f.astype(object)),
    "energy_array": lambda results: results.update(energy=np.array([results["energy"]])),
    "prints": lambda _: print("spam " * 2000),  # noqa: T201
    "changes_folder": lambda _: os.chdir("/"),
}


def __getattr__(name: str) -> Callable[[], Bad]:
    deed = {**DEEDS, **DEADLY, **HARMLESS}.get(name)
    if deed is None:
        raise AttributeError(name)
    return lambda: Bad(deed)


def slow() -> EggBox:
    """An egg box of which each task takes a while."""

    class Slow(EggBox):
        def calculate(self, *arguments, **options) -> None:
            time.sleep(0.05)
            super().calculate(*arguments, **options)

    return Slow()


def flaky() -> EggBox:
    """An egg box that fails once, at the best site, while the file named by BROKEN is there."""

    class Flaky(EggBox):
        def calculate(self, atoms=None, properties=("energy",), system_changes=()) -> None:
            super().calculate(atoms, properties, system_changes)
            broken = Path(os.environ.get("BROKEN", "/nonexistent"))
            if {"Li", "Cu"} <= set(atoms.symbols) and broken.exists():
                broken.unlink()
                raise OSError("no space left on scratch disk")

    return Flaky()
