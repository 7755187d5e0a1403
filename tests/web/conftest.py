"""Networks of key managers for these tests: real processes, real TLS, small stores."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from kms import make_fleet

from qcisim.web.fleet import Fleet


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """Two key managers joined by a link; shared by tests that leave them as they were but for some keys."""
    with make_fleet(tmp_path_factory.mktemp("pair")) as fleet:
        yield fleet


@pytest.fixture(scope="session")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """End nodes with two trusted nodes between, and one trusted node beside the path."""
    with make_fleet(
        tmp_path_factory.mktemp("chain"),
        nodes={"P": True, "Q": True, "R": True, "S": True},
        links={"p-q": ("P", "Q"), "q-r": ("Q", "R"), "r-s": ("R", "S")},
        saes={"A": "P", "M": "Q", "Z": "S"},
        initial_keys=2000,
    ) as fleet:
        yield fleet


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Fleet]:
    """Two key managers of the test's own, to be killed and broken."""
    with make_fleet(tmp_path / "net", initial_keys=3000) as fleet:
        yield fleet
