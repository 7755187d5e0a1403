"""Lines of programs, for reports."""

from __future__ import annotations

import inspect
import os
from types import FrameType, TracebackType
from typing import Any

_ROOM = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_LIBRARIES = (
    *(os.path.join(_ROOM, floor) + os.sep for floor in ("stack", "squidasm", "quantum", "engine")),
    os.path.join(_ROOM, "errors.py"),
    f"{os.sep}netqasm{os.sep}",
)


def _line(frame: FrameType | None, number: int) -> str:
    """File and line, "" where the frame is none of a program."""
    if frame is None or any(part in frame.f_code.co_filename for part in _LIBRARIES):
        return ""
    return f"{frame.f_code.co_filename}:{number}"


def waiting_line(generator: Any) -> str:
    """File and line of the innermost frame of a waiting generator that belongs to a program."""
    where = ""
    while generator is not None:
        frame = getattr(generator, "gi_frame", None)
        where = (frame and _line(frame, frame.f_lineno)) or where
        generator = getattr(generator, "gi_yieldfrom", None)
    return where


def failing_line(trace: TracebackType | None) -> str:
    """File and line of the innermost frame of a traceback that belongs to a program."""
    where = ""
    while trace is not None:
        where = _line(trace.tb_frame, trace.tb_lineno) or where
        trace = trace.tb_next
    return where


def class_line(one: object) -> str:
    """File and line of the class of an object, "" where it is not known."""
    try:
        return f"{inspect.getsourcefile(type(one))}:{inspect.getsourcelines(type(one))[1]}"
    except (OSError, TypeError):
        return ""
