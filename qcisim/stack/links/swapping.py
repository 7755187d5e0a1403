"""Pairs over repeaters that swap as soon as they can: elementary links of any model, devices of the stack.

A repeater holds one qubit for each of its two links. Links begin when both of their nodes have heard of the request,
a repeater swaps when both of its links are up, and both ends have the pair when they know all results. A qubit that
waits longer than the cut-off is thrown away, and with it all that it is entangled with; those links begin again when
their nodes have heard of it. Times in ns.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from qcisim.errors import require
from qcisim.quantum.pauli import Floats, bloch, density_of
from qcisim.quantum.states import Matrix
from qcisim.stack.links.control import SwapAsap
from qcisim.stack.links.delivery import Delivery, LinkModel, NoPairError, PairState
from qcisim.stack.links.swap_device import SwapDevice

MOST_EVENTS = 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class SwapChain:
    """A link over repeaters; a `LinkModel`, first qubit at ``devices[0]``.

    Args:
        links: k elementary links, first qubit at the left node.
        devices: of the k + 1 nodes.
        delay_ns: of messages between nodes i and j, (k+1, k+1).
        control: how the repeaters act.
    """

    links: Sequence[LinkModel]
    devices: Sequence[SwapDevice]
    delay_ns: Sequence[Sequence[float]]
    control: SwapAsap = SwapAsap()

    def __post_init__(self) -> None:
        require(len(self.links) >= 2, "a chain of one link is that link")
        require(len(self.devices) == len(self.links) + 1, f"{len(self.devices)} devices for {len(self.links)} links")

    @property
    def impossible(self) -> str:
        """Why no pair will ever come, where that is plain beforehand; else empty.

        A qubit at an end waits at least for the swap next to it, and for news of it at either end.
        """
        cutoff, last = self.control.cutoff_ns, len(self.links)
        for node in (1, last - 1):
            least = self.devices[node].swap_ns + max(self.delay_ns[node][0], self.delay_ns[node][last])
            if cutoff is not None and cutoff < least:
                return f"with a cut-off of {cutoff:g} ns: the ends know of a swap after {least:g} ns at the earliest"
        return ""

    def sample(self, rng: np.random.Generator, now_ns: float = 0.0) -> Delivery:
        """The first pair of the chain, which is empty and idle when the request comes."""
        if self.impossible:
            raise NoPairError(f"repeater chain: no pair {self.impossible}")
        return _Run(self, rng, now_ns).delivery()

    @property
    def mean_fidelity(self) -> float:
        """Not known beforehand."""
        return math.nan

    @property
    def mean_duration_ns(self) -> float:
        """Not known beforehand."""
        return math.nan


class _Segment:
    """Links that swaps have joined, and the swaps that did."""

    __slots__ = ("alive", "into", "links", "swaps")

    def __init__(self, link: int) -> None:
        self.links = [link]
        self.swaps: dict[int, float] = {}
        self.alive = True
        self.into: _Segment | None = None

    @property
    def whole(self) -> _Segment:
        """The segment that this one has become a part of."""
        segment = self
        while segment.into is not None:
            segment = segment.into
        return segment


class _Run:
    """One pair, event by event."""

    def __init__(self, chain: SwapChain, rng: np.random.Generator, now_ns: float) -> None:
        self._chain, self._rng, self._now_ns = chain, rng, now_ns
        count = len(chain.links)
        self._count = count
        self._heap: list[tuple[float, int, Callable[[float], None]]] = []
        self._order = 0
        self._segment: list[_Segment | None] = [None] * count
        self._state: list[PairState | None] = [None] * count
        self._up_ns = [0.0] * count
        self._swapping: dict[int, float] = {}
        self._attempts = [0] * count
        self._done: tuple[float, _Segment] | None = None
        heard = [0.0, *(chain.delay_ns[0][node] for node in range(1, count)), 0.0]
        self._begin = [max(heard[link], heard[link + 1]) for link in range(count)]
        self._waiting = [] if chain.control.parallel else list(range(count - 1))
        first = range(count) if chain.control.parallel else (count - 1,)
        for link in first:
            self._generate(link, self._begin[link])

    def delivery(self) -> Delivery:
        events = 0
        while self._done is None:
            time, _, action = heapq.heappop(self._heap)
            action(time)
            events += 1
            if events > MOST_EVENTS:
                cutoff = self._chain.control.cutoff_ns
                raise NoPairError(f"repeater chain: no pair after {events} events with a cut-off of {cutoff} ns")
        time, segment = self._done
        return Delivery(time, PairState.made(self._joined(segment, time)), max(self._attempts))

    def _at(self, time: float, action: Callable[[float], None]) -> None:
        heapq.heappush(self._heap, (time, self._order, action))
        self._order += 1

    def _generate(self, link: int, begin: float) -> None:
        made = self._chain.links[link].sample(self._rng, self._now_ns + begin)
        self._attempts[link] += made.attempts
        self._at(begin + made.duration_ns, lambda time: self._up(link, made.state, time))

    def _up(self, link: int, state: PairState, time: float) -> None:
        segment = _Segment(link)
        self._segment[link], self._state[link], self._up_ns[link] = segment, state, time
        for node in (link, link + 1):
            if 0 < node < self._count:
                self._try_swap(node, time)
        cutoff = self._chain.control.cutoff_ns
        if cutoff is not None:
            self._at(time + cutoff, lambda now: self._cut(link, segment, now))
        if self._waiting and self._waiting[-1] == link - 1:
            following = self._waiting.pop()
            self._generate(following, max(time, self._begin[following]))

    def _try_swap(self, node: int, time: float) -> None:
        left, right = self._segment[node - 1], self._segment[node]
        if left is None or right is None or node in self._swapping:
            return
        self._swapping[node] = time
        self._at(time + self._chain.devices[node].swap_ns, lambda now: self._swap(node, left, right, now))

    def _swap(self, node: int, left: _Segment, right: _Segment, time: float) -> None:
        began = self._swapping.pop(node)
        left, right = left.whole, right.whole
        if not (left.alive and right.alive):
            for side in (left, right):
                if side.alive:
                    self._destroy(side, node, time)
            self._try_swap(node, time)
            return
        left.swaps |= {node: began} | right.swaps
        left.links += right.links
        right.into = left
        for link in right.links:
            self._segment[link] = left
        if len(left.swaps) == self._count - 1:
            self._know(left)

    def _know(self, segment: _Segment) -> None:
        """Both ends have heard of all swaps."""
        delays, last_node = self._chain.delay_ns, self._count
        ended = {node: began + self._chain.devices[node].swap_ns for node, began in segment.swaps.items()}
        known = max(end + max(delays[node][0], delays[node][last_node]) for node, end in ended.items())
        self._at(known, lambda now: self._deliver(segment, now))

    def _deliver(self, segment: _Segment, time: float) -> None:
        if segment.alive:
            self._done = time, segment

    def _cut(self, link: int, born: _Segment, time: float) -> None:
        """Both qubits of the link are too old, where they still wait."""
        segment = born.whole
        if not segment.alive:
            return
        for node in (link, link + 1):
            end = node in (0, self._count)
            if end or (node not in self._swapping and node not in segment.swaps):
                self._destroy(segment, node, time)
                return

    def _destroy(self, segment: _Segment, node: int, time: float) -> None:
        """News of the loss goes out from ``node``; each link begins again when both of its nodes have it."""
        segment.alive = False
        delays = self._chain.delay_ns[node]
        for link in segment.links:
            self._segment[link] = None
            self._generate(link, time + max(delays[link], delays[link + 1]))

    def _joined(self, segment: _Segment, delivered: float) -> Matrix:
        """R = R_1 K R_2 K ...: waits first, then swaps with corrections on the right, averaged over their results."""
        total: Floats | None = None
        for link in range(self._count):
            state = self._state[link]
            assert state is not None
            pair = bloch(state.phi_plus).reshape(4, 4)
            for side, node in ((0, link), (1, link + 1)):
                until = segment.swaps.get(node, delivered)
                wait = until - self._up_ns[link]
                device = self._chain.devices[node]
                other = link - 1 if side == 0 else link + 1
                first = 0 < node < self._count and self._up_ns[link] < self._up_ns[other]
                transfer = device.waited(wait, stored=first)
                if transfer is not None:
                    pair = transfer @ pair if side == 0 else pair @ transfer.T
            if total is None:
                total = pair
            else:
                left_first = self._up_ns[link - 1] < self._up_ns[link]
                total = self._chain.devices[link].swapped(total, pair, left_first=left_first)
        assert total is not None
        return density_of(total.reshape(16))
