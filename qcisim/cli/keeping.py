"""The key stores that a run keeps: written beside those of an earlier run, put in their place when it has finished."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from pathlib import Path
from types import TracebackType

from qcisim.errors import EnvironmentFault


class KeyStores:
    """The directory ``path`` of sealed stores; ``part`` is where a run writes them. What is not settled is discarded.

    Raises:
        EnvironmentFault: where key managers serve the stores that would be replaced.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.part = path.with_name(f".{path.name}.{os.getpid()}.part")
        self._refuse_if_served()

    def __enter__(self) -> KeyStores:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self.part, ignore_errors=True)

    def settle(self) -> None:
        """Put what the run wrote in the place of what was there."""
        self._refuse_if_served()
        try:
            if self.path.exists():
                shutil.rmtree(self.path)
            self.part.rename(self.path)
        except OSError as error:
            raise EnvironmentFault(f"{self.path}: cannot be replaced: {error.strerror}") from None

    def _refuse_if_served(self) -> None:
        for lock in self.path.glob("*/lock"):
            with contextlib.suppress(FileNotFoundError), lock.open("rb") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    raise EnvironmentFault(
                        f"{self.path}: these key stores are being served; stop `qcisim serve`, or choose another --out"
                    ) from None
