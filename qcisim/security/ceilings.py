"""Ceilings for figures of rate against loss, over arrays: no repeater, one repeater, a chain, a network of routes.

All in bits per use of the end-to-end lossy mode, as `capacity`. A memoryless untrusted hub (MDI, twin-field) is one
repeater at most; a chain of n repeaters cuts the line into n + 1 links and is as good as its worst link.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qcisim.errors import require

Floats = NDArray[np.float64]
Node = TypeVar("Node", bound=Hashable)


def repeaterless_bound(transmittance: ArrayLike) -> Floats:
    """-log2(1 - eta) element by element; infinite at eta = 1.

    Source: Pirandola, Laurenza, Ottaviani, Banchi, Nat. Commun. 8, 15043 (2017).
    """
    eta = _checked(transmittance)
    with np.errstate(divide="ignore"):
        bound: Floats = -np.log1p(-eta) / math.log(2.0)
    return bound


def repeater_bound(transmittance: ArrayLike, repeaters: int) -> Floats:
    """-log2(1 - eta^(1/(n+1))): n ideal repeaters at equal spacing. Source: Pirandola, Commun. Phys. 2, 51 (2019)."""
    require(repeaters >= 0, f"repeaters {repeaters}: wanted >= 0")
    return repeaterless_bound(_checked(transmittance) ** (1.0 / (repeaters + 1)))


def single_repeater_bound(transmittance: ArrayLike) -> Floats:
    """-log2(1 - sqrt eta): one ideal repeater halfway, which twin-field rates stay below."""
    return repeater_bound(transmittance, 1)


def chain_bound(transmittances: ArrayLike) -> Floats:
    """min_i -log2(1 - eta_i) over the links of a chain, the last axis: the worst link limits it.

    A hub with unequal arms is a chain of two. Source: Pirandola, Commun. Phys. 2, 51 (2019), Eq. (5).
    """
    eta = _checked(transmittances)
    require(eta.ndim >= 1 and eta.shape[-1] >= 1, "a chain has at least one link")
    bound: Floats = np.min(repeaterless_bound(eta), axis=-1)
    return bound


def parallel_bound(transmittance: ArrayLike, repeaters: int, modes: int) -> Floats:
    """m modes used at once (wavelengths, cores, time bins): m times the bound of one, per use of all of them."""
    require(modes >= 1, f"modes {modes}: wanted at least 1")
    return modes * repeater_bound(transmittance, repeaters)


def best_route_bound(
    links: Iterable[tuple[Node, Node, float]], source: Node, target: Node
) -> tuple[float, Sequence[Node]]:
    """max over routes of min over links of -log2(1 - eta): one route at a time through a network of ideal repeaters.

    Arguments: ``links`` as (node, node, transmittance), usable both ways. Returns the bound and a route that reaches
    it; 0 and no route where there is none. Source: Pirandola, Commun. Phys. 2, 51 (2019), Eq. (8).
    """
    neighbours: dict[Node, list[tuple[Node, float]]] = {}
    for a, b, transmittance in links:
        eta = float(_checked(transmittance))
        neighbours.setdefault(a, []).append((b, eta))
        neighbours.setdefault(b, []).append((a, eta))
    best: dict[Node, float] = {source: 1.0}
    before: dict[Node, Node] = {}
    heap: list[tuple[float, int, Node]] = [(-1.0, 0, source)]
    pushed = 0
    while heap:
        negative, _, node = heapq.heappop(heap)
        width = -negative
        if node == target:
            route = [target]
            while route[-1] != source:
                route.append(before[route[-1]])
            return float(repeaterless_bound(width)), tuple(reversed(route))
        if width < best[node]:
            continue
        for other, eta in neighbours.get(node, []):
            reached = min(width, eta)
            if reached > best.get(other, 0.0):
                best[other], before[other] = reached, node
                pushed += 1
                heapq.heappush(heap, (-reached, pushed, other))
    return 0.0, ()


def _checked(transmittance: ArrayLike) -> Floats:
    eta = np.asarray(transmittance, dtype=np.float64)
    fine = bool(np.all((eta >= 0.0) & (eta <= 1.0)))
    require(fine, f"transmittance {eta}: a passive link cannot amplify, wanted [0, 1]")
    return eta
