"""Where programs of a scenario get pairs: its links as the stack samples them, each in its turns."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from qcisim.errors import InputError
from qcisim.optics.heralding import Arm, Station, double_click, single_click
from qcisim.optics.pair_source import ContinuousPairSource
from qcisim.optics.pairs import pair_states
from qcisim.repeaters import Chain
from qcisim.simulation.chain_links import build_chain
from qcisim.simulation.pair_arms import PairArm, pair_arms
from qcisim.simulation.pair_links import PairLinkModel
from qcisim.simulation.pair_passes import Sights
from qcisim.simulation.program_devices import efficiency_of, waiting_memory
from qcisim.simulation.program_schedule import Afresh, Floats, Shared, Turns
from qcisim.stack.links.delivery import Delivery, LinkModel, NoPairError
from qcisim.stack.links.hardware import RepeaterLink, StreamLink, shared_stream, station_link

if TYPE_CHECKING:
    from qcisim.simulation.link_model import SampledLink
    from qcisim.simulation.passes import Timetable
    from qcisim.simulation.program_spec import Processor
    from qcisim.simulation.scenario import Link, Scenario


Arms: TypeAlias = tuple[PairArm, PairArm]


class NoLight:
    """A link that never makes a pair, and says why when it is asked."""

    def __init__(self, reason: str) -> None:
        self.reason = reason

    @property
    def mean_fidelity(self) -> float:
        """Of nothing."""
        return math.nan

    @property
    def mean_duration_ns(self) -> float:
        """For ever."""
        return math.inf

    def sample(self, rng: np.random.Generator, now_ns: float = 0.0) -> Delivery:
        """Raises `NoPairError`."""
        raise NoPairError(self.reason)


def kind_of(link: Link) -> str:
    """Where its pairs come from, in words; empty where it makes none."""
    if link.chain is not None:
        return "repeater chain"
    if link.hub is not None:
        return "heralding hub"
    if link.pair_source is None:
        return ""
    assert link.arms is not None  # the scenario refuses a source without arms
    in_space = any(arm.free_space is not None for arm in link.arms)
    return "source of pairs on a satellite" if in_space else "source of pairs"


def turns_of(scenario: Scenario, link_id: str) -> Turns:
    """The time that programs have of a link; links that share a hub come one after the other in its cycle."""
    link = scenario.links[link_id]
    assert link.programs is not None  # only links of programs are asked for
    cycle_s, before = link.programs.cycle_s, 0.0
    if link.hub is None:
        return Turns(link.programs.share * cycle_s, cycle_s)
    for other_id, other in scenario.links.items():
        if other_id == link_id:
            break
        before += other.hub_share if other.hub == link.hub else 0.0
    return Turns(link.programs.share * link.hub_share * cycle_s, cycle_s, min(before, 1.0 - link.hub_share) * cycle_s)


def program_link(scenario: Scenario, link_id: str, models: Mapping[str, SampledLink], plan: Timetable) -> LinkModel:
    """The model of a link's pairs. Raises `InputError` for a link that makes none."""
    link, turns = scenario.links[link_id], turns_of(scenario, link_id)
    if link.chain is not None:
        return Afresh(RepeaterLink(keeping(build_chain(link.chain))), turns, link_id)
    if link.hub is not None:
        return Shared(_at_hub(scenario, link), turns)
    if link.pair_source is not None:
        return _from_source(scenario, link_id, models.get(link_id), plan, turns)
    raise InputError(f"links.{link_id}: one end sends and the other measures: it makes no pairs")


def keeping(chain: Chain) -> Chain:
    """The chain with ends that keep their qubits until both know of the pair."""
    return replace(chain, ends="store")


def _processor(scenario: Scenario, node: str) -> Processor:
    spec = scenario.nodes[node].processor
    if spec is None:  # the scenario refuses a program there; a link of pairs may end at other nodes
        raise InputError(f"nodes.{node}: has no processor to keep half of a pair in")
    return spec


