"""What the page says of a result: no number counts twice, nothing stands for what it is not, names stay whole."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from page_reader import figures, written

from qcisim.report.figure import wrapped
from qcisim.report.numbers import key
from qcisim.report.pass_view import passes_of
from qcisim.report.space import _words, clouds_known
from qcisim.report.stores import stored_keys
from qcisim.report.story import headline
from qcisim.report.view import view
from qcisim.report.waterfall import _axis_end, loss_overview

Sample = dict[str, Any]
KNOWN = "clouds above it, known before"


def demands(*shares: float) -> Sample:
    return {
        "links": {},
        "duration_s": 86400.0,
        "demands": {f"d{i}": {"keys_requested": 1000, "keys_delivered": 1000 * s} for i, s in enumerate(shares)},
    }


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ((0.97,) * 7 + (0.95,), "Eight of eight demands nearly met: the worst got 95.0 % of the keys"),
        ((0.97,) * 7 + (0.9499,), "No demand was met: d7 got 95.0 % of the keys"),
        ((1.0, 0.96), "One of two demands met, the others nearly: the worst got 96.0 % of the keys"),
        ((1.0, 0.5), "One of two demands was met: d1 got 50.0 % of the keys"),
        ((0.99,), "The demand was nearly met: it got 99.0 % of the keys"),
        ((1.0,), "The demand was met"),
    ],
)
def test_the_headline_tells_nearly_from_not_at_all(shares: tuple[float, ...], expected: str) -> None:
    assert headline(view(demands(*shares))).replace("\u202f", " ").startswith(expected)


def passes(*rows: tuple[str, str, float, float]) -> Any:
    return passes_of(
        {
            "passes": [
                {"link": "l", "status": s, "reason": r, "key_bits_if_clear": k, "expected_key_bits": e}
                for s, r, k, e in rows
            ]
        }
    )


def test_only_scheduled_passes_were_expected_to_give_key() -> None:
    rows = [("taken", "", 9e5, 5e5), ("clouded out", "", 8e5, 2e5), ("not scheduled", "", 7e5, 4e5)]
    assert f"Before the weather was known, {key(7e5)} were to be expected" in _words(passes(*rows), False)
    assert "weather" not in _words(passes(rows[2]), False)
    assert not clouds_known(passes(*rows))
    assert "weather" not in _words(passes(*rows), clouds_known(passes(*rows, ("not scheduled", KNOWN, 6e5, 3e5))))


def test_a_plan_that_knew_the_clouds_expected_nothing(space_sample: Sample, tmp_path: Path) -> None:
    _, page = written(space_sample, tmp_path)
    assert page.text.count("Before the weather was known") > 1
    next(p for p in space_sample["passes"] if p["status"] == "not scheduled")["reason"] = KNOWN
    _, page = written(space_sample, tmp_path)
    assert "Before the weather was known" not in page.text


def test_where_nothing_came_nobody_is_trusted(space_sample: Sample, tmp_path: Path) -> None:
    for part in ("passes", "pairs", "service", "published"):
        del space_sample[part]
    name, demand = next((k, d) for k, d in space_sample["demands"].items() if d["trusted_nodes"])
    demand.update(keys_delivered=0)
    for route in demand["routes"]:
        route["keys_delivered"] = 0
    seen = view(space_sample)
    assert seen.demands[name].trusted_nodes == ()
    html, page = written(space_sample, tmp_path)
    (label,) = [label for label in figures(html) if label.startswith("Keys delivered")]
    assert name not in label
    assert re.search(rf"Not drawn because no key came: [^.]*\b{name}\b", page.text)


def test_the_error_rate_is_that_of_the_key_basis(space_sample: Sample, tmp_path: Path) -> None:
    _, page = written(space_sample, tmp_path)
    for found in re.finditer("QBER", page.text):
        told = page.text[found.start() : found.start() + 17]
        assert told == "QBER (key basis) " or re.match(r"QBER [\d.]+ %", told), told
    assert re.search(r"Sifted: key basis; [\d.]+ [kMG] test bits besides", page.text)


def test_key_is_rounded_down_wherever_it_stands(sample: Sample, tmp_path: Path) -> None:
    name = next(iter(sample["links"]))
    sample["links"] = {name: sample["links"][name] | {"secret_bits": 2_499_258_711, "terms": {}}}
    sample["books"] = {name: {"generated": 2_499_258_711, "authentication": 86_272.0}}
    sample["links"][name]["authentication_bits"] = 86_272
    _, page = written(sample, tmp_path)
    assert page.text.count("2.49 Gbit") >= 3
    assert "2.50 Gbit" not in page.text
    assert page.text.count("86.2 kbit") == 2
    assert "86.3 kbit" not in page.text
    assert "Authentication: the tags of the blocks and of the messages that relay key." in page.text


def test_noise_of_no_moment_is_none(sample: Sample, tmp_path: Path) -> None:
    link = next(iter(sample["links"].values()))
    link["noise_per_gate"] = {"afterpulses": 1e-19, "neighbours": 5.6e-31}
    _, page = written(sample, tmp_path)
    assert "Noise, afterpulses 10⁻¹⁹ per gate" in page.text
    assert "Noise, neighbours 0 per gate" in page.text


def test_what_belongs_to_one_span_says_so(sample: Sample, tmp_path: Path) -> None:
    _, page = written(sample, tmp_path)
    assert "spans" not in page.text
    name, link = next(iter(sample["links"].items()))
    link["trusted_relays"] = 7
    demand = next(iter(sample["demands"].values()))
    demand["trusted_nodes"] = [f"{name} (7 relays)"]
    _, page = written(sample, tmp_path)
    assert page.text.count("longest of 8 spans") == 4
    assert f"trusts {view(sample).link_name(name)} (7 relays)" in page.text


def test_the_times_of_common_sight_have_a_table(space_sample: Sample, tmp_path: Path) -> None:
    pair = space_sample["pairs"]["eagle1-pairs"]
    row = {"duration_s": 300.0, "accidentals": 5.0, "fidelity": 0.9, "minimum_loss_db": 55.5, "maximum_loss_db": 65.6}
    pair["table"] = [
        row | {"start_utc": "2026-12-02T00:00:00Z", "coincidences": 2910.0},
        row | {"start_utc": "2026-12-03T18:00:00Z", "start_s": 3 * 86400.0, "coincidences": None, "fidelity": None},
    ]
    pair.update(mean_chsh_s=2.434, mean_coincidences_per_s=5.914)
    _, page = written(space_sample, tmp_path)
    assert re.search(r"2 Dec 00:00 UTC 5\.00 min 2,910 5\.00 0\.900 – 55\.5 to 65\.6 dB", page.text)
    assert re.search(r"4 Dec 00:00 UTC 5\.00 min – 5\.00 – – 55\.5 to 65\.6 dB", page.text)
    assert "The window that begins 1 Dec 00:00 UTC, the one with most coincidences of 2." in page.text
    assert "5.91 coincidences per second on average" in page.text
    assert "mean S 2.43" in page.text


def test_the_matrix_says_for_whom_it_speaks(space_sample: Sample, tmp_path: Path) -> None:
    _, page = written(space_sample, tmp_path)
    assert "Each number is what the pair would get if it alone used the network." in page.text
    assert re.search(r"Key it made EAGLE-1 10 138 bit/s", page.text)


@given(st.text(st.sampled_from("ab –-"), max_size=60), st.integers(3, 30))
def test_a_wrapped_name_keeps_every_letter(text: str, length: int) -> None:
    lines = wrapped(text, length).split("\n")
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert max(map(len, lines)) <= length


@given(st.lists(st.floats(0.0, 400.0), min_size=1, max_size=20))
def test_links_of_much_loss_do_not_crush_the_others(totals: list[float]) -> None:
    end = _axis_end(totals)
    usual = [total for total in totals if total <= 80.0]
    if usual and max(usual) > 0.0:
        assert max(usual) <= end <= 1.25 * max(usual) * (1 + 1e-12)
    assert end > 0.0
    assert math.isfinite(end)


def test_every_term_of_the_losses_looks_like_no_other(sample: Sample) -> None:
    link = next(iter(sample["links"].values()))
    link["losses_db"] = {f"term {i}": 1.0 + i for i in range(12)}
    svg = loss_overview(view(sample))
    assert svg is not None
    fills = set(re.findall(r"fill: (var\(--series-\d\)|url\(#[\w-]+\))", svg))
    assert len(fills) >= 12


def test_of_many_pools_the_ends_are_named(sample: Sample) -> None:
    base = sample["links"]["redu-arlon"]
    names = [f"l{i:02}" for i in range(12)]
    sample["nodes"] = {f"{n}{end}": {"name": f"{end}{n}"} for n in names for end in "ab"}
    sample["links"] = {n: base | {"between": [f"{n}a", f"{n}b"]} for n in names}
    sample["series"] = {"t_s": [0.0, 1.0], "stored_keys": {n: [float(i), float(i)] for i, n in enumerate(names)}}
    svg = stored_keys(view(sample))
    assert svg is not None
    drawn = svg[svg.index(">") :]
    told = [n for n in names if re.search(rf">a{n}\b", drawn)]
    assert told == [*names[:3], *names[-3:]]
