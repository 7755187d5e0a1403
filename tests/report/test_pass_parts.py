"""Parts of the space report: dates, the sky, the map, the matrix, the comparisons."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qcisim.report.map_layout import layout
from qcisim.report.moment import Calendar
from qcisim.report.numbers import span
from qcisim.report.pass_view import best, passes_of
from qcisim.report.published import groups, in_words, published_of
from qcisim.report.service import STEPS, ends, service_matrix, step
from qcisim.report.sky import _flat
from qcisim.report.status import STATUSES
from qcisim.report.view import view


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)).map(lambda d: d.replace(microsecond=0, tzinfo=UTC)),
    st.integers(0, 40 * 1440).map(lambda minutes: 60.0 * minutes),
)
def test_moments_agree_with_datetime(start: datetime, t_s: float) -> None:
    calendar = Calendar.parse(start.isoformat())
    moment = start.replace(second=0) + timedelta(seconds=t_s)
    shift = t_s - start.second
    expected = f"{moment.day} {moment:%b} {moment:%H:%M}"
    assert calendar.text(shift) == expected
    assert calendar.date(calendar.day(shift)) == f"{moment.day} {moment:%b}"
    assert calendar.hour(shift, calendar.day(shift)) == pytest.approx(moment.hour + moment.minute / 60.0)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00Z"])
def test_a_start_that_is_no_date_counts_days(text: str) -> None:
    calendar = Calendar.parse(text, 1e6)
    assert calendar.text(90000.0) == "day 2 01:00"
    assert calendar.zone == "since the start"


@pytest.mark.parametrize(
    ("time_s", "text"),
    [
        (0.0021, "2.10 ms"),
        (0.0, "0 s"),
        (95.0, "95.0 s"),
        (490.0, "8.17 min"),
        (5400.0, "90.0 min"),
        (151200.0, "42.0 h"),
        (200000.0, "2.31 d"),
        (None, "–"),
        (math.nan, "–"),
    ],
)
def test_span(time_s: float | None, text: str) -> None:
    assert span(time_s).replace("\u202f", " ") == text


def test_the_sky_has_north_up_and_east_right() -> None:
    row = {"track": {"t_s": [0, 1, 2, 3], "elevation_deg": [0, 30, 60, 90], "azimuth_deg": [0, 90, 180, 270]}}
    (item,) = passes_of({"passes": [row]})
    x, y = _flat(item.track)
    assert x == pytest.approx([0.0, 60.0, 0.0, 0.0], abs=1e-12)
    assert y == pytest.approx([90.0, 0.0, -30.0, 0.0], abs=1e-12)


def test_the_best_pass_gives_most_key_and_has_a_track(space_sample: dict[str, Any]) -> None:
    passes = passes_of(space_sample)
    top = best(passes)
    assert top is not None
    assert top.key_if_clear == max(p["key_bits_if_clear"] for p in space_sample["passes"])
    richest = next(row for row in space_sample["passes"] if row["id"] == top.id)
    richest["track"] = {}
    second = best(passes_of(space_sample))
    assert second is not None
    assert second.id != top.id
    assert best([]) is None


def test_statuses_are_told_apart_without_colour() -> None:
    looks = [(status.dash, status.mark) for status in STATUSES]
    assert len({mark for _, mark in looks}) == len(STATUSES)
    strong = [dash for (dash, _), status in zip(looks, STATUSES, strict=True) if status.name != "daylight"]
    assert len(set(strong)) == len(strong)


def test_satellites_stand_aside_and_crowded_places_are_enlarged(space_sample: dict[str, Any]) -> None:
    seen = view(space_sample)
    found = layout(seen)
    assert set(found.nodes) == set(seen.nodes)
    assert max(found.nodes, key=lambda n: found.nodes[n][1]) == "eagle1"
    assert found.crowd is not None
    main, inset = found.zones
    assert set(inset.nodes) == {"kirchberg", "belval", "bissen", "betzdorf", "redu"}
    assert set(main.nodes) == {"oberpfaffenhofen", "tenerife"}
    for zone in found.zones:
        left, bottom, right, top = zone.box
        assert all(left <= x <= right and bottom <= y <= top for x, y in (found.nodes[n] for n in zone.nodes))
    assert inset.box[3] <= main.box[1]
    assert set(found.middles) == set(seen.links)
    for name, fields in space_sample["nodes"].items():  # with far stations gone nothing is crowded
        if name in ("oberpfaffenhofen", "tenerife"):
            fields.update(lat=49.7, lon=5.5 if name == "tenerife" else 5.9)
    found = layout(view(space_sample))
    assert found.crowd is None
    assert len(found.zones) == 1


def test_a_map_of_satellites_only(space_sample: dict[str, Any]) -> None:
    space_sample["nodes"] = {"eagle1": space_sample["nodes"]["eagle1"]}
    found = layout(view(space_sample))
    assert list(found.nodes) == ["eagle1"]
    assert found.middles == {}


@given(st.floats(1e-9, 1e9))
def test_rates_have_the_colour_of_their_words(rate: float) -> None:
    index = step(rate)
    lower, _ = STEPS[len(STEPS) - 1 - index]
    assert rate >= lower
    if index < len(STEPS) - 1:
        assert rate < STEPS[len(STEPS) - 2 - index][0]


def test_the_matrix_of_27_nodes(space_sample: dict[str, Any]) -> None:
    names = [f"n{i}" for i in range(27)]
    pairs = [
        {"a": a, "b": b, "bits_per_s": 10.0 ** (i % 9 - 3), "origin": ("fibre", "satellite", "both")[i % 3]}
        for i, a in enumerate(names)
        for b in names[i + 1 :]
    ]
    pairs[0].update(bits_per_s=0.0, origin="none")
    space_sample["service"] = {"nodes": names, "pairs": pairs, "marginal": {}}
    seen = view(space_sample)
    assert seen.service is not None
    svg = service_matrix(seen, seen.service)
    assert svg is not None
    assert "350 pairs of 351 have key" in svg
    assert len(svg) < 300_000
    assert len(set(re.findall(r"fill: var\(--heat-\d\)", svg))) == 7
    found = ends(seen.service)
    assert [heading for heading, _ in found] == ["Most key", "Least key", "No key"]
    assert found[0][1][0].bits_per_s == max(p.bits_per_s for p in seen.service.pairs)
    told = [pair for _, rows in found for pair in rows]
    assert len({(pair.a, pair.b) for pair in told}) == len(told)


def test_a_pair_without_key_has_no_origin(space_sample: dict[str, Any]) -> None:
    space_sample["service"] = {"pairs": [{"a": "x", "b": "y", "bits_per_s": 0.0, "origin": "fibre"}]}
    service = view(space_sample).service
    assert service is not None
    assert service.nodes == ("x", "y")
    assert service.pairs[0].origin == "none"
    assert [heading for heading, _ in ends(service)] == ["No key"]


def test_comparisons_say_what_agreement_is_worth(space_sample: dict[str, Any]) -> None:
    items = published_of(space_sample)
    assert [item.verdict for item in items] == ["agrees", "agrees", "agrees", "no tolerance stated", "not computed"]
    assert in_words(items).replace("\u202f", " ") == (
        "2 of 3 predictions lie within their stated tolerance; 1 was not computed. "
        "1 of 2 consistency checks lies within its stated tolerance; 1 states none (+1.7 %)."
    )
    (prediction, meaning, first), (check, other, second) = groups(items)
    assert (prediction, check) == ("Predictions", "Consistency checks")
    assert "Nothing that goes into the computed number was taken" in meaning
    assert "does not say that the model could have foretold it" in other
    assert [len(first), len(second)] == [3, 2]
    assert items[0].difference.replace("\u202f", " ") == "+0.250 (+0.039 %)"
    assert items[0].shown(items[0].tolerance).replace("\u202f", " ") == "1.5 km"
    space_sample["published"][0]["computed"] = 640.0
    items = published_of(space_sample)
    assert items[0].verdict == "disagrees"
    assert "1 of 3 predictions lies within its stated tolerance; 1 lies outside (−0.78\u202f%);" in in_words(items)
    bare = [item for item in items if item.verdict == "no tolerance stated"]
    assert in_words(tuple(bare)) == "The consistency check states no tolerance (+1.7\u202f%)."


def test_what_is_not_called_a_prediction_is_none() -> None:
    """In doubt a comparison is the weaker claim."""
    (item,) = published_of({"published": [{"name": "x", "computed": 1.0, "published": 1.0, "tolerance": 0.0}]})
    assert item.kind == "consistency"
    assert item.verdict == "agrees"
    assert in_words(()) == ""