def _at_hub(scenario: Scenario, link: Link) -> LinkModel:
    """Both ends emit photons entangled with their qubits, the hub's detectors herald."""
    from qcisim.simulation.build import build_receiver, hub_arms

    assert link.programs is not None
    assert link.arms is not None
    receiver = build_receiver(link.receiver)
    optics = receiver.detector.efficiency * 10.0 ** (-receiver.insertion_loss_db / 10.0)
    noise = receiver.detector.dark_counts_per_gate
    ends = [_processor(scenario, node) for node in link.between]
    lights = hub_arms(link)
    for light in lights:
        noise += math.fsum(mean for term, mean in light.at(0.0).noise_per_gate if term != "dark counts")
    first, second = (Arm(efficiency_of(end) * optics, light.fibre) for end, light in zip(ends, lights, strict=True))
    wanted = link.programs
    station = Station(link.mode_overlap**2, -math.expm1(-noise), wanted.phase_rms_rad)
    preparation_s = max(end.preparation_s for end in ends)
    if wanted.scheme == "single_click":
        etas = first.detection_probability, second.detection_probability
        bright_a, bright_b = (wanted.bright * min(etas) / eta for eta in etas)
        herald = single_click(first, second, bright_a, bright_b, station, preparation_s=preparation_s)
    else:
        herald = double_click(first, second, station, preparation_s=preparation_s)
    return station_link(herald, waiting_memory(ends[0]), waiting_memory(ends[1]))


def _from_source(
    scenario: Scenario, link_id: str, model: SampledLink | None, plan: Timetable, turns: Turns
) -> LinkModel:
    """Pairs of photons that memories at both ends keep, where the receivers would have seen them."""
    from qcisim.simulation.build import attack_on

    link = scenario.links[link_id]
    assert link.pair_source is not None
    assert link.arms is not None
    emitted = link.pair_source
    source = ContinuousPairSource(emitted.pair_rate_hz, emitted.coincidence_window_s, emitted.fidelity)
    if isinstance(model, PairLinkModel):
        arms = model.actual
    else:
        way = scenario, f"link/{link_id}", link.arms, link.between, emitted.node, emitted
        arms = pair_arms(*way, attack_on(link))
    first, second = (_processor(scenario, node).storing for node in link.between)
    storing, name = (first, second), f"link '{link_id}'"
    if any(arm.in_space for arm in arms):
        return _in_space(scenario, link_id, arms, source, storing, plan, turns)
    if not all(arm.is_constant for arm in arms):
        edges = np.append(np.arange(0.0, scenario.duration_s, scenario.step_s), scenario.duration_s)
        parts = np.concatenate([turns.within(*edge) for edge in itertools.pairwise(edges.tolist())])
        return _stream(arms, source, storing, parts[:, 0], parts[:, 1], parts.mean(axis=1), name)
    time = np.zeros(1)
    forever = _stream(arms, source, storing, time, time + math.inf, time, name)
    return Shared(forever, turns, float(forever.delay_s[0])) if isinstance(forever, StreamLink) else forever


def _stream(
    arms: Arms,
    source: ContinuousPairSource,
    storing: tuple[float, float],
    start_s: Floats,
    end_s: Floats,
    at_s: Floats,
    name: str,
) -> StreamLink | NoLight:
    """Pairs in intervals, each with what both ends share at one of its times."""
    first, second = arms
    shared = pair_states(source, first.states(at_s), second.states(at_s), first.receiver, second.receiver)
    try:
        return shared_stream(source, shared, start_s, end_s, storing=storing, name=name)
    except NoPairError as error:
        return NoLight(str(error))


def _in_space(
    scenario: Scenario,
    link_id: str,
    arms: Arms,
    source: ContinuousPairSource,
    storing: tuple[float, float],
    plan: Timetable,
    turns: Turns,
) -> LinkModel:
    """Pairs while both stations see the satellite under a clear sky."""
    name, step_s = f"link '{link_id}'", scenario.pass_planning.step_s
    seen = list(Sights(scenario, arms, plan))
    if not seen:
        return NoLight(f"{name}: both stations never see the satellite at once")
    clear = [sight for sight in seen if sight.clear]
    if not clear:
        return NoLight(f"{name}: clouds over one station or the other in every pass")
    parts = []
    for sight in clear:
        edges = np.linspace(sight.start_s, sight.end_s, 1 + max(1, math.ceil((sight.end_s - sight.start_s) / step_s)))
        parts += [turns.within(*edge) for edge in itertools.pairwise(edges.tolist())]
    lit = np.concatenate(parts)
    return _stream(arms, source, storing, lit[:, 0], lit[:, 1], lit.mean(axis=1), name)


def sights_of(model: LinkModel) -> tuple[tuple[float, float], ...]:
    """When a source on a satellite is in sight, joined over its steps; empty for links that are always there."""
    if not isinstance(model, StreamLink) or math.isinf(float(model.end_s[-1])):
        return ()
    joined: list[tuple[float, float]] = []
    for start, end in zip(model.start_s.tolist(), model.end_s.tolist(), strict=True):
        if joined and start - joined[-1][1] < GAP_S:
            joined[-1] = joined[-1][0], end
        else:
            joined.append((start, end))
    return tuple(joined)


GAP_S = 10.0
"""Intervals of light this close belong to one pass."""
