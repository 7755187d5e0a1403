"""A realistic result: belux in counts, one day, as result.json holds it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

SAMPLE = Path(__file__).with_name("sample_result.json")


@pytest.fixture
def sample() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(SAMPLE.read_text(encoding="utf-8"))
    return content
