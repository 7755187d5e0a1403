"""The one import of a protocol author: programs, their context, the public channel, and the distillation verbs.

A protocol is a folder with one `Program` per party. A program is a generator over its `Context`: it sees its own record
of the quantum signals, its own randomness, and the messages it receives; nothing else. What it discloses is counted by
the transcript of the `PublicChannel`, not by a formula.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from qcisim.auth import Authenticator, MessageStream
from qcisim.distill import (
    VERIFICATION_BITS,
    Block,
    CascadeCorrector,
    CascadePlan,
    CascadeReference,
    LdpcCorrector,
    LdpcPlan,
    LdpcReference,
    Sifted,
    Stage,
    disclosed_bits,
    modified_toeplitz_hash,
    per_setting,
    sift,
    verification_epsilon,
    verification_key,
    verification_shortfall,
    verification_tag,
)
from qcisim.engine import Engine, Signal, Steps, Wait
from qcisim.errors import PhysicsError, ProtocolAbort
from qcisim.optics import AliceRecord, BobRecord
from qcisim.security import BlockCounts, LengthRule, SecretLength, VariableLengthRule

__all__ = [
    "RECONCILERS",
    "RECONCILIATION_ATTEMPTS",
    "VERIFICATION_BITS",
    "AliceRecord",
    "Block",
    "BlockCounts",
    "BlockOutcome",
    "BobRecord",
    "CascadeCorrector",
    "CascadePlan",
    "CascadeReference",
    "Context",
    "LengthRule",
    "Message",
    "PhysicsError",
    "Program",
    "ProtocolAbort",
    "ProtocolEntry",
    "PublicChannel",
    "Reconciler",
    "Record",
    "SecretLength",
    "Settings",
    "Sifted",
    "Stage",
    "Steps",
    "VariableLengthRule",
    "Wait",
    "disclosed_bits",
    "modified_toeplitz_hash",
    "numbers",
    "pack",
    "per_setting",
    "sift",
    "unpack",
    "verification_epsilon",
    "verification_key",
    "verification_shortfall",
    "verification_tag",
]

RECONCILIATION_ATTEMPTS = 4
"""Reconciliation runs of one block, each with its verification tag, before the block is dropped."""

Bits: TypeAlias = NDArray[np.uint8]
N = TypeVar("N", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Message:
    """One message on the public channel; ``disclosed_bits`` counts bits about the key block that it reveals."""

    sender: str
    sent_s: float
    kind: str
    payload: bytes
    disclosed_bits: int


@dataclass(frozen=True, slots=True)
class Record:
    """One line of the transcript: what was sent when, how long it was, what it disclosed of the key block."""

    sender: str
    sent_s: float
    kind: str
    payload_bits: int
    disclosed_bits: int


class PublicChannel:
    """A classical channel between two parties with latency; everybody can read it, `Context.authenticate` protects it.

    ``tamper`` is Eve on the classical side: it may change a message or drop it (None).
    """

    def __init__(
        self,
        engine: Engine,
        parties: tuple[str, str],
        delay_s: float,
        *,
        tamper: Callable[[Message], Message | None] | None = None,
    ) -> None:
        self.engine, self.parties, self.delay_s, self._tamper = engine, parties, delay_s, tamper
        self.transcript: list[Record] = []
        self.inbox: dict[str, deque[Message]] = {party: deque() for party in parties}
        self.arrived = {party: Signal(f"a message to {party}") for party in parties}

    def send(self, message: Message) -> None:
        """Put ``message`` on its way; it arrives after the latency."""
        self.transcript.append(
            Record(message.sender, message.sent_s, message.kind, 8 * len(message.payload), message.disclosed_bits)
        )
        delivered = self._tamper(message) if self._tamper else message
        if delivered is None:
            return
        receiver = self.parties[1 - self.parties.index(message.sender)]

        def arrive() -> None:
            self.inbox[receiver].append(delivered)
            self.arrived[receiver].fire()

        self.engine.schedule(round(self.delay_s * 1e12), arrive)

    def close_block(self) -> int:
        """Bits about the key block that its transcript shows as disclosed; the next block starts a new transcript."""
        disclosed = sum(record.disclosed_bits for record in self.transcript)
        self.transcript = []
        return disclosed


@dataclass(frozen=True, slots=True)
class Settings:
    """What both parties agreed on before the first round.

    ``intensities`` and ``probabilities`` per setting; ``reconciliation`` is "cascade" or "ldpc"; ``expected_qber`` is
    the error rate of the key basis that the block sizes of the first block are chosen for; ``pool_target_bits`` is what
    the authentication pool is filled up to from each block.
    """

    intensities: tuple[float, ...]
    probabilities: tuple[float, ...]
    reconciliation: str
    expected_qber: float
    pool_target_bits: int


@dataclass(frozen=True, slots=True)
class BlockOutcome:
    """What one party knows of a finished block; counts are bits, ``errors`` those corrected in the key basis."""

    counts: BlockCounts
    sifted_bits: int
    test_bits: int
    test_errors: int
    errors: int
    leak_bits: int
    verification_bits: int
    verified: bool
    length: SecretLength


class Reference(Protocol):
    """The side of reconciliation whose string stays: it answers queries, and what it answers is disclosed."""

    def answer(self, query: bytes) -> bytes:
        """The answer to one query."""


class Corrector(Protocol):
    """The side of reconciliation whose string is corrected."""

    @property
    def bits(self) -> Bits:
        """The string as corrected so far."""

    def step(self, answer: bytes | None) -> bytes | None:
        """The next query, from the answer to the last one (None at first); None when it is done."""


@dataclass(frozen=True, slots=True)
class Reconciler:
    """A way to reconcile: both sides build their part from their own bits, an error rate and a public seed.

    The reference has private randomness too: what LDPC puts into punctured positions.
    """

    reference: Callable[[Bits, float, int, np.random.Generator], Reference]
    corrector: Callable[[Bits, float, int], Corrector]


RECONCILERS: dict[str, Reconciler] = {
    "cascade": Reconciler(
        lambda bits, qber, seed, rng: CascadeReference(bits, CascadePlan(len(bits), qber, seed=seed)),
        lambda bits, qber, seed: CascadeCorrector(bits, CascadePlan(len(bits), qber, seed=seed)),
    ),
    "ldpc": Reconciler(
        lambda bits, qber, seed, rng: LdpcReference(bits, LdpcPlan(len(bits), qber), rng),
        lambda bits, qber, seed: LdpcCorrector(bits, LdpcPlan(len(bits), qber)),
    ),
}


class Port(Protocol):
    """Where a party meets its quantum device: blocks of rounds, and the length rule fixed before each of them."""

    def block(self, party: str) -> Generator[Any, Any, Any]:
        """The party's own record of the next block, once its last round is over."""

    def rule(self) -> LengthRule | VariableLengthRule:
        """The rule of the current block, fixed before its first round."""

    def deliver(self, party: str, outcome: BlockOutcome, key: Bits) -> None:
        """Hand over the party's key of the current block (empty where there is none)."""


