"""What is between a command and the shell: expected faults become one message and an exit code, never a traceback."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from typing import Any

import click

from qcisim.errors import InputError, QcisimError

FAILED, WRONG_INPUT, INTERRUPTED = 1, 2, 130

_ADVICE = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.EROFS: "the file system is read-only",
    errno.EADDRINUSE: "the port is in use",
    errno.EMFILE: "too many open files",
    errno.ENAMETOOLONG: "the file name is too long",
}


def guarded(action: Callable[[], Any]) -> int:
    """Exit code of ``action``: what it returned if that is a number, 0 otherwise; faults are told on stderr."""
    try:
        outcome = action()
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt) as interrupt:  # click has told about the first
        _tell("\n  ".join(["interrupted", *"\n".join(getattr(interrupt, "__notes__", ())).splitlines()]))
        return INTERRUPTED
    except QcisimError as error:
        _tell(str(error) if ": error: " in str(error) else f"error: {error}")
        return WRONG_INPUT if isinstance(error, InputError) else FAILED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except OSError as error:
        what = _ADVICE.get(error.errno or 0) or error.strerror or str(error)
        _tell(f"error: {error.filename}: {what}" if error.filename else f"error: {what}")
        return FAILED
    except MemoryError:
        _tell("error: not enough memory; a smaller block_s or the resolution counts needs less")
        return FAILED
    return outcome if isinstance(outcome, int) else 0


def _tell(text: str) -> None:
    click.echo(text, err=True)
