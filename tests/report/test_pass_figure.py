"""The timeline of passes: a picture, the same bytes every time, for many days and for a single pass."""

from __future__ import annotations

import io
from typing import Any

import matplotlib as mpl
import pytest
from matplotlib import image

from qcisim.errors import InputError
from qcisim.report import pass_figure
from qcisim.report.figure import _STAND_IN
from qcisim.report.moment import Calendar
from qcisim.report.pass_figure import light
from qcisim.report.pass_view import passes_of
from qcisim.report.status import status
from qcisim.report.timeline import MOST_ROWS, Timeline


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG")
    height, width, _ = image.imread(io.BytesIO(png)).shape
    return width, height


def holds(png: bytes, role: str) -> bool:
    """Whether any pixel has that colour of the page."""
    picture = (255 * image.imread(io.BytesIO(png))[:, :, :3]).round().astype(int)
    wanted = [int(light(role)[i : i + 2], 16) for i in (1, 3, 5)]
    return bool((picture == wanted).all(axis=2).any())


def test_the_figure_shows_key_and_what_came_of_it(space_sample: dict[str, Any]) -> None:
    passes = space_sample["passes"]
    png = pass_figure(passes)
    assert size(png)[0] == 1960
    assert all(holds(png, role) for role in ("series-5", "ink"))
    for name in ("taken", "not scheduled", "clouded out"):
        for item in passes:
            item["status"] = "daylight"
        assert not holds(pass_figure(passes), status(name).role)
        passes[0]["status"] = name
        assert holds(pass_figure(passes), status(name).role)


def test_the_sky_of_which_only_moments_are_known_is_not_shaded(space_sample: dict[str, Any]) -> None:
    passes = space_sample["passes"]
    png = pass_figure(passes)
    for item in passes:
        item["sun_elevation_deg"] = None
    assert pass_figure(passes) == png


def test_same_passes_same_bytes_in_any_order_and_style(space_sample: dict[str, Any]) -> None:
    passes = space_sample["passes"][:12]
    png = pass_figure(passes)
    with mpl.rc_context({"font.size": 30, "savefig.dpi": 20, "axes.grid": True}):
        assert pass_figure(passes[::-1]) == png


def test_without_a_pass_there_is_no_picture() -> None:
    assert pass_figure([]) == b""
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


def test_every_role_has_a_colour_in_daylight() -> None:
    assert all(light(role).startswith("#") for role in _STAND_IN)
