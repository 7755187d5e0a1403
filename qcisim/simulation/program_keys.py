"""Keys for the messages of programs, as an application takes them from the key managers of its two nodes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qcisim.engine import AnyOf, Engine, Signal, Steps, Wait
from qcisim.errors import QcisimError
from qcisim.simulation.result import DemandResult, RouteResult

if TYPE_CHECKING:
    from qcisim.keys import KeyNetwork
    from qcisim.network import Route
    from qcisim.simulation.contacts import Contacts

CLOCK_S = 1e-12
"""The clock's step: less is no time."""

LOOK_S = 1.0
"""A message that waits for key looks for it this often, and whenever a link has stored some."""


class KeyShortage(QcisimError):
    """A message has waited too long for key."""


@dataclass(frozen=True, slots=True)
class Portion:
    """Key for one message: the same bytes from the stores of both nodes; the receiver has them at ``there_s``."""

    mine: bytes
    theirs: bytes
    there_s: float


class KeySupply:
    """Key from one node to another for one program: asked for in whole keys, kept until messages need it.

    Args:
        ends: ids of the node that sends and of the one that receives.
        routes: the paths that key may be relayed along, the best first.
        keys: the key managers.
        contacts: of satellites, where a route passes one.
        engine: the clock.
        key_bits: size of a key.
        stored: fires whenever a link has stored key.
        delay_s: of a path of nodes.
        longest_wait_s: after which a message gives up; None: never.
    """

    def __init__(
        self,
        ends: tuple[str, str],
        routes: Sequence[Route],
        keys: KeyNetwork,
        contacts: Contacts,
        engine: Engine,
        key_bits: int,
        stored: Signal,
        delay_s: Callable[[Sequence[str]], float],
        longest_wait_s: float | None,
    ) -> None:
        self.ends, self.key_bits = ends, key_bits
        self._routes, self._keys, self._contacts, self._engine = tuple(routes), keys, contacts, engine
        self._stored, self._delay_s, self._longest_s = stored, delay_s, longest_wait_s
        self._mine, self._theirs = bytearray(), bytearray()
        self._by_route = [0] * len(self._routes)
        self._waits: list[tuple[float, int]] = []
        self._outstanding = 0
        self._there_s = 0.0
        self.delivered = 0
        self.used_bits = 0
        self.epsilon = 0.0
        self.hash_key: tuple[bytes, bytes] | None = None
        """Of the tags of this direction, as both ends hold it, once it has been taken."""

    @property
    def requested(self) -> int:
        """Keys asked for."""
        return self.delivered + self._outstanding

    def take(self, size: int) -> Steps:
        """``portion = yield from supply.take(bytes)``: waits until there is key. Raises `KeyShortage`."""
        asked_s = self._engine.now_s
        while (missing := size - len(self._mine)) > 0:
            self._outstanding = math.ceil(8 * missing / self.key_bits)
            self._ask(asked_s)
            if size <= len(self._mine):
                break
            waited_s = self._engine.now_s - asked_s
            left_s = LOOK_S if self._longest_s is None else min(LOOK_S, self._longest_s - waited_s)
            if left_s < CLOCK_S:
                raise KeyShortage(self._shortage(waited_s))
            yield AnyOf(self._stored, Wait(left_s))
        portion = Portion(bytes(self._mine[:size]), bytes(self._theirs[:size]), self._there_s)
        for pool in (self._mine, self._theirs):
            pool[:size] = bytes(size)  # overwritten before it is released
            del pool[:size]
        self.used_bits += 8 * size
        return portion

    def _ask(self, asked_s: float) -> None:
        """Ask the key managers for what is outstanding, along one route after the other."""
        for number, route in enumerate(self._routes):
            if not self._outstanding:
                return
            if not self._contacts.open(route.nodes, self._engine.now_s):
                continue
            relayed = self._keys.relay(route.nodes, self._outstanding, self.key_bits)
            if not relayed.count:
                continue
            for source, target in relayed.parts:
                self._mine += source.reveal()
                self._theirs += target.reveal()
            self.delivered += relayed.count
            self._outstanding -= relayed.count
            self._by_route[number] += relayed.count
            self.epsilon = max(self.epsilon, relayed.epsilon)
            self._there_s = self._engine.now_s + self._delay_s(route.nodes)
            self._waits.append((self._engine.now_s - asked_s, relayed.count))

    def _shortage(self, waited_s: float) -> str:
        start, end = self.ends
        wanted = f"{self._outstanding} key{'s' if self._outstanding != 1 else ''} of {self.key_bits} bits"
        if not self._routes:
            return f"no key from {start} to {end}: no path of links over trusted nodes"
        return f"no key from {start} to {end} in {waited_s:g} s: {wanted} asked for, the stores on the way have less"

    def demand(self, text: str) -> DemandResult:
        """What was asked for and delivered, as a demand."""
        best = max(range(len(self._routes)), key=lambda i: self._by_route[i], default=None)
        used = [route for route, count in zip(self._routes, self._by_route, strict=True) if count] or self._routes[:1]
        return DemandResult(
            from_node=self.ends[0],
            to_node=self.ends[1],
            path=() if best is None else self._routes[best].nodes,
            sector="programs",
            key_bits=self.key_bits,
            keys_requested=self.requested,
            keys_delivered=self.delivered,
            epsilon_per_key=self.epsilon,
            trusted_nodes=tuple(dict.fromkeys(node for route in used for node in route.trusted_nodes)),
            text=text,
            routes=tuple(
                RouteResult(path=route.nodes, keys_delivered=count, origin=self._contacts.origin(route.nodes))
                for route, count in zip(self._routes, self._by_route, strict=True)
            ),
            latency_s=self._latency_s(),
        )

    def _latency_s(self) -> dict[str, float]:
        if not self._waits:
            return {}
        each = np.repeat([wait for wait, _ in self._waits], [count for _, count in self._waits])
        median, high = np.quantile(each, [0.5, 0.95])
        return {"median": float(median), "p95": float(high), "step": 0.0}
