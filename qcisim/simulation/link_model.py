"""One link, ready to run: its blocks, what its light does in them, and the rule that fixes their key length."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qcisim.optics import (
    ClickTables,
    FibreLink,
    LinkState,
    LinkStates,
    Receiver,
    SinglePhotonSource,
    WeakCoherentSource,
    click_tables,
    expected_tallies,
    sample_tallies,
)
from qcisim.optics.table import noise_terms
from qcisim.sdk import VERIFICATION_BITS, BlockCounts, Counts, LengthRule, ProtocolEntry, VariableLengthRule
from qcisim.security import Bound, SourceSettings, bound, plan_length
from qcisim.security.link_models import planned_leak_bits
from qcisim.security.pass_cells import PassCells
from qcisim.security.pass_counts import PassModel
from qcisim.security.pass_plan import optimise_pass
from qcisim.simulation.light_sampler import LightSampler
from qcisim.simulation.scenario import Link

if TYPE_CHECKING:
    from qcisim.simulation.passes import Timetable

AnySource: TypeAlias = WeakCoherentSource | SinglePhotonSource
Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]

AUTHENTICATION_TAGS_PER_BLOCK = 2  # in each direction
PAD_BITS_PER_TAG = 128

# Planned leakage over n h(Q), from 1 % errors on and to 0.5 %: above what benchmarks/cascade.py and ldpc.py measure.
PLANNED_EFFICIENCY = {"cascade": (1.05, 1.10), "ldpc": (1.17, 1.40)}
FEW_ERRORS, FEWEST_ERRORS = 0.01, 0.005
DRIFT = "the polarisation frame drifts as a random walk; the rule of a block knows its value at the start"


def planned_efficiency(reconciliation: str, qber: float) -> float:
    """f = leakage / (n h(Q)) that a block of error rate ``qber`` is planned with; the transcript decides.

    Linear in between: a step would throw blocks off their cap on leakage that happen to have fewer errors.
    """
    usual, few_errors = PLANNED_EFFICIENCY[reconciliation]
    few = min(1.0, max(0.0, (FEW_ERRORS - qber) / (FEW_ERRORS - FEWEST_ERRORS)))
    return usual + few * (few_errors - usual)


class AnyLink(Protocol):
    """A link through whatever medium."""

    def at(self, t_s: float = 0.0) -> LinkState:
        """The link at a time."""

    def states(self, t_s: Floats) -> LinkStates:
        """The link at many times."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time over which light is sent without a pause."""

    start_s: float
    length_s: float


@dataclass(frozen=True, slots=True)
class Block:
    """Rounds that share one key length: one stretch on a fibre, one for each pass of a satellite.

    ``source`` clocks the rounds (``clock_hz``) and names the settings that both ends know (``intensities``,
    ``probabilities``); what more it is, and what ``receiver`` is, is the business of the link.
    """

    stretches: tuple[Stretch, ...]
    source: Any
    receiver: Any = None
    passes: tuple[str, ...] = ()

    @property
    def start_s(self) -> float:
        """When its first light is sent."""
        return self.stretches[0].start_s

    @property
    def end_s(self) -> float:
        """When its last light is sent."""
        return self.stretches[-1].start_s + self.stretches[-1].length_s

    @property
    def rounds(self) -> int:
        """Rounds of all its stretches."""
        return sum(round(stretch.length_s * self.source.clock_hz) for stretch in self.stretches)


@dataclass(frozen=True, slots=True)
class Light:
    """What happens to the light of a block: middle and rounds of each time step (n,), click tables of all of them."""

    t_s: Floats
    rounds: Integers
    tables: ClickTables


@dataclass(frozen=True, slots=True)
class Counted:
    """What a block came to: rounds sent, clicks (or coincidences, or announced events), and the counts of its bound."""

    rounds: float
    clicks: float
    counts: Counts


def back_to_back(block_s: float, duration_s: float) -> Iterator[Stretch]:
    """Stretches of ``block_s`` one after the other; the last ends with the run."""
    for index in count():
        left_s = duration_s - index * block_s
        if left_s <= 1e-9 * block_s:
            return
        yield Stretch(index * block_s, min(block_s, left_s))


def length_rule(
    link: Link, claim: Bound, counts: Counts, leak_bits: float, *, legs: int = 1, common_spread: float = 0.0
) -> LengthRule | VariableLengthRule:
    """The rule for the length of a block's key, as the protocol of ``link`` asks, from the counts that are expected.

    With trusted relays a key comes where all ``legs`` are accepted, so each is with the root of the probability.
    """
    p = link.protocol
    if p.length_rule == "variable":
        return VariableLengthRule(claim, p.epsilon_secret, p.epsilon_correct)
    return plan_length(
        claim,
        counts,
        leak_bits,
        epsilon_secret=p.epsilon_secret,
        epsilon_correct=p.epsilon_correct,
        verification_bits=VERIFICATION_BITS,
        acceptance_probability=p.acceptance_probability ** (1.0 / legs),
        common_spread=common_spread,
    )


