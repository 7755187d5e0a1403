"""The page: complete, offline, safe, the same bytes every time, and whole for every odd result."""

from __future__ import annotations

import copy
import json
import os
import re
import tempfile
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest
from page_reader import figures, written

from qcisim.errors import EnvironmentFault, InputError
from qcisim.report import write_report
from qcisim.report.view import short


def test_the_page_tells_everything(sample: dict[str, Any], tmp_path: Path) -> None:
    html, page = written(sample, tmp_path)
    for word in (
        sample["title"],
        sample["hash"],
        str(sample["seed"]),
        sample["provenance"]["command"],
        "All three demands were met",
        "4,320,000",
        "Namur, Redu and Arlon could read them",
        "estimated",
        "derived",
        "announced",
        "Phys. Rev. A 89, 022307",
        "What the theory does not cover",
    ):
        assert word in page.text, word
    for item in sample["assumptions"]:
        assert item["text"] in page.text
        assert item["source"] in page.text
    labels = figures(html)
    assert [label.split(" of ")[0].split(".")[0] for label in labels[:4]] == [
        "Map",
        "Keys in store over time",
        "Keys delivered over time",
        "Losses",
    ]
    for link in sample["links"].values():
        for term in (*link["losses_db"], *link["terms"], *link["noise_per_gate"]):
            assert term.replace("_", " ") in page.text, term
    assert len(labels) == 4 + 2 * len(sample["links"])


def test_same_result_same_bytes_whatever_the_settings(sample: dict[str, Any], tmp_path: Path) -> None:
    first = write_report(sample, tmp_path / "a.html").read_bytes()
    with mpl.rc_context({"font.size": 30, "lines.linewidth": 9, "svg.fonttype": "path", "axes.grid": True}):
        second = write_report(sample, tmp_path / "b.html").read_bytes()
    assert first == second


def test_links_stand_in_the_order_of_the_result(sample: dict[str, Any], tmp_path: Path) -> None:
    sample["links"] = dict(reversed(sample["links"].items()))
    names = {node: short(fields["name"]) for node, fields in sample["nodes"].items()}
    expected = [" – ".join(names[end] for end in link["between"]) for link in sample["links"].values()]
    text = write_report(sample, tmp_path / "a.html").read_text(encoding="utf-8")
    assert re.findall(r"<h3>([^<]* – [^<]*?) <span", text) == expected


def test_an_interrupted_run_says_so(sample: dict[str, Any], tmp_path: Path) -> None:
    sample["provenance"]["interrupted_at_s"] = 3600.0
    text = write_report(sample, tmp_path / "a.html").read_text(encoding="utf-8")
    assert "one hour simulated" in text
    assert "interrupted: one day were planned" in text
    assert "in one day" not in text


def test_no_risk_is_told_of_keys_that_nobody_got(sample: dict[str, Any], tmp_path: Path) -> None:
    for demand in sample["demands"].values():
        demand.update(keys_delivered=0, epsilon_per_key=0.0)
    text = write_report(sample, tmp_path / "a.html").read_text(encoding="utf-8")
    assert "Risk of one key" not in text
    assert "ε ≤ 0" not in text
    assert "could read" not in text


def test_description_and_purpose_are_told(sample: dict[str, Any], tmp_path: Path) -> None:
    sample["description"] = "What this run is about."
    next(iter(sample["demands"].values()))["text"] = "keys for the tunnel"
    text = write_report(sample, tmp_path / "a.html").read_text(encoding="utf-8")
    assert "What this run is about." in text
    assert "keys for the tunnel" in text


def test_a_result_object_gives_the_page_of_its_mapping(sample: dict[str, Any], tmp_path: Path) -> None:
    class Holder:
        def as_dict(self) -> dict[str, Any]:
            return sample

    a = write_report(Holder(), tmp_path / "a.html").read_bytes()
    assert a == write_report(sample, tmp_path / "b.html").read_bytes()


