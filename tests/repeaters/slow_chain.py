"""A slow, obvious chain: every attempt is a draw, every message travels, every node acts on what has reached it.

Nodes announce swaps and losses to everybody; each announcement reaches a node after the time light needs. A node finds
out who holds the other half of its qubit by following the announcements that have reached it. Quantum states are kept
apart from all that, by `BellDiagonal`.
"""

from __future__ import annotations

import heapq
import itertools
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from qcisim.quantum.bell_diagonal import BellDiagonal
from qcisim.repeaters import Chain
from qcisim.units import PICOSECONDS_PER_SECOND, picoseconds

HERALD, TOLD, DISTIL, ACT, DISCARD, TICK = range(6)
Half = tuple[int, int, int]  # node, side (0: towards the right neighbour, 1: towards the left one), elementary pair


@dataclass
class Held:
    """A qubit in a memory, as its node sees it."""

    half: Half
    lane: int
    born: int
    since: int
    rounds: int = 0
    with_node: int = -1
    busy: bool = False


@dataclass
class SlowChain:
    chain: Chain
    rng: np.random.Generator
    delivered: list[int] = field(default_factory=list)
    joined: list[int] = field(default_factory=list)
    weights: list[np.ndarray] = field(default_factory=list)
    discards: int = 0

    def __post_init__(self) -> None:
        chain = self.chain
        self.last = len(chain.links)
        self.place = [0]
        for link in chain.links:
            delay = link.delay_s * PICOSECONDS_PER_SECOND
            self.place.append(self.place[-1] + int(np.ceil(delay - 1e-3)))
        self.period = [
            max(picoseconds(link.attempt_s), self.place[i + 1] - self.place[i]) for i, link in enumerate(chain.links)
        ]
        self.rank = [10**6, *chain.ranks, 10**6]
        self.memory: dict[tuple[int, int, int], Held | None] = {}
        self.free: dict[tuple[int, int, int], int] = {}
        self.coming: set[tuple[int, int]] = set()
        for link, lanes in enumerate(chain.lanes):
            for lane in range(lanes):
                for key in ((link, 0, lane), (link + 1, 1, lane)):
                    self.memory[key], self.free[key] = None, 0
        self.heard: list[dict[Half, Half | None]] = [{} for _ in range(self.last + 1)]
        self.partner: dict[Half, Half | None] = {}
        self.state: dict[frozenset[Half], BellDiagonal] = {}
        self.done_at: dict[frozenset[Half], int] = {}
        self.where: dict[Half, tuple[int, int, int]] = {}
        self.knows_end: dict[Half, Half] = {}
        self.heap: list[tuple[int, int, int, Any]] = []
        self.order, self.pair = itertools.count(), itertools.count()
        for link in range(self.last):
            self.push(0, TICK, link)

    def push(self, time: int, kind: int, what: Any) -> None:
        heapq.heappush(self.heap, (time, kind, next(self.order), what))

    def run(self, pairs: int, limit: int = 2_000_000) -> None:
        for _ in range(limit):
            if len(self.delivered) >= pairs:
                return
            self.now, kind, _, what = heapq.heappop(self.heap)
            getattr(self, ("herald", "told", "distil", "act", "discard", "tick")[kind])(what)
        raise AssertionError("the slow chain does not come to an end")

    # ---- light -------------------------------------------------------------------------------------------------
    def tick(self, link: int) -> None:
        for lane in range(self.chain.lanes[link]):
            ends = [(link, 0, lane), (link + 1, 1, lane)]
            idle = all(self.memory[key] is None and self.free[key] <= self.now for key in ends)
            if (
                idle
                and (link, lane) not in self.coming
                and self.rng.random() < self.chain.links[link].success_probability
            ):
                self.coming.add((link, lane))
                self.push(self.now + self.period[link], HERALD, (link, lane))
        self.push(self.now + self.period[link], TICK, link)

    def herald(self, what: tuple[int, int]) -> None:
        link, lane = what
        self.coming.discard(what)
        number = next(self.pair)
        near, far = (link, 0, number), (link + 1, 1, number)
        self.partner[near], self.partner[far] = far, near
        self.state[frozenset((near, far))] = BellDiagonal(self.chain.links[link].weights)
        self.done_at[frozenset((near, far))] = self.now
        for side, half in enumerate((near, far)):
            born = self.now - min(picoseconds(self.chain.links[link].waited_s[side]), self.period[link])
            key = (link + side, side, lane)
            self.memory[key] = Held(half, lane, born, born)
            self.where[half] = key
            if self.chain.cutoff_s is not None:
                self.push(born + picoseconds(self.chain.cutoff_s), DISCARD, half)
        for node in (link, link + 1):
            self.push(self.now, ACT, node)

    # ---- knowledge ---------------------------------------------------------------------------------------------
    def announce(self, source: int, news: dict[Half, Half | None], time: int) -> None:
        for node in range(self.last + 1):
            self.push(time + abs(self.place[node] - self.place[source]), TOLD, (node, news))

    def told(self, what: tuple[int, dict[Half, Half | None]]) -> None:
        node, news = what
        self.heard[node].update(news)
        for key, held in self.memory.items():
            if key[0] == node and held is not None and self.believed(held.half) is None:
                self.empty(key, self.now)
        self.push(self.now, ACT, node)

    def believed(self, half: Half) -> Half | None:
        """Who the node of a half thinks holds the other one; None when it knows that nobody does."""
        node, side, number = half
        other: Half | None = (node + 1, 1, number) if side == 0 else (node - 1, 0, number)
        while other is not None and other in self.heard[node]:
            swapped = self.heard[node][other]
            if swapped is None:
                return None
            far, side, number = swapped
            other = (far + 1, 1, number) if side == 0 else (far - 1, 0, number)
        return other

    def rounds(self, held: Held) -> int:
        """Rounds of distillation that the pair has had, which begin anew when it is made longer."""
        other = self.believed(held.half)
        assert other is not None
        return held.rounds if held.with_node == other[0] else 0

    def wanted(self, half: Half) -> int:
        other = self.believed(half)
        assert other is not None
        ends = sorted((half[0], other[0]))
        schedule = self.chain.schedule
        if ends == [0, self.last]:
            return schedule.end_to_end if self.last > 1 else max(schedule.end_to_end, schedule.elementary)
        between = self.rank[ends[0] + 1 : ends[1]]
        if not between:
            return schedule.elementary
        level = max(between)
        return schedule.levels[level] if level < len(schedule.levels) else 0

    # ---- qubits ------------------------------------------------------------------------------------------------
    def age(self, half: Half, time: int) -> None:
        """The state of a half that waits in its memory until ``time``."""
        key = self.where[half]
        held = self.memory[key]
        other = self.partner[half]
        if other is None or held is None:
            return
        pair = frozenset((half, other))
        first = min(pair)
        waited = (time - held.since) / PICOSECONDS_PER_SECOND
        self.state[pair] = self.state[pair].store(self.chain.nodes[half[0]].twirled, waited, 0 if half == first else 1)
        held.since = time

    def empty(self, key: tuple[int, int, int], time: int) -> None:
        held = self.memory[key]
        assert held is not None
        other = self.partner[held.half]
        if other is not None:
            self.partner[other] = None
            self.state.pop(frozenset((held.half, other)))
        self.partner[held.half] = None
        self.memory[key], self.free[key] = None, time

    def discard(self, half: Half) -> None:
        key = self.where[half]
        held = self.memory[key]
        if held is None or held.half != half:
            return
        self.discards += 1
        self.empty(key, self.now)
        self.announce(half[0], {half: None}, self.now)

    # ---- nodes -------------------------------------------------------------------------------------------------
    def ready(self, node: int, side: int) -> Held | None:
        best = None
        for (at, where, _), held in self.memory.items():
            if (at, where) != (node, side) or held is None or held.busy:
                continue
            other = self.believed(held.half)
            if other is None or self.rank[other[0]] < self.rank[node] or self.rounds(held) < self.wanted(held.half):
                continue
            if best is None or held.born < best.born:
                best = held
        return best

    def act(self, node: int) -> None:
        self.begin_distillation(node)
        if 0 < node < self.last:
            while (left := self.ready(node, 1)) is not None and (right := self.ready(node, 0)) is not None:
                self.swap(node, left, right)
        else:
            self.deliver()

    def swap(self, node: int, left: Held, right: Held) -> None:
        device = self.chain.nodes[node]
        done = self.now + picoseconds(device.swap_s)
        for held in (left, right):
            self.age(held.half, done)
        good = self.rng.random() < device.swap_success
        a, b = self.partner[left.half], self.partner[right.half]
        if a is not None and b is not None and good:
            first, second = frozenset((a, left.half)), frozenset((right.half, b))
            merged = self.state[first].swap(self.state[second], device.noise)
            at = max(done, self.done_at[first], self.done_at[second])
            for half in (left.half, right.half):
                self.partner[half] = None
            self.partner[a], self.partner[b] = b, a
            self.state[frozenset((a, b))], self.done_at[frozenset((a, b))] = merged, at
            for held in (left, right):
                self.memory[self.where[held.half]], self.free[self.where[held.half]] = None, done
        else:
            for held in (left, right):
                self.empty(self.where[held.half], done)
        news: dict[Half, Half | None] = {left.half: right.half, right.half: left.half}
        self.announce(node, news if good else dict.fromkeys(news), done)

    def deliver(self) -> None:
        for lane in range(self.chain.lanes[0]):
            held = self.memory[0, 0, lane]
            if held is None or held.busy:
                continue
            there = self.believed(held.half)
            if there is None or there[0] != self.last or self.rounds(held) < self.wanted(held.half):
                continue
            other = self.memory[self.where[there]]
            if other is None or other.half != there or self.believed(there) != held.half:
                continue
            if other.busy or self.rounds(other) < self.wanted(there):
                continue
            if self.partner[held.half] != there:
                continue
            self.age(held.half, self.now)
            self.age(there, self.now)
            pair = frozenset((held.half, there))
            self.delivered.append(self.now)
            self.joined.append(self.done_at[pair])
            self.weights.append(self.state[pair].weights)
            for key in (self.where[held.half], self.where[there]):
                self.empty(key, self.now)

    # ---- distillation ------------------------------------------------------------------------------------------
    def begin_distillation(self, node: int) -> None:
        while True:
            open_ = []
            for (at, side, _), held in self.memory.items():
                if at == node and side == 0 and held is not None and not held.busy:
                    other = self.believed(held.half)
                    if other is not None and self.rounds(held) < self.wanted(held.half):
                        open_.append((held, other))
            open_.sort(key=lambda each: -self.rounds(each[0]))
            for (kept, there), (spent, there_too) in itertools.permutations(open_, 2):
                had, spends = self.rounds(kept), self.rounds(spent)
                match = spends == (0 if self.chain.schedule.pumped else had)
                if there[0] == there_too[0] and match and spends <= had:
                    break
            else:
                return
            kept.busy = spent.busy = True
            device = self.chain.nodes[node]
            acted = self.now + picoseconds(device.swap_s)
            for held in (kept, spent):
                self.age(held.half, acted)
            asked = self.now + abs(self.place[there[0]] - self.place[node])
            self.push(asked, DISTIL, ("asked", kept, spent, there, there_too, acted))
            self.push(acted, DISTIL, ("spent", spent))

    def raise_rounds(self, held: Held, other: int) -> None:
        held.rounds = (held.rounds if held.with_node == other else 0) + 1
        held.with_node, held.busy = other, False

    def distil(self, what: tuple[Any, ...]) -> None:
        step = what[0]
        if step == "spent":
            held = what[1]
            self.memory[self.where[held.half]] = None
            self.free[self.where[held.half]] = self.now
        elif step == "asked":
            _, kept, spent, there, there_too, acted = what
            here = [self.memory[self.where[half]] for half in (there, there_too)]
            node = there[0]
            there_are = all(
                held is not None and held.half == half for held, half in zip(here, (there, there_too), strict=True)
            )
            way = abs(self.place[node] - self.place[kept.half[0]])
            done = self.now + picoseconds(self.chain.nodes[node].swap_s)
            good = False
            if there_are and self.partner[there] == kept.half and self.partner[there_too] == spent.half:
                for half in (there, there_too):
                    self.age(half, done)
                first, second = frozenset((kept.half, there)), frozenset((spent.half, there_too))
                noise = [self.chain.nodes[n].noise for n in (kept.half[0], node)]
                left = self.state[first].distil(self.state[second], self.chain.schedule.scheme, *noise)
                good = self.rng.random() < left.probability
                if good:
                    self.state[first] = left.pair
            told = max(done, acted + way)
            self.push(max(acted, done + way), DISTIL, ("answer", kept, good, node))
            for held in here:
                if held is not None:
                    held.busy = True
            self.push(
                told if there_are else self.now,
                DISTIL,
                ("there", *here, good, done if there_are else self.now, kept.half[0]),
            )
        elif step == "there":
            _, kept, spent, good, done, asker = what
            for held, stays in ((kept, good), (spent, False)):
                if held is None:
                    continue
                key = self.where[held.half]
                if self.memory[key] is held and not stays:
                    self.empty(key, done if held is spent else self.now)
                elif stays:
                    self.raise_rounds(held, asker)
            node = (kept or spent).half[0] if (kept or spent) else None
            if node is not None:
                self.push(self.now, ACT, node)
        else:
            _, kept, good, node = what
            key = self.where[kept.half]
            if self.memory[key] is kept:
                if good:
                    self.raise_rounds(kept, node)
                else:
                    self.empty(key, self.now)
            self.push(self.now, ACT, kept.half[0])
