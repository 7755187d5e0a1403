"""From a scenario to the objects that a run works with: sources, fibres, receivers, bounds, protocols."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from qcisim import registry
from qcisim.engine import stream
from qcisim.optics import (
    ClassicalChannel,
    ClickTable,
    Detector,
    Fibre,
    FibreLink,
    Pulse,
    Receiver,
    SinglePhotonSource,
    WeakCoherentSource,
    click_table,
    expected_tally,
)
from qcisim.quantum import Channel
from qcisim.sdk import VERIFICATION_BITS, BlockCounts, LengthRule, ProtocolEntry, VariableLengthRule
from qcisim.security import Bound, SourceSettings, bound, optimise, plan_length
from qcisim.security.link_models import planned_leak_bits
from qcisim.simulation import equipment
from qcisim.simulation.protocols import find_protocol
from qcisim.simulation.scenario import Link, Protocol, Scenario

AnySource: TypeAlias = WeakCoherentSource | SinglePhotonSource

AUTHENTICATION_TAGS_PER_BLOCK = 2  # in each direction
PAD_BITS_PER_TAG = 128

# Planned leakage over n h(Q), from 1 % errors on and to 0.5 %: above what benchmarks/cascade.py and ldpc.py measure.
PLANNED_EFFICIENCY = {"cascade": (1.05, 1.10), "ldpc": (1.17, 1.40)}
FEW_ERRORS, FEWEST_ERRORS = 0.01, 0.005


def planned_efficiency(reconciliation: str, qber: float) -> float:
    """f = leakage / (n h(Q)) that a block of error rate ``qber`` is planned with; the transcript decides.

    Linear in between: a step would throw blocks off their cap on leakage that happen to have fewer errors.
    """
    usual, few_errors = PLANNED_EFFICIENCY[reconciliation]
    few = min(1.0, max(0.0, (FEW_ERRORS - qber) / (FEW_ERRORS - FEWEST_ERRORS)))
    return usual + few * (few_errors - usual)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a block over which the link state is taken as constant."""

    start_s: float
    rounds: int


@dataclass(frozen=True, slots=True)
class LinkModel:
    """One link, ready to run. ``calibrated`` is the link that its owners know; ``actual`` has Eve on it."""

    link_id: str
    spec: Link
    source: AnySource
    receiver: Receiver
    calibrated: FibreLink
    actual: FibreLink
    protocol: ProtocolEntry
    bound: Bound
    step_s: float
    _tables: list[ClickTable] = field(default_factory=list, repr=False, compare=False)
    _rules: dict[int, LengthRule | VariableLengthRule] = field(default_factory=dict, repr=False, compare=False)

    @property
    def is_constant(self) -> bool:
        """Whether the link never changes, so that one click table serves the whole run."""
        return self.actual.walk is None

    def table(self, t_s: float) -> ClickTable:
        """The click table of the actual link at ``t_s``."""
        if not self.is_constant:
            return click_table(self.source, self.actual.at(t_s), self.receiver)
        if not self._tables:
            self._tables.append(click_table(self.source, self.actual.at(0.0), self.receiver))
        return self._tables[0]

    def block(self, index: int, duration_s: float) -> tuple[float, float] | None:
        """Start and length in s of block ``index`` of a run; the last one ends with the run, then None."""
        block_s = self.spec.protocol.block_s
        start_s = index * block_s
        left_s = duration_s - start_s
        return (start_s, min(block_s, left_s)) if left_s > 1e-9 * block_s else None

    def spans(self, start_s: float, length_s: float) -> list[Span]:
        """The block cut into spans of at most ``step_s``; their rounds add up to the block's."""
        count = 1 if self.is_constant else max(1, math.ceil(length_s / self.step_s - 1e-9))
        edges = [round(length_s * i / count * self.source.clock_hz) for i in range(count + 1)]
        return [Span(start_s + length_s * (i + 0.5) / count, edges[i + 1] - edges[i]) for i in range(count)]

    def expected(self, t_s: float, rounds: int) -> BlockCounts:
        """Counts that the calibrated link gives in ``rounds`` at ``t_s``."""
        table = click_table(self.source, self.calibrated.at(t_s), self.receiver)
        tally = expected_tally(table, rounds, self.receiver.detector, self.source.clock_hz)
        return BlockCounts.of(tally, self.source, observed=False)

    def planned_leak_bits(self, counts: BlockCounts) -> float:
        """f n h(Q), f rounded up: what reconciliation is planned to disclose."""
        return planned_leak_bits(counts, planned_efficiency(self.spec.protocol.reconciliation, counts.key_qber))

    def rule(self, start_s: float, rounds: int) -> LengthRule | VariableLengthRule:
        """The length rule of a block, from the calibrated link at its start and nothing else."""
        if not self.is_constant:
            return self._plan(start_s, rounds)
        if rounds not in self._rules:
            self._rules[rounds] = self._plan(0.0, rounds)
        return self._rules[rounds]

    def _plan(self, start_s: float, rounds: int) -> LengthRule | VariableLengthRule:
        p = self.spec.protocol
        if p.length_rule == "variable":
            return VariableLengthRule(self.bound, p.epsilon_secret, p.epsilon_correct)
        counts = self.expected(start_s, rounds)
        return plan_length(
            self.bound,
            counts,
            self.planned_leak_bits(counts),
            epsilon_secret=p.epsilon_secret,
            epsilon_correct=p.epsilon_correct,
            verification_bits=VERIFICATION_BITS,
            acceptance_probability=p.acceptance_probability,
        )


