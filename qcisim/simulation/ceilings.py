"""Ceilings of a link's rate: what no protocol without a repeater, or with one, can pass at its loss and clock."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from qcisim.security.ceilings import chain_bound, repeaterless_bound, single_repeater_bound
from qcisim.units import transmittance_from_db

if TYPE_CHECKING:
    from qcisim.simulation.scenario import Link

MEDIUM = ("fibre", "connectors")
"""The terms of a loss that no station can better: receivers and detectors are not counted."""


def ceilings_of(losses_db: Mapping[str, float], clock_hz: float) -> dict[str, float]:
    """Bits per second at the loss of the fibre alone, one use of the light's mode per round; empty without fibre.

    ``repeaterless``: -log2(1 - eta); ``one repeater``: -log2(1 - sqrt eta), halfway; ``repeater at the middle``: the
    worse of two arms, -log2(1 - eta_i), where the terms are those of two arms ("fibre, a").

    Source: Pirandola, Laurenza, Ottaviani, Banchi, Nat. Commun. 8, 15043 (2017); Pirandola, Commun. Phys. 2, 51 (2019).
    """
    arms: dict[str, float] = {}
    for name, loss_db in losses_db.items():
        what, _, arm = name.partition(", ")
        if what in MEDIUM:
            arms[arm] = arms.get(arm, 0.0) + loss_db
    if not arms:
        return {}
    etas = [transmittance_from_db(loss_db) for loss_db in arms.values()]
    eta = math.prod(etas)
    found = {
        "repeaterless": float(repeaterless_bound(eta)) * clock_hz,
        "one repeater": float(single_repeater_bound(eta)) * clock_hz,
    }
    if len(etas) == 2:
        found["repeater at the middle"] = float(chain_bound(etas)) * clock_hz
    return {name: bound for name, bound in found.items() if math.isfinite(bound)}


def fibre_transmittance(losses_db: Mapping[str, float]) -> float | None:
    """Of the fibres and connectors of a link alone, both arms together; None where its light meets no fibre."""
    parts = [loss_db for name, loss_db in losses_db.items() if name.partition(", ")[0] in MEDIUM]
    return transmittance_from_db(math.fsum(parts)) if parts else None


def uses_per_s(link: Link) -> float:
    """How often a link uses its light per second: rounds, windows in which a pair may come, attempts of a chain."""
    if link.chain is not None:
        from qcisim.simulation.chain_links import attempts_per_s, build_spans

        return attempts_per_s(build_spans(link.chain)) * link.key_share
    if link.pair_source is not None:
        return link.key_share / link.pair_source.coincidence_window_s
    return link.source.clock_hz * link.hub_share * link.key_share
