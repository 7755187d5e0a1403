"""A run: nodes of a network on one clock and one register of qubits."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from qcisim.engine import Engine, stream
from qcisim.errors import InputError
from qcisim.quantum import AdaptiveRegister, KetRegister, Qubits, Register
from qcisim.stack.links.delivery import Delivery, LinkModel
from qcisim.stack.node import Node
from qcisim.stack.options import Options
from qcisim.stack.physical import picoseconds_of
from qcisim.stack.spec import Network
from qcisim.stack.topology import Routes

LARGEST_EXACT, LARGEST_KET = 10, 22
"""Entangled qubits that density matrices and kets hold."""


class SampledNoiseWarning(UserWarning):
    """More qubits are entangled than density matrices hold: from here on states are kets, and noise is sampled."""


@dataclass(slots=True)
class Stats:
    """What a run did.

    Args:
        pairs: pairs that links delivered.
        attempts: attempts that they took.
        instructions: NetQASM instructions that were carried out.
        events: entries of the event heap that were worked off.
        wall_s: seconds of real time.
        sim_time_ns: simulated time at the end.
        fidelities: sum of the links' fidelities of the pairs, by node names.
    """

    pairs: int = 0
    attempts: int = 0
    instructions: int = 0
    events: int = 0
    wall_s: float = 0.0
    sim_time_ns: float = 0.0
    fidelities: dict[tuple[str, str], list[float]] = field(default_factory=dict)

    def add(self, other: Stats) -> None:
        """Another part of the same run."""
        self.pairs += other.pairs
        self.attempts += other.attempts
        self.instructions += other.instructions
        self.events += other.events
        self.sim_time_ns = max(self.sim_time_ns, other.sim_time_ns)
        for ends, (count, total) in other.fidelities.items():
            mine = self.fidelities.setdefault(ends, [0, 0.0])
            mine[0] += count
            mine[1] += total


def _register(options: Options) -> Qubits:
    rng = np.random.default_rng(0)  # exchanged for a stream of the node or link before anything is drawn
    if options.formalism == "stabiliser":
        from qcisim.quantum.stabiliser import StabiliserRegister

        return StabiliserRegister(rng)
    asked = options.largest_group
    if options.formalism == "ket":
        return KetRegister(rng, largest=asked or LARGEST_KET)
    if options.formalism == "dm":
        return Register(rng, largest=asked or LARGEST_EXACT)
    largest = asked or LARGEST_KET
    return AdaptiveRegister(rng, exact=min(LARGEST_EXACT, largest), largest=largest, on_change=_say_sampled)


def _say_sampled() -> None:
    text = (
        f"more than {LARGEST_EXACT} qubits are entangled: from here on states are kets and noise is sampled "
        "(--formalism ket says so from the start)"
    )
    warnings.warn(text, SampledNoiseWarning, stacklevel=2)


class Machine:
    """Nodes, links and clock of one run.

    Args:
        network: what runs.
        options: how.
        seed: of all random streams.
        first: number of the iteration that streams count from.
        lingers: whether qubits and memory of an application stay when it ends, to be looked at.
        engine: the clock, where others share it.
    """

    def __init__(
        self,
        network: Network,
        options: Options,
        seed: int,
        *,
        first: int = 0,
        lingers: bool = False,
        engine: Engine | None = None,
    ) -> None:
        self.lingers = lingers
        self.network, self.options, self.seed, self.first = network, options, seed, first
        self.engine = Engine() if engine is None else engine
        self.register = _register(options)
        self.stats = Stats()
        devices = {**network.nodes, **network.repeaters}
        self.nodes = {name: Node(self, name, number, device) for number, (name, device) in enumerate(devices.items())}
        self._numbered = list(self.nodes.values())
        self._routes = routes_of(network)
        self._streams: dict[tuple[str, str], tuple[int, np.random.Generator]] = {}
        self._sequences: dict[tuple[str, str, int], int] = {}
        self._lines = self._routes.open()
        self._delays: dict[tuple[str, str], int] = {}
        self.breakpoints: list[dict[str, dict[int, Any]]] = []

    @property
    def now_ns(self) -> float:
        """Simulated time."""
        return self.engine.now_ps / 1000.0

    def node_by_number(self, number: int) -> Node | None:
        """The node with an id."""
        return self._numbered[number] if 0 <= number < len(self._numbered) else None

    def line(self, creator: str, receiver: str) -> LinkModel:
        """Where pairs of two nodes come from, first qubit at the creator.

        Raises `InputError` where no link or chain of repeaters joins them.
        """
        return self._lines.line(creator, receiver)

    def delay_ps(self, start: str, end: str) -> int:
        """How long a message takes; 0 where no classical way was named."""
        delay = self._delays.get((start, end))
        if delay is None:
            known = self.connected(start, end)
            delay = self._delays[start, end] = picoseconds_of(self._routes.delay_ns(start, end)) if known else 0
        return delay

    def connected(self, start: str, end: str) -> bool:
        """Whether messages can be sent between two nodes."""
        try:
            self._routes.delay_ns(start, end)
        except InputError:
            return False
        return True

    def after(self, delay_ps: int, action: Callable[[], None]) -> None:
        """Do ``action`` after a delay; at once where there is none."""
        if delay_ps:
            self.engine.schedule(delay_ps, action)
        else:
            action()

    # pairs

    def generate(self, creator: str, receiver: str, rng: np.random.Generator) -> Delivery:
        """The next pair of two nodes, which is there after its duration."""
        delivery = self._lines.line(creator, receiver).sample(rng, self.now_ns)
        self.stats.attempts += delivery.attempts
        return delivery

    def pair_stream(self, creator: str, receiver: str, iteration: int) -> np.random.Generator:
        """The stream of what a creator asks of a receiver in an iteration."""
        kept = self._streams.get((creator, receiver))
        if kept is None or kept[0] != iteration:
            path = f"pairs/{creator}-{receiver}/{self.first + iteration}"
            kept = self._streams[creator, receiver] = (iteration, stream(self.seed, path))
        return kept[1]

    def count_pair(self, start: str, end: str, fidelity: float) -> None:
        """A link has delivered."""
        self.stats.pairs += 1
        entry = self.stats.fidelities.get((start, end))
        if entry is None:
            self.stats.fidelities[start, end] = [1, fidelity]
        else:
            entry[0] += 1
            entry[1] += fidelity

    def sequence(self, creator: str, receiver: str, channel: int) -> int:
        """The number of the pair that is being delivered, counted for both ends alike."""
        return self._sequences.get((creator, receiver, channel), 0)

    def advance(self, creator: str, receiver: str, channel: int) -> None:
        """On to the next sequence number."""
        key = (creator, receiver, channel)
        self._sequences[key] = self._sequences.get(key, 0) + 1

    # looking in

    def states(self, *, skip_noise: bool = False) -> dict[str, dict[int, int]]:
        """Numbers in the register of all qubits, by node and position; idle noise up to now unless ``skip_noise``."""
        found: dict[str, dict[int, int]] = {}
        for name, node in self.nodes.items():
            found[name] = {}
            for position, number in enumerate(node.memory.qubit):
                if number is not None:
                    if not skip_noise:
                        node.memory.touch(position, self.engine.now_ps, self.register)
                    found[name][position] = number
        return found

    def breakpoint(self, node: Node, action: int, role: int) -> None:
        """0: nothing; 1: the states at this node, 2: of all nodes, are noted."""
        if action == 0:
            return
        states = self.states(skip_noise=True)
        self.breakpoints.append(
            {
                name: {position: self.register.to_density(number) for position, number in found.items()}
                for name, found in states.items()
                if action == 2 or name == node.name
            }
        )
        logging.getLogger("Stack").info("breakpoint of %s at %g ns: %s", node.name, self.now_ns, self.breakpoints[-1])


_ROUTES: dict[int, tuple[Network, Routes]] = {}


def routes_of(network: Network) -> Routes:
    """The routes of a network; kept, since runs with many workers make many machines of one network."""
    kept = _ROUTES.get(id(network))
    if kept is None or kept[0] is not network:
        if len(_ROUTES) > 16:
            _ROUTES.clear()
        kept = _ROUTES[id(network)] = (network, Routes(network))
    return kept[1]
