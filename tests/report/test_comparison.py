"""Ways side by side, arms and ceilings on the page."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from page_reader import written

from qcisim.errors import InputError
from qcisim.report.comparison import comparisons_of

WAYS = {
    "between": ["redu", "luxembourg"],
    "text": "One demand, three ways.",
    "ways": [
        {
            "name": "MDI star",
            "links": ["arlon-luxembourg"],
            "route": ["redu", "luxembourg"],
            "bits_per_s": 44.4,
            "limiting_link": "arlon-luxembourg",
            "trusted": [],
            "trusted_relays": 0,
            "untrusted": ["arlon"],
            "status": "derived",
            "protocols": ["mdi"],
            "claim": "finite key, experimental bound",
            "reason": "",
            "text": "<b>through a hub</b>",
        },
        {
            "name": "trusted chain",
            "links": ["redu-arlon", "arlon-luxembourg"],
            "route": ["redu", "arlon", "luxembourg"],
            "bits_per_s": 0.0,
            "limiting_link": "redu-arlon",
            "trusted": ["arlon"],
            "trusted_relays": 2,
            "untrusted": [],
            "status": "estimated",
            "protocols": ["bb84"],
            "claim": "finite key",
            "reason": "the block is too short",
            "text": "",
        },
        {"name": "satellite", "links": ["gone"], "reason": "left out of this run: gone"},
    ],
}


def test_ways_stand_side_by_side(sample: dict[str, Any], tmp_path: Path) -> None:
    given = copy.deepcopy(sample) | {"comparisons": [WAYS]}
    html, page = written(given, tmp_path)
    for word in (
        "ways to bring key",
        "MDI star",
        "nobody",
        "44.4",
        "finite key, experimental bound",
        "not run",
        "none",
    ):
        assert word in page.text, word
    assert "the block is too short" in page.text
    assert "and 2 more on the way" in page.text
    assert "<b>through a hub</b>" not in html
    without, _ = written(sample, tmp_path)
    assert "ways to bring key" not in without


def test_arms_and_ceilings_are_told(sample: dict[str, Any], tmp_path: Path) -> None:
    given = copy.deepcopy(sample)
    link = given["links"]["arlon-luxembourg"]
    link["fibre_length_km"] = None
    link["medium"], link["middle"] = "arms", "arlon"
    link["arms"] = [
        {"node": "x", "fibre_length_km": 45.0, "status": ""},
        {"node": "y", "fibre_length_km": 87.0, "status": ""},
    ]
    link["ceilings"] = {"repeaterless": 1e9, "one repeater": 2e9, "repeater at the middle": 1.5e9}
    link["only_compared"] = True
    _, page = written(given, tmp_path)
    for word in ("45 + 87 km", "Ceiling, no repeater", "Ceiling, repeater at the middle node", "only compared"):
        assert word in page.text, word


def test_what_is_missing_is_empty() -> None:
    assert comparisons_of({}) == ()
    (one,) = comparisons_of({"comparisons": [{"ways": [{}]}]})
    assert one.ways[0].bits_per_s is None
    assert not one.ways[0].served
    with pytest.raises(InputError, match="comparisons"):
        comparisons_of({"comparisons": 3})
