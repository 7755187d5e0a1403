"""What a program leaves to its surroundings: seed, formalism, workers, what a deadlock does.

`run` takes from here what its caller does not say; ``python -m qcisim.squidasm`` and the netsquid names
``set_random_state`` and ``set_qstate_formalism`` set it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qcisim.stack.options import Formalism, OnDeadlock


@dataclass(slots=True)
class Session:
    """Defaults of the runs of this process.

    Args:
        formalism: how states are kept; "auto": as the program asks for, else as density matrices while they can.
        asked: what the program asked for by ``set_qstate_formalism``.
        workers: processes that share the iterations of a run; None: one simulation, one clock.
        strict: a ``flush()`` or ``recv()`` without ``yield from`` is an error; else a warning, and nothing happens.
        on_deadlock: what a run does whose programs wait for each other forever.
    """

    formalism: Formalism = "auto"
    asked: Formalism | None = None
    workers: int | None = None
    strict: bool = False
    on_deadlock: OnDeadlock = "raise"
    _seeds: np.random.SeedSequence | None = None

    @property
    def kept(self) -> Formalism:
        """How states are kept."""
        return (self.asked or "auto") if self.formalism == "auto" else self.formalism

    def seed(self, seed: int | None) -> None:
        """Make the runs from here on reproducible; None: fresh randomness for each."""
        self._seeds = None if seed is None else np.random.SeedSequence(seed)

    def seed_of_next_run(self) -> int | None:
        """A seed of its own for each run; None where no seed was set."""
        if self._seeds is None:
            return None
        return int(self._seeds.spawn(1)[0].generate_state(1, np.uint64)[0])


session = Session()
"""The session of this process."""
