"""Elements and stations that the orbit tests share."""

from __future__ import annotations

import pytest
from orbit_samples import MICIUS, STATIONS

from qcisim.optics.orbit import GroundStation, TwoLineElements


@pytest.fixture(scope="session")
def micius() -> dict[int, TwoLineElements]:
    """Micius by the year of its elements."""
    return {year: TwoLineElements(*lines) for year, lines in MICIUS.items()}


@pytest.fixture(scope="session")
def stations() -> tuple[GroundStation, ...]:
    return tuple(GroundStation(*place) for place in STATIONS)
