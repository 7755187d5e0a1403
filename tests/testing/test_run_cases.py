"""Files of reference cases: good, bad and broken ones."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from qcisim.errors import InputError
from qcisim.testing import CaseResult, exit_code, print_cases, run_cases, shipped_cases, write_json
from qcisim.testing.cases import SHIPPED

SHARED = Path(__file__).parents[2] / ".." / "shared" / "reference"
PLOB = {
    "id": "plob.half",
    "protocol": "bound",
    "topic": "capacity",
    "quantity": "plob_bound",
    "params": {"eta": 0.5},
    "model": "capacity",
    "expected": 1.0,
    "comparison": "approx",
    "tolerance": {"rel": 1e-6},
    "unsafe_direction": "too_large",
    "how": "recomputed",
    "verified": True,
}
FIBRE = {
    "id": "fibre-transmittance-100km",
    "kind": "fibre",
    "parameters": {"length_km": 100, "attenuation_db_per_km": 0.2},
    "expected": {"compare": "approx", "value": 0.01, "rel_tol": 1e-9},
    "confidence": "high",
}


def run(tmp_path: Path, *cases: dict[str, Any]) -> list[CaseResult]:
    file = tmp_path / "cases.json"
    file.write_text(json.dumps({"cases": list(cases)}))
    return run_cases(file)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({}, "pass", 0),
        ({"expected": 0.9}, "fail_unsafe", 1),
        ({"expected": 1.1}, "fail_safe", 0),
        ({"expected": 0.9, "unsafe_direction": None}, "fail", 1),
        ({"expected": 0.9, "verified": False}, "not_gating", 0),
        ({"model": "unheard of"}, "unsupported", 0),
        ({"model": "unheard of", "verified": False}, "not_gating", 0),
        ({"quantity": "unheard of"}, "unsupported", 0),
        ({"params": {}}, "error", 1),
        ({"params": {"eta": 1.5}}, "error", 1),
        ({"params": {"eta": 1.0}}, "error", 1),
        ({"params": {"eta": "half"}}, "error", 1),
    ],
)
def test_status_and_exit_code_of_a_qkd_case(tmp_path: Path, change: dict[str, Any], status: str, code: int) -> None:
    (result,) = run(tmp_path, {**PLOB, **change})
    assert (result.status, exit_code([result])) == (status, code)
    assert result.actual is not None or status in ("error", "unsupported", "not_gating")
    assert result.message if status in ("error", "unsupported") else True


@pytest.mark.parametrize(
    ("expected", "confidence", "status"),
    [
        ({"compare": "approx", "value": 0.01, "rel_tol": 1e-9}, "medium", "pass"),
        ({"compare": "approx", "value": 0.02, "rel_tol": 1e-9}, "high", "fail"),
        ({"compare": "approx", "value": 0.02, "rel_tol": 1e-9}, "low", "not_gating"),
        ({"compare": "at_least", "value": 0.009}, "high", "pass"),
        ({"compare": "at_most", "value": 0.009}, "high", "fail"),
        ({"compare": "range", "low": 0.02, "high": 0.05}, "medium", "warn"),
        ({"compare": "range", "low": 0.2, "high": 0.5}, "medium", "fail"),
    ],
)
def test_status_of_a_link_case(tmp_path: Path, expected: dict[str, Any], confidence: str, status: str) -> None:
    (result,) = run(tmp_path, {**FIBRE, "expected": expected, "confidence": confidence})
    assert result.status == status
    assert result.actual == pytest.approx(0.01)


def test_one_broken_case_does_not_hide_the_others(tmp_path: Path) -> None:
    results = run(tmp_path, {**PLOB, "params": {}}, {**PLOB, "id": "second"}, FIBRE)
    assert [r.status for r in results] == ["error", "pass", "pass"]
    assert "KeyError" in results[0].message


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "not JSON"),
        (b"{", "1:2"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[1, 2]", "object with a list 'cases'"),
        (b'{"cases": {}}', "object with a list 'cases'"),
        (b'{"cases": []}', "empty"),
        (b'{"cases": [1]}', "case 1: wanted an object"),
        (b'{"cases": [{"params": {}}]}', "wanted a text 'id'"),
        (b'{"cases": [{"id": "a"}]}', "unknown schema"),
        (b'{"cases": [{"id": "a", "params": {}, "model": "m"}]}', "no 'expected'"),
        (b'{"cases": [{"id": "a", "params": {}, "model": "m", "expected": 1, "comparison": "is"}]}', "wanted approx"),
        (b'{"cases": [{"id": "a", "parameters": {}, "expected": {"compare": "like"}}]}', "wanted approx"),
        (b'{"cases": [{"id": "a", "parameters": {}, "expected": {"compare": "range", "low": 1}}]}', "expected.high"),
        (b'{"cases": [{"id": "a", "parameters": {}, "expected": {"compare": "approx", "value": "1"}}]}', "a number"),
    ],
)
def test_files_that_are_none_are_refused_with_the_place(tmp_path: Path, content: bytes, text: str) -> None:
    file = tmp_path / "bad.json"
    file.write_bytes(content)
    with pytest.raises(InputError, match=text) as error:
        run_cases(file)
    assert str(file) in str(error.value)


def test_a_deep_file_a_directory_and_a_missing_file(tmp_path: Path) -> None:
    deep = tmp_path / "deep.json"
    deep.write_text("[" * 100_000)
    with pytest.raises(InputError, match="not JSON"):
        run_cases(deep)
    with pytest.raises(InputError, match="is a directory"):
        run_cases(tmp_path)
    with pytest.raises(InputError, match="no such file"):
        run_cases(tmp_path / "missing.json")


def test_two_cases_with_one_id_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"two cases have the id 'plob\.half'"):
        run(tmp_path, PLOB, PLOB)


def test_json_records(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    results = [
        CaseResult("a", "pass", 1.0, float("nan")),
        CaseResult("b", "warn", [1, 2], 7.0, "t", "m"),
        CaseResult("c", "error", None, [float("inf"), 1.0]),
    ]
    write_json(results, out)
    records = json.loads(out.read_text())
    assert [(r["id"], r["status"], r["expected"], r["actual"]) for r in records] == [
        ("a", "pass", 1.0, "nan"),
        ("b", "warn", [1, 2], 7.0),
        ("c", "error", None, ["inf", 1.0]),
    ]
    assert [p.name for p in tmp_path.iterdir()] == ["out.json"]
    with pytest.raises(InputError, match="cannot be written"):
        write_json(results, tmp_path)
    with pytest.raises(InputError, match="cannot be written"):
        write_json(results, tmp_path / "missing" / "out.json")


def test_progress_is_told(tmp_path: Path) -> None:
    file = tmp_path / "cases.json"
    file.write_text(json.dumps({"cases": [PLOB, FIBRE]}))
    told: list[tuple[int, int, str]] = []
    run_cases(file, progress=lambda *step: told.append(step))
    assert told == [(0, 2, "plob.half"), (1, 2, "fibre-transmittance-100km")]


def test_the_table_says_what_a_reader_needs() -> None:
    results = [
        CaseResult("good.one", "pass", 1.0, 1.0, "finite", field="decoy BB84"),
        CaseResult("bad.one", "fail_unsafe", 1.0, 1.02, "finite", "", 0.02, "decoy BB84"),
        CaseResult("later", "unsupported", 1.0, None, "asymptotic", "no function", field="MDI-QKD"),
        CaseResult("seen", "not_gating", 1.0, 2.0, "range", "for information: fail", 1.0),
        CaseResult("unseen", "not_gating", 1.0, None, "range", "for information: unsupported"),
    ]
    for width in (80, 140):
        console = Console(width=width, record=True, file=io.StringIO())
        print_cases(results, console)
        text = console.export_text()
        for part in (
            "topic",
            "cases",
            "unsafe",
            "bad.one",
            "+2 %",
            "MDI-QKD 1",
            "2 of 3 gating",
            "1 on the unsafe side",
        ):
            assert part in text
        assert "for information: fail" in text
        assert "later" not in text
        assert "unseen" not in text
        assert all(len(line) <= width for line in text.splitlines())


@pytest.mark.skipif(not SHARED.is_dir(), reason="the folder shared/reference is not beside the repository")
@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_cases_are_the_shared_ones(name: str) -> None:
    from importlib import resources

    shipped = (resources.files("qcisim.testing.reference") / name).read_bytes()
    assert shipped == (SHARED / name).read_bytes()


def test_both_files_ship() -> None:
    cases = shipped_cases()
    assert len(cases) == 361
    assert {case.schema for case in cases} == {"qkd", "link"}
    assert {case.id for case in cases if case.schema == "qkd" and not case.gating} == {
        "bb84.qcrit.twoway",
        "lim.text.reach",
        "micius2017.detections",
        "micius2017.sifted_bits",
        "micius2017.average_qber",
        "micius2017.final_key",
    }
