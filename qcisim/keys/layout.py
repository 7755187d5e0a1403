"""Where the key managers of a network keep their data under one directory."""

from __future__ import annotations

import urllib.parse
from pathlib import Path


def file_part(identity: str) -> str:
    """An ID as part of a file name."""
    return urllib.parse.quote(identity, safe="").replace(".", "%2E")


def store_directory(root: Path, node: str) -> Path:
    """The directory of one node's store."""
    return root / file_part(node)


def master_key_file(root: Path, node: str) -> Path:
    """A node's master key file, apart from its store."""
    return root / "secrets" / f"{file_part(node)}.key"
