"""A scenario live: its links produce key at simulated pace, until somebody stops them."""

from __future__ import annotations

import math
import secrets
import threading
import time
from collections.abc import Callable
from typing import Protocol

from qcisim import registry
from qcisim.engine import Engine, stream
from qcisim.simulation.build import build_links
from qcisim.simulation.link_model import SampledLink
from qcisim.simulation.links import start_link
from qcisim.simulation.scenario import Scenario
from qcisim.simulation.totals import BlockReport

STEP_S = 0.1  # of real time between two looks at the simulated clock


class KeySink(Protocol):
    """Where live key goes: the key managers at both ends of a link."""

    def deposit(self, link: str, key: bytes, *, epsilon: float, theorem: str) -> None:
        """Hand over new key of ``link``."""

    def free_bits(self, link: str) -> int:
        """How much key of ``link`` there is room for."""


def run_live(
    scenario: Scenario,
    sink: KeySink,
    *,
    speed: float,
    stopping: threading.Event,
    watch: Callable[[str, BlockReport, int], None] = lambda link_id, block, stored_bits: None,
    stopped: Callable[[str, str], None] = lambda link_id, reason: None,
) -> None:
    """Run the links of ``scenario`` at ``speed`` simulated seconds a second until ``stopping`` is set.

    Each start draws a new seed: the same key is never produced twice into stores that live longer than the run. The
    weather is that of the scenario's own seed, as in a run. A link
    whose simulation is slower than the pace falls behind without skipping anything. ``watch`` hears of each block
    and how many of its bits were stored, ``stopped`` of a link that ends, with the reason.
    """
    registry.load_all()
    fresh = scenario.model_copy(update={"seed": secrets.randbits(63), "duration_s": math.inf})
    engine = Engine()

    def starter(link_id: str, model: SampledLink) -> None:
        draws = stream(fresh.seed, f"link/{link_id}/key")

        def report(block: BlockReport, key: bytes | None) -> None:
            room, usable = max(0, sink.free_bits(link_id)) // 8, block.key_bits // 8
            data = draws.bytes(min(usable, room)) if key is None else key[: min(usable, room)]
            if data:
                sink.deposit(link_id, data, epsilon=block.epsilon, theorem=block.length.theorem)
            watch(link_id, block, 8 * len(data))

        start_link(
            model,
            engine,
            resolution=fresh.resolution_of(link_id),
            duration_s=fresh.duration_s,
            seed=fresh.seed,
            report=report,
            stop=lambda reason: stopped(link_id, reason),
        )

    for link_id, model in build_links(fresh, weather_seed=scenario.seed)[0].items():
        starter(link_id, model)
    begin_s = time.monotonic()
    try:
        while not stopping.wait(STEP_S):
            engine.run(until_s=(time.monotonic() - begin_s) * speed)
    finally:
        engine.close()
