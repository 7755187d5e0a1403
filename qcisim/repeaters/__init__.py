"""Repeater chains: memories, elementary links, swapping, distillation, routing of entanglement."""

from qcisim.repeaters import entries  # noqa: F401 - imported so that they register
from qcisim.repeaters.chain import Chain, uniform
from qcisim.repeaters.device import (
    ATOMIC_ENSEMBLE,
    NV,
    PERFECT_DEVICE,
    QUANTUM_DOT,
    SIV,
    TRAPPED_ION,
    MemoryDevice,
)
from qcisim.repeaters.key_rate import (
    ChainKey,
    chain_ceiling_bits_per_s,
    chain_key,
    key_fraction,
    repeaterless_bits_per_s,
    uses_per_s,
)
from qcisim.repeaters.link import ElementaryLink, Heralded
from qcisim.repeaters.plan import Plan, best_pair, plan
from qcisim.repeaters.policy import NO_DISTILLATION, POLICIES, Schedule, doubling, ranks_of, sequential, swap_asap
from qcisim.repeaters.replay import Replayed, replay
from qcisim.repeaters.routing import GraphLink, PairRequest, PairRouter, Service
from qcisim.repeaters.routing_service import Choice, Delivered, Route, deliver
from qcisim.repeaters.run import ChainRun, Counts, Ensemble, ensemble, run
from qcisim.repeaters.trace import Event, Trace
from qcisim.repeaters.waiting import links_up_within, mean_rounds, nested_rounds, two_links_with_cutoff

__all__ = [
    "ATOMIC_ENSEMBLE",
    "NO_DISTILLATION",
    "NV",
    "PERFECT_DEVICE",
    "POLICIES",
    "QUANTUM_DOT",
    "SIV",
    "TRAPPED_ION",
    "Chain",
    "ChainKey",
    "ChainRun",
    "Choice",
    "Counts",
    "Delivered",
    "ElementaryLink",
    "Ensemble",
    "Event",
    "GraphLink",
    "Heralded",
    "MemoryDevice",
    "PairRequest",
    "PairRouter",
    "Plan",
    "Replayed",
    "Route",
    "Schedule",
    "Service",
    "Trace",
    "best_pair",
    "chain_ceiling_bits_per_s",
    "chain_key",
    "deliver",
    "doubling",
    "ensemble",
    "key_fraction",
    "links_up_within",
    "mean_rounds",
    "nested_rounds",
    "plan",
    "ranks_of",
    "repeaterless_bits_per_s",
    "replay",
    "run",
    "sequential",
    "swap_asap",
    "two_links_with_cutoff",
    "uniform",
    "uses_per_s",
]
