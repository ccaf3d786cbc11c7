"""Every pinned package has a licence that goes with ours; those with conditions are listed."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest

PINNED = re.findall(r"^([\w.\-]+)==", Path("constraints.txt").read_text(), flags=re.MULTILINE)

FREE = re.compile(
    r"MIT|BSD|Apache|ISC|Python Software Foundation|PSF|0BSD|Zlib|CC0|OLDAP|HPND|Unlicense"
)
CONDITIONS = {
    "ase": "LGPL: linked by import, unchanged",
    "ase-db-backends": "LGPL: as ASE; names no licence in its metadata",
    "bibtexparser": "LGPL or BSD: used under BSD",
    "certifi": "MPL: unchanged",
    "codespell": "GPL: a tool of developers, not imported",
    "dftd3": "LGPL: optional, linked by import",
    "docutils": "public domain, BSD and, for a mode of Emacs, GPL: a tool of developers",
    "gpaw": "GPL: optional, installed by its user, never shipped",
    "gpaw-data": "GPL: as GPAW",
    "hypothesis": "MPL: tests only",
    "matscipy": "LGPL: optional, linked by import",
    "orjson": "MPL and MIT or Apache: unchanged",
    "pathspec": "MPL: a tool of developers",
    "psycopg2-binary": "LGPL: optional, linked by import",
    "tblite": "LGPL: optional, linked by import",
    "tqdm": "MPL and MIT: unchanged",
}


def licence(package: str) -> str | None:
    try:
        found = metadata(package)
    except PackageNotFoundError:
        return None
    classifiers = [c for c in found.get_all("Classifier") or [] if c.startswith("License")]
    stated = found.get("License-Expression") or " ".join(classifiers) or found.get("License")
    return stated or "none stated"


@pytest.mark.parametrize("package", PINNED)
def test_a_pinned_package_is_free_or_its_conditions_are_known(package: str) -> None:
    found = licence(package)
    if found is None:
        pytest.skip("not installed here")
    bound = re.search(r"GPL|GNU|MPL|Mozilla|none stated", found)
    if package in CONDITIONS:
        assert bound or "BSD" in found, f"{package} is free now: {found}"
    else:
        assert FREE.search(found), f"{package}: {found}"
        assert not bound, f"{package}: {found}"
