"""Results: a round trip through canonical bytes, and values that make sense."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qcisim.errors import EnvironmentFault, InputError, PhysicsError
from qcisim.simulation.result import Assumption, Book, DemandResult, LinkResult, Result, Series, write_whole

NAMES = st.text("abcdefghij-_ε ", min_size=1, max_size=8)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
MAPPINGS = st.dictionaries(NAMES, NUMBERS, max_size=4)
COUNTS = st.integers(0, 10**12)


@st.composite
def link_results(draw: st.DrawFn) -> LinkResult:
    secret, sifted, clicks, rounds = sorted(draw(st.tuples(COUNTS, COUNTS, COUNTS, COUNTS)))
    qber = draw(st.none() | st.floats(0.0, 1.0))
    return LinkResult(
        between=("a", draw(NAMES)),
        protocol="bb84",
        rounds=rounds,
        clicks=clicks,
        sifted_bits=sifted,
        secret_bits=secret,
        qber=qber,
        qber_interval=None if qber is None else (0.0, 1.0),
        epsilon=draw(st.floats(0.0, 1.0)),
        losses_db=draw(MAPPINGS),
        terms=draw(MAPPINGS),
        assumptions=tuple(draw(st.lists(NAMES, max_size=2))),
        fibre_length_km=draw(st.none() | st.floats(0.0, 2000.0)),
    )


@st.composite
def results(draw: st.DrawFn) -> Result:
    t_s = draw(st.lists(NUMBERS, max_size=5))
    curves = st.dictionaries(NAMES, st.lists(NUMBERS, min_size=len(t_s), max_size=len(t_s)), max_size=2)
    asked = draw(COUNTS)
    demand = DemandResult(from_node="a", to_node="b", path=("a", "b"), keys_requested=asked, keys_delivered=asked // 2)
    return Result(
        scenario=draw(NAMES),
        title=draw(NAMES),
        hash="0" * 64,
        seed=draw(st.integers(0, 2**63 - 1)),
        resolution="counts",
        duration_s=draw(NUMBERS),
        nodes={"a": {"lat": draw(NUMBERS), "name": draw(NAMES)}},
        links=draw(st.dictionaries(NAMES, link_results(), max_size=3)),
        demands=draw(st.dictionaries(NAMES, st.just(demand), max_size=2)),
        books=draw(st.dictionaries(NAMES, st.builds(Book, generated=COUNTS, stored=COUNTS), max_size=2)),
        series=Series(np.array(t_s), {k: np.array(v) for k, v in draw(curves).items()}),
        assumptions=tuple(draw(st.lists(st.builds(Assumption, text=NAMES, source=NAMES), max_size=2))),
        provenance={"qcisim": "0.1.0", "command": draw(NAMES)},
    )


@given(results())
def test_round_trip_gives_the_same_bytes(result: Result) -> None:
    data = result.to_json()
    again = Result.from_json(data)
    assert again.to_json() == data
    assert again == result
    assert hash(again) == hash(result)
    assert json.loads(data)["links"].keys() == result.links.keys()


@given(results())
def test_the_file_keeps_the_order_of_the_scenario(result: Result) -> None:
    data = result.to_json()
    assert data.endswith(b"}\n")
    plain = json.loads(data)
    assert list(plain)[:3] == ["scenario", "title", "description"]
    assert list(plain["links"]) == list(result.links)
    assert list(plain["demands"]) == list(result.demands)
    for key, link in result.links.items():
        assert list(plain["links"][key]["losses_db"]) == list(link.losses_db)


def small(**changes: Any) -> Result:
    values: dict[str, Any] = {
        "scenario": "s",
        "hash": "h",
        "seed": 1,
        "resolution": "clicks",
        "duration_s": 1.0,
        "links": {"a-b": LinkResult(between=("a", "b"), rounds=10, clicks=5, sifted_bits=4, secret_bits=1)},
    }
    return Result(**{**values, **changes})


def test_the_bytes_of_a_small_result() -> None:
    text = small(links={}).to_json().decode()
    assert text.splitlines()[:4] == ["{", ' "scenario": "s",', ' "title": "",', ' "description": "",']
    assert ' "duration_s": 1.0,' in text.splitlines()


def test_numpy_numbers_are_numbers() -> None:
    link = LinkResult(between=("a", "b"), rounds=np.int64(7), losses_db={"fibre": np.float64(0.1)})  # type: ignore[arg-type]
    data = small(links={"l": link}).to_json()
    assert json.loads(data)["links"]["l"]["rounds"] == 7
    assert b'"fibre": 0.1' in data


def test_what_is_not_a_number_is_refused_with_its_place() -> None:
    link = LinkResult(between=("a", "b"), losses_db={"fibre": math.nan})
    with pytest.raises(ValueError, match=r"links\.l\.losses_db\.fibre is nan"):
        small(links={"l": link}).to_json()
    with pytest.raises(ValueError, match=r"series.t_s\[1\] is inf"):
        small(series=Series(np.array([0.0, math.inf]))).to_json()


@pytest.mark.parametrize(
    "values",
    [
        {"secret_bits": -1},
        {"rounds": 5, "clicks": 6},
        {"rounds": 5, "clicks": 4, "sifted_bits": 5},
        {"rounds": 5, "clicks": 4, "sifted_bits": 3, "secret_bits": 4},
        {"blocks": 1, "blocks_accepted": 2},
        {"epsilon": -1e-3},
        {"qber": 1.5},
    ],
)
def test_impossible_links_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(PhysicsError):
        LinkResult(between=("a", "b"), **values)


def test_more_keys_than_requested_are_refused() -> None:
    with pytest.raises(PhysicsError, match="more than the 1 requested"):
        DemandResult(from_node="a", to_node="b", keys_requested=1, keys_delivered=2)


def test_series_have_one_length() -> None:
    with pytest.raises(PhysicsError, match="3 values for 2 times"):
        Series(np.arange(2.0), {"l": np.arange(3.0)})


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"links": 3}', b'{"links": {"l": {"between": [], "x": 1}}}'])
def test_what_is_not_a_result_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match=r"not a result\.json"):
        Result.from_json(data)


def test_tables_for_people() -> None:
    result = small(title="A & B")
    table = result.to_pandas()
    assert list(table.index) == ["a-b"]
    assert table.loc["a-b", "secret_bits"] == 1
    html = result._repr_html_()
    assert "A &amp; B" in html
    assert html.count("<tr>") == 2


def test_a_notebook_shows_reasons_demands_and_risks_rounded_up() -> None:
    links = {
        "a-b": LinkResult(between=("a", "b"), rounds=10, clicks=5, sifted_bits=4, secret_bits=1, epsilon=1.00001e-10),
        "b-c": LinkResult(between=("b", "c"), rounds=10, reason="too short"),
    }
    demand = DemandResult(
        from_node="a", to_node="b", path=("a", "b"), keys_requested=7, keys_delivered=6, epsilon_per_key=1e-10
    )
    html = small(links=links, demands={"office": demand}, provenance={"interrupted_at_s": 0.5})._repr_html_()
    assert "1.1e-10" in html
    assert "no key: too short" in html
    assert "<td>office</td><td>a – b</td><td>7</td><td>6</td><td>1.0e-10</td>" in html
    assert "interrupted at 0.5 s of 1 s" in html


def test_a_result_is_short_at_the_prompt() -> None:
    assert repr(small()) == "<Result s: 1 s, clicks, seed 1, 1 links, 1 secret bits>"


def test_saving_is_whole_or_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = small().save(tmp_path / "new" / "folder")
    assert path.name == "result.json"
    assert Result.from_json(path.read_bytes()) == small()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(EnvironmentFault, match=r"result\.json: cannot be written: No space left"):
        write_whole(path, b"half")
    assert path.read_bytes() == small().to_json()
    assert [p.name for p in path.parent.iterdir()] == ["result.json"]
