"""A link whose key comes from entangled pairs: its blocks, the coincidences in them, the rule of their key length."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qcisim.optics import FibreLink
from qcisim.optics.pair_source import ContinuousPairSource
from qcisim.optics.pairs import PairStates, pair_states
from qcisim.quantum import Matrix
from qcisim.sdk import Counts, LengthRule, PairSifting, ProtocolEntry, VariableLengthRule
from qcisim.security import Bound, bound
from qcisim.security.link_models import planned_leak_bits
from qcisim.simulation.link_model import DRIFT, Block, Counted, Stretch, back_to_back, length_rule, planned_efficiency
from qcisim.simulation.pair_arms import PairArm, pair_arms
from qcisim.simulation.pair_passes import Sight, Sights
from qcisim.simulation.pair_sampler import PairSampler

if TYPE_CHECKING:
    from qcisim.quantum import Channel
    from qcisim.simulation.passes import Timetable
    from qcisim.simulation.scenario import Link, Scenario

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Windows:
    """Windows of coincidence, one after the other: the rounds of a link of pairs. Pairs have no settings."""

    clock_hz: float
    intensities: tuple[float, ...] = ()
    probabilities: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Coincidences:
    """What a block brings: windows of each time step (n,), probability that both sides click in one, and then the law
    of settings and bits [setting_a, setting_b, bit_a, bit_b], (n, A, B, 2, 2), sum 1."""

    windows: Integers
    probability: Floats
    cells: Floats

    def expected(self) -> Floats:
        """Mean coincidences by cell, all steps together."""
        table: Floats = np.einsum("n,nabij->abij", self.windows * self.probability, self.cells)
        return table

    def draw(self, rng: np.random.Generator) -> Floats:
        """A random number of coincidences by cell, all steps together."""
        numbers = rng.binomial(self.windows, self.probability)
        drawn = rng.multinomial(numbers, self.cells.reshape(len(numbers), -1)).sum(axis=0)
        return np.asarray(drawn.reshape(self.cells.shape[1:]), dtype=np.float64)


@dataclass(frozen=True)
class PairLinkModel:
    """Two stations and a source of pairs between them, ready to run.

    ``calibrated`` are the arms that the owners of the link know; ``actual`` has Eve on one of them. ``sights``: the
    passes of a source on a satellite, None where light is sent without a pause.
    """

    link_id: str
    spec: Link
    source: ContinuousPairSource
    calibrated: tuple[PairArm, PairArm]
    actual: tuple[PairArm, PairArm]
    protocol: ProtocolEntry
    bound: Bound
    step_s: float
    sights: Sights | None = None
    _constant: dict[bool, tuple[Floats, Floats]] = field(default_factory=dict, repr=False, compare=False)
    _rules: dict[int, LengthRule | VariableLengthRule] = field(default_factory=dict, repr=False, compare=False)

    @property
    def legs(self) -> int:
        """One: nobody relays key on the way."""
        return 1

    @property
    def sifting(self) -> PairSifting:
        """The settings of both stations, and what becomes of their bits."""
        assert self.protocol.pairs is not None  # `pair_link` refuses protocols without
        return self.protocol.pairs

    @property
    def is_constant(self) -> bool:
        """Whether neither arm ever changes."""
        return all(arm.is_constant for arm in self.actual)

    @cached_property
    def windows(self) -> Windows:
        """The rounds, those of programs left out."""
        return Windows(self.source.attempts_hz * self.spec.key_share)

    @cached_property
    def settings_law(self) -> Floats:
        """Probability of each pair of settings, (A, B)."""
        shape = len(self.sifting.alice_deg), len(self.sifting.bob_deg)
        if self.sifting.equal_settings:
            return np.full(shape, 1.0 / math.prod(shape))
        first, second = (arm.receiver.key_basis_probability for arm in self.actual)
        return np.outer([first, 1.0 - first], [second, 1.0 - second])

    def blocks(self, duration_s: float) -> Iterator[Block]:
        """One after the other in a fibre; in space the times of common sight, so many to a block as the protocol says.

        Which times make a block is settled before its first light: where a cloud takes one of them, it makes none.
        """
        if self.sights is not None:
            yield from self._passes(self.sights, duration_s)
            return
        for stretch in back_to_back(self.spec.protocol.block_s, duration_s):
            yield Block((stretch,), self.windows)

    def _passes(self, sights: Sights, duration_s: float) -> Iterator[Block]:
        gathered: list[tuple[int, Sight]] = []
        for number, sight in enumerate(sights, start=1):
            if sight.end_s > duration_s:
                return
            gathered.append((number, sight))
            if len(gathered) == self.spec.protocol.passes_per_block:
                if all(one.clear for _, one in gathered):
                    stretches = tuple(Stretch(one.start_s, one.end_s - one.start_s) for _, one in gathered)
                    yield Block(stretches, self.windows, passes=tuple(f"{self.link_id}#{n}" for n, _ in gathered))
                gathered = []

    def states(self, t_s: Floats, *, planned_from_s: float | None = None) -> PairStates:
        """What both stations share at the times ``t_s``, or what their owners plan with in a block that begins then."""
        arms = self.actual if planned_from_s is None else self.calibrated
        first, second = (
            arm.states(t_s) if planned_from_s is None else arm.planned(t_s, planned_from_s) for arm in arms
        )
        return pair_states(self.source, first, second, arms[0].receiver, arms[1].receiver)

    def coincidences(self, block: Block, *, actual: bool = True) -> Coincidences:
        """The coincidences of a block, time step by time step, with Eve or without her."""
        steps = [self._steps(stretch) for stretch in block.stretches]
        t_s, windows = (np.concatenate(parts) for parts in zip(*steps, strict=True))
        planned_from_s = None if actual else block.start_s
        if not self.is_constant:
            return Coincidences(windows, *self._law(t_s, planned_from_s))
        if actual not in self._constant:
            self._constant[actual] = self._law(np.zeros(1), planned_from_s)
        probability, cells = self._constant[actual]
        return Coincidences(windows, np.repeat(probability, len(windows)), np.repeat(cells, len(windows), axis=0))

    def _law(self, t_s: Floats, planned_from_s: float | None) -> tuple[Floats, Floats]:
        states = self.states(t_s, planned_from_s=planned_from_s)
        probability = states.coincidence_rate_hz / self.source.attempts_hz
        outcomes = born(states.rho, self.sifting.alice_deg, self.sifting.bob_deg)
        return probability, self.settings_law[:, :, None, None] * outcomes

    def _steps(self, stretch: Stretch) -> tuple[Floats, Integers]:
        """A stretch cut into steps of at most ``step_s``: their middles, and windows that add up to the stretch's."""
        number = 1 if self.is_constant else max(1, math.ceil(stretch.length_s / self.step_s - 1e-9))
        edges = np.rint(stretch.length_s * np.arange(number + 1) / number * self.windows.clock_hz).astype(np.int64)
        return stretch.start_s + stretch.length_s * (np.arange(number) + 0.5) / number, np.diff(edges)

    def sampler(self, seed: int) -> PairSampler:
        """What draws the coincidences of a run."""
        return PairSampler(self, seed)

    def count(self, block: Block, rng: np.random.Generator | None) -> Counted:
        """Random counts of a block with Eve, or expected ones where ``rng`` is None."""
        light = self.coincidences(block)
        table = light.expected() if rng is None else light.draw(rng)
        counts = self.sifting.of_table(table, rounds=float(block.rounds), observed=rng is not None)
        return Counted(float(block.rounds), float(table.sum()), counts)

    def expected(self, block: Block) -> Counts:
        """Counts that the calibrated arms give in ``block``."""
        table = self.coincidences(block, actual=False).expected()
        return self.sifting.of_table(table, rounds=float(block.rounds), observed=False)

    def planned_leak_bits(self, counts: Counts) -> float:
        """f n h(Q), f rounded up: what reconciliation is planned to disclose."""
        return planned_leak_bits(counts, planned_efficiency(self.spec.protocol.reconciliation, counts.key_qber))

    def rule(self, block: Block) -> LengthRule | VariableLengthRule:
        """The length rule of a block, from the calibrated arms and nothing else."""
        if not self.is_constant:
            return self._plan(block)
        if block.rounds not in self._rules:
            self._rules[block.rounds] = self._plan(block)
        return self._rules[block.rounds]

    def _plan(self, block: Block) -> LengthRule | VariableLengthRule:
        counts = self.expected(block)
        return length_rule(self.spec, self.bound, counts, self.planned_leak_bits(counts))

    def delay_s(self, t_s: float) -> float:
        """One-way delay of a message between the stations, on the way that the light took."""
        return math.fsum(float(arm.link.at(t_s).delay_s) for arm in self.actual)

    def settings(self) -> dict[str, Any]:
        """Analysers of both stations, how often each is chosen, and the source."""
        return {
            "analysers_deg": [list(self.sifting.alice_deg), list(self.sifting.bob_deg)],
            "settings_probabilities": self.settings_law.tolist(),
            "mean_pairs_per_window": self.source.mean_pairs,
            "source_fidelity": self.source.fidelity,
        }

    def budget(self, t_s: float) -> dict[str, Any]:
        """Losses and noise of both arms by name; in space at the middle of the longest time of common sight."""
        found: dict[str, Any] = {}
        if self.sights is not None:
            seen = list(self.sights)
            found = {"passes": len(seen), "passes_taken": sum(sight.clear for sight in seen)}
            if not seen:
                return found | {"losses_db": {}, "reason": "both stations never see the source at once"}
            if not any(sight.clear for sight in seen):
                found["reason"] = "no light was sent: clouds over one station or the other in every pass"
            t_s = max(seen, key=lambda sight: sight.end_s - sight.start_s).middle_s
        losses: dict[str, float] = {}
        noise: dict[str, float] = {}
        provenance: dict[str, str] = {}
        transmittance = 1.0
        for arm in self.actual:
            states = arm.states(np.array([t_s]))
            transmittance *= float(states.transmittance[0])
            losses |= {f"{name}, {arm.node}": float(loss[0]) for name, loss in states.losses_db}
            noise |= {f"{name}, {arm.node}": float(mean[0]) for name, mean in states.noise_per_gate}
            provenance |= {f"{name}, {arm.node}": text for name, text in states.provenance}
        found |= {"losses_db": losses, "transmittance": transmittance, "noise_per_gate": noise}
        return found | {"terms_provenance": provenance}

    def assumptions(self) -> tuple[str, ...]:
        """What is particular to this link."""
        source = self.spec.pair_source
        assert source is not None
        found = [
            f"a source at '{source.node}' emits {source.pair_rate_hz:g} pairs/s, {self.source.mean_pairs:.3g} in a "
            f"window of {source.coincidence_window_s:g} s, each in Phi+ with fidelity {source.fidelity:g}; nobody "
            "needs to trust it",
            "clicks are coincidences: lone clicks are counted in dead time and in accidentals, not drawn one by one",
            "dead time and fading lower the rate of coincidences by their mean; what they do to its spread is left out",
        ]
        for arm in self.actual:
            if (fibre := arm.spec.fibre) is not None:
                where = f" ({fibre.source})" if fibre.source else ""
                found.append(f"arm to '{arm.node}': fibre of {fibre.length_km:g} km, {fibre.status}{where}")
        if any(isinstance(arm.link, FibreLink) and arm.link.walk is not None for arm in self.actual):
            found.append(DRIFT)
        if self.sights is not None:
            found.append("passes of a source of pairs take no terminal from other links: the plan does not know them")
        return tuple(found)