class CountedLink(Protocol):
    """A link of any kind that can be run in counts and rates, block by block."""

    @property
    def link_id(self) -> str:
        """The id in the scenario."""

    @property
    def spec(self) -> Link:
        """The link as the scenario states it."""

    @property
    def legs(self) -> int:
        """Equal legs in a row, trusted relays between them."""

    def blocks(self, duration_s: float) -> Iterator[Block]:
        """The blocks of a run."""

    def rule(self, block: Block) -> LengthRule | VariableLengthRule:
        """The length rule of a block, from what its owners know before its first round."""

    def delay_s(self, t_s: float) -> float:
        """One-way delay of a message between the ends at a time."""

    def count(self, block: Block, rng: np.random.Generator | None) -> Counted:
        """Random counts of a block, or expected ones where ``rng`` is None."""

    def planned_leak_bits(self, counts: Counts) -> float:
        """What reconciliation is planned to disclose."""


class Sampler(Protocol):
    """Draws what the stations of a link record, block after block."""

    def sample(self, block: Block) -> tuple[Sequence[Any], Sequence[Any], int]:
        """The first and the second party's records of the next block, and how many clicks they hold."""


class SampledLink(CountedLink, Protocol):
    """A link that can also be run in clicks: two programs of a protocol over sampled records."""

    @property
    def protocol(self) -> ProtocolEntry:
        """The programs."""

    def sampler(self, seed: int) -> Sampler:
        """What draws the records of a run."""

    def expected(self, block: Block) -> Counts:
        """Counts that the owners of the link expect of a block."""

    def settings(self) -> dict[str, Any]:
        """What was fixed before the first round, chosen or given, for the result's provenance."""

    def budget(self, t_s: float) -> dict[str, Any]:
        """Losses and noise by name at a time, as `LinkResult` holds them."""

    def assumptions(self) -> tuple[str, ...]:
        """What is particular to this link among the assumptions of its key."""


