"""Shipped scenarios: their names, and where their files are."""

from __future__ import annotations

from pathlib import Path

import qcisim.scenarios


def shipped() -> dict[str, Path]:
    """Name to file of every shipped scenario, by name; from a checkout or from an installed wheel."""
    found: dict[str, Path] = {}
    for folder in qcisim.scenarios.__path__:
        for path in sorted(Path(folder).glob("*.yaml")):
            found.setdefault(path.stem, path)
    return dict(sorted(found.items()))
