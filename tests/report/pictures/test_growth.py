"""Coverage curves and nucleation steps as a picture."""

from __future__ import annotations

from pathlib import Path

import pytest
from matplotlib.image import imread
from rows import make_row

from screening.descriptors.coverage import CoverageRow
from screening.errors import StoreError
from screening.ranking.rank import Ranking, rank
from screening.ranking.weights import load_weights
from screening.report.pictures.growth import draw

CURVE = (
    CoverageRow(1, 0.2, 0.1, 7.4, "kept"),
    CoverageRow(3, 0.6, None, reason="not converged"),
    CoverageRow(6, 1.1, -0.2, 2.5, "desorbed", "1 of 6 ions left the host"),
)


def ranking(*rows, ion: str = "Li") -> Ranking:
    return rank(rows, ion, load_weights())


def test_each_ion_with_curves_has_a_line_of_panels(tmp_path: Path) -> None:
    grown = ranking(
        make_row("layers", coverage=CURVE),
        make_row("steps", e_step_ev=(0.1, -0.2)),
        make_row("neither"),
    )
    nothing = ranking(make_row("sodium", ion="Na"), ion="Na")
    draw([grown, nothing], tmp_path / "one.png")
    potassium = ranking(make_row("steps", ion="K", e_step_ev=(0.1, 0.2)), ion="K")
    draw([grown, potassium], tmp_path / "two.png")
    one, two = (imread(tmp_path / f"{name}.png") for name in ("one", "two"))
    assert two.shape[0] == 2 * one.shape[0]
    # Lines in the first two colours: both hosts are there.
    colours = (one[..., :3].reshape(-1, 3) * 255).round().astype(int)
    for colour in ((31, 119, 180), (255, 127, 14)):
        assert (colours == colour).all(axis=1).sum() > 20


def test_without_curves_there_is_no_picture(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no host has a coverage curve"):
        draw([ranking(make_row("neither"))], tmp_path / "none.png")
    assert list(tmp_path.iterdir()) == []
