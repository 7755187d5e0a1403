"""What demands for pairs got: paths, rates, states, waits, memories and what limits them; planned and by events."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qcisim.engine import stream
from qcisim.repeaters import (
    Choice,
    Delivered,
    GraphLink,
    PairRouter,
    Route,
    Service,
    chain_ceiling_bits_per_s,
    deliver,
    repeaterless_bits_per_s,
)
from qcisim.repeaters.routing_trial import Way
from qcisim.simulation.entanglement_links import devices, pair_router, requests, turn_s

if TYPE_CHECKING:
    from qcisim.simulation.scenario import Scenario

Floats: TypeAlias = NDArray[np.float64]
FAIRNESS = (
    "max-min in lanes: they are given one after the other, each to the demand that holds the fewest and does not have "
    "its rate yet; demands that find no memory take turns of equal length"
)
MOST_PAIRS = 200_000  # pairs of one demand that are simulated event by event
MOST_EVENTS = 30_000_000
CHOICES = 40  # of a demand that are kept, those on the frontier first


def entanglement_result(scenario: Scenario) -> dict[str, Any]:
    """The section ``entanglement`` of the result; empty without demands for pairs."""
    if not scenario.pair_demands:
        return {}
    router = pair_router(scenario)
    services = router.serve(requests(scenario))
    turns = max(service.turns for service in services)
    return {
        "fairness": FAIRNESS,
        "turns": turns,
        "turn_s": turn_s(scenario) if turns > 1 else None,
        "demands": {service.request.id: _demand(scenario, router, service) for service in services},
        "links": {key: _link(scenario, key, link, services) for key, link in router.links.items()},
        "nodes": _nodes(scenario, services),
    }


def _demand(scenario: Scenario, router: PairRouter, service: Service) -> dict[str, Any]:
    spec, request = scenario.pair_demands[service.request.id], service.request
    best = service.best
    rho = service.rho
    return {
        "from": request.source,
        "to": request.target,
        "sector": spec.sector,
        "text": spec.text,
        "asked": {"fidelity": request.fidelity, "rate_hz": request.rate_hz},
        "met": service.met,
        "reason": service.reason,
        "limit": {"kind": service.limit[0], "at": service.limit[1]},
        "rate_hz": service.rate_hz,
        "rate_error_hz": service.rate_error_hz,
        "fidelity": service.fidelity if service.routes else None,
        "bell_weights": service.weights.tolist() if service.routes else [],
        "rho": {"real": rho.real.tolist(), "imag": rho.imag.tolist()} if service.routes else {},
        "routes": [_route(route) for route in service.routes],
        "memories": service.memories(),
        "share_of_time": service.share if service.routes else 0.0,
        "waiting_s": _waits(service.pilot),
        "best_reachable": None if best is None else _choice(best),
        "choices": [_choice(choice) for choice in _kept(service.choices)],
        "ceilings": _ceilings(router, service.choices),
        "events": _events(scenario, service),
    }


def _route(route: Route) -> dict[str, Any]:
    return {
        "path": list(route.nodes),
        "links": list(route.links),
        "lanes": list(route.lanes),
        "rounds": {"elementary": route.schedule.elementary, "end_to_end": route.schedule.end_to_end},
        "rate_hz": route.rate_hz,
        "fidelity": route.fidelity,
    }


def _choice(choice: Choice) -> dict[str, Any]:
    return {
        "path": list(choice.nodes),
        "rounds": {"elementary": choice.schedule.elementary, "end_to_end": choice.schedule.end_to_end},
        "lanes": choice.lanes,
        "rate_hz": choice.rate_hz,
        "fidelity": choice.fidelity,
    }


def _kept(choices: Sequence[Choice]) -> list[Choice]:
    """At most `CHOICES`: those that no other beats in rate and fidelity first."""
    working = [choice for choice in choices if choice.rate_hz > 0.0]

    def beaten(one: Choice) -> bool:
        return any(
            other.rate_hz >= one.rate_hz
            and other.fidelity >= one.fidelity
            and (other.rate_hz, other.fidelity) != (one.rate_hz, one.fidelity)
            for other in working
        )

    return sorted(working, key=lambda one: (beaten(one), -one.rate_hz))[:CHOICES]


def _waits(pilot: Delivered | None) -> dict[str, float]:
    """From one pair to the next: mean and quantiles; empty with fewer than two pairs."""
    if pilot is None or len(pilot) < 2:
        return {}
    waits = np.diff(pilot.at_s)
    low, median, high = np.quantile(waits, [0.05, 0.5, 0.95], method="higher")
    return {"mean": float(waits.mean()), "p05": float(low), "median": float(median), "p95": float(high)}


def _ceilings(router: PairRouter, choices: Sequence[Choice]) -> dict[str, float]:
    """Entangled bits per second that no protocol passes on the best of the paths with all lanes that fit."""
    found: dict[str, float] = {}
    for choice in choices:
        if not choice.schedule.distils:
            chain = router.trials.chain(Way(choice.nodes, choice.links, choice.schedule), choice.lanes)
            bounds = {"with repeaters": chain_ceiling_bits_per_s(chain), "repeaterless": repeaterless_bits_per_s(chain)}
            found |= {name: max(bits, found.get(name, 0.0)) for name, bits in bounds.items() if math.isfinite(bits)}
    return found


def _events(scenario: Scenario, service: Service) -> dict[str, Any]:
    """The run itself, every herald and swap until its end; empty at resolution rates and without reserved memories."""
    if scenario.resolution == "rates" or not service.routes:
        return {}
    made = deliver(
        service.routes,
        service.turns,
        stream(scenario.seed, f"demand/{service.request.id}/pairs"),
        turn_s=turn_s(scenario),
        horizon_s=scenario.duration_s,
        pairs=MOST_PAIRS,
        most_events=MOST_EVENTS,
    )
    return {
        "simulated_s": made.simulated_s,
        "delivered": len(made),
        "rate_hz": len(made) / made.simulated_s if made.simulated_s else 0.0,
        "fidelity": float(made.mean_weights[0]) if len(made) else None,
        "first_s": float(made.at_s[0]) if len(made) else None,
    }


def _link(scenario: Scenario, key: str, link: GraphLink, services: Sequence[Service]) -> dict[str, Any]:
    spec = scenario.links[key]
    assert spec.heralded is not None
    fibre = spec.heralded.fibre
    by_demand = {s.request.id: lanes for s in services if (lanes := _lanes(s, key))}
    load_hz = math.fsum(s.pilot.heralds_hz.get(key, 0.0) for s in services if s.pilot is not None)
    return {
        "between": list(link.between),
        "fibre_length_km": fibre.length_km,
        "status": fibre.status,
        "loss_db": fibre.length_km * fibre.attenuation_db_per_km + fibre.connector_db,
        "scheme": spec.heralded.scheme,
        "success_probability": link.link.success_probability,
        "attempt_s": link.link.attempt_s,
        "fidelity": link.link.fidelity,
        "lanes": link.lanes,
        "reserved": by_demand,
        "most_reserved": _most([_by_turn(s, key) for s in services]),
        "capacity_hz": link.capacity_hz,
        "heralded_hz": min(load_hz, link.capacity_hz),
    }


def _by_turn(service: Service, link: str) -> list[int]:
    """Lanes of a link that a service holds in each turn."""
    return [sum(r.lanes[turn] for r in service.routes if link in r.links) for turn in range(service.turns)]


def _lanes(service: Service, link: str) -> int:
    return max(_by_turn(service, link), default=0)


def _most(held: Sequence[Sequence[int]]) -> int:
    """The most that all hold together in one turn."""
    turns = max((len(one) for one in held), default=0)
    return max((sum(one[turn] for one in held if turn < len(one)) for turn in range(turns)), default=0)


def _nodes(scenario: Scenario, services: Sequence[Service]) -> dict[str, Mapping[str, Any]]:
    """Memories of each node, and how many of them are reserved."""
    found: dict[str, Mapping[str, Any]] = {}
    for node, device in devices(scenario).items():
        held = []
        for service in services:
            now = [0] * service.turns
            for route in service.routes:
                if node in route.nodes:
                    sides = 1 if node in (route.nodes[0], route.nodes[-1]) else 2
                    now = [before + sides * lanes for before, lanes in zip(now, route.lanes, strict=True)]
            held.append(now)
        spec = scenario.nodes[node].memory
        assert spec is not None  # devices are built from it
        found[node] = {"preset": spec.preset, "memories": device.memories, "reserved": _most(held)}
    return found
