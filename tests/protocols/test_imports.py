"""A protocol imports of qcisim only the SDK (and its own folder)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PROTOCOLS = Path(__file__).resolve().parents[2] / "protocols"


@pytest.mark.parametrize("path", sorted(PROTOCOLS.rglob("*.py")), ids=lambda p: p.relative_to(PROTOCOLS).as_posix())
def test_protocols_import_only_the_sdk(path: Path) -> None:
    own = f"qcisim.protocols.{path.relative_to(PROTOCOLS).parts[0]}"
    for node in ast.walk(ast.parse(path.read_text())):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = ["." * node.level + (node.module or "")]
        for name in names:
            if name == "qcisim" or name.startswith("qcisim."):
                assert name == "qcisim.sdk" or name.startswith(own), f"{path.name} imports {name}"
