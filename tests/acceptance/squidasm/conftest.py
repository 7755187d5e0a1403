"""The source distribution of squidasm, downloaded once per session, and the alias."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from squidasm_examples import download

from qcisim import squidasm
from qcisim.squidasm.session import Session, session
from qcisim.stack import current


@pytest.fixture(scope="session")
def squidasm_source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Root of squidasm 0.13.6."""
    return _source("squidasm", "0.13.6", tmp_path_factory)


@pytest.fixture(scope="session")
def examples(squidasm_source: Path) -> Path:
    """Its example programs."""
    return squidasm_source / "examples"


def _source(package: str, version: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if os.environ.get("QCISIM_OFFLINE") == "1":
        pytest.skip(f"QCISIM_OFFLINE=1: the programs of {package} come from the package index")
    return download(package, version, tmp_path_factory.mktemp(package))


@pytest.fixture
def alias(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """squidasm, netsquid and the like mean qcisim's while a test runs."""
    monkeypatch.setenv("MPLBACKEND", "Agg")
    before = {name: getattr(session, name) for name in Session.__slots__}
    with squidasm.install():
        yield
    for name, value in before.items():
        setattr(session, name, value)
    current.set_machine(None)
