"""Names beside points: inside the frame, none over another, away from points if there is room."""

from __future__ import annotations

import random

from screening.report.labels import Label, place

FRAME = (0.0, 0.0, 300.0, 200.0)
LETTER, HEIGHT = 6.0, 10.0


def box(label: Label) -> tuple[float, float, float, float]:
    width = LETTER * len(label.text)
    left = label.x - width if label.ends else label.x
    return left, label.y, left + width, label.y + HEIGHT


def test_no_name_covers_another_or_leaves_the_frame() -> None:
    draw = random.Random(0)
    named = [(draw.uniform(0, 300), draw.uniform(0, 200), f"host-{n}") for n in range(40)]
    found = place(named, [], FRAME, letter=LETTER, height=HEIGHT)
    boxes = [box(label) for label in found]
    assert 10 < len(found) < 40  # there is not room for all
    for n, (left, low, right, top) in enumerate(boxes):
        assert left >= 0
        assert low >= 0
        assert right <= 300
        assert top <= 200
        for other in boxes[:n]:
            apart = left >= other[2] or other[0] >= right or low >= other[3] or other[1] >= top
            assert apart


def test_a_name_at_the_right_edge_ends_at_its_point() -> None:
    (found,) = place([(295.0, 100.0, "copper")], [], FRAME, letter=LETTER, height=HEIGHT)
    assert found.ends
    assert found.x < 295.0


def test_a_name_gives_way_to_points() -> None:
    crowd = [(110.0 + 5 * n, 107.0) for n in range(8)]
    (found,) = place([(100.0, 100.0, "copper")], crowd, FRAME, letter=LETTER, height=HEIGHT)
    left, low, right, top = box(found)
    assert not any(left <= x <= right and low <= y <= top for x, y in crowd)
