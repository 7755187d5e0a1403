"""Logs of programs and stack, with simulated time."""

from __future__ import annotations

import logging

from qcisim.stack.current import sim_time_ns

ROOT = "Stack"
FORMAT = "%(levelname)s:%(simtime)s ns:%(name)s:%(message)s"


class SimTimeFilter(logging.Filter):
    """Adds the simulated time to every record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Every record passes."""
        record.simtime = sim_time_ns()
        return True


def _handled(handler: logging.Handler) -> logging.Handler:
    handler.setFormatter(logging.Formatter(FORMAT))
    handler.addFilter(SimTimeFilter())
    return handler


_ready = False


def get_stack_logger(sub_logger: str | None = None) -> logging.Logger:
    """The logger of all programs and the stack, or a child of it."""
    global _ready
    logger = logging.getLogger(ROOT)
    if not _ready:
        _ready = True
        logger.addHandler(_handled(logging.StreamHandler()))
        logger.propagate = False
    return logger if sub_logger is None else logger.getChild(sub_logger)


def log_to_file(path: str) -> None:
    """Also write the log to a file, which is begun anew."""
    get_stack_logger().addHandler(_handled(logging.FileHandler(path, mode="w")))
