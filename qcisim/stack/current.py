"""The run that is going on, or was last: what the simulated time is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qcisim.stack.machine import Machine

_machine: Machine | None = None


def machine() -> Machine | None:
    """The run that is going on, or was last."""
    return _machine


def set_machine(one: Machine | None) -> None:
    """Another run begins; None: time is 0 again."""
    global _machine
    _machine = one


def sim_time_ns() -> float:
    """Simulated time in ns; 0 before the first run."""
    return 0.0 if _machine is None else _machine.now_ns