@dataclass(frozen=True, slots=True)
class LinkModel:
    """One link, ready to run. ``calibrated`` is the link that its owners know; ``actual`` has Eve on it.

    ``legs``: equal legs in a row, trusted relays between them; each leg is what the other fields describe.
    ``plan``: the passes of a link through free space.
    """

    link_id: str
    spec: Link
    source: AnySource
    receiver: Receiver
    calibrated: AnyLink
    actual: AnyLink
    protocol: ProtocolEntry
    bound: Bound
    step_s: float
    legs: int = 1
    plan: Timetable | None = None
    _tables: dict[bool, ClickTables] = field(default_factory=dict, repr=False, compare=False)
    _delay: list[float] = field(default_factory=list, repr=False, compare=False)
    _rules: dict[int, LengthRule | VariableLengthRule] = field(default_factory=dict, repr=False, compare=False)

    @property
    def is_constant(self) -> bool:
        """Whether the link never changes, so that one click table serves the whole run."""
        return isinstance(self.actual, FibreLink) and self.actual.walk is None

    def settings(self) -> dict[str, Any]:
        """Intensities, their probabilities, basis biases; chosen anew for each pass they stand with the passes."""
        if self.plan is not None and self.spec.protocol.optimise:
            return {"optimised": True, "chosen": "for each predicted pass, see passes"}
        return {
            "intensities": list(self.source.intensities),
            "probabilities": list(self.source.probabilities),
            "alice_key_basis_probability": self.source.key_basis_probability,
            "bob_key_basis_probability": self.receiver.key_basis_probability,
            "optimised": self.spec.protocol.optimise,
        }

    def budget(self, t_s: float) -> dict[str, Any]:
        """Losses and noise of the actual link by name."""
        states = self.actual.states(np.array([t_s]))
        noise = noise_terms(self.source, states)
        return {
            "losses_db": {name: float(loss[0]) for name, loss in states.losses_db},
            "transmittance": float(states.transmittance[0]),
            "noise_per_gate": {name: float(mean[0]) for name, mean in noise},
            "terms_provenance": dict(states.provenance),
        }

    def assumptions(self) -> tuple[str, ...]:
        """Of a drifting fibre."""
        if isinstance(self.actual, FibreLink) and self.actual.walk is not None:
            return (DRIFT,)
        return ()

    def delay_s(self, t_s: float) -> float:
        """One-way delay of the light at a time."""
        if self.is_constant and self._delay:
            return self._delay[0]
        delay_s = float(self.actual.at(t_s).delay_s)
        self._delay[:] = [delay_s]
        return delay_s

    def blocks(self, duration_s: float) -> Iterator[Block]:
        """The blocks of a run: on a fibre one after the other, the last ends with the run; else the planned passes."""
        if self.plan is not None:
            yield from self.plan.blocks(self.link_id, duration_s)
            return
        for stretch in back_to_back(self.spec.protocol.block_s, duration_s):
            yield Block((stretch,), self.source, self.receiver)

    def light(self, block: Block, *, actual: bool = True) -> Light:
        """The click tables of a block, on the link with Eve or on the calibrated one."""
        steps = [self._steps(stretch, block.source.clock_hz) for stretch in block.stretches]
        t_s, rounds = (np.concatenate(parts) for parts in zip(*steps, strict=True))
        link = self.actual if actual else self.calibrated
        if not self.is_constant:
            known_s = t_s if actual else self._known(t_s, block)
            return Light(t_s, rounds, click_tables(block.source, link.states(known_s), block.receiver))
        if actual not in self._tables:
            self._tables[actual] = click_tables(block.source, link.states(np.zeros(1)), block.receiver)
        return Light(t_s, rounds, self._tables[actual])

    def _steps(self, stretch: Stretch, clock_hz: float) -> tuple[Floats, Integers]:
        """A stretch cut into steps of at most ``step_s``: their middles, and rounds that add up to the stretch's."""
        number = 1 if self.is_constant else max(1, math.ceil(stretch.length_s / self.step_s - 1e-9))
        edges = np.rint(stretch.length_s * np.arange(number + 1) / number * clock_hz).astype(np.int64)
        return stretch.start_s + stretch.length_s * (np.arange(number) + 0.5) / number, np.diff(edges)

    def sampler(self, seed: int) -> LightSampler:
        """What draws the clicks of a run."""
        return LightSampler(self, seed)

    def count(self, block: Block, rng: np.random.Generator | None) -> Counted:
        """Random counts of a block on the actual link, or expected ones where ``rng`` is None."""
        light, detector, clock_hz = self.light(block), block.receiver.detector, block.source.clock_hz
        if rng is None:
            tally = expected_tallies(light.tables, light.rounds.astype(np.float64), detector, clock_hz).total()
        else:
            tables = light.tables
            if tables.nodes > 1:
                tables = replace(tables, share=self._drawn_shares(tables, light.rounds, clock_hz, rng))
            tally = sample_tallies(tables, light.rounds, detector, clock_hz, rng).total()
        return Counted(tally.rounds, float(tally.detections.sum()), BlockCounts.of(tally, block.source))

    def expected(self, block: Block) -> BlockCounts:
        """Counts that the calibrated link gives in ``block``."""
        if isinstance(block.source, WeakCoherentSource) and not self.is_constant:
            source = block.source
            chosen = SourceSettings(source.intensities, source.probabilities, source.key_basis_probability)
            return self._pass_model(block)(chosen)
        light = self.light(block, actual=False)
        clock_hz = block.source.clock_hz
        tallies = expected_tallies(light.tables, light.rounds.astype(np.float64), block.receiver.detector, clock_hz)
        return BlockCounts.of(tallies.total(), block.source, observed=False)

    def planned_leak_bits(self, counts: Counts) -> float:
        """f n h(Q), f rounded up: what reconciliation is planned to disclose."""
        return planned_leak_bits(counts, planned_efficiency(self.spec.protocol.reconciliation, counts.key_qber))

    def rule(self, block: Block) -> LengthRule | VariableLengthRule:
        """The length rule of a block, from the calibrated link and nothing else."""
        if not self.is_constant:
            return self._plan(block)
        if block.rounds not in self._rules:
            self._rules[block.rounds] = self._plan(block)
        return self._rules[block.rounds]

    def planned_length(self, block: Block) -> tuple[int, str]:
        """Bits that an honest block is planned to give, and the reason where there are none."""
        rule = self.rule(block)
        if isinstance(rule, LengthRule):
            return rule.bits, rule.reason
        counts = self.expected(block)
        length = self.bound.secret_length(
            counts,
            self.planned_leak_bits(counts),
            epsilon_secret=rule.epsilon_secret,
            epsilon_correct=rule.epsilon_correct,
            verification_bits=VERIFICATION_BITS,
        )
        return length.bits, length.reason

    def _pass_model(self, block: Block) -> PassModel:
        """The calibrated link of a block in closed form: what its click tables give, thirty times sooner."""
        steps = [self._steps(stretch, block.source.clock_hz) for stretch in block.stretches]
        t_s, rounds = (np.concatenate(parts) for parts in zip(*steps, strict=True))
        cells = PassCells.of_states(self.calibrated.states(self._known(t_s, block)), rounds)
        bob = block.receiver.key_basis_probability
        return PassModel(cells, block.receiver.detector, block.source.clock_hz, bob)

    def _known(self, t_s: Floats, block: Block) -> Floats:
        """Times whose link the owners plan with: a polarisation that drifts they know as it is when a block begins."""
        drifts = isinstance(self.calibrated, FibreLink) and self.calibrated.walk is not None
        return np.full_like(t_s, block.start_s) if drifts else t_s

    def settings_for(self, stretch: Stretch) -> tuple[AnySource, Receiver]:
        """Source and receiver of a pass: those of the link, or chosen for the predicted pass and nothing else."""
        protocol, source = self.spec.protocol, self.source
        if not protocol.optimise or not isinstance(source, WeakCoherentSource):
            return source, self.receiver
        model = replace(self._pass_model(Block((stretch,), source, self.receiver)), receiver_key_basis_probability=None)
        chosen = optimise_pass(
            model,
            self.bound,
            SourceSettings(source.intensities, source.probabilities, source.key_basis_probability),
            epsilon_secret=protocol.epsilon_secret,
            epsilon_correct=protocol.epsilon_correct,
            efficiency=planned_efficiency(protocol.reconciliation, FEW_ERRORS),
            verification_bits=VERIFICATION_BITS,
        ).settings
        q = chosen.key_basis_probability
        best = WeakCoherentSource(chosen.intensities, chosen.probabilities, source.clock_hz, q)
        return best, replace(self.receiver, key_basis_probability=q)

    @property
    def wavelength_nm(self) -> float:
        """Of the quantum signal."""
        return self.spec.source.pulse.wavelength_nm

    def per_second(self, t_s: Floats, source: WeakCoherentSource) -> dict[str, list[float]]:
        """Expected QBER, clicks per second and key per second at each time: curves to be drawn, no claim.

        Key per second is the asymptotic length of one second of such light.
        """
        states, detector = self.calibrated.states(t_s), self.receiver.detector
        cells = PassCells.of_states(states, np.full(len(t_s), source.clock_hz))
        at = np.repeat(np.arange(len(t_s)), len(cells) // len(t_s))
        chosen = SourceSettings(source.intensities, source.probabilities, source.key_basis_probability)
        limit = bound("asymptotic")
        found: dict[str, list[float]] = {"qber": [], "clicks_per_s": [], "key_bits_per_s": []}
        for number in range(len(t_s)):
            counts = PassModel(cells.select(at == number), detector, source.clock_hz)(chosen)
            leak_bits = self.planned_leak_bits(counts)
            length = limit.secret_length(counts, leak_bits, epsilon_secret=1e-10, epsilon_correct=1e-15)
            found["qber"].append(float(f"{counts.key_qber:.6g}"))
            found["clicks_per_s"].append(float(f"{counts.key_total + counts.test_total:.6g}"))
            found["key_bits_per_s"].append(float(length.bits))
        return found

    def _coherence_times(self, seconds: Floats) -> NDArray[np.int64]:
        """How often the fading takes a new value in so many seconds, at least once."""
        space = self.spec.free_space
        assert space is not None  # only light through the air fades
        return np.maximum(1, np.rint(seconds / space.atmosphere.fading_coherence_s)).astype(np.int64)

    def _fading_spread(self, block: Block) -> float:
        """Relative standard deviation of all counts of a block together, because the fading is drawn only so often.

        sqrt(sum_i c_i^2 v_i / K_i) / sum_i c_i: c_i light of a time step, v_i variance of its fading factor, K_i how
        often it is drawn anew in the step.
        """
        if self.spec.free_space is None:
            return 0.0
        steps = [self._steps(stretch, block.source.clock_hz) for stretch in block.stretches]
        t_s, rounds = (np.concatenate(parts) for parts in zip(*steps, strict=True))
        states = self.calibrated.states(t_s)
        variance = np.maximum(0.0, states.fading_factor**2 @ states.fading_weight - 1.0)
        light = rounds * states.transmittance
        drawn = self._coherence_times(rounds / block.source.clock_hz)
        total = float(light.sum())
        return math.sqrt(float((light**2 * variance / drawn).sum())) / total if total else 0.0

    def _drawn_shares(self, tables: ClickTables, rounds: Integers, clock_hz: float, rng: np.random.Generator) -> Floats:
        """Shares of the fading nodes in each time step, as often as the fading takes a new value."""
        drawn = self._coherence_times(rounds / clock_hz)
        shares = rng.multinomial(drawn, tables.share.reshape(-1, tables.nodes)) / drawn[:, None]
        return np.asarray(shares.ravel(), dtype=np.float64)

    def _plan(self, block: Block) -> LengthRule | VariableLengthRule:
        counts = self.expected(block)
        leak_bits, spread = self.planned_leak_bits(counts), self._fading_spread(block)
        return length_rule(self.spec, self.bound, counts, leak_bits, legs=self.legs, common_spread=spread)
