"""How the command tells what went wrong: one line of qcisim, or the traceback of the program alone."""

from __future__ import annotations

import os
import sys
import traceback
import warnings
from concurrent.futures.process import _RemoteTraceback
from types import TracebackType
from typing import NoReturn, TextIO


def refuse(message: str, code: int = 2) -> NoReturn:
    """Say it and exit with ``code``."""
    print(f"qcisim.squidasm: {message}", file=sys.stderr)
    sys.exit(code)


def warn(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Warnings of programs in the words of errors, all others as ever."""
    if category.__module__.startswith("qcisim.stack."):
        print(f"qcisim.squidasm: warning: {message}", file=sys.stderr)
    else:
        text = warnings.formatwarning(message, category, filename, lineno, line)
        print(text, end="", file=file or sys.stderr)


def line_of_script(trace: TracebackType | None, folder: str) -> str:
    """The last line of the script or its neighbours that led to an error."""
    frames = [one for one in traceback.extract_tb(trace) if is_in(one, folder) and not _is_library(one)]
    return f"\n  at {frames[-1].filename}:{frames[-1].lineno}: {frames[-1].line}" if frames else ""


def is_in(frame: traceback.FrameSummary, folder: str) -> bool:
    """Whether its file lies somewhere in ``folder``."""
    return os.path.abspath(frame.filename).startswith(folder + os.sep)


_OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def _is_library(frame: traceback.FrameSummary) -> bool:
    """Whether it is of qcisim, netqasm, click or runpy, or of no file."""
    if frame.filename.startswith("<") or os.path.basename(frame.filename) == "runpy.py":
        return True
    libraries = ("netqasm", "click", "concurrent.futures")
    paths = [path for name in libraries for path in getattr(sys.modules.get(name), "__path__", ())]
    return any(is_in(frame, one) for one in (_OURS, *paths))


def shorten(report: traceback.TracebackException) -> None:
    """Leave out the frames of libraries, unless the error is one of qcisim itself."""
    if report.__cause__ is not None and report.__cause__.exc_type is _RemoteTraceback:
        report.__cause__ = None  # frames of another process, as text
    for one in (report.__cause__, report.__context__):
        if one is not None:
            shorten(one)
    if report.stack and (getattr(report, "__notes__", None) or not is_in(report.stack[-1], _OURS)):
        report.stack = traceback.StackSummary.from_list([one for one in report.stack if not _is_library(one)])
