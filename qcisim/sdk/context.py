"""All that a program of one party can reach: its records, its randomness, the channel, its device."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qcisim.auth import Authenticator, MessageStream
from qcisim.engine import Engine
from qcisim.errors import ProtocolAbort
from qcisim.sdk.channel import Message, PublicChannel
from qcisim.sdk.counts import Counts
from qcisim.sdk.payloads import pack
from qcisim.security import ArmSettings, LengthRule, SecretLength, VariableLengthRule

Bits: TypeAlias = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Settings:
    """What both parties agreed on before the first round.

    ``intensities`` and ``probabilities`` per setting; ``reconciliation`` is "cascade" or "ldpc"; ``expected_qber`` is
    the error rate of the key basis that the block sizes of the first block are chosen for; ``pool_target_bits`` is what
    the authentication pool is filled up to from each block. ``senders`` are the settings of both senders to a hub.
    """

    intensities: tuple[float, ...]
    probabilities: tuple[float, ...]
    reconciliation: str
    expected_qber: float
    pool_target_bits: int
    senders: tuple[ArmSettings, ...] = ()


@dataclass(frozen=True, slots=True)
class BlockOutcome:
    """What one party knows of a finished block; counts are bits, ``errors`` those corrected in the key basis."""

    counts: Counts
    sifted_bits: int
    test_bits: int
    test_errors: int
    errors: int
    leak_bits: int
    verification_bits: int
    verified: bool
    length: SecretLength


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
