"""What a link with a hub must hold: parts that fit, arms that the hub can work with, time for all its links."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeAlias

from qcisim.simulation.fields import Problem
from qcisim.simulation.known import fact

if TYPE_CHECKING:
    from qcisim.simulation.scenario import Link, Scenario
    from qcisim.simulation.space import Arm

Path: TypeAlias = tuple[str | int, ...]
LYING_HUB = "lying_hub"


def hub_link_problems(path: Path, link: Link) -> Iterator[Problem]:
    """Protocol, source, bound and attack that do not go with a hub; or that go only with one."""
    protocol, bound = link.protocol.name, link.protocol.bound
    known_protocol = "/" not in protocol  # a folder is looked at when the link is built
    sources = fact("protocol", protocol, "sources").split(", ") if known_protocol else []
    if link.hub is None:
        if link.source.kind == "four_intensity":
            hint = "a link with two senders has arms and a hub"
            yield Problem((*path, "source", "kind"), "a source for a link without a hub", "'four_intensity'", hint)
        elif sources == ["four_intensity"]:
            got = f"'{protocol}', whose two senders meet at a hub"
            yield Problem((*path, "protocol", "name"), "a protocol for a link without a hub", got)
        elif fact("bound", bound, "counts") == "successes of a hub":
            got = f"'{bound}', which counts successes of a hub"
            yield Problem((*path, "protocol", "bound"), "a bound for a link without a hub", got)
        if link.attack is not None and link.attack.name == LYING_HUB:
            yield Problem((*path, "attack", "name"), "an attack on a link without a hub", f"'{LYING_HUB}'")
        return
    if link.source.kind != "four_intensity":
        wanted = "four_intensity, the two senders of a link with a hub"
        yield Problem((*path, "source", "kind"), wanted, f"'{link.source.kind}'")
    if known_protocol and "four_intensity" not in sources:
        hint = "mdi is one; a trusted node in place of the hub can run others"
        yield Problem((*path, "protocol", "name"), "a protocol of two senders and a hub", f"'{protocol}'", hint)
    elif known_protocol and bound not in (fits := fact("protocol", protocol, "bounds").split(", ")):
        yield Problem((*path, "protocol", "bound"), f"a bound for {protocol}: {', '.join(fits)}", f"'{bound}'")
    if link.attack is not None and link.attack.name != LYING_HUB:
        hint = "what a hub may do is announce what it likes"
        yield Problem((*path, "attack", "name"), f"{LYING_HUB}, at a hub", f"'{link.attack.name}'", hint)
    for i, arm in enumerate(link.arms or ()):
        yield from _arm((*path, "arms", i), arm)


def _arm(path: Path, arm: Arm) -> Iterator[Problem]:
    if arm.fibre is None:
        got = "free_space: two moving arms that keep in step at a hub are not modelled"
        yield Problem((*path, "free_space"), "an arm of fibre at a hub", got)
    else:
        if arm.fibre.trusted_relays:
            hint = "end the link at the relay"
            wanted = "an arm without trusted relays: the sender is at its end"
            yield Problem((*path, "fibre", "trusted_relays"), wanted, str(arm.fibre.trusted_relays), hint)
        if arm.fibre.drift_stokes_rad_per_sqrt_s:
            got = f"{arm.fibre.drift_stokes_rad_per_sqrt_s:g} rad/sqrt(s)"
            hint = "put what alignment leaves into the receiver's misalignment_error"
            where = (*path, "fibre", "drift_stokes_rad_per_sqrt_s")
            yield Problem(where, "an arm that stands still at a hub", got, hint)
    if "receiver" in arm.model_fields_set:
        hint = "the receiver of the link is the hub's"
        yield Problem((*path, "receiver"), "no receiver at an arm of a hub, where the sender is", "one", hint)


def hub_problems(scenario: Scenario) -> Iterator[Problem]:
    """Hubs that are none, and hubs that are asked to work more than all of the time."""
    shares: dict[str, list[float]] = {}
    for key, link in scenario.links.items():
        if link.hub is None:
            continue
        role = scenario.nodes[link.hub].role
        if role != "hub":
            got, hint = f"'{link.hub}' with the role {role}", f"give the node '{link.hub}' the role hub"
            yield Problem(("links", key, "hub"), "a node with the role hub", got, hint)
        shares.setdefault(link.hub, []).append(link.hub_share)
        if math.fsum(shares[link.hub]) > 1.0 + 1e-9:
            got = f"{math.fsum(shares[link.hub]):g} with the links before it"
            wanted = f"shares of the hub '{link.hub}' that add up to 1 at most"
            yield Problem(("links", key, "hub_share"), wanted, got, "it serves one pair of senders at a time")
            return
