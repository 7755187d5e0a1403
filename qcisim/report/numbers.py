"""Numbers as people read them. What is guaranteed is never shown better than it is: key rounds down, risk rounds up."""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

_PREFIXES = ((1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
THIN = "\u202f"
NO_VALUE = "–"

NEAREST, DOWN, UP = ROUND_HALF_EVEN, ROUND_FLOOR, ROUND_CEILING


def _rounded(value: float, figures: int, rounding: str) -> Decimal:
    exact = Decimal(repr(value))
    for _ in range(2):  # 9.996 has one digit more once it is 10.0
        exact = exact.quantize(Decimal(1).scaleb(exact.adjusted() - figures + 1), rounding=rounding)
    return exact


def digits(value: float | None, figures: int = 3, rounding: str = NEAREST) -> str:
    """``figures`` significant digits without exponent: 1234 -> 1,230 and 0.0123 -> 0.0123."""
    if value is None or not math.isfinite(value):
        return NO_VALUE
    return f"{_rounded(float(value), figures, rounding):,f}".replace("-", "−") if value else "0"


def whole(value: float | None) -> str:
    """A whole number with separators: 1234567 -> 1,234,567."""
    return f"{value:,.0f}".replace("-", "−") if value is not None and math.isfinite(value) else NO_VALUE


def scaled(value: float | None, unit: str, rounding: str = NEAREST) -> str:
    """A quantity with a decimal prefix: 1.23e6, "bit/s" -> 1.23 Mbit/s."""
    if value is None or not math.isfinite(value):
        return NO_VALUE
    shown = float(_rounded(float(value), 3, rounding)) if value else 0.0
    for size, prefix in _PREFIXES:
        if abs(shown) >= size:
            return f"{digits(value / size, 3, rounding)}{THIN}{prefix}{unit}"
    return f"{whole(value) if value == round(value) else digits(value, 3, rounding)}{THIN}{unit}".rstrip(THIN)


def key(bits: float | None, unit: str = "bit") -> str:
    """An amount or rate of secret key, rounded down."""
    return scaled(bits, unit, DOWN)


def scientific(value: float | None, figures: int = 2, rounding: str = NEAREST) -> str:
    """1.2e-9 -> 1.2 × 10⁻⁹; what needs no exponent gets none."""
    if value is None or not math.isfinite(value):
        return NO_VALUE
    if value == 0.0 or 1e-3 <= abs(value) < 1e4:
        return digits(value, figures, rounding)
    shown = _rounded(float(value), figures, rounding)
    power = "10" + str(shown.adjusted()).translate(_SUPERSCRIPTS)
    mantissa = f"{shown.scaleb(-shown.adjusted()):f}"
    trimmed = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return (power if trimmed == "1" else f"{trimmed}\u00a0×\u00a0{power}").replace("-", "−")


def risk(epsilon: float | None) -> str:
    """A failure probability, rounded up."""
    return scientific(epsilon, 2, UP)


def percent(value: float | None, figures: int = 3) -> str:
    """0.0123 -> 1.23 %."""
    return f"{digits(value * 100.0, figures)}{THIN}%" if value is not None and math.isfinite(value) else NO_VALUE


def share(part: float, total: float) -> str:
    """Part of a total in tenths of percent; never rounds up to all of it or down to none of it."""
    if not total:
        return NO_VALUE
    value = part / total
    if part == total or value <= 0.0:
        return f"{value * 100.0:.0f}{THIN}%"
    if value >= 1.0:
        return f"{value * 100.0:.0f}{THIN}%" if value >= 1.01 else f"over 100{THIN}%"
    if value > 0.999:
        return f"over 99.9{THIN}%"
    if value < 0.001:
        return f"under 0.1{THIN}%"
    return f"{value * 100.0:.1f}{THIN}%"


def interval(low: float, high: float) -> str:
    """Two probabilities in percent, with figures enough to widen their distance by a fifth at most (six figures)."""
    ends = NO_VALUE, NO_VALUE
    for figures in (3, 4, 5, 6):
        ends = digits(low * 100.0, figures, DOWN), digits(high * 100.0, figures, UP)
        wider = float(ends[1].replace(",", "")) - float(ends[0].replace(",", ""))
        if wider <= 120.0 * (high - low):
            break
    return f"{ends[0]} to {ends[1]}{THIN}%"


def tick(value: float) -> str:
    """A number at an axis: 250000 -> 250 k, 1000000 -> 1 M."""
    for size, prefix in _PREFIXES:
        if abs(value) >= size:
            return f"{value / size:g}{THIN}{prefix}"
    return f"{value:g}"


def word(count: int) -> str:
    """A small whole number in letters."""
    return _WORDS[count] if 0 <= count < len(_WORDS) else f"{count:,}"


def counted(count: int, noun: str, nouns: str = "") -> str:
    """two links, 41 links, one link; ``nouns`` where the plural is not noun + s."""
    return f"{word(count)} {noun if count == 1 else nouns or noun + 's'}"


def duration(time_s: float) -> str:
    """86400 -> one day; 90 -> 1.5 minutes."""
    size, unit = next(
        ((s, u) for s, u in ((86400.0, "day"), (3600.0, "hour"), (60.0, "minute")) if time_s >= s), (1.0, "second")
    )
    number = time_s / size
    if number == round(number):
        return counted(round(number), unit)
    text = digits(number)
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text} {unit}s"


def span(time_s: float | None) -> str:
    """A time in two or three figures: 2.10 ms, 90 min, 1.5 h, 2.3 d."""
    if time_s is None or not math.isfinite(time_s):
        return NO_VALUE
    if 0.0 < abs(time_s) < 1.0:
        return f"{digits(1e3 * time_s)}{THIN}ms"
    units = ((172800.0, 86400.0, "d"), (7200.0, 3600.0, "h"), (120.0, 60.0, "min"))
    size, unit = next(((size, unit) for least, size, unit in units if abs(time_s) >= least), (1.0, "s"))
    return f"{digits(time_s / size)}{THIN}{unit}"


def listed(names: list[str]) -> str:
    """a, b and c."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""