def build_link(scenario: Scenario, link_id: str) -> LinkModel:
    """The model of one link of ``scenario``."""
    spec = scenario.links[link_id]
    assert spec.fibre is not None  # the scenario refuses a qkd link without a fibre
    attack: Channel | None = None
    if spec.attack is not None:
        make = registry.get("attack", spec.attack.name).make
        assert make is not None  # attacks are registered with their channel
        attack = make(spec.attack.fraction)

    def link_with(eve: Channel | None) -> FibreLink:
        return FibreLink(
            fibre,
            receiver,
            source.clock_hz,
            pulse,
            classical,
            attack=eve,
            rng=stream(scenario.seed, f"link/{link_id}/polarisation"),
        )

    fibre_spec = spec.fibre
    fibre = Fibre(**fibre_spec.model_dump(exclude={"status", "source", "classical_channels"}))
    classical = tuple(ClassicalChannel(**channel.model_dump()) for channel in fibre_spec.classical_channels)
    source, pulse = build_source(spec.source)
    receiver = build_receiver(spec.receiver)
    calibrated = link_with(None)
    if spec.protocol.optimise and spec.source.kind == "weak_coherent":
        rounds = round(min(scenario.duration_s, spec.protocol.block_s) * source.clock_hz)
        source, receiver = optimised(source, receiver, calibrated, spec.protocol, rounds)
    return LinkModel(
        link_id=link_id,
        spec=spec,
        source=source,
        receiver=receiver,
        calibrated=calibrated,
        actual=calibrated if attack is None else link_with(attack),
        protocol=find_protocol(spec.protocol.name),
        bound=bound(spec.protocol.bound),
        step_s=scenario.step_s,
    )


def optimised(
    source: AnySource, receiver: Receiver, link: FibreLink, protocol: Protocol, rounds: int
) -> tuple[AnySource, Receiver]:
    """Source and receiver with the intensities, probabilities and basis bias that give the longest key of a block.

    Chosen on the calibrated link at the start of the run, before any block; the basis bias is the same for both.
    """
    state = link.at(0.0)

    def with_settings(chosen: SourceSettings) -> tuple[AnySource, Receiver]:
        q = chosen.key_basis_probability
        changed = WeakCoherentSource(chosen.intensities, chosen.probabilities, source.clock_hz, q)
        return changed, replace(receiver, key_basis_probability=q)

    def model(chosen: SourceSettings) -> BlockCounts:
        changed, with_bias = with_settings(chosen)
        table = click_table(changed, state, with_bias)
        tally = expected_tally(table, rounds, receiver.detector, source.clock_hz)
        return BlockCounts.of(tally, changed, observed=False)

    start = SourceSettings(tuple(source.intensities), tuple(source.probabilities), source.key_basis_probability)
    best = optimise(
        model,
        bound(protocol.bound),
        start,
        epsilon_secret=protocol.epsilon_secret,
        epsilon_correct=protocol.epsilon_correct,
        efficiency=planned_efficiency(protocol.reconciliation, FEW_ERRORS),
        verification_bits=VERIFICATION_BITS,
        keep_weakest=True,
    )
    return with_settings(best)


def build_source(spec: equipment.WeakCoherent | equipment.SinglePhoton) -> tuple[AnySource, Pulse]:
    """The source and the shape of its pulses."""
    values = spec.model_dump(exclude={"kind", "pulse"})
    pulse = Pulse(**spec.pulse.model_dump())
    kind = SinglePhotonSource if spec.kind == "single_photon" else WeakCoherentSource
    return kind(**values), pulse


def build_receiver(spec: equipment.Receiver) -> Receiver:
    """The receiver with its detector: the preset, and what the scenario says differently."""
    preset = registry.get("detector", spec.detector.preset).make
    assert preset is not None  # detectors are registered with their preset
    changes = spec.detector.model_dump(exclude={"preset"}, exclude_none=True)
    detector: Detector = replace(preset(), **changes)
    return Receiver(detector, **spec.model_dump(exclude={"detector"}))
