"""The space part of the page: whole, honest about what is expected and what was made, absent where there is none."""

from __future__ import annotations

import copy
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from page_reader import Page, figures, written

from qcisim.errors import InputError
from qcisim.report import write_report
from qcisim.report.numbers import key
from qcisim.report.space import PASS_SHEETS

Sample = dict[str, Any]
SPACE_PARTS = ("passes", "pairs", "service", "published")


def lean(sample: Sample, *parts: str) -> Sample:
    """The sample with only these of its space parts, and without what other tests look at."""
    for part in SPACE_PARTS:
        if part not in parts:
            del sample[part]
    sample.update(series={}, books={})
    for link in sample["links"].values():
        link.update(losses_db={}, terms={})
    for item in sample.get("passes", ()):
        if item["station"] != "betzdorf":
            item["track"] = {}
    return sample


def spoken(html: str, start: str) -> list[str]:
    return [label for label in figures(html) if label.startswith(start)]


def cells(html: str) -> list[list[str]]:
    """The rows of the table of passes, their cells as text."""
    table = re.search(r'<table class="passes">.*?</table>', html, flags=re.DOTALL)
    assert table is not None
    rows = re.findall(r"<tr>\s*<td>.*?</tr>", table[0], flags=re.DOTALL)
    return [[Page(cell).text.strip() for cell in re.findall(r"<td.*?</td>", row, flags=re.DOTALL)] for row in rows]


def test_every_space_part_has_its_section(space_sample: Sample, tmp_path: Path) -> None:
    html, page = written(space_sample, tmp_path)
    for words in (
        "The passes",
        "never added",
        "North up, east right",
        "Photon pairs",
        "Two-photon density matrix at 1 Dec 00:03 UTC",
        "Which pairs of nodes have key",
        "What each satellite adds",
        "Predictions",
        "Consistency checks",
        "fibre pools",
        "satellite pools",
        "by satellite",
        "Wait for a key",
        "mean over a Rayleigh offset, 1.5 µrad jitter per axis",
        "A cloud cuts a pass off",
    ):
        assert words in page.text, words
    links = {p["link"] for p in space_sample["passes"]}
    assert len(spoken(html, "Sky over")) == len(spoken(html, "Best pass of")) == len(links) == 4
    assert len(spoken(html, "Passes over 4 days")) == 1
    assert len(html) < 800_000


def test_a_ground_network_hears_nothing_of_space(sample: Sample, tmp_path: Path) -> None:
    html, page = written(sample, tmp_path)
    for words in ("pass", "satellite", "coincidence", "Beside what was", "Which pairs"):
        assert words not in page.text, words
    assert not [label for label in figures(html) if label.startswith(("Sky", "Best pass", "Key per pass"))]
    assert "Fibre or passes" not in html


def test_same_space_result_same_bytes(space_sample: Sample, tmp_path: Path) -> None:
    lean(space_sample, *SPACE_PARTS)
    first = write_report(space_sample, tmp_path / "a.html").read_bytes()
    assert first == write_report(copy.deepcopy(space_sample), tmp_path / "b.html").read_bytes()


def test_the_table_keeps_the_three_keys_apart(space_sample: Sample, tmp_path: Path) -> None:
    html, page = written(lean(space_sample, "passes"), tmp_path)
    passes = space_sample["passes"]
    told = [p for p in sorted(passes, key=lambda p: p["start_s"]) if p["key_bits_if_clear"] or p["secret_bits"]]
    rows = cells(html)
    assert len(rows) == len(told) < 40
    for row, item in zip(rows, told, strict=True):
        columns = [key(item["key_bits_if_clear"]), key(item["expected_key_bits"]), key(item["secret_bits"])]
        expected = [column.replace("\u202f", " ") for column in columns]
        if not item["expected_key_bits"]:
            expected[1] = "–"
        assert [row[4], row[5], row[6].split(" QBER")[0].strip()] == expected
        assert item["status"] in row[7]
        assert item["reason"] in row[7]
    assert f"The passes that could give key; all {len(passes)} are in result.json." in page.text
    both = key(sum(p["key_bits_if_clear"] + p["expected_key_bits"] for p in told)).replace("\u202f", " ")
    assert both not in page.text


