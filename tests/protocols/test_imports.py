"""A protocol imports of qcisim only the SDK (and its own folder), a program that of SquidASM programs."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from qcisim.programs import declares

PROTOCOLS = Path(__file__).resolve().parents[2] / "protocols"


@pytest.mark.parametrize("path", sorted(PROTOCOLS.rglob("*.py")), ids=lambda p: p.relative_to(PROTOCOLS).as_posix())
def test_protocols_import_only_the_sdk(path: Path) -> None:
    own = f"qcisim.protocols.{path.relative_to(PROTOCOLS).parts[0]}"
    program = declares(PROTOCOLS / path.relative_to(PROTOCOLS).parts[0])
    allowed = ("qcisim.squidasm", "qcisim.programs") if program else ("qcisim.sdk",)
    for node in ast.walk(ast.parse(path.read_text())):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = ["." * node.level + (node.module or "")]
        for name in names:
            if name == "qcisim" or name.startswith("qcisim."):
                assert name.startswith((*allowed, own)), f"{path.name} imports {name}"