def test_text_of_the_scenario_cannot_become_markup(sample: dict[str, Any], tmp_path: Path) -> None:
    evil = '"><script>alert(1)</script> & $x_1$ \\frac'
    text = json.dumps(sample).replace("Brussels", json.dumps(evil)[1:-1])
    hostile = json.loads(text)
    hostile["links"][evil] = hostile["links"].pop("redu-arlon")
    hostile["demands"][evil] = hostile["demands"].pop("grid")
    hostile["series"]["delivered_keys"][evil] = hostile["series"]["delivered_keys"].pop("grid")
    html, page = written(hostile, tmp_path)
    assert "<script" not in html
    assert "alert(1)" in page.text
    assert "$x_1$" in page.text


def test_no_key_is_told_with_its_reason(sample: dict[str, Any], tmp_path: Path) -> None:
    link = sample["links"]["redu-arlon"]
    reason = "the block is too short or too noisy: the terms sum to -5354 bits"
    link.update(secret_bits=0, secret_bits_per_s=0.0, epsilon=0.0, blocks_accepted=0, reason=reason, corrected_bits=0)
    link["terms"] = {"single_photon": 4000.0, "phase_error": -3000.0, "leakage": -6000.0, "secrecy": -354.0}
    sample["links"], sample["demands"], sample["books"], sample["series"] = {"redu-arlon": link}, {}, {}, {}
    html, page = written(sample, tmp_path)
    assert "No key was made in one day." in page.text
    assert page.text.count(reason) == 2
    assert "sum of the terms" in page.text
    assert "−5.35 kbit" in page.text
    assert any("no key" in label for label in figures(html))
    assert "Who got key" not in page.text
    assert "Keys over time" not in page.text


def test_an_attack_is_named(sample: dict[str, Any], tmp_path: Path) -> None:
    sample["links"]["redu-arlon"]["attack"] = {"name": "intercept_resend", "fraction": 1.0}
    assert "attacked: intercept resend" in written(sample, tmp_path)[1].text


def test_unmet_demands_are_not_rounded_away(sample: dict[str, Any], tmp_path: Path) -> None:
    sample["demands"]["ministries"]["keys_delivered"] = 4_319_999
    sample["demands"]["grid"].update(keys_delivered=0, path=[], epsilon_per_key=0.0, trusted_nodes=[])
    _, page = written(sample, tmp_path)
    assert "One of three demands was met: grid got 0 % of the keys asked for in one day." in page.text
    assert "over 99.9 %" in page.text
    assert "no route" in page.text


def test_stored_keys_only(sample: dict[str, Any], tmp_path: Path) -> None:
    """A key-manager scenario: no light at all."""
    for name in list(sample["links"])[1:]:
        del sample["links"][name]
    (name,) = sample["links"]
    between = sample["links"][name]["between"]
    sample["links"][name] = {
        "between": between,
        "protocol": "none",
        "resolution": "stored",
        "reason": "stored at the start",
    }
    sample.update(demands={}, series={}, assumptions=[])
    html, page = written(sample, tmp_path)
    assert "only what was stored at the start" in page.text
    assert "stored key only" in html


@pytest.mark.parametrize("part", ["nodes", "demands", "books", "series", "assumptions", "provenance", "title", "hash"])
def test_a_missing_part_leaves_a_whole_page(sample: dict[str, Any], tmp_path: Path, part: str) -> None:
    del sample[part]
    written(sample, tmp_path)


def test_missing_numbers_leave_a_whole_page(sample: dict[str, Any], tmp_path: Path) -> None:
    bare = {name: {"between": link["between"]} for name, link in sample["links"].items()}
    written({"links": bare}, tmp_path)
    written({"links": {}}, tmp_path)
    fields = ("qber", "qber_interval", "losses_db", "terms", "epsilon", "noise_per_gate", "bounds", "f_ec")
    for link in sample["links"].values():
        for field in fields:
            link[field] = None
    written(sample, tmp_path)


