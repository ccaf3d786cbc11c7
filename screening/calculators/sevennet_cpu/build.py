"""Compile a network once a machine, check it against stock SevenNet, and keep it.

The folder of a build is complete before it gets its name, so processes may build at the same
time: one of them wins, the others use its result.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from screening.calculators.models import file_hash, package_version
from screening.calculators.sevennet_cpu.library import Library
from screening.calculators.sevennet_cpu.network import UnsuitableError
from screening.structure.level import digest

if TYPE_CHECKING:
    from screening.calculators.sevennet_engine import BatchSevenNet

MACHINE_FLAGS = {"x86_64": ("-march=x86-64-v3",), "AMD64": ("-march=x86-64-v3",)}
"""The portable level with AVX2 and fused multiply-add; other machines take their compiler's
default, which on aarch64 has vectors and fused multiply-add."""

FLAGS = (
    "-std=gnu11",
    "-O3",
    "-fno-math-errno",
    "-fno-trapping-math",
    "-ffp-contract=fast",
    "-shared",
    "-fPIC",
    *MACHINE_FLAGS.get(platform.machine(), ()),
)
"""Never ``-ffast-math``: reordered sums cost accuracy where atoms are close."""

COMPILERS = ("cc", "gcc", "clang")
COMPILE_SECONDS = 300.0
LIBRARY, NUMBERS, SOURCE, MANIFEST = "network.so", "network.npz", "network.c", "manifest.json"


class UnavailableError(Exception):
    """The fast engine cannot be had here, for the reason given."""


class _DamagedError(Exception):
    """A build is not as it was written."""


def open_library(checkpoint: Path, modal: str | None) -> Library:
    """Load the compiled network of a checkpoint; compile it first if this machine has not yet.

    Raises
    ------
    UnavailableError
        No compiler, no place to keep the result, a network that does not fit, or numbers that
        differ from stock SevenNet's.
    """
    try:
        folder = cache_folder() / _key(checkpoint, modal)
        for _ in range(2):
            if not folder.is_dir():
                _build(folder, checkpoint, modal)
            try:
                return _load(folder)
            except _DamagedError as error:
                reason = error
                shutil.rmtree(folder, ignore_errors=True)
    except OSError as error:
        raise UnavailableError(f"{type(error).__name__}: {error}") from error
    raise UnavailableError(f"the build in {folder} is damaged: {reason}")


def cache_folder() -> Path:
    """Where builds are kept: ``alkascreen/sevennet_cpu`` in the user's cache folder."""
    if configured := os.environ.get("XDG_CACHE_HOME"):
        base = Path(configured)
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path.home() / ".cache"
    return base / "alkascreen" / "sevennet_cpu"


def _key(checkpoint: Path, modal: str | None) -> str:
    """Everything that a build depends on, except the compiler."""
    package = files("screening.calculators.sevennet_cpu")
    sources = {
        entry.name: hashlib.sha256(entry.read_bytes()).hexdigest()
        for entry in package.iterdir()
        if entry.name.endswith((".py", ".c"))
    }
    packages = {name: package_version(name) for name in ("sevenn", "e3nn")}
    machine = [platform.system(), platform.machine(), *FLAGS]
    return digest([file_hash(checkpoint), modal, sources, packages, machine])


def _load(folder: Path) -> Library:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        refused, hashes = manifest["refused"], manifest["files"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _DamagedError(error) from error
    if refused is not None:
        raise UnavailableError(refused)
    for name, expected in hashes.items():
        path = folder / name
        if not path.is_file() or _sha256(path) != expected:
            raise _DamagedError(f"{name} has changed")
    try:
        with np.load(folder / NUMBERS) as archive:
            numbers = dict(archive)
        return Library(folder / LIBRARY, numbers)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise _DamagedError(error) from error


def _build(folder: Path, checkpoint: Path, modal: str | None) -> None:
    compiler = _compiler()
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".building-", dir=folder.parent))
    try:
        try:
            _compile(work, compiler, checkpoint, modal)
            refused = None
        except UnsuitableError as error:
            refused = str(error)
        names = [] if refused else [LIBRARY, NUMBERS]
        manifest = {"refused": refused, "files": {name: _sha256(work / name) for name in names}}
        (work / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
        if not folder.is_dir():
            try:
                work.rename(folder)
            except OSError:  # another process was first
                if not folder.is_dir():
                    raise
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _compile(work: Path, compiler: str, checkpoint: Path, modal: str | None) -> None:
    """Generate, compile and check; torch is needed here only."""
    from screening.calculators.sevennet_cpu.check import check  # noqa: PLC0415 (imports torch)
    from screening.calculators.sevennet_cpu.pack import pack  # noqa: PLC0415
    from screening.calculators.sevennet_cpu.read import read_network  # noqa: PLC0415
    from screening.calculators.sevennet_cpu.source import source  # noqa: PLC0415

    stock = _stock(checkpoint, modal)
    network, weights = read_network(stock.model, modal)
    packed = pack(network, weights)
    (work / SOURCE).write_text(source(network, packed), encoding="utf-8")
    numbers = {
        "weights": packed.weights,
        "tables": packed.tables,
        "scale_shift": packed.scale_shift,
        "numbers": np.array(network.numbers),
        "cutoff": np.array(network.cutoff),
        "n_latent": np.array(network.n_latent),
    }
    np.savez(work / NUMBERS, allow_pickle=False, **numbers)
    command = [compiler, *FLAGS, str(work / SOURCE), "-o", str(work / LIBRARY), "-lm"]
    try:
        subprocess.run(  # noqa: S603 (the system's compiler on our own source)
            command, check=True, capture_output=True, text=True, timeout=COMPILE_SECONDS
        )
    except subprocess.CalledProcessError as error:
        first = next(iter(error.stderr.splitlines()), "no message")
        raise UnavailableError(f"{compiler} failed: {first}") from error
    except subprocess.TimeoutExpired as error:
        raise UnavailableError(f"{compiler} took over {COMPILE_SECONDS:.0f} s") from error
    check(Library(work / LIBRARY, numbers), stock)


def _stock(checkpoint: Path, modal: str | None) -> BatchSevenNet:
    from screening.calculators.sevennet_engine import stock_engine  # noqa: PLC0415 (imports torch)

    return stock_engine(checkpoint, modal, device="cpu")


def _compiler() -> str:
    for name in (os.environ.get("CC"), *COMPILERS):
        if name and (path := shutil.which(name)):
            return path
    raise UnavailableError("there is no C compiler (cc, gcc or clang)")


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
