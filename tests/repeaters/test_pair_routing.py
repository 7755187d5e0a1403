"""Requests for pairs on graphs: paths, reservations, turns, and what is said when they cannot be met."""

from __future__ import annotations

import numpy as np
import pytest

from qcisim.errors import InputError, PhysicsError
from qcisim.repeaters import Chain, ElementaryLink, GraphLink, MemoryDevice, PairRequest, PairRouter, run


def link(name: str, first: str, second: str, fidelity: float = 0.97, p: float = 0.2, km: float = 10.0) -> GraphLink:
    return GraphLink(name, (first, second), ElementaryLink.werner(km, p, fidelity))


DEVICE = MemoryDevice(t2_s=1.0, memories=8)
SQUARE = [link("ab", "a", "b"), link("bc", "b", "c"), link("cd", "c", "d"), link("da", "d", "a")]


def router(links: list[GraphLink], memories: int = 8, **options: object) -> PairRouter:
    nodes = {node for each in links for node in each.between}
    device = MemoryDevice(t2_s=1.0, memories=memories)
    return PairRouter(links, dict.fromkeys(nodes, device), **options)  # type: ignore[arg-type]


def test_a_request_that_can_be_met_is_met_by_the_chain_it_names() -> None:
    (service,) = router(SQUARE).serve([PairRequest("one", "a", "c", 0.85, 100.0)])
    assert service.met
    assert service.reason == ""
    assert service.nodes in (("a", "b", "c"), ("a", "d", "c"))
    assert service.fidelity >= 0.85
    assert service.rate_hz >= 100.0
    links = {each.id: each.link for each in SQUARE}
    chain = Chain(tuple(links[name] for name in service.links), DEVICE, service.lanes, schedule=service.schedule)
    again = run(chain, 2000, np.random.default_rng(5))
    assert again.rate_hz == pytest.approx(service.rate_hz, rel=0.3)
    assert again.fidelity == pytest.approx(service.fidelity, abs=0.01)


def test_no_memory_is_promised_twice() -> None:
    requests = [PairRequest(f"r{k}", *ends, 0.8, 1e6) for k, ends in enumerate((("a", "c"), ("b", "d"), ("a", "b")))]
    served = router(SQUARE).serve(requests)
    used: dict[str, int] = {}
    assert all(service.share == 1.0 for service in served)
    for service in served:
        for node, count in service.memories().items():
            used[node] = used.get(node, 0) + count
    assert max(used.values()) <= 8
    assert not any(service.met for service in served)
    assert all("best reachable is" in service.reason for service in served)


def test_equal_requests_are_served_alike() -> None:
    line = [link("ab", "a", "b"), link("bc", "b", "c")]
    served = router(line, 12).serve([PairRequest(name, "a", "c", 0.8, 1e6) for name in ("x", "y", "z")])
    assert len({service.lanes for service in served}) == 1
    rates = [service.rate_hz for service in served]
    assert max(rates) == pytest.approx(min(rates), abs=5.0 * sum(service.rate_error_hz for service in served))


def test_requests_without_memory_for_all_take_turns() -> None:
    line = [link("ab", "a", "b"), link("bc", "b", "c")]
    requests = [PairRequest(name, "a", "c", 0.8, 1.0) for name in ("x", "y", "z")]
    alone = router(line, 2).serve(requests[:1])[0]
    together = router(line, 2).serve(requests)
    for service in together:
        assert service.share == pytest.approx(1.0 / 3.0)
        assert service.turns == 3
        assert service.rate_hz == pytest.approx(alone.rate_hz / 3.0, rel=0.05)


def test_distillation_is_used_where_fidelity_asks_for_it() -> None:
    line = [link("ab", "a", "b", 0.9), link("bc", "b", "c", 0.9)]
    rough, fine = (router(line, 12).serve([PairRequest("r", "a", "c", f, 1.0)])[0] for f in (0.75, 0.9))
    assert not rough.schedule.distils
    assert fine.schedule.distils
    assert fine.met
    assert fine.fidelity >= 0.9


def test_the_better_of_two_paths_is_taken_where_the_shorter_is_too_noisy() -> None:
    links = [
        link("ac", "a", "c", 0.7, 0.9),
        link("ab", "a", "b", 0.99, 0.1),
        link("bc", "b", "c", 0.99, 0.1),
    ]
    (service,) = router(links, 2, most_rounds=0).serve([PairRequest("r", "a", "c", 0.9, 1.0)])
    assert service.nodes == ("a", "b", "c")
    assert service.met


def test_a_fidelity_out_of_reach_gets_the_best_there_is_as_an_answer() -> None:
    (service,) = router(SQUARE, 8).serve([PairRequest("r", "a", "c", 0.9999, 1.0)])
    assert not service.met
    assert (service.rate_hz, service.routes, service.memories()) == (0.0, (), {})
    assert service.best is not None
    assert 0.8 < service.best.fidelity < 0.9999
    assert service.best.rate_hz > 0.0
    assert "no path reaches fidelity 0.9999: the best reachable is" in service.reason


def test_parallel_links_and_directions_do_not_matter() -> None:
    links = [link("slow", "a", "b", p=0.01), link("fast", "b", "a", p=0.5), link("bc", "c", "b")]
    (service,) = router(links).serve([PairRequest("r", "a", "c", 0.8, 1.0)])
    assert service.links == ("fast", "bc")


def test_what_cannot_be_served_is_said() -> None:
    island = [*SQUARE, link("xy", "x", "y")]
    served = router(island).serve([PairRequest("r", "a", "x", 0.8, 1.0)])[0]
    assert (served.met, served.nodes) == (False, ())
    assert "no chain of links with memories" in served.reason
    bare = PairRouter(SQUARE, {"a": DEVICE, "c": DEVICE, "b": MemoryDevice(memories=1)})
    assert "a repeater needs two memories" in bare.serve([PairRequest("r", "a", "c", 0.8, 1.0)])[0].reason
    assert "has no memory" in bare.serve([PairRequest("r", "a", "d", 0.8, 1.0)])[0].reason
    with pytest.raises(InputError, match="unknown node 'q'"):
        bare.serve([PairRequest("r", "a", "q", 0.8, 1.0)])


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (("a", "a", 0.8, 1.0), "both a"),
        (("a", "b", 0.2, 1.0), r"lies in \[0.25, 1\]"),
        (("a", "b", 1.1, 1.0), r"lies in \[0.25, 1\]"),
        (("a", "b", 0.8, 0.0), "positive and finite"),
    ],
)
def test_impossible_requests_are_refused(values: tuple[str, str, float, float], words: str) -> None:
    with pytest.raises(PhysicsError, match=words):
        PairRequest("r", *values)
    with pytest.raises(PhysicsError, match="the same id"):
        router(SQUARE).serve([PairRequest("r", "a", "b", 0.8, 1.0)] * 2)
