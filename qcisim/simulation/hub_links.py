"""A link of two arms that meet at an untrusted hub (MDI-QKD): its blocks, what the hub announces in them, its rule."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qcisim.engine import stream
from qcisim.optics.hub import HubTable
from qcisim.optics.hub_records import HubRecord
from qcisim.optics.link import FibreLink
from qcisim.sdk import VERIFICATION_BITS, Counts, LengthRule, ProtocolEntry, VariableLengthRule
from qcisim.security import (
    ArmSettings,
    Bound,
    Hub,
    MdiCounts,
    MdiFinite,
    bound,
    expected_mdi_counts,
    optimise_arms,
)
from qcisim.security.link_models import planned_leak_bits
from qcisim.simulation.equipment import FourIntensity, Sender
from qcisim.simulation.hub_optics import HubReceiver
from qcisim.simulation.link_model import (
    FEW_ERRORS,
    Block,
    Counted,
    back_to_back,
    length_rule,
    planned_efficiency,
)
from qcisim.simulation.scenario import Link, Scenario

EXPERIMENTAL = (
    "experimental: no reference case of finite-key MDI-QKD exists; its bound is derived afresh and tested on simulated "
    "blocks only"
)


@dataclass(frozen=True, slots=True)
class Senders:
    """Both senders of a link: their settings, and the rounds that the hub has for them."""

    clock_hz: float
    senders: tuple[ArmSettings, ArmSettings]

    @property
    def intensities(self) -> tuple[float, ...]:
        """Alice's signal and decoys, then Bob's."""
        return tuple(mu for arm in self.senders for mu in (arm.signal, *arm.decoys))

    @property
    def probabilities(self) -> tuple[float, ...]:
        """Of the intensities, per round, in the same order."""
        return tuple(p for arm in self.senders for p in (arm.signal_probability, *arm.test_probabilities))


@dataclass(frozen=True)
class HubLinkModel:
    """Two senders and a hub, ready to run. The owners plan with an honest hub; ``lies`` is what it really does."""

    link_id: str
    spec: Link
    optics: HubReceiver
    source: Senders
    protocol: ProtocolEntry
    bound: Bound
    lies: float = 0.0
    _rules: dict[int, LengthRule | VariableLengthRule] = field(default_factory=dict, repr=False, compare=False)

    @property
    def legs(self) -> int:
        """One: nobody relays key at a hub."""
        return 1

    @cached_property
    def table(self) -> HubTable:
        """What the hub really announces."""
        return self.optics.table(self.source.senders, self.lies)

    @cached_property
    def _planned(self) -> tuple[Hub, float]:
        """The honest hub, and the share of rounds in which it is not blind."""
        return self.optics.hub(self.source.senders), self.optics.table(self.source.senders).live_share

    def settings(self) -> dict[str, Any]:
        """Intensities and probabilities of both senders."""
        return {
            "senders": {
                node: {
                    "signal": arm.signal,
                    "decoys": list(arm.decoys),
                    "signal_probability": arm.signal_probability,
                    "decoy_probabilities": list(arm.decoy_probabilities),
                }
                for node, arm in zip(self.spec.between, self.source.senders, strict=True)
            },
            "hub": self.spec.hub,
            "hub_share": self.spec.hub_share,
            "optimised": self.spec.protocol.optimise,
        }

    def budget(self, t_s: float) -> dict[str, Any]:
        """Losses of both arms and noise of a detector by name."""
        losses = {
            f"{name}, {node}": float(loss_db)
            for node, arm in zip(self.spec.between, self.optics.arms, strict=True)
            for name, loss_db in arm.at(t_s).losses_db
        }
        named = dict(zip(("first arm", "second arm"), self.spec.between, strict=True))
        noise = {}
        for name, mean in self.optics.noise(self.source.senders).items():
            what, comma, arm = name.partition(", ")
            noise[f"{what}, {named[arm]}" if comma else name] = mean
        return {
            "losses_db": losses,
            "transmittance": math.prod(self.optics.transmittances),
            "noise_per_gate": noise,
        }

    def assumptions(self) -> tuple[str, ...]:
        """What this link and its bound leave open."""
        visibility = self.spec.mode_overlap**2
        found = [
            f"both arms stand still; single photons of the two senders interfere with a visibility of {visibility:.3g}",
            "both senders are calibrated, shielded, and emit one mode; the hub may be anybody's",
        ]
        if isinstance(self.bound, MdiFinite):
            found.append(EXPERIMENTAL)
        return tuple(found)

    def delay_s(self, t_s: float) -> float:
        """Twice the longer arm: no message goes round before the hub's word has reached both ends."""
        return 2.0 * max(float(arm.at(0.0).delay_s) for arm in self.optics.arms)

    def blocks(self, duration_s: float) -> Iterator[Block]:
        """One after the other; the last ends with the run."""
        for stretch in back_to_back(self.spec.protocol.block_s, duration_s):
            yield Block((stretch,), self.source, self.optics.receiver)

    def sampler(self, seed: int) -> HubSampler:
        """What draws the announcements of a run."""
        return HubSampler(self, seed)

    def count(self, block: Block, rng: np.random.Generator | None) -> Counted:
        """Random counts of a block, or expected ones where ``rng`` is None."""
        cells = self.table.expected(block.rounds) if rng is None else self.table.count(block.rounds, rng)
        return Counted(block.rounds, float(cells.sum()), counts_of(cells, self.source, block.rounds, rng is not None))

    def expected(self, block: Block) -> MdiCounts:
        """Counts that an honest hub gives, in closed form."""
        hub, live = self._planned
        counts = expected_mdi_counts(hub, *self.source.senders, live * block.rounds)
        return replace(counts, rounds=float(block.rounds))

    def planned_leak_bits(self, counts: Counts) -> float:
        """f n h(Q), f rounded up."""
        return planned_leak_bits(counts, planned_efficiency(self.spec.protocol.reconciliation, counts.key_qber))

    def rule(self, block: Block) -> LengthRule | VariableLengthRule:
        """The length rule of a block, from the honest hub and nothing else."""
        if block.rounds not in self._rules:
            self._rules[block.rounds] = self._plan(block)
        return self._rules[block.rounds]

    def _plan(self, block: Block) -> LengthRule | VariableLengthRule:
        counts = self.expected(block)
        return length_rule(self.spec, self.bound, counts, self.planned_leak_bits(counts))


