"""Numbers read well, and never promise more than there is."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qcisim.report import numbers
from qcisim.report.numbers import THIN

SUPER = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
PREFIX = {"k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "": 1.0}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (1234, "1,230"),
        (0.0123, "0.0123"),
        (9.996, "10.0"),
        (-4.5678, "−4.57"),
        (None, "–"),
        (float("nan"), "–"),
        (99.96, "100"),
    ],
)
def test_digits(value: float | None, text: str) -> None:
    assert numbers.digits(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0 bit"),
        (7, "7 bit"),
        (999.0, "999 bit"),
        (1234, "1.23 kbit"),
        (999_999, "1.00 Mbit"),
        (-36_900.0, "−36.9 kbit"),
        (5.25e10, "52.5 Gbit"),
        (0.5, "0.500 bit"),
    ],
)
def test_scaled(value: float, text: str) -> None:
    assert numbers.scaled(value, "bit").replace(THIN, " ") == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1e-10, "10⁻¹⁰"),
        (2.88e-8, "2.9 × 10⁻⁸"),
        (1.728e13, "1.7 × 10¹³"),
        (0.031, "0.031"),
        (9.96e5, "10⁶"),
        (0.0, "0"),
    ],
)
def test_scientific(value: float, text: str) -> None:
    assert numbers.scientific(value).replace("\u00a0", " ") == text


@given(st.floats(1.0, 1e17))
def test_key_never_rounds_up(bits: float) -> None:
    match = re.fullmatch(rf"([\d.,]+){THIN}([kMGTP]?)bit", numbers.key(bits))
    assert match is not None
    shown = float(match[1].replace(",", "")) * PREFIX[match[2]]
    assert 0.99 * bits * (1 - 1e-9) <= shown <= bits * (1 + 1e-12)


@given(st.floats(1e-30, 9e-4))
def test_risk_never_rounds_down(epsilon: float) -> None:
    text = numbers.risk(epsilon).replace("\u00a0", "")
    mantissa, _, power = text.rpartition("×") if "×" in text else ("1", "", text)
    shown = float(mantissa) * 10.0 ** int(power[2:].translate(SUPER))
    assert epsilon * (1 - 1e-12) <= shown <= 1.11 * epsilon


@given(st.integers(0, 10**7), st.integers(1, 10**7))
@example(201, 200)
@example(10**7 - 1, 10**7)
def test_a_share_is_all_or_nothing_only_when_it_is(part: int, total: int) -> None:
    text = numbers.share(part, total)
    assert (text == f"0{THIN}%") == (part == 0)
    assert (text == f"100{THIN}%") == (part == total)


def test_an_interval_shows_that_it_is_one() -> None:
    assert numbers.interval(0.03481, 0.03482) == f"3.481 to 3.482{THIN}%"
    assert numbers.interval(0.25, 0.27) == f"25.0 to 27.0{THIN}%"


@pytest.mark.parametrize(
    ("time_s", "text"),
    [
        (86400, "one day"),
        (10, "ten seconds"),
        (5400, "1.5 hours"),
        (3600 * 13, "13 hours"),
        (0.5, "0.5 seconds"),
        (90.0, "1.5 minutes"),
        (86400 * 30, "30 days"),
    ],
)
def test_duration(time_s: float, text: str) -> None:
    assert numbers.duration(time_s) == text


def test_lists_and_ticks() -> None:
    assert [numbers.listed(n) for n in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]
    assert [numbers.tick(v).replace(THIN, " ") for v in (0, 250e3, 1e6, 1.5e9)] == ["0", "250 k", "1 M", "1.5 G"]
    assert numbers.counted(1, "link") == "one link"
    assert numbers.counted(41, "link") == "41 links"
