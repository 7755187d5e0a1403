"""Logs with simulated time; the memory of an application."""

from __future__ import annotations

import logging

from qcisim.stack.app_memory import AppMemory
from qcisim.stack.logs import ROOT, SimTimeFilter, get_stack_logger, log_to_file

__all__ = ["AppMemory", "LogManager", "SimTimeFilter"]


class LogManager:
    """Loggers whose lines carry the simulated time."""

    STACK_LOGGER = ROOT

    @classmethod
    def get_stack_logger(cls, sub_logger: str | None = None) -> logging.Logger:
        """The logger of programs and stack, or a child of it."""
        return get_stack_logger(sub_logger)

    @classmethod
    def set_log_level(cls, level: int | str) -> None:
        """Of the logger and its children."""
        get_stack_logger().setLevel(level)

    @classmethod
    def get_log_level(cls) -> int:
        """Of the logger."""
        return get_stack_logger().level

    @classmethod
    def log_to_file(cls, path: str) -> None:
        """Also write to a file, which is begun anew."""
        log_to_file(path)