def born(rho: Matrix, alice_deg: tuple[float, ...], bob_deg: tuple[float, ...]) -> Floats:
    """P(x, y | a, b) = tr(rho P_x(a) (x) P_y(b)), P_x(a) = (1 + (-1)^x (Z cos a + X sin a))/2, (n, A, B, 2, 2)."""
    first, second = _projectors(alice_deg), _projectors(bob_deg)
    split = rho.reshape(-1, 2, 2, 2, 2)  # [n, i, k, j, l]: rho_(ik),(jl)
    table = np.einsum("nikjl,axji,bylk->nabxy", split, first, second).real
    table = np.maximum(table, 0.0)
    normalised: Floats = table / table.sum(axis=(3, 4), keepdims=True)
    return normalised


def _projectors(angles_deg: tuple[float, ...]) -> Matrix:
    half = np.radians(np.asarray(angles_deg)) / 2.0
    kets = np.stack([np.stack([np.cos(half), np.sin(half)], -1), np.stack([-np.sin(half), np.cos(half)], -1)], 1)
    projectors: Matrix = np.einsum("axi,axj->axij", kets, kets).astype(np.complex128)
    return projectors


def pair_link(
    scenario: Scenario, link_id: str, protocol: ProtocolEntry, eve: Channel | None, plan: Timetable
) -> PairLinkModel:
    """The model of a link with a source of pairs."""
    from qcisim.errors import InputError

    spec = scenario.links[link_id]
    emitted = spec.pair_source
    assert emitted is not None
    if protocol.pairs is None:
        raise InputError(f"link {link_id}: protocol '{protocol.name}' measures no pairs, the link has a pair_source")
    source = ContinuousPairSource(emitted.pair_rate_hz, emitted.coincidence_window_s, emitted.fidelity)
    assert spec.arms is not None  # which the scenario refuses without arms
    way = scenario, f"link/{link_id}", spec.arms, spec.between, emitted.node, emitted
    calibrated = pair_arms(*way)
    in_space = any(arm.in_space for arm in calibrated)
    return PairLinkModel(
        link_id=link_id,
        spec=spec,
        source=source,
        calibrated=calibrated,
        actual=calibrated if eve is None else pair_arms(*way, eve),
        protocol=protocol,
        bound=bound(spec.protocol.bound),
        step_s=scenario.pass_planning.step_s if in_space else scenario.step_s,
        sights=Sights(scenario, calibrated, plan) if in_space else None,
    )
