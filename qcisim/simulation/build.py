"""From a scenario to the objects that a run works with: sources, fibres, receivers, bounds, protocols."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from qcisim import registry
from qcisim.engine import stream
from qcisim.optics import (
    ClassicalChannel,
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
from qcisim.sdk import VERIFICATION_BITS, BlockCounts
from qcisim.security import SourceSettings, bound, optimise
from qcisim.simulation import equipment
from qcisim.simulation.chain_links import chain_link
from qcisim.simulation.free_space import free_space
from qcisim.simulation.hub_links import HubLinkModel, hub_link
from qcisim.simulation.link_model import FEW_ERRORS, AnyLink, AnySource, LinkModel, SampledLink, planned_efficiency
from qcisim.simulation.pair_links import pair_link
from qcisim.simulation.passes import Timetable
from qcisim.simulation.protocols import find_protocol
from qcisim.simulation.scenario import Link, Protocol, Scenario


def build_links(scenario: Scenario, *, weather_seed: int | None = None) -> tuple[dict[str, SampledLink], Timetable]:
    """The models of all links that make key, and the plan of passes that those through free space share.

    ``weather_seed`` draws the clouds, where it is not to be the seed of the scenario.
    """
    plan = Timetable(scenario, weather_seed=weather_seed)
    return {k: build_link(scenario, k, plan) for k, link in scenario.links.items() if link.key_source == "qkd"}, plan


def build_link(scenario: Scenario, link_id: str, plan: Timetable | None = None) -> SampledLink:
    """The model of one link of ``scenario``; a link through free space is planned together with the others."""
    spec = scenario.links[link_id]
    if spec.free_space is not None and plan is None:
        return build_links(scenario)[0][link_id]
    if spec.hub is not None:
        return over_hub(scenario, link_id)
    if spec.chain is not None:
        return chain_link(scenario, link_id, find_protocol(spec.protocol.name))
    if spec.pair_source is not None:
        protocol = find_protocol(spec.protocol.name)
        return pair_link(scenario, link_id, protocol, attack_on(spec), plan or Timetable(scenario))
    return prepare_and_measure(scenario, link_id, plan)


def over_hub(scenario: Scenario, link_id: str) -> HubLinkModel:
    """Both ends send, the hub in the middle measures."""
    spec = scenario.links[link_id]
    return hub_link(scenario, link_id, hub_arms(spec), find_protocol(spec.protocol.name))


def hub_arms(spec: Link) -> tuple[FibreLink, FibreLink]:
    """The light of both arms of a hub, its receiver at their end."""
    assert spec.arms is not None  # the scenario refuses a hub without arms
    receiver, pulse = build_receiver(spec.receiver), Pulse(**spec.source.pulse.model_dump())
    first, second = (_arm(arm.fibre, receiver, spec.source.clock_hz, pulse) for arm in spec.arms)
    return first, second


def _arm(spec: equipment.Fibre | None, receiver: Receiver, clock_hz: float, pulse: Pulse) -> FibreLink:
    assert spec is not None  # the scenario refuses other arms at a hub
    classical = tuple(ClassicalChannel(**channel.model_dump()) for channel in spec.classical_channels)
    return FibreLink(build_fibre(spec), receiver, clock_hz, pulse, classical)


def prepare_and_measure(scenario: Scenario, link_id: str, plan: Timetable | None = None) -> LinkModel:
    """One end sends, the other measures."""
    spec = scenario.links[link_id]
    assert spec.source.kind != "four_intensity"  # the scenario wants a hub for that
    source, pulse = build_source(spec.source)
    receiver = build_receiver(spec.receiver)
    eve = attack_on(spec)
    make = free_space if spec.free_space is not None else _fibre
    link_with = make(scenario, link_id, source, receiver, pulse)
    calibrated = link_with(None)
    if spec.protocol.optimise and isinstance(calibrated, FibreLink) and spec.source.kind == "weak_coherent":
        rounds = round(min(scenario.duration_s, spec.protocol.block_s) * source.clock_hz)
        source, receiver = optimised(source, receiver, calibrated, spec.protocol, rounds)
    in_space = not isinstance(calibrated, FibreLink)
    model = LinkModel(
        link_id=link_id,
        spec=spec,
        source=source,
        receiver=receiver,
        calibrated=calibrated,
        actual=calibrated if eve is None else link_with(eve),
        protocol=find_protocol(spec.protocol.name),
        bound=bound(spec.protocol.bound),
        step_s=scenario.pass_planning.step_s if in_space else scenario.step_s,
        legs=1 + (spec.fibre.trusted_relays if spec.fibre is not None else 0),
        plan=plan if in_space else None,
    )
    if in_space:
        assert plan is not None
        plan.add(model)
    return model


def attack_on(spec: Link) -> Channel | None:
    """Eve's channel, where there is one."""
    if spec.attack is None:
        return None
    make = registry.get("attack", spec.attack.name).make
    assert make is not None  # attacks are registered with their channel
    channel: Channel = make(spec.attack.fraction)
    return channel


def _fibre(
    scenario: Scenario, link_id: str, source: AnySource, receiver: Receiver, pulse: Pulse
) -> Callable[[Channel | None], AnyLink]:
    """Makes the fibre link, or one leg of it where trusted relays divide it, with or without Eve."""
    spec = scenario.links[link_id].fibre
    assert spec is not None  # the scenario refuses a qkd link without a medium
    fibre = build_fibre(spec)
    classical = tuple(ClassicalChannel(**channel.model_dump()) for channel in spec.classical_channels)

    def link_with(eve: Channel | None) -> FibreLink:
        rng = stream(scenario.seed, f"link/{link_id}/polarisation")
        return FibreLink(fibre, receiver, source.clock_hz, pulse, classical, attack=eve, rng=rng)

    return link_with


def build_fibre(spec: equipment.Fibre) -> Fibre:
    """The fibre, or one of the equal legs between its trusted relays."""
    fibre = Fibre(**spec.model_dump(exclude={"status", "source", "classical_channels", "trusted_relays"}))
    return replace(fibre, length_km=spec.length_km / (1 + spec.trusted_relays))


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
