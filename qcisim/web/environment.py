"""What clients of a fleet are told: a file of shell variables, and a command to restart a node."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from shlex import quote

from qcisim.errors import EnvironmentFault


def variable(kind: str, name: str) -> str:
    """``SAE_<NAME>`` or ``KME_<NAME>``: upper case, other characters as ``_``; a prefix that is there is kept."""
    text = re.sub(r"[^A-Z0-9]", "_", name.upper())
    return text if text.startswith(f"{kind}_") else f"{kind}_{text}"


def write_environment(path: Path, variables: Mapping[str, str]) -> None:
    """``NAME=value`` lines for a shell: mode 0600, whole or not at all."""
    text = "".join(f"{name}={quote(value)}\n" for name, value in variables.items())
    _replace(path, text, 0o600)


def write_command(path: Path, module: str, argument: Path) -> None:
    """A shell script, for its owner only, that runs a module of qcisim with one argument."""
    _replace(path, f"#!/bin/sh\nexec {quote(sys.executable)} -m {module} {quote(str(argument))}\n", 0o700)


def _replace(path: Path, text: str, mode: int) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(fd, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise EnvironmentFault(f"cannot write {path}: {error.strerror}") from None