@dataclass(slots=True)
class Context:
    """All that a program of one party can reach."""

    party: str
    settings: Settings
    rng: np.random.Generator
    engine: Engine
    channel: PublicChannel
    authenticator: Authenticator
    port: Port
    _sent: MessageStream = field(init=False)
    _received: MessageStream = field(init=False)

    def __post_init__(self) -> None:
        self._begin_phase()

    def _begin_phase(self) -> None:
        self._sent, self._received = self.authenticator.stream_out(), self.authenticator.stream_in()

    def send(self, kind: str, payload: bytes | NDArray[Any] = b"", *, disclosed_bits: int = 0) -> None:
        """Send a message; ``disclosed_bits`` is what it reveals about the key block."""
        data = payload if isinstance(payload, bytes) else payload.tobytes()
        _append(self._sent, kind, data)
        self.channel.send(Message(self.party, self.engine.now_s, kind, data, disclosed_bits))

    def receive(self, kind: str) -> Generator[Any, Any, bytes]:
        """The payload of the next message, which must be of ``kind``; aborts on anything else."""
        message = yield from self._next()
        _append(self._received, message.kind, message.payload)
        if message.kind != kind:
            raise ProtocolAbort(f"{self.party} expected '{kind}', got '{message.kind}'")
        return message.payload

    def _next(self) -> Generator[Any, Any, Message]:
        inbox = self.channel.inbox[self.party]
        while not inbox:
            yield self.channel.arrived[self.party]
        return inbox.popleft()

    def authenticate(self) -> Generator[Any, Any, None]:
        """Exchange tags over all messages since the last call, both directions; raises `AuthenticationError`."""
        tag = self.authenticator.tag(self._sent)
        self.channel.send(Message(self.party, self.engine.now_s, "tag", tag, 0))
        message = yield from self._next()
        if message.kind != "tag":
            raise ProtocolAbort(f"{self.party} expected 'tag', got '{message.kind}'")
        self.authenticator.verify(self._received, message.payload)
        self._begin_phase()

    def quantum_block(self) -> Generator[Any, Any, Any]:
        """This party's records of the next block, stretch by stretch: `AliceRecord`s or `BobRecord`s; None at the end.

        They come when the last round of the block is over, so nothing is announced before that.
        """
        record = yield from self.port.block(self.party)
        return record

    def length_rule(self) -> LengthRule | VariableLengthRule:
        """The length rule of the current block, fixed before its first round."""
        return self.port.rule()

    def deliver(self, outcome: BlockOutcome, key: Bits) -> None:
        """Hand over the key of the block; the authentication pool is filled up first, from the key's first bits."""
        pool = self.authenticator.pool
        wanted = max(0, self.settings.pool_target_bits - pool.available_bits)
        refill = min(len(key), wanted) // 8 * 8
        if refill:
            pool.add(pack(key[:refill]))
        self.port.deliver(self.party, outcome, key[refill:])


