"""Classical sockets of programs in a scenario: messages are counted, and protected with keys of the key managers."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qcisim.auth import forgery_epsilon
from qcisim.engine import Engine, Process, Signal, Steps
from qcisim.errors import QcisimError
from qcisim.simulation import program_sealing as sealing
from qcisim.stack.csocket import ClassicalSocket

if TYPE_CHECKING:
    from qcisim.simulation.program_keys import KeySupply
    from qcisim.stack.node import Node


@dataclass(slots=True)
class Traffic:
    """Messages of a round, or of all: how many, how long, under how much key, and how long they waited for it."""

    messages: int = 0
    data_bytes: int = 0
    key_bits: int = 0
    waited_s: float = 0.0
    longest_wait_s: float = 0.0
    forgery_epsilon: float = 0.0

    def add(self, other: Traffic) -> None:
        """Another round."""
        self.messages += other.messages
        self.data_bytes += other.data_bytes
        self.key_bits += other.key_bits
        self.waited_s += other.waited_s
        self.longest_wait_s = max(self.longest_wait_s, other.longest_wait_s)
        self.forgery_epsilon += other.forgery_epsilon


class Lane:
    """Messages from one node to another in one round, in order, each as soon as there is key for it.

    Args:
        engine: the clock.
        supply: of key.
        encrypts: whether messages are hidden too.
        cipher: "one_time_pad" or "aes_gcm".
        context: program, round and both ends.
        traffic: where messages are counted.
        failed: is told of what goes wrong.
    """

    def __init__(
        self,
        engine: Engine,
        supply: KeySupply,
        encrypts: bool,
        cipher: str,
        context: bytes,
        traffic: Traffic,
        failed: Callable[[QcisimError], None],
    ) -> None:
        self._engine, self._supply, self._encrypts, self._cipher = engine, supply, encrypts, cipher
        self._context, self._traffic, self._failed = context, traffic, failed
        self._waiting: deque[tuple[bytes, int, Callable[[Any], None]]] = deque()
        self._sent = Signal(f"a message {' to '.join(supply.ends)}")
        self._session: tuple[bytes, bytes] | None = None
        self._number = 0
        self._latest_ps = 0
        self.process: Process = engine.process(self._steps(), f"messages {' to '.join(supply.ends)}", background=True)

    def send(self, message: Any, delay_ps: int, arrive: Callable[[Any], None]) -> None:
        """Protect a message and send it on; returns at once."""
        self._waiting.append((sealing.packed(message), delay_ps, arrive))
        self._sent.fire()

    def _steps(self) -> Steps:
        while True:
            while not self._waiting:
                yield self._sent
            data, delay_ps, arrive = self._waiting[0]
            asked_s = self._engine.now_s
            try:
                there_s, received = yield from self._carried(data)
            except QcisimError as error:
                self._failed(error)
                return
            waited_s = self._engine.now_s - asked_s
            self._traffic.waited_s += waited_s
            self._traffic.longest_wait_s = max(self._traffic.longest_wait_s, waited_s)
            self._waiting.popleft()
            self._number += 1
            late_ps = round((there_s - self._engine.now_s) * 1e12)
            self._latest_ps = max(self._engine.now_ps + max(delay_ps, late_ps), self._latest_ps)  # in order
            self._engine.schedule(self._latest_ps - self._engine.now_ps, _bound(arrive, received))

    def _carried(self, data: bytes) -> Steps:
        """(when the receiver has the key, the message as it reads it): sealed by one end, opened by the other."""
        context = self._context + b"%d|" % self._number
        if self._encrypts and self._cipher == "aes_gcm":
            return (yield from self._under_aes(context, data))
        supply, traffic = self._supply, self._traffic
        there_s = 0.0
        if supply.hash_key is None:
            portion = yield from supply.take(sealing.HASH_BYTES)
            if supply.hash_key is None:  # no other round has come first
                supply.hash_key = portion.mine, portion.theirs
            traffic.key_bits += 8 * sealing.HASH_BYTES
            there_s = portion.there_s
        hides = len(data) if self._encrypts else 0
        portion = yield from supply.take(sealing.PAD_BYTES + hides)
        traffic.key_bits += 8 * (sealing.PAD_BYTES + hides)
        mark, rest = sealing.PAD_BYTES, slice(sealing.PAD_BYTES, None)
        wire = sealing.padded(data, portion.mine[rest]) if hides else data
        tag = sealing.tagged(context, wire, supply.hash_key[0], portion.mine[:mark])
        sealing.check(context, wire, tag, supply.hash_key[1], portion.theirs[:mark])
        read = sealing.padded(wire, portion.theirs[rest]) if hides else wire
        traffic.forgery_epsilon += forgery_epsilon(len(context) + len(wire))
        return max(there_s, portion.there_s), sealing.unpacked(read)

    def _under_aes(self, context: bytes, data: bytes) -> Steps:
        there_s = 0.0
        if self._session is None:
            portion = yield from self._supply.take(sealing.AES_BYTES)
            self._session = portion.mine, portion.theirs
            self._traffic.key_bits += 8 * sealing.AES_BYTES
            there_s = portion.there_s
        wire = sealing.sealed(context, data, self._session[0], self._number)
        return there_s, sealing.unpacked(sealing.opened(context, wire, self._session[1], self._number))


def _bound(arrive: Callable[[Any], None], message: Any) -> Callable[[], None]:
    return lambda: arrive(message)


class ProgramSocket(ClassicalSocket):
    """One end of a connection whose messages are counted, and protected where there is a lane for them."""

    def __init__(self, node: Node, peer: str, app_name: str, traffic: Traffic, lane: Callable[[], Lane] | None) -> None:
        super().__init__(node, peer, app_name)
        self._traffic, self._lane = traffic, lane

    def send(self, msg: Any) -> None:
        """Send any object, or with a lane what can be written down; returns at once."""
        self._traffic.messages += 1
        if self._lane is None:
            super().send(msg)
            return
        self._traffic.data_bytes += len(sealing.packed(msg))
        self._lane().send(msg, self._delay_ps, self._there.put)
