"""The public channel between two parties: everybody reads it, and its transcript counts what it disclosed."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from qcisim.engine import Engine, Signal


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