def _append(stream: MessageStream, kind: str, payload: bytes) -> None:
    """Kind and length are under the tag too, so that messages cannot be cut or joined anew."""
    stream.update(kind.encode() + b"\0" + len(payload).to_bytes(8, "big"))
    stream.update(payload)


class Program(Protocol):
    """One party of a protocol: ``run`` is a generator that ends when the port has no more blocks."""

    def run(self, ctx: Context) -> Steps:
        """The program of this party."""


@dataclass(frozen=True, slots=True)
class ProtocolEntry:
    """What a protocol folder exports as ``PROTOCOL``; the texts are what `qcisim explain` prints."""

    name: str
    summary: str
    alice: Callable[[], Program]
    bob: Callable[[], Program]
    models: str
    ignores: str
    domain: str
    source: str
    assumptions: Sequence[str]
    bounds: Sequence[str]
    source_kinds: Sequence[str]


def pack(bits: Bits) -> bytes:
    """Bits (n,) of 0/1 as bytes, most significant bit first, padded with zeros."""
    return np.packbits(bits).tobytes()


def unpack(data: bytes, count: int) -> Bits:
    """The first ``count`` bits of ``data``; aborts where its length is another."""
    if len(data) != (count + 7) // 8:
        raise ProtocolAbort(f"a message of {len(data)} bytes came where {count} bits were expected")
    return np.unpackbits(np.frombuffer(data, np.uint8), count=count)


def numbers(data: bytes, kind: type[N], count: int | None = None) -> NDArray[N]:
    """``data`` as an array of ``kind``; aborts where it is not a whole number of them, or not ``count``."""
    size = np.dtype(kind).itemsize
    if len(data) % size or (count is not None and len(data) != count * size):
        wanted = "whole numbers" if count is None else f"{count} numbers"
        raise ProtocolAbort(f"a message of {len(data)} bytes came where {wanted} of {size} bytes were expected")
    return np.frombuffer(data, kind)
