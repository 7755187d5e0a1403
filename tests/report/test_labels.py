"""Labels keep clear of each other where there is room."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from qcisim.report.labels import Label, place


def overlap(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    across, up = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return max(0.0, across) * max(0.0, up)


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=1, max_size=8, unique=True))
@settings(deadline=None, max_examples=60)
def test_labels_of_points_apart_never_overlap(cells: list[tuple[int, int]]) -> None:
    points = [(150.0 * x, 100.0 * y) for x, y in cells]
    labels = [Label(at, ("Luxembourg", "QCI Lab"), 12.0, 12.0) for at in points]
    taken = [(x - 8, y - 8, x + 8, y + 8) for x, y in points]
    spots = place(labels, taken, [], 900.0, 600.0)
    boxes = [(x, y, x + label.width, y + label.height) for (x, y), label in zip(spots, labels, strict=True)]
    assert all(overlap(a, b) == 0.0 for a, b in combinations(boxes, 2))
    assert all(overlap(box, sign) == 0.0 for box in boxes for sign in taken)
    assert all(box[0] >= 0 and box[1] >= 0 and box[2] <= 900 and box[3] <= 600 for box in boxes)


def test_a_label_leaves_the_line_of_its_link() -> None:
    label = Label((100.0, 100.0), ("43 kbit/s",), 12.0, 9.0)
    ((x, y),) = place([label], [], [((0.0, 100.0), (200.0, 100.0))], 200.0, 200.0)
    assert y > 100.0 or y + label.height < 100.0
    assert place([], [], [], 10.0, 10.0) == []
    assert 0.0 <= x <= 200.0 - label.width
