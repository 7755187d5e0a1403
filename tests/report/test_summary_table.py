"""Tables for the terminal."""

from __future__ import annotations

import io
from typing import Any

from rich.console import Console
from rich.table import Table

from qcisim.report import demand_table, summary_table


def printed(table: Table, width: int = 120) -> str:
    console = Console(file=io.StringIO(), width=width)
    console.print(table)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().replace("\u202f", " ").replace("\u00a0", " ")


def test_one_row_per_link(sample: dict[str, Any]) -> None:
    sample["links"]["redu-arlon"].update(secret_bits=0, secret_bits_per_s=0.0, epsilon=0.0)
    text = printed(summary_table(sample))
    for name in ("Brussels – Namur", "Namur – Redu", "Redu – Arlon", "Arlon – Luxembourg"):
        assert sum(name in line for line in text.splitlines()) == 1
    assert "84.3 km" in text
    assert "2.9 × 10⁻⁸" in text
    assert sum("no key" in line for line in text.splitlines()) == 1


def test_demands(sample: dict[str, Any]) -> None:
    table = demand_table(sample)
    assert table is not None
    text = printed(table)
    assert "4,320,000" in text
    assert "Brussels – Namur – Redu – Arlon – Luxembourg" in text
    sample["demands"] = {}
    assert demand_table(sample) is None
