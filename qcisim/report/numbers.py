"""Numbers as people read them."""

from __future__ import annotations

import math

_PREFIXES = ((1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
THIN = "\u202f"
NO_VALUE = "–"


def known(value: float | None) -> bool:
    """Whether there is a number to show."""
    return value is not None and math.isfinite(value)


def digits(value: float | None, figures: int = 3) -> str:
    """``figures`` significant digits without exponent: 1234 -> 1,230 and 0.0123 -> 0.0123."""
    if value is None or not math.isfinite(value):
        return NO_VALUE
    if value == 0.0:
        return "0"
    place = figures - 1 - math.floor(math.log10(abs(value)))
    rounded = round(value, place)
    place = figures - 1 - math.floor(math.log10(abs(rounded)))
    return f"{rounded:,.{max(0, place)}f}".replace("-", "−")


def whole(value: float | None) -> str:
    """A whole number with separators: 1234567 -> 1,234,567."""
    return f"{value:,.0f}".replace("-", "−") if value is not None and math.isfinite(value) else NO_VALUE


def scaled(value: float | None, unit: str) -> str:
    """A quantity with a decimal prefix: 1.23e6, "bit/s" -> 1.23 Mbit/s."""
    if value is None or not math.isfinite(value):
        return NO_VALUE
    for size, prefix in _PREFIXES:
        if abs(value) >= size * 0.9995:
            return f"{digits(value / size)}{THIN}{prefix}{unit}".rstrip(THIN)
    return f"{digits(value) if value != round(value) else whole(value)}{THIN}{unit}".rstrip(THIN)


def scientific(value: float | None, figures: int = 2) -> str:
    """1.2e-9 -> 1.2 × 10⁻⁹; what needs no exponent gets none."""
    if value is None or not math.isfinite(value):
        return NO_VALUE
    if value == 0.0 or 1e-3 <= abs(value) < 1e4:
        return digits(value, figures)
    mantissa, exponent = f"{value:.{figures - 1}e}".split("e")
    power = "10" + str(int(exponent)).translate(_SUPERSCRIPTS)
    trimmed = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return (power if trimmed == "1" else f"{trimmed}\u00a0×\u00a0{power}").replace("-", "−")


def percent(value: float | None, figures: int = 3) -> str:
    """0.0123 -> 1.23 %."""
    return f"{digits(value * 100.0, figures)}{THIN}%" if value is not None and math.isfinite(value) else NO_VALUE


def share(part: float, total: float) -> str:
    """Part of a total in whole or tenths of percent; never rounds up to all of it or down to none of it."""
    if not total:
        return NO_VALUE
    value = part / total
    if value >= 1.0 or value <= 0.0:
        return f"{value * 100.0:.0f}{THIN}%"
    if value > 0.9995:
        return f"over 99.9{THIN}%"
    if value < 0.0005:
        return f"under 0.1{THIN}%"
    return f"{value * 100.0:.1f}{THIN}%"


def interval(low: float, high: float) -> str:
    """Two probabilities in percent with as many figures as tell them apart, six at most: 1.01 to 1.02 %."""
    for figures in (3, 4, 5, 6):
        ends = digits(low * 100.0, figures), digits(high * 100.0, figures)
        if ends[0] != ends[1]:
            break
    return f"{ends[0]} to {ends[1]}{THIN}%"


def tick(value: float) -> str:
    """A number at an axis: 250000 -> 250 k, 1000000 -> 1 M."""
    for size, prefix in _PREFIXES:
        if abs(value) >= size:
            return f"{value / size:g}{THIN}{prefix}"
    return f"{value:g}"


_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def counted(count: int, noun: str) -> str:
    """two links, 41 links, one link."""
    number = _WORDS[count] if 0 <= count < len(_WORDS) else f"{count:,}"
    return f"{number} {noun}" if count == 1 else f"{number} {noun}s"


def duration(time_s: float) -> str:
    """86400 -> one day; 90 -> 1.5 minutes."""
    for size, unit in ((86400.0, "day"), (3600.0, "hour"), (60.0, "minute"), (1.0, "second")):
        if time_s >= size or unit == "second":
            number = time_s / size
            if number == round(number):
                return counted(round(number), unit)
            return f"{digits(number).rstrip('0').rstrip('.')} {unit}s"
    raise AssertionError("unreachable")


def listed(names: list[str]) -> str:
    """a, b and c."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""
