"""Programs and networks that the tests of the stack share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy import stats

from qcisim.stack.links import Delivery, PairState, werner_pair
from qcisim.stack.program import Program, ProgramContext, ProgramMeta
from qcisim.stack.spec import ClassicalLink, Device, GenericDevice, Network, PairLink

FALSE_ALARM = 1e-9


class Fixed:
    """A link that always takes the same time and makes the same state."""

    def __init__(self, state: PairState | None = None, duration_ns: float = 1000.0) -> None:
        self.state = werner_pair(1.0) if state is None else state
        self.duration_ns = duration_ns

    def sample(self, rng: np.random.Generator, now_ns: float = 0.0) -> Delivery:
        return Delivery(self.duration_ns, self.state)

    @property
    def mean_fidelity(self) -> float:
        return self.state.fidelity

    @property
    def mean_duration_ns(self) -> float:
        return self.duration_ns


class AnyBell(Fixed):
    """Uniformly one of the four Bell states of a fidelity."""

    def __init__(self, fidelity: float = 1.0, duration_ns: float = 1000.0) -> None:
        super().__init__(werner_pair(fidelity), duration_ns)
        self._states = [werner_pair(fidelity, bell) for bell in range(4)]

    def sample(self, rng: np.random.Generator, now_ns: float = 0.0) -> Delivery:
        return Delivery(self.duration_ns, self._states[int(rng.integers(4))])


class Script(Program):
    """A program made of a function ``steps(context)`` that is a generator."""

    def __init__(self, steps: Callable[[ProgramContext], Any], peers: Sequence[str] = (), max_qubits: int = 4) -> None:
        self._steps, self._peers, self._max_qubits = steps, list(peers), max_qubits

    @property
    def meta(self) -> ProgramMeta:
        return ProgramMeta("script", self._peers, self._peers, self._max_qubits)

    def run(self, context: ProgramContext) -> Any:
        return self._steps(context)


def pair_network(
    link: Any = None,
    device: Device | None = None,
    delay_ns: float | None = None,
    names: Sequence[str] = ("Alice", "Bob"),
) -> Network:
    """Two nodes."""
    chosen = GenericDevice.perfect(10) if device is None else device
    first, second = names
    classical = None if delay_ns is None else (ClassicalLink(first, second, delay_ns),)
    return Network(dict.fromkeys(names, chosen), (PairLink(first, second, link or Fixed()),), classical)


def duo(
    alice: Callable[[ProgramContext], Any], bob: Callable[[ProgramContext], Any], max_qubits: int = 4
) -> dict[str, Script]:
    """A program for each of Alice and Bob."""
    return {"Alice": Script(alice, ["Bob"], max_qubits), "Bob": Script(bob, ["Alice"], max_qubits)}


def consistent(successes: int, trials: int, probability: float) -> bool:
    """Whether a count lies in the exact binomial interval at the false-alarm rate."""
    if probability in (0.0, 1.0):
        return successes == round(trials * probability)
    low, high = stats.binom.ppf([FALSE_ALARM / 2, 1 - FALSE_ALARM / 2], trials, probability)
    return bool(low <= successes <= high)
