"""Wheel hook: ships the top-level folders ``protocols`` and ``scenarios`` inside ``qcisim/``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CopyTopLevelFolders(BuildHookInterface):  # type: ignore[type-arg]
    """Adds the two folders to a real wheel; an editable install reads them from the checkout."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        for folder in ("protocols", "scenarios"):
            for path in sorted((Path(self.root) / folder).rglob("*")):
                if path.is_file() and "__pycache__" not in path.parts:
                    relative = path.relative_to(self.root).as_posix()
                    build_data["force_include"][str(path)] = f"qcisim/{relative}"