def test_a_long_table_ends_with_its_count(space_sample: Sample, tmp_path: Path) -> None:
    passes = lean(space_sample, "passes")["passes"]
    for item in passes:
        item["track"], item["key_bits_if_clear"] = {}, 1000
    html, page = written(space_sample, tmp_path)
    assert len(cells(html)) == 40
    assert f"The first 40 of {len(passes)} passes that could give key, in the order of time" in page.text


def test_what_became_of_the_passes_is_counted(space_sample: Sample, tmp_path: Path) -> None:
    _, page = written(lean(space_sample, "passes"), tmp_path)
    for name in ("taken", "clouded out", "not scheduled", "no key expected", "daylight", "interrupted"):
        count = sum(p["status"] == name for p in space_sample["passes"])
        assert count
        assert f"{count} {name}" in page.text


@pytest.mark.parametrize("part", SPACE_PARTS)
def test_one_part_alone_is_a_whole_page(space_sample: Sample, tmp_path: Path, part: str) -> None:
    html, _ = written(lean(space_sample, part), tmp_path)
    for section in SPACE_PARTS:
        assert (f'<section class="{section}">' in html) == (section == part)


def test_passes_of_which_little_is_known(space_sample: Sample, tmp_path: Path) -> None:
    passes = lean(space_sample, "passes")["passes"][:6]
    space_sample["start_utc"] = "sometime"
    for item, keep in zip(passes, ("link", "start_s", "status", "reason", "track", "qber"), strict=True):
        kept = {name: item[name] for name in (keep, "link")}
        item.clear()
        item.update(kept)
    passes[4]["track"]["elevation_deg"] = [1.0]
    passes.append({"link": "a", "start_s": 10.0, "end_s": 5.0, "status": "struck by lightning", "key_bits_if_clear": 7})
    passes.append({"link": "a", "track": {"t_s": [0.0], "elevation_deg": [30.0], "azimuth_deg": [1.0]}})
    space_sample["passes"] = passes
    _, page = written(space_sample, tmp_path)
    assert "day 1 00:00" in page.text
    assert "struck by lightning" in page.text


def test_no_pass_could_give_key(space_sample: Sample, tmp_path: Path) -> None:
    for item in lean(space_sample, "passes")["passes"]:
        item.update(status="daylight", key_bits_if_clear=0, expected_key_bits=0.0, secret_bits=None, qber=None)
        item["track"].pop("key_bits_per_s", None)
    html, page = written(space_sample, tmp_path)
    assert spoken(html, "Key per pass") == []
    assert "No pass could give key." in page.text
    assert "The first 40 of 66 passes, none of which could give key" in page.text


def test_many_satellite_links(space_sample: Sample, tmp_path: Path) -> None:
    """27 stations and two satellites: all on the map, the lines left out, six sheets, a row a day for each link."""
    base = next(link for link in space_sample["links"].values() if link["medium"] == "free space")
    model = lean(space_sample, "passes")["passes"]
    ground = [f"c{i:02}" for i in range(27)]
    nodes = {n: {"name": f"Capital {i}", "lat": 36.0 + i % 9 * 3, "lon": -9.0 + i * 1.7} for i, n in enumerate(ground)}
    space = {s: {"name": s.upper(), "lat": None, "lon": None, "satellite": {"orbit": "LEO"}} for s in ("leo1", "leo2")}
    space_sample["nodes"] = {n: {**fields, "station": {"altitude_m": 9.0}} for n, fields in nodes.items()} | space
    space_sample["links"] = {f"{s}-{n}": base | {"between": [s, n]} for s in space for n in ground}
    space_sample["passes"] = [
        model[i % len(model)] | {"link": link, "satellite": link[:4], "station": link[5:], "start_s": 900.0 * (i + n)}
        for n, link in enumerate(space_sample["links"])
        for i in range(3)
    ]
    for item in space_sample["passes"]:
        item.update(culmination_s=item["start_s"] + 200.0, end_s=item["start_s"] + 400.0)
    space_sample["demands"] = {}
    html, page = written(space_sample, tmp_path)
    assert len(spoken(html, "Sky over")) <= PASS_SHEETS
    assert f"The {PASS_SHEETS} satellite links that could give most key in a pass, of 54." in page.text
    assert "the lines to the satellites are left out" in page.text
    assert page.text.count("key with 27 of 27 stations") == 2
    assert len(html) < 1_500_000


