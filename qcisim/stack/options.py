"""How a run is carried out, apart from its network and programs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from qcisim.errors import InputError, did_you_mean, require

Formalism = Literal["auto", "dm", "ket", "stabiliser"]
BellFrame = Literal["phi_plus", "sdk"]
OnDeadlock = Literal["raise", "warn", "return"]

_CHOICES = {
    "formalism": ("auto", "dm", "ket", "stabiliser"),
    "bell_frame": ("phi_plus", "sdk"),
    "on_deadlock": ("raise", "warn", "return"),
}


@dataclass(frozen=True, slots=True)
class Options:
    """How a run is carried out.

    Args:
        formalism: "dm" density matrices (noise exactly, up to 10 qubits together), "ket" (noise sampled, up to 22),
            "stabiliser" (Clifford gates, Pauli noise); "auto": density matrices while they can, then kets.
        bell_frame: "phi_plus": pairs arrive as Phi+, the known Pauli frame is applied at delivery; "sdk": pairs
            arrive as the link made them, and the receiver's subroutine corrects them with its gates.
        serial: a node serves its requests for pairs one after the other; False: those with different nodes at once.
        instruction_ns: time that every instruction takes in addition.
        on_deadlock: "raise" `DeadlockError`, or "warn" or just "return" with the results so far. A program that waits
            for a node without a program is no reason to "warn": that raises too.
        strict: a call of a program without its ``yield from`` is an error at the end of the run; False: a warning.
        largest_group: entangled qubits held together; None: what the formalism can.
    """

    formalism: Formalism = "auto"
    bell_frame: BellFrame = "phi_plus"
    serial: bool = True
    instruction_ns: float = 0.0
    on_deadlock: OnDeadlock = "raise"
    strict: bool = False
    largest_group: int | None = None

    def __post_init__(self) -> None:
        for name, known in _CHOICES.items():
            value = getattr(self, name)
            if value not in known:
                hint = did_you_mean(str(value), known)
                raise InputError(f"{name} '{value}': wanted one of {', '.join(known)}" + (f"; {hint}" if hint else ""))
        possible = self.instruction_ns >= 0.0 and math.isfinite(self.instruction_ns)
        require(possible, f"instruction_ns {self.instruction_ns:g}: a time is not negative")
