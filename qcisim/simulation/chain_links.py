"""A link whose key comes from pairs that quantum repeaters swap together: its blocks, its pairs, its key length."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qcisim import registry
from qcisim.engine import stream
from qcisim.errors import InputError
from qcisim.quantum import SCHEMES, BellDiagonal
from qcisim.repeaters import Chain, ChainRun, MemoryDevice, Plan, Schedule, plan, run
from qcisim.repeaters.chain import Ends
from qcisim.sdk import Counts, LengthRule, PairRecord, PairSifting, ProtocolEntry, VariableLengthRule
from qcisim.security import Bound, bound
from qcisim.security.link_models import planned_leak_bits
from qcisim.simulation.chain_draws import (
    EVENTS_OF_COUNTS,
    drawn_cells,
    events_per_s,
    interruptible,
    pairs_of_rest,
    require_clicks_possible,
)
from qcisim.simulation.chain_spec import Memories, RepeaterChain
from qcisim.simulation.heralding_build import build_span
from qcisim.simulation.link_model import Block, Counted, back_to_back, length_rule, planned_efficiency
from qcisim.simulation.pair_links import Windows, born

if TYPE_CHECKING:
    from qcisim.simulation.equipment import Fibre as FibreSpec
    from qcisim.simulation.scenario import Link, Scenario

Floats: TypeAlias = NDArray[np.float64]
PILOT_PAIRS = 5000  # pairs of the run that the plan of a link rests on
PILOT_EVENTS = 200_000_000  # of that run, half a minute or so; the plan rests on the pairs until then
SPARE = 1.5  # pairs that a block may hold over what the plan expects, before more room is taken


@dataclass(frozen=True)
class ChainLinkModel:
    """Two ends of a repeater chain, ready to run.

    What its owners expect of a block comes from a simulation of the chain beforehand, with randomness of its own: the
    rate of pairs and their mean Bell weights. Each block starts with empty memories.
    """

    link_id: str
    spec: Link
    chain: Chain
    pilot: ChainRun
    protocol: ProtocolEntry
    bound: Bound
    _rules: dict[float, LengthRule | VariableLengthRule] = field(default_factory=dict, repr=False, compare=False)

    @property
    def legs(self) -> int:
        """One: nobody relays key on the way."""
        return 1

    @property
    def sifting(self) -> PairSifting:
        """The settings of both ends, and what becomes of their bits."""
        assert self.protocol.pairs is not None  # `chain_link` refuses protocols without
        return self.protocol.pairs

    @cached_property
    def windows(self) -> Windows:
        """The rounds: attempts of the slowest span, lane for lane."""
        return Windows(attempts_per_s(self.chain) * self.spec.key_share)

    @cached_property
    def settings_law(self) -> Floats:
        """Probability of each pair of settings, (A, B)."""
        shape = len(self.sifting.alice_deg), len(self.sifting.bob_deg)
        if self.sifting.equal_settings:
            return np.full(shape, 1.0 / math.prod(shape))
        q = self._spec.key_basis_probability
        return np.outer([q, 1.0 - q], [q, 1.0 - q])

    def blocks(self, duration_s: float) -> Iterator[Block]:
        """One after the other; the last ends with the run."""
        for stretch in back_to_back(self.spec.protocol.block_s, duration_s):
            yield Block((stretch,), self.windows)

    def _cells(self, weights: Floats) -> Floats:
        """Law of settings and bits for pairs of these Bell weights (n, 4), (n, A, B, 2, 2)."""
        rho = BellDiagonal(weights).to_density()
        outcomes = born(rho, self.sifting.alice_deg, self.sifting.bob_deg)
        law: Floats = self.settings_law[:, :, None, None] * outcomes
        return law

    def pairs(self, block: Block, rng: np.random.Generator) -> NDArray[np.int64]:
        """The cells [setting_a, setting_b, bit_a, bit_b], flat, of the pairs that a block delivers, in their order."""
        return self._cells_of(self._made((block.end_s - block.start_s) * self.spec.key_share, rng), rng)

    def _made(self, length_s: float, rng: np.random.Generator) -> ChainRun:
        """The chain run for ``length_s`` from empty memories."""
        room = math.ceil(SPARE * self.pilot.rate_hz * length_s) + 64
        while True:
            state = rng.bit_generator.state
            made = interruptible(partial(run, self.chain, room, rng, horizon_s=length_s))
            if made.ended != "done":
                return made
            rng.bit_generator.state = state
            room *= 2

    def _cells_of(self, made: ChainRun, rng: np.random.Generator) -> NDArray[np.int64]:
        return drawn_cells(lambda some: self._cells(made.weights[some]).reshape(-1, self._cell_count), len(made), rng)

    @property
    def _cell_count(self) -> int:
        return 4 * self.settings_law.size

    def _random_table(self, block: Block, rng: np.random.Generator) -> Floats:
        """Counts of the cells; where a block takes too many events, of its first part and of a rest by the same law."""
        length_s = (block.end_s - block.start_s) * self.spec.key_share
        share = min(1.0, EVENTS_OF_COUNTS / max(1.0, events_per_s(self.pilot) * length_s))
        made = self._made(share * length_s, rng)
        table = np.bincount(self._cells_of(made, rng), minlength=self._cell_count)
        rest = pairs_of_rest(made, (1.0 - share) * length_s, rng) if share < 1.0 else 0
        if rest:
            law = self._cells(made.mean_weights[None]).ravel()
            table = table + rng.multinomial(rest, law / law.sum())
        return table.reshape(*self.settings_law.shape, 2, 2).astype(np.float64)

    def count(self, block: Block, rng: np.random.Generator | None) -> Counted:
        """Random counts of a block, or expected ones where ``rng`` is None."""
        if rng is None:
            table = self._expected_table(block)
        else:
            table = self._random_table(block, rng)
        counts = self.sifting.of_table(table, rounds=float(block.rounds), observed=rng is not None)
        return Counted(float(block.rounds), float(table.sum()), counts)

    def _expected_table(self, block: Block) -> Floats:
        number = self.pilot.rate_hz * (block.end_s - block.start_s) * self.spec.key_share
        table: Floats = number * self._cells(self.pilot.mean_weights[None])[0]
        return table

    def expected(self, block: Block) -> Counts:
        """Counts that the plan of the link gives in ``block``."""
        return self.sifting.of_table(self._expected_table(block), rounds=float(block.rounds), observed=False)

    def planned_leak_bits(self, counts: Counts) -> float:
        """f n h(Q), f rounded up: what reconciliation is planned to disclose."""
        return planned_leak_bits(counts, planned_efficiency(self.spec.protocol.reconciliation, counts.key_qber))

    def rule(self, block: Block) -> LengthRule | VariableLengthRule:
        """The length rule of a block, from the plan and nothing else."""
        length_s = block.end_s - block.start_s
        if length_s not in self._rules:
            self._rules[length_s] = self._plan(block)
        return self._rules[length_s]

    def _plan(self, block: Block) -> LengthRule | VariableLengthRule:
        counts = self.expected(block)
        leak_bits, spread = self.planned_leak_bits(counts), 1.0 / math.sqrt(max(1, len(self.pilot)))
        return length_rule(self.spec, self.bound, counts, leak_bits, common_spread=spread)

    @property
    def repeaters(self) -> tuple[str, ...]:
        """Nodes between the two ends, in order."""
        return self._spec.repeaters

    @property
    def policy(self) -> str:
        """When repeaters swap."""
        return self._spec.policy

    def sampler(self, seed: int) -> ChainSampler:
        """What draws the pairs of a run."""
        return ChainSampler(self, seed)

    def delay_s(self, t_s: float) -> float:
        """One-way delay of a message along the chain."""
        return self.chain.delay_s

    def settings(self) -> dict[str, Any]:
        """Analysers of both ends, and what the plan expects of the chain."""
        return {
            "analysers_deg": [list(self.sifting.alice_deg), list(self.sifting.bob_deg)],
            "settings_probabilities": self.settings_law.tolist(),
            "planned_pairs_per_s": self.pilot.rate_hz,
            "planned_fidelity": self.pilot.fidelity,
        }

    def budget(self, t_s: float) -> dict[str, Any]:
        """Losses of the spans by name, and what their light could carry without repeaters."""
        names = (self.spec.between[0], *self._spec.repeaters, self.spec.between[1])
        losses, eta = {}, 1.0
        for i, (link, span) in enumerate(zip(self.chain.links, self._spec.spans, strict=True)):
            losses[f"fibre {names[i]} - {names[i + 1]}"] = _span_loss_db(span)
            eta *= link.transmittance or 0.0
        reason = self.chain.impossible or ("" if len(self.pilot) else self.pilot.reason)
        found: dict[str, Any] = {
            "losses_db": losses,
            "transmittance": eta,
            "noise_per_gate": {},
            "terms_provenance": {},
        }
        return found | ({"reason": reason} if reason else {})

    @property
    def _spec(self) -> RepeaterChain:
        assert self.spec.chain is not None
        return self.spec.chain

    def assumptions(self) -> tuple[str, ...]:
        """What is particular to this link."""
        chain, target = self._spec, self._spec.distillation.target_fidelity
        missed: tuple[str, ...] = ()
        if target is not None and self.pilot.fidelity < target:
            missed = (f"no rounds of distillation that fit the memories reach fidelity {target:g}",)
        return (
            *missed,
            f"{len(chain.repeaters)} quantum repeaters swap pairs: nobody on the way needs to be trusted",
            f"memories as in preset '{chain.memory.preset}', spans heralded by {chain.scheme}; "
            "heralded pairs are Pauli-twirled (fidelity and Bell weights are kept)",
            f"the plan rests on {len(self.pilot)} simulated pairs: {self.pilot.rate_hz:.4g} a second at fidelity "
            f"{self.pilot.fidelity:.4f}",
            "each block starts with empty memories",
            *self._extrapolated(),
        )

    def _extrapolated(self) -> tuple[str, ...]:
        """What is said of blocks in counts that are not simulated to their end."""
        per_s, block_s = events_per_s(self.pilot), self.spec.protocol.block_s * self.spec.key_share
        if per_s * block_s <= EVENTS_OF_COUNTS or self.spec.resolution == "clicks":
            return ()
        return (
            f"in counts, a block is simulated event by event for {EVENTS_OF_COUNTS / per_s:.3g} s; the pairs of the "
            "rest are drawn from the rate, spread and mean state of that part",
        )


class ChainSampler:
    """Draws the pairs of block after block, as both ends record them."""

    def __init__(self, model: ChainLinkModel, seed: int) -> None:
        self._model, self._rng = model, stream(seed, f"link/{model.link_id}/pairs")
        self._first = 0

    def sample(self, block: Block) -> tuple[list[PairRecord], list[PairRecord], int]:
        """The records of both ends of the next block, and how many pairs they hold."""
        cells = self._model.pairs(block, self._rng)
        rounds = self._first + np.arange(len(cells), dtype=np.int64)
        self._first += len(cells)
        rounds.setflags(write=False)
        shape = (*self._model.settings_law.shape, 2, 2)
        setting_a, setting_b, bit_a, bit_b = (axis.astype(np.uint8) for axis in np.unravel_index(cells, shape))
        return [PairRecord(rounds, setting_a, bit_a)], [PairRecord(rounds, setting_b, bit_b)], len(cells)


def chain_link(scenario: Scenario, link_id: str, protocol: ProtocolEntry) -> ChainLinkModel:
    """The model of a link over a repeater chain."""
    spec = scenario.links[link_id]
    assert spec.chain is not None
    if protocol.pairs is None:
        raise InputError(f"link {link_id}: protocol '{protocol.name}' measures no pairs, the link has a chain")
    pilot = _pilot(spec.chain, scenario.seed, link_id)
    if scenario.resolution_of(link_id) == "clicks":
        require_clicks_possible(pilot, min(spec.protocol.block_s, scenario.duration_s) * spec.key_share, link_id)
    return ChainLinkModel(link_id, spec, pilot.chain, pilot, protocol, bound(spec.protocol.bound))


def _pilot(spec: RepeaterChain, seed: int, link_id: str) -> ChainRun:
    """The simulation that the plan of a link rests on.

    Plans of distillation leave out how long pairs wait for each other, so where simulated pairs miss the target, the
    rounds are planned again for a fidelity that is higher by what was missed.
    """
    chain, target = build_chain(spec), spec.distillation.target_fidelity
    aim = target
    while True:
        beside = partial(run, chain, PILOT_PAIRS, stream(seed, f"link/{link_id}/plan"), most_events=PILOT_EVENTS)
        pilot = interruptible(beside)
        if target is None or aim is None or not len(pilot) or pilot.fidelity >= target:
            return pilot
        aim = min(1.0, aim + max(target - pilot.fidelity, 1e-4))
        found = plan_of(spec, aim)
        if found is None or not found.reached or found.schedule == chain.schedule:
            return pilot
        chain = replace(chain, schedule=found.schedule, ends="store")


def build_chain(spec: RepeaterChain) -> Chain:
    """The chain, its spans heralded from their hardware.

    Without distillation the ends measure at the herald, as key distribution may.
    """
    bare, wanted = build_spans(spec), spec.distillation
    found = plan_of(spec)
    rounds = Schedule(wanted.elementary, wanted.levels, wanted.end_to_end, SCHEMES[wanted.scheme], wanted.pumped)
    rounds = rounds if found is None else found.schedule
    ends: Ends = "store" if rounds.distils else "measure"
    return replace(bare, schedule=rounds, ends=ends)


def plan_of(spec: RepeaterChain, target_fidelity: float | None = None) -> Plan | None:
    """The rounds for the target fidelity of a chain, or for another one; None where none is asked for."""
    wanted = spec.distillation
    target = wanted.target_fidelity if target_fidelity is None else target_fidelity
    if target is None:
        return None
    return plan(build_spans(spec), target, scheme=SCHEMES[wanted.scheme], pumped=wanted.pumped)


def build_spans(spec: RepeaterChain) -> Chain:
    """The chain that stores its pairs and distils none."""
    links = tuple(build_span(spec, span) for span in spec.spans)
    return Chain(links, build_device(spec.memory), spec.lanes, spec.policy, cutoff_s=spec.cutoff_s)


def attempts_per_s(chain: Chain) -> float:
    """Attempts per second of the span that makes the fewest: no chain delivers more pairs."""
    return min(lanes / link.attempt_s for lanes, link in zip(chain.lanes, chain.links, strict=True))


def build_device(spec: Memories) -> MemoryDevice:
    """The memory device: the preset, and what the scenario says differently."""
    make = registry.get("memory", spec.preset).make
    assert make is not None  # memories are registered with their preset
    device: MemoryDevice = make()
    return replace(device, **spec.model_dump(exclude={"preset"}, exclude_none=True))


def _span_loss_db(span: FibreSpec) -> float:
    return span.length_km * span.attenuation_db_per_km + span.connector_db