def test_routes_and_waits_of_demands(space_sample: Sample, tmp_path: Path) -> None:
    _, page = written(lean(space_sample), tmp_path)
    assert re.search(r"by fibre 16,080 keys, 93.1 %: Kirchberg → Redu", page.text)
    assert re.search(r"by satellite 1,200 keys, 6.9 %: Kirchberg → Betzdorf → EAGLE-1 → Redu", page.text)
    assert "90.0 min 42.0 h" in page.text
    for demand in space_sample["demands"].values():
        demand.pop("latency_s")
        for route in demand["routes"]:
            route["keys_delivered"] = 0
    _, page = written(space_sample, tmp_path)
    assert "Wait for a key" not in page.text
    assert "by satellite" not in page.text


def test_satellite_text_cannot_become_markup(space_sample: Sample, tmp_path: Path) -> None:
    evil = "<script>alert(1)</script> & $x_1$"
    for item in lean(space_sample, *SPACE_PARTS)["passes"]:
        item["reason"] = evil
        item["status"] = evil if item["status"] == "daylight" else item["status"]
    space_sample["published"][0].update(name=evil, note=evil, unit=evil, source=evil)
    space_sample["pairs"]["eagle1-pairs"].update(reason=evil, source_node=evil)
    space_sample["service"]["pairs"][0]["route"] = [evil]
    space_sample["service"]["marginal"][evil] = {"pairs_gained": 1}
    html, page = written(space_sample, tmp_path)
    assert "<script" not in html
    assert page.text.count("alert(1)") > len(space_sample["published"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"passes": {"a": 1}},
        {"passes": [3]},
        {"pairs": [1]},
        {"service": {"pairs": {"a": 1}}},
        {"service": {"pairs": [{"a": "x"}], "marginal": [3]}},
        {"published": "no"},
    ],
)
def test_wrong_space_parts_are_refused(tmp_path: Path, wrong: Sample) -> None:
    (part,) = wrong
    with pytest.raises(InputError, match=f"{part}|pairs|marginal"):
        write_report({"links": {}} | wrong, tmp_path / "x.html")
    assert list(tmp_path.iterdir()) == []


def test_a_reason_names_passes_in_plain_words(space_sample: Sample, tmp_path: Path) -> None:
    passes = lean(space_sample, "passes")["passes"]
    told = next(p for p in passes if p["id"] == "eagle1-betzdorf#0")
    other = next(p for p in passes if p["id"] == "eagle1-betzdorf#10")
    told["id"], other["reason"] = "eagle1-betzdorf#1", "eagle1-betzdorf#1 has the terminal"
    other["key_bits_if_clear"] = told["key_bits_if_clear"] = 5
    passes[-1].update(reason="eagle1-betzdorf#10 and eagle1-betzdorf#1000", key_bits_if_clear=5)
    del passes[:-1]
    passes += [told, other]
    _, page = written(space_sample, tmp_path)
    time = (datetime.fromisoformat(told["start_utc"]) + timedelta(seconds=30)).strftime("%H:%M")
    assert f"EAGLE-1 – Betzdorf at {time} has the terminal" in page.text
    assert re.search(r"EAGLE-1 – Betzdorf at \d\d:\d\d and eagle1-betzdorf#1000", page.text)


def test_pairs_without_any_link(space_sample: Sample, tmp_path: Path) -> None:
    lean(space_sample, "pairs").update(links={}, demands={})
    html, page = written(space_sample, tmp_path)
    assert "284 coincidences are to be expected between one pair of stations in four days." in page.text
    assert "The links" not in page.text
    assert "From light to key" not in page.text
    assert "photons of a pair" in page.text
    assert len(spoken(html, "Density matrix of the two photons")) == 1


def test_demands_of_the_satellite_have_an_axis_of_their_own(space_sample: Sample, tmp_path: Path) -> None:
    series = space_sample["series"]
    lean(space_sample)["series"] = series
    html, _ = written(space_sample, tmp_path)
    (label,) = spoken(html, "Keys delivered over time")
    assert re.search(r"mostly by fibre: government [\d,]+; mostly by satellite: diplomatic [\d,]+", label)
    (label,) = spoken(html, "Keys in store over time")
    fibre, space = label.split("; satellite pools: ")
    assert "EAGLE-1" not in fibre
    assert space.count("EAGLE-1") == 4
    for demand in space_sample["demands"].values():
        demand["routes"] = []
    html, _ = written(space_sample, tmp_path)
    assert "mostly by" not in spoken(html, "Keys delivered over time")[0]
