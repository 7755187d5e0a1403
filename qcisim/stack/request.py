"""Requests for pairs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qcisim.errors import InputError, QcisimError
from qcisim.stack.app_memory import AppMemory, Value
from qcisim.stack.physical import picoseconds_of

if TYPE_CHECKING:
    from qcisim.stack.node import Node
    from qcisim.stack.session import Session

KEEP, MEASURE, PREPARE = range(3)
VERBS = ("keep", "measure", "prepare states with")
RESULT_LENGTH = 10
AXES = ("xyx", "yzy", "zxz")
_UNIT_NS = (1e3, 1e6, 1e9)
_NONE, _XZ, _XYZ, _CHSH = range(4)
RANDOM_BASES = {_NONE: (), _XZ: ("X", "Z"), _XYZ: ("X", "Y", "Z"), _CHSH: ("Z+X", "Z-X")}
"""Bases from which a random one is drawn."""


class PairTimeoutError(QcisimError):
    """A request for pairs was not served within its max_time."""


@dataclass(frozen=True, slots=True)
class Basis:
    """How an end of a pair is measured: rotations by n pi/16 about three axes, or a basis drawn from several."""

    rotations: tuple[int, int, int] = (0, 0, 0)
    axes: str = "xyx"
    random: tuple[str, ...] = ()
    weights: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a creator asks for."""

    kind: int
    number: int
    max_time_ps: int
    local: Basis
    remote: Basis


def arguments_of(values: list[Value], qubits: list[Value] | None) -> Wanted:
    """What the array of arguments of a request says."""
    if len(values) < 20:
        raise InputError(f"arguments of a request for pairs: wanted an array of 20 or 22 entries, got {len(values)}")
    entries = [0 if value is None else value for value in values] + [0, 0]
    kind, number = entries[0], entries[1]
    if values[0] is None or kind not in (KEEP, MEASURE, PREPARE):
        raise InputError(f"request for pairs of type {values[0]}: wanted 0 (keep), 1 (measure) or 2 (prepare)")
    if values[1] is None or number < 1:
        raise InputError(f"request for {values[1]} pairs: wanted at least 1")
    if kind == KEEP and qubits is not None and len(qubits) < number:
        raise InputError(f"request for {number} pairs with {len(qubits)} qubits to keep them in")
    limit = 0 if entries[6] == 0 else picoseconds_of(entries[6] * _UNIT_NS[entries[5]])
    local = _basis(entries[14:17], entries[20], entries[2], entries[10:12])
    remote = _basis(entries[17:20], entries[21], entries[3], entries[12:14])
    return Wanted(kind, number, limit, local, remote)


def _basis(rotations: list[int], axes: int, random: int, shares: list[int]) -> Basis:
    """``shares``: probabilities of the first bases in 1/255, where they are given."""
    if axes not in range(len(AXES)) or random not in RANDOM_BASES:
        raise InputError(f"measurement of a pair with rotation axes {axes} and random bases {random}")
    first, second, third = rotations
    bases = RANDOM_BASES[random]
    weights: tuple[float, ...] = ()
    if bases:
        given = [share / 255.0 for share in shares[: len(bases) - 1]]
        weights = (*given, 1.0 - sum(given)) if any(given) else (1.0 / len(bases),) * len(bases)
    return Basis((first, second, third), AXES[axes], bases, weights)


def difference(creator: Request, receiver: Request) -> str:
    """What two requests that are each other's turn do not agree on; "" where they fit."""
    wanted, (one, other) = creator.wanted, (creator.node.name, receiver.node.name)
    assert wanted is not None
    if (wanted.kind == MEASURE) != (receiver.qubits is None):
        receives = "to measure" if receiver.qubits is None else "to keep"
        return f"{one} asks {other} for pairs to {VERBS[wanted.kind]}, but {other} receives pairs {receives}"
    room = len(receiver.results) // RESULT_LENGTH
    written = receiver.qubits is not None and len(receiver.qubits) != room  # by hand: arrays may be longer than needed
    if room < wanted.number or (room > wanted.number and not written):
        return f"{one} creates {creator.text} in a request, in which {other} receives {room}"
    return ""


class Request:
    """One end of a request: what a node creates or receives."""

    __slots__ = (
        "app",
        "began_ps",
        "channel",
        "create_id",
        "done",
        "frame",
        "issued_ps",
        "iteration",
        "node",
        "peer",
        "position",
        "qubits",
        "results",
        "session",
        "socket",
        "started",
        "wanted",
    )

    def __init__(
        self,
        node: Node,
        app: AppMemory,
        peer: str,
        channel: int,
        socket: int,
        qubits: list[Value] | None,
        results: list[Value],
        frame: int | None,
    ) -> None:
        self.node, self.app, self.peer, self.channel, self.socket = node, app, peer, channel, socket
        self.qubits, self.results, self.frame = qubits, results, frame
        self.wanted: Wanted | None = None
        self.create_id = 0
        self.issued_ps = self.began_ps = node.engine.now_ps
        self.iteration = node.iteration
        self.started = self.done = False
        self.session: Session | None = None
        self.position: int | None = None

    @property
    def creates(self) -> bool:
        """Whether this end started the request."""
        return self.wanted is not None

    @property
    def text(self) -> str:
        """For a person."""
        if self.wanted is None:
            return f"pairs from {self.peer}"
        pairs = "1 pair" if self.wanted.number == 1 else f"{self.wanted.number} pairs"
        return f"{pairs} with {self.peer}"

    def fail(self, error: QcisimError) -> None:
        """The program hears of it where it waits."""
        self.app.failure = error
        self.app.written.fire()

    def expire(self) -> None:
        """The time of the request is over."""
        if self.done:
            return
        assert self.wanted is not None
        session = self.session
        ends = [self] if session is None else [session.creator, session.receiver]
        self.withdraw()
        limit_ns = self.wanted.max_time_ps / 1000.0
        for end in ends:
            end.fail(PairTimeoutError(f"{end.node.name}: {end.text} did not come within {limit_ns:g} ns"))

    def withdraw(self) -> None:
        """Take back what is not done, on both ends."""
        session = self.session
        if session is not None:
            session.abort()
        else:
            self.node.netstack.finished(self)
