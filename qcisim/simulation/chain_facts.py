"""What a result tells of a repeater chain: its spans, the pairs it delivers and when, the key they could give."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from qcisim.repeaters import ChainRun, Schedule, chain_key
from qcisim.security.ceilings import single_repeater_bound
from qcisim.units import db_from_transmittance

if TYPE_CHECKING:
    from qcisim.simulation.chain_links import ChainLinkModel

BELL_STATES = ("Phi+", "Phi-", "Psi+", "Psi-")
LEVELS = (0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
"""Shares of pairs for which the waiting time is told."""


def chain_facts(model: ChainLinkModel) -> dict[str, Any]:
    """Spans, and the pairs of the simulation that the plan of the link rests on.

    ``waiting_s``: from one delivery to the next, its mean and the times that the shares ``levels`` of pairs do not
    exceed. ``weights`` and ``rho`` are those of the mean pair as it is measured or delivered; ``swaps`` and the other
    counts are per delivered pair.
    """
    done, chain = model.pilot, model.chain
    names = (model.spec.between[0], *model.repeaters, model.spec.between[1])
    spans = [
        {
            "between": [names[i], names[i + 1]],
            "length_km": link.length_km,
            "loss_db": db_from_transmittance(link.transmittance) if link.transmittance else None,
            "attempt_s": link.attempt_s,
            "success_probability": link.success_probability,
            "mean_wait_s": link.attempt_s / link.success_probability,
            "fidelity": float(link.weights[0]),
        }
        for i, link in enumerate(chain.links)
    ]
    found: dict[str, Any] = {
        "nodes": list(names),
        "spans": spans,
        "lanes": max(chain.lanes),
        "policy": model.policy,
        "distillation": schedule_text(chain.schedule),
        "ends": chain.ends,
        "pairs": len(done),
        "pairs_per_s": done.rate_hz,
        "reason": done.reason,
    }
    return found | _pairs_of(done) if len(done) else found


def _pairs_of(done: ChainRun) -> dict[str, Any]:
    key, counts, waits = chain_key(done), done.counts, done.waiting_s[1:] if len(done) > 1 else done.waiting_s
    return {
        "fidelity": done.fidelity,
        "weights": dict(zip(BELL_STATES, map(float, done.mean_weights), strict=True)),
        "rho": np.real(done.rho).tolist(),
        "waiting_s": {
            "mean": float(waits.mean()),
            "levels": list(LEVELS),
            "quantiles": np.quantile(waits, LEVELS, method="higher").tolist(),
        },
        "key_fraction": key.fraction,
        "asymptotic_bits_per_s": key.rate_bits_per_s,
        "per_pair": {
            "heralds": counts.heralds / len(done),
            "swaps": counts.swaps / len(done),
            "failed_swaps": counts.failed_swaps / len(done),
            "distillations": counts.distillations / len(done),
            "failed_distillations": counts.failed_distillations / len(done),
            "discarded_qubits": counts.discarded_qubits / len(done),
        },
    }


def chain_ceilings(model: ChainLinkModel) -> Mapping[str, float]:
    """Bits per second that no protocol passes: without repeaters, with one halfway, with these ones."""
    from qcisim.repeaters import chain_ceiling_bits_per_s, repeaterless_bits_per_s, uses_per_s

    eta = math.prod(link.transmittance or 0.0 for link in model.chain.links)
    found = {
        "repeaterless": repeaterless_bits_per_s(model.chain),
        "one repeater": float(single_repeater_bound(eta)) * uses_per_s(model.chain),
        "these repeaters": chain_ceiling_bits_per_s(model.chain),
    }
    return {name: bound for name, bound in found.items() if math.isfinite(bound)}


def schedule_text(schedule: Schedule) -> str:
    """The rounds of distillation in words; empty without any."""
    if not schedule.distils:
        return ""
    parts = [(schedule.elementary, "of each span")]
    parts += [(rounds, f"after swaps of level {level}") for level, rounds in enumerate(schedule.levels)]
    parts += [(schedule.end_to_end, "end to end")]
    told = ", ".join(f"{rounds} {where}" for rounds, where in parts if rounds)
    return f"{schedule.scheme.name}{', pumped' if schedule.pumped else ''}: {told}"
