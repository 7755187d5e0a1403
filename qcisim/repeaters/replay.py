"""A traced run once more, with exact density matrices, and who could have known what.

The compiled loops carry Bell weights, for which memories are twirled. The same events on density matrices keep
amplitude damping as it is and start from any heralded state.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from qcisim.errors import require
from qcisim.quantum.bell_diagonal import BellDiagonal
from qcisim.quantum.pair_density import PairDensity
from qcisim.repeaters import layout
from qcisim.repeaters.chain import Chain
from qcisim.repeaters.compiled import compile_chain
from qcisim.repeaters.trace import Ints, Trace
from qcisim.units import PICOSECONDS_PER_SECOND

Memory = tuple[int, int, int]  # link, side, lane


@dataclass
class _Held:
    pair: PairDensity
    memories: list[Memory]
    since: list[int]
    news: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class Replayed:
    """One delivered pair.

    Args:
        pair: its state at delivery.
        delivered_s: when.
        news: (time in s, node) of everything that both ends had to hear of: swaps and what was measured to distil.
    """

    pair: PairDensity
    delivered_s: float
    news: tuple[tuple[float, int], ...]


def replay(chain: Chain, trace: Trace, states: Sequence[PairDensity] | None = None) -> tuple[Replayed, ...]:
    """The delivered pairs of a trace, in order.

    Args:
        chain: that has run, with ends that store.
        trace: of the run.
        states: heralded pair of each link, near Phi+, before any waiting; by default the chain's Bell weights.

    Distillations that succeeded are conditioned on it; whether they do was drawn with the twirled states.
    """
    require(chain.ends == "store", "a replay follows memories: wanted a chain whose ends store")
    made = [PairDensity.of_weights(BellDiagonal(link.weights)) for link in chain.links]
    walk = _Walk(chain, made if states is None else list(states))
    for row in trace.rows:
        walk.take(row)
    return tuple(walk.done)


class _Walk:
    def __init__(self, chain: Chain, states: list[PairDensity]) -> None:
        require(len(states) == len(chain.links), f"{len(states)} states for {len(chain.links)} links: one for each")
        self.chain, self.states = chain, states
        compiled = compile_chain(chain)
        self.place = compiled.node_int[:, layout.PLACE]
        self.gate = compiled.node_int[:, layout.GATE_TIME]
        self.stored = compiled.link_int[:, layout.STORED : layout.STORED + 2]
        self.held: dict[Memory, _Held] = {}
        self.done: list[Replayed] = []

    def take(self, row: Ints) -> None:
        time, kind, left, right, a, b, c, d, begin, good = (int(value) for value in row)
        if kind == layout.HERALD:
            memories = [(left, 0, a), (left, 1, b)]
            since = [time - int(self.stored[left, side]) for side in (0, 1)]
            held = _Held(self.states[left], memories, since)
            self.held.update(dict.fromkeys(memories, held))
        elif kind == layout.SWAP:
            self._swap(time, a, b, c, good == 1 and d == 0)
        elif kind == layout.DISTIL:
            self._distil(time, left, right, (a, c), begin, good == 1)
        elif kind == layout.DELIVER:
            held = self.held[0, 0, a]
            for side in (0, 1):
                self._age(held, side, time)
            for memory in held.memories:
                del self.held[memory]
            news = tuple((when / PICOSECONDS_PER_SECOND, node) for when, node in held.news)
            self.done.append(Replayed(held.pair, time / PICOSECONDS_PER_SECOND, news))
        else:
            self.held.pop((left - b, b, a), None)

    def _age(self, held: _Held, side: int, time: int) -> None:
        link, where, _ = held.memories[side]
        waited = (time - held.since[side]) / PICOSECONDS_PER_SECOND
        held.pair = held.pair.store(self.chain.nodes[link + where].memory, waited, side)
        held.since[side] = time

    def _swap(self, time: int, lane_left: int, lane_right: int, node: int, good: bool) -> None:
        first, second = self.held.pop((node - 1, 1, lane_left)), self.held.pop((node, 0, lane_right))
        if not good:
            return
        self._age(first, 1, time)
        self._age(second, 0, time)
        first.pair = first.pair.swap(second.pair, self.chain.nodes[node].noise)
        first.memories[1], first.since[1] = second.memories[1], second.since[1]
        first.news += [*second.news, (time, node)]
        self.held[first.memories[1]] = first

    def _distil(self, time: int, left: int, right: int, lanes: tuple[int, int], begin: int, good: bool) -> None:
        kept, spent = (self.held.pop((left, 0, lane)) for lane in lanes)
        if not good:
            for each in (kept, spent):
                self.held.pop(each.memories[1], None)
            return
        way = int(abs(self.place[right] - self.place[left]))
        for each in (kept, spent):
            self._age(each, 0, begin + int(self.gate[left]))
            self._age(each, 1, begin + way + int(self.gate[right]))
        noises = self.chain.nodes[left].noise, self.chain.nodes[right].noise
        kept.pair = kept.pair.distil(spent.pair, self.chain.schedule.scheme, *noises).pair
        self.held.pop(spent.memories[1], None)
        self.held[kept.memories[0]] = kept
        kept.news += [*spent.news, (begin + int(self.gate[left]), left), (begin + way + int(self.gate[right]), right)]
