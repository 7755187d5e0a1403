"""What a link counts is told by its name: clicks of light, coincidences of pairs, announcements, pairs of a chain."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from qcisim.report import summary_table, write_report
from qcisim.report.entanglement import by_name
from qcisim.report.published import in_words, published_of
from qcisim.report.view import view


@pytest.mark.parametrize(
    ("detected", "told", "untold"),
    [
        ("clicks", "ended in a click", "coincidence"),
        ("coincidences", "held a coincidence of both ends", "click."),
        ("announcements", "was announced as a Bell state", "click."),
        ("pairs", "gave a pair from end to end", "click."),
    ],
)
def test_counts_have_the_name_of_what_was_counted(
    sample: dict[str, Any], tmp_path: Path, detected: str, told: str, untold: str
) -> None:
    for link in sample["links"].values():
        link["detected"] = detected
    page = write_report(sample, tmp_path / "r.html").read_text()
    assert told in page
    assert untold not in page
    assert f">{detected}</span>" in page


def test_links_of_two_kinds_are_summed_as_detections(sample: dict[str, Any], tmp_path: Path) -> None:
    next(iter(sample["links"].values()))["detected"] = "pairs"
    page = write_report(sample, tmp_path / "r.html").read_text()
    assert ">detections</span>" in page
    assert "was detected" in page


def test_rows_of_long_names_and_two_arms_fit_into_a_terminal(sample: dict[str, Any]) -> None:
    for name in ("node-a", *sample["nodes"]):
        sample["nodes"].setdefault(name, {})["name"] = "Bettembourg"
    for link in sample["links"].values():
        link.update(
            fibre_length_km=None, arms=[{"fibre_length_km": 144.2}, {"fibre_length_km": 149.2}], epsilon=1.1e-10
        )
    console = Console(file=io.StringIO(), width=80)
    console.print(summary_table(sample))
    assert isinstance(console.file, io.StringIO)
    lines = console.file.getvalue().splitlines()
    assert sum("⁻¹⁰" in line for line in lines) == len(sample["links"])
    assert any("Bettembourg" in line for line in lines)


def test_a_reason_names_nodes_as_people_do(sample: dict[str, Any]) -> None:
    seen = view(sample)
    first, second = list(sample["nodes"])[:2]
    text = by_name(seen, f"the best over {first} - {second}; no memories left at {first}")
    names = [sample["nodes"][node]["name"].rsplit(",", 1)[-1].strip() for node in (first, second)]
    assert text == f"the best over {names[0]} → {names[1]}; no memories left at {names[0]}"


@pytest.mark.parametrize(
    ("computed", "told"),
    [(1.05, "The prediction lies within its stated tolerance."), (2.0, "lies outside its stated tolerance (+100 %).")],
)
def test_a_lone_prediction_is_told_in_the_singular(computed: float, told: str) -> None:
    item = {"name": "x", "kind": "prediction", "computed": computed, "published": 1.0, "tolerance": 0.1}
    assert told in in_words(published_of({"published": [item]})).replace("\u202f", " ")


def test_heralded_links_are_counted_and_no_key_is_spoken_of_where_none_is_made(tmp_path: Path) -> None:
    nodes = {"a": {"name": "A"}, "b": {"name": "B"}}
    herald = {"between": ["a", "b"], "lanes": 1, "capacity_hz": 2.0, "status": "measured"}
    asked = {"from": "a", "to": "b", "asked": {"fidelity": 0.5, "rate_hz": 1.0}, "met": True}
    result = {"links": {}, "nodes": nodes, "duration_s": 1.0}
    result["entanglement"] = {"links": {"ab": herald}, "demands": {"pairs": asked}, "nodes": {}}
    page = write_report(result, tmp_path / "r.html").read_text()
    assert "2 nodes, 1 heralded link<" in page
    assert "0 links" not in page
    assert "first authentication key" not in page


def test_the_map_names_what_stands_between_the_ends(sample: dict[str, Any], tmp_path: Path) -> None:
    next(iter(sample["nodes"].values()))["role"] = "hub"
    for link in sample["links"].values():
        link["detected"] = "pairs"
    assert ">repeater<" in write_report(sample, tmp_path / "r.html").read_text()
    for link in sample["links"].values():
        link["detected"] = "coincidences"
    assert ">source of pairs<" in write_report(sample, tmp_path / "r.html").read_text()
