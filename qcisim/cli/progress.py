"""Progress on stderr while a scenario runs."""

from __future__ import annotations

from types import TracebackType
from typing import Any


class Progress:
    """One bar with what is done and what is left, drawn with rich; nothing where it is not enabled."""

    def __init__(self, title: str, *, enabled: bool) -> None:
        self.title, self.enabled = title, enabled
        self.bar: Any = None
        self.task: Any = None

    def __enter__(self) -> Progress:
        if self.enabled:
            from rich.console import Console
            from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Bar

            text = TextColumn("{task.description}"), TextColumn("{task.fields[text]}")
            columns = (text[0], BarColumn(), TaskProgressColumn(), TimeRemainingColumn(), text[1])
            self.bar = Bar(*columns, console=Console(stderr=True), transient=True)
            self.task = self.bar.add_task(self.title, total=1.0, text="")
            self.bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.bar is not None:
            self.bar.stop()

    def update(self, fraction: float, text: str) -> None:
        """``fraction`` done, from 0 to 1, and a few words."""
        if self.bar is not None:
            self.bar.update(self.task, completed=fraction, text=text)
