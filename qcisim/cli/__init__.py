"""The `qcisim` command. Each subcommand is a module that is imported when it is called, so `--help` stays quick."""

from __future__ import annotations

import sys
from collections.abc import Sequence

__all__ = ["execute", "main"]


def main() -> None:
    """The console script."""
    try:
        code = execute(sys.argv[1:])
    except KeyboardInterrupt:  # Ctrl-C while the command itself is being imported, or says that it was interrupted
        code = 130
    sys.exit(code)


def execute(arguments: Sequence[str]) -> int:
    """Run one command line; returns the exit code: 0 good, 1 failed, 2 wrong input, 130 interrupted."""
    from qcisim.cli.group import cli
    from qcisim.cli.guard import guarded

    return guarded(lambda: cli.main(args=list(arguments), prog_name="qcisim", standalone_mode=False))
