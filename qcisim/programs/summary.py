"""What the programs of each node returned, summarised over the rounds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from qcisim.programs.figures import Rate
from qcisim.programs.folder import Round
from qcisim.programs.timeline import shortened

MOST_VALUES = 4


@dataclass(frozen=True, slots=True)
class Summary:
    """One value that a node returns.

    Args:
        node: its name.
        key: of the value in what the program returns; "" where that is no dict.
        text: what the rounds gave.
    """

    node: str
    key: str
    text: str


def summarised(rounds: Sequence[Round]) -> list[Summary]:
    """One entry per node and value: rates of 0 or 1 with their interval, mean and range of numbers, else counts."""
    found: list[Summary] = []
    for node in rounds[0] if rounds else ():
        returned = [one[node] for one in rounds]
        if all(isinstance(one, dict) for one in returned):
            keys = list(dict.fromkeys(key for one in returned for key in one))
            found += [Summary(node, str(key), _text([one.get(key) for one in returned])) for key in keys]
        elif any(one is not None for one in returned):
            found.append(Summary(node, "", _text(returned)))
    return found


def _text(values: list[Any]) -> str:
    there = [value for value in values if value is not None]
    missing = len(values) - len(there)
    aside = f"; nothing in {missing} rounds" if missing else ""
    if not there:
        return f"nothing in {missing} rounds"
    if all(value in (0, 1) and isinstance(value, bool | int) for value in there):
        ones = Rate(sum(map(int, there)), len(there))
        low, high = ones.interval()
        return f"1 in {ones.successes} of {ones.trials}: {ones.value:.4g} ({low:.4g} to {high:.4g}){aside}"
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in there):
        low, high = min(there), max(there)
        if high - low < 1e-12:
            return f"{high:.6g} in every round{aside}" if not aside else f"{high:.6g}{aside}"
        return f"mean {sum(there) / len(there):.6g}, {low:.6g} to {high:.6g}{aside}"
    counts = Counter(map(shortened, there)).most_common()
    told = ", ".join(f"{value}: {count}" for value, count in counts[:MOST_VALUES])
    rest = len(counts) - MOST_VALUES
    return f"{told}{f' and {rest} other values' if rest > 0 else ''}{aside}"