class HubSampler:
    """Draws what the hub announces, block after block; it is live when a block begins."""

    def __init__(self, model: HubLinkModel, seed: int) -> None:
        self._model, self._light = model, stream(seed, f"link/{model.link_id}/hub")
        self._first_round = 0

    def sample(self, block: Block) -> tuple[list[HubRecord], list[HubRecord], int]:
        """The first and the second sender's records, stretch by stretch, and how many successes they hold."""
        events = self._model.table.events(block.rounds, self._light, self._first_round)
        self._first_round += block.rounds
        return [a for a, _ in events], [b for _, b in events], sum(len(a) for a, _ in events)


def counts_of(cells: NDArray[np.float64], source: Senders, rounds: float, observed: bool) -> MdiCounts:
    """Sifted counts of events by [setting, bit, setting, bit, outcome]."""
    same = np.einsum("sitir->str", cells)
    both = cells.sum(axis=(1, 3))
    wrong = same.copy()  # in Z equal bits are wrong, in X those of psi-
    wrong[1:, 1:, 0] = both[1:, 1:, 0] - same[1:, 1:, 0]
    sifted, errors = both.sum(axis=-1), wrong.sum(axis=-1)
    return MdiCounts(
        *source.senders,
        key=(float(sifted[0, 0]),),
        test=tuple(sifted[1:, 1:].ravel().tolist()),
        test_errors=tuple(errors[1:, 1:].ravel().tolist()),
        key_errors=(float(errors[0, 0]),),
        rounds=float(rounds),
        observed=observed,
    )


def arm_settings(source: FourIntensity, sender: Sender | None) -> ArmSettings:
    """The settings of one sender: those of the source of the link, and what its arm says differently."""
    own = {} if sender is None else sender.model_dump(exclude_none=True)
    shared = source.model_dump(include={"signal", "decoys", "signal_probability", "decoy_probabilities"})
    return ArmSettings(**(shared | own))


def hub_link(
    scenario: Scenario, link_id: str, arms: tuple[FibreLink, FibreLink], protocol: ProtocolEntry
) -> HubLinkModel:
    """The model of a link with a hub; with ``optimise`` both senders get the settings that promise most key."""
    spec = scenario.links[link_id]
    source = spec.source
    assert isinstance(source, FourIntensity)  # the scenario refuses a hub without it
    assert spec.arms is not None
    optics = HubReceiver(arms, arms[0].receiver, source.clock_hz, spec.mode_overlap)
    alice, bob = (arm_settings(source, arm.sender) for arm in spec.arms)
    clock_hz = source.clock_hz * spec.hub_share * spec.key_share
    if spec.protocol.optimise:
        alice, bob = optimised_senders(optics, (alice, bob), spec, clock_hz, scenario.duration_s)
    lies = spec.attack.fraction if spec.attack is not None else 0.0
    return HubLinkModel(
        link_id, spec, optics, Senders(clock_hz, (alice, bob)), protocol, bound(spec.protocol.bound), lies
    )


def optimised_senders(
    optics: HubReceiver, start: tuple[ArmSettings, ArmSettings], spec: Link, clock_hz: float, duration_s: float
) -> tuple[ArmSettings, ArmSettings]:
    """Settings of both senders for a block through the planned hub, chosen before any block.

    The weakest decoy stays what the scenario says, and all of it where no settings promise any key.
    """
    p = spec.protocol
    rounds = min(duration_s, p.block_s) * clock_hz
    found = start
    for _ in range(2):  # dead time and neighbouring pulses depend a little on the settings
        plan = optimise_arms(
            optics.hub(found),
            bound(p.bound),
            rounds * optics.table(found).live_share,
            epsilon_secret=p.epsilon_secret,
            epsilon_correct=p.epsilon_correct,
            efficiency=planned_efficiency(p.reconciliation, FEW_ERRORS),
            verification_bits=VERIFICATION_BITS,
            weakest=min(start[0].decoys[2], start[1].decoys[2]),
        )
        if plan.bits_per_round <= 0.0:
            return start
        found = plan.alice, plan.bob
    return found
