"""Realistic results as result.json holds them: belux in counts, one day; and a network with a satellite."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

SAMPLE = Path(__file__).with_name("sample_result.json")
SPACE_SAMPLE = Path(__file__).with_name("sample_space_result.json")


@pytest.fixture
def sample() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(SAMPLE.read_text(encoding="utf-8"))
    return content


@pytest.fixture
def space_sample() -> dict[str, Any]:
    """Four days of a fibre network with one satellite over four stations: passes, pairs, service, comparisons."""
    content: dict[str, Any] = json.loads(SPACE_SAMPLE.read_text(encoding="utf-8"))
    return content
