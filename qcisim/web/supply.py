"""New key for both ends of a link: at the same place of the same lane, also where one end is away for a while."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import NamedTuple

from qcisim.errors import EnvironmentFault, InputError
from qcisim.keys.lane import lane_name
from qcisim.web.deposit import DepositClient, Refused
from qcisim.web.fleet_config import FleetConfig

PENDING_LIMIT_BYTES = 64 << 20


class Deposit(NamedTuple):
    """Key for one lane at one byte of it, and the claim that comes with it."""

    lane: str
    start: int
    key: bytes
    epsilon: float
    theorem: str
    simulated: bool


class Supply:
    """Where each lane ends, and what a node has not got yet. Not for two threads at once."""

    def __init__(self, config: FleetConfig, clients: Mapping[str, DepositClient], alive: Callable[[str], bool]) -> None:
        self._config, self._clients, self._alive = config, clients, alive
        self._tails: dict[str, int] = {}
        self._pending: dict[str, list[Deposit]] = {node: [] for node in config.nodes}

    def fill(self) -> None:
        """Find where the lanes end; links that never had key get their initial keys."""
        size = self._config.limits.default_key_bits // 8
        books = {node: client.state()["books"] for node, client in self._clients.items()}
        for name, link in self._config.links.items():
            a, b = link.between
            for lane in (lane_name(name, a, b), lane_name(name, b, a)):
                self._tails[lane] = max(books[n][lane]["tail"] for n in (a, b))
                if self._tails[lane] == 0 and link.initial_keys:
                    self._append(lane, (a, b), os.urandom(link.initial_keys * size), link.epsilon, link.theorem, True)

    def deposit(self, link: str, key: bytes, *, epsilon: float, theorem: str, simulated: bool) -> None:
        """Half of ``key`` for each direction of ``link``, at both ends."""
        if link not in self._config.links:
            raise InputError(f"unknown link {link!r}")
        ends = self._config.links[link].between
        half = len(key) // 2
        for lane, part in ((lane_name(link, *ends), key[:half]), (lane_name(link, *reversed(ends)), key[half:])):
            if part:
                self._append(lane, ends, part, epsilon, theorem, simulated)

    def _append(
        self, lane: str, ends: tuple[str, str], key: bytes, epsilon: float, theorem: str, simulated: bool
    ) -> None:
        start = self._tails[lane]
        self._tails[lane] = start + len(key)
        for node in ends:
            self._pending[node].append(Deposit(lane, start, key, epsilon, theorem, simulated))
            self.flush(node)

    def flush(self, node: str) -> None:
        """Deliver what a node has not got yet; it stays pending while the node is away.

        What a node refuses, and what is too much to keep for one that stays away, is key that only the other end has:
        what is bound from it will be voided there.
        """
        pending = self._pending[node]
        while pending and self._alive(node):
            lane, start, key, epsilon, theorem, simulated = pending[0]
            try:
                self._clients[node].deposit(lane, start, key, epsilon=epsilon, theorem=theorem, simulated=simulated)
            except Refused:
                pending.pop(0)
                raise
            except EnvironmentFault:
                break
            pending.pop(0)
        while sum(len(p.key) for p in pending) > PENDING_LIMIT_BYTES:
            pending.pop(0)

    def flush_all(self) -> None:
        for node, pending in self._pending.items():
            if pending:
                self.flush(node)