@pytest.mark.parametrize("t_s", [[], [0.0], [0.0, 1.0]])
def test_short_series(sample: dict[str, Any], tmp_path: Path, t_s: list[float]) -> None:
    sample["series"] = {
        "t_s": t_s,
        "stored_keys": {"redu-arlon": [0.0 for _ in t_s]},
        "delivered_keys": {"grid": [1.0]},
    }
    html, _ = written(sample, tmp_path)
    assert any("Keys in store" in label for label in figures(html)) == (len(t_s) > 1)


def test_places_without_coordinates_and_parallel_links(sample: dict[str, Any], tmp_path: Path) -> None:
    for node in sample["nodes"].values():
        node["lat"] = node["lon"] = None
    sample["links"]["second"] = copy.deepcopy(sample["links"]["redu-arlon"])
    written(sample, tmp_path)
    for node in sample["nodes"].values():
        node["lat"], node["lon"] = 50.0, 5.0
    written(sample, tmp_path)


def test_many_links(sample: dict[str, Any], tmp_path: Path) -> None:
    """27 nodes, 41 links, as of a network of capitals: the worst links get sheets, all get a row."""
    base = sample["links"]["redu-arlon"]
    names = [f"n{i:02}" for i in range(27)]
    sample["nodes"] = {
        n: {"name": f"Capital {i}", "lat": 36.0 + i % 9 * 3, "lon": -9.0 + i * 1.7, "country": "XX", "role": "trusted"}
        for i, n in enumerate(names)
    }
    pairs = [(names[i % 27], names[(i * 7 + 3) % 27]) for i in range(60)]
    pairs = [pair for pair in dict.fromkeys(pairs) if pair[0] != pair[1]][:41]
    sample["links"], sample["books"], sample["demands"] = {}, {}, {}
    for i, pair in enumerate(pairs):
        rate = 10.0 ** (i % 8)
        sample["links"][f"l{i}"] = base | {
            "between": list(pair),
            "secret_bits_per_s": rate,
            "secret_bits": int(rate * 86400),
        }
    count = len(sample["links"])
    times = sample["series"]["t_s"]
    sample["series"]["stored_keys"] = {k: [float(i) for i in range(len(times))] for k in sample["links"]}
    html, page = written(sample, tmp_path)
    assert f"The 8 links with the least key, of {count}." in page.text
    assert len(figures(html)) == 4 - 1 + 2 * 8 + (1 if sample["series"]["delivered_keys"] else 0)
    assert html.count('class="dot') == count
    assert len(html) < 1_000_000


def test_what_is_no_result_is_refused(tmp_path: Path) -> None:
    for wrong in (3, [], {}, {"links": []}, {"links": {"a": 1}}, {"links": {}, "demands": [1]}):
        with pytest.raises(InputError):
            write_report(wrong, tmp_path / "x.html")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_gets_report_html(sample: dict[str, Any], tmp_path: Path) -> None:
    assert write_report(sample, tmp_path) == tmp_path / "report.html"
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]
    assert write_report(sample, tmp_path / "new" / "r.html").is_file()


def test_what_cannot_be_written_is_the_machines_fault(sample: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(EnvironmentFault, match="the report cannot be written"):
        write_report(sample, tmp_path / "file" / "r.html")
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_a_full_disk_leaves_the_old_report(
    sample: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "report.html"
    target.write_text("old")

    def on_the_full_disk(**where: Any) -> tuple[int, str]:
        partial = tmp_path / ".report.html.part"
        partial.symlink_to("/dev/full")
        return os.open(partial, os.O_WRONLY), str(partial)

    monkeypatch.setattr(tempfile, "mkstemp", on_the_full_disk)
    with pytest.raises(EnvironmentFault, match="No space left"):
        write_report(sample, target)
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]


def test_an_assumption_of_one_link_stands_in_its_sheet(sample: dict[str, Any], tmp_path: Path) -> None:
    shared = sample["assumptions"][0]["text"]
    sample["links"]["redu-arlon"]["assumptions"] = [shared, "its detectors are cooled by hope"]
    _, page = written(sample, tmp_path)
    assert "Assumed here: its detectors are cooled by hope." in page.text
    assert page.text.count(shared) == 1
