"""The timeline of passes: a picture, the same bytes every time, for many days and for a single pass."""

from __future__ import annotations

import io
import itertools
from typing import Any

import matplotlib as mpl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import image

from qcisim.errors import InputError
from qcisim.report import pass_figure
from qcisim.report.figure import _STAND_IN
from qcisim.report.moment import Calendar
from qcisim.report.pass_figure import light
from qcisim.report.pass_view import passes_of
from qcisim.report.timeline import MOST_ROWS, Timeline, _sky


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG")
    height, width, _ = image.imread(io.BytesIO(png)).shape
    return width, height


def holds(png: bytes, role: str) -> bool:
    """Whether any pixel has that colour of the page."""
    picture = (255 * image.imread(io.BytesIO(png))[:, :, :3]).round().astype(int)
    wanted = [int(light(role)[i : i + 2], 16) for i in (1, 3, 5)]
    return bool((picture == wanted).all(axis=2).any())


def test_the_figure_shows_key_night_and_day(space_sample: dict[str, Any]) -> None:
    passes = space_sample["passes"]
    png = pass_figure(passes)
    assert size(png)[0] == 1960
    assert all(holds(png, role) for role in ("series-5", "night", "day", "ink"))
    for item in passes:
        item["sun_elevation_deg"] = None
    assert not any(holds(pass_figure(passes), role) for role in ("night", "dusk", "day"))


def test_same_passes_same_bytes_in_any_order_and_style(space_sample: dict[str, Any]) -> None:
    passes = space_sample["passes"][:12]
    png = pass_figure(passes)
    with mpl.rc_context({"font.size": 30, "savefig.dpi": 20, "axes.grid": True}):
        assert pass_figure(passes[::-1]) == png


def test_nothing_to_draw_is_said(space_sample: dict[str, Any]) -> None:
    width, height = size(pass_figure([]))
    assert width == 1960
    assert height < 200
    size(pass_figure([{}]))
    with pytest.raises(InputError, match="rows"):
        pass_figure([3])  # type: ignore[list-item]


def test_a_row_for_each_link_and_day_up_to_a_limit(space_sample: dict[str, Any]) -> None:
    passes = list(passes_of(space_sample))
    plan = Timeline.of(passes, Calendar.parse("2026-12-01T00:00:00Z"), {})
    assert (len(plan.days), len(plan.links), plan.left_out) == (4, 4, 0)
    model = space_sample["passes"][0]
    many = passes_of(
        {
            "passes": [
                model | {"link": f"l{k}", "start_s": 86400.0 * d, "end_s": 86400.0 * d + 300.0, "culmination_s": None}
                for d in range(40)
                for k in range(7)
            ]
        }
    )
    plan = Timeline.of(many, Calendar(None), {})
    assert len(plan.days) * len(plan.links) <= MOST_ROWS
    assert len(plan.days) == 17
    assert plan.left_out == (40 - 17) * 7


def test_links_of_a_station_stand_together(space_sample: dict[str, Any]) -> None:
    model = space_sample["passes"][0]
    rows = [
        model | {"link": f"{s}-{n}", "station": n, "start_s": 1000.0 * i, "end_s": 1000.0 * i + 300.0}
        for i, (s, n) in enumerate((("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")))
    ]
    assert list(Timeline.of(passes_of({"passes": rows}), Calendar(None), {}).links) == ["a-x", "b-x", "a-y", "b-y"]


@given(st.lists(st.tuples(st.floats(0.0, 5 * 86400.0), st.floats(-90.0, 90.0)), max_size=12))
def test_the_light_of_the_sky_is_told_only_near_what_is_known(points: list[tuple[float, float]]) -> None:
    rows = [{"link": "l", "start_s": t, "end_s": t, "sun_elevation_deg": h} for t, h in points]
    known = passes_of({"passes": rows})
    stretches = _sky(known, Calendar(None), 2)
    assert all(0.0 <= a < b <= 24.0 + 1e-9 for a, b, _ in stretches)
    assert all(a[1] <= b[0] + 1e-9 for a, b in itertools.pairwise(stretches))
    hours = [t % 86400.0 / 3600.0 for t, _ in points if abs(t // 86400.0 - 2) <= 3]
    for start, end, role in stretches:
        assert min(abs(hour - start) for hour in hours) <= 3.0
        assert min(abs(hour - end) for hour in hours) <= 3.0
        if role == "night":
            assert min(height for _, height in points) < -18.0


def test_every_role_has_a_colour_in_daylight() -> None:
    assert all(light(role).startswith("#") for role in _STAND_IN)
