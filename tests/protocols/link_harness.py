"""Runs one link of a scenario, without key managers, and keeps everything a test may want to look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

from qcisim import registry
from qcisim.engine import Engine, stream
from qcisim.sdk import Message, PublicChannel, Record
from qcisim.simulation import link_clicks
from qcisim.simulation.build import build_link
from qcisim.simulation.link_clicks import start_clicks_link
from qcisim.simulation.link_counts import count_blocks
from qcisim.simulation.load import load_scenario
from qcisim.simulation.totals import BlockReport, LinkTotals

registry.load_all()

LINK = """
title: one link
duration_s: {duration_s}
nodes:
  a: {{lat: 50, lon: 5}}
  b: {{lat: 50, lon: 6}}
links:
  a-b:
    between: [a, b]
    fibre: {{length_km: {length_km}, attenuation_db_per_km: 0.2, connector_db: 0.5}}
    source: {{clock_hz: 1e9}}
"""


@dataclass
class LinkRun:
    """What came out of a link: reports, keys, the transcript of every block."""

    model: Any
    totals: LinkTotals = field(default_factory=LinkTotals)
    reports: list[BlockReport] = field(default_factory=list)
    keys: list[bytes] = field(default_factory=list)
    transcripts: list[list[Record]] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)

    def report(self, block: BlockReport, key: bytes | None) -> None:
        self.totals.add(block)
        self.reports.append(block)
        self.keys.append(key or b"")


def run_link(
    *settings: str,
    seed: int = 1,
    duration_s: float = 0.2,
    length_km: float = 10.0,
    resolution: str = "clicks",
    tamper: Callable[[Message], Message | None] | None = None,
) -> LinkRun:
    """Run the link of `LINK` with ``settings`` as for ``--set``, below ``links.a-b``."""
    text = LINK.format(duration_s=duration_s, length_km=length_km)
    scenario = load_scenario(text, [f"seed={seed}", *(f"links.a-b.{setting}" for setting in settings)])
    model, engine = build_link(scenario, "a-b"), Engine()
    run = LinkRun(model)
    if resolution != "clicks":
        rng = stream(seed, "counts") if resolution == "counts" else None
        engine.process(count_blocks(model, engine, duration_s, rng, run.report, run.stopped.append), "link")
        engine.run()
        return run

    class Watched(PublicChannel):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs, tamper=tamper)

        def close_block(self) -> int:
            run.transcripts.append(list(self.transcript))
            return super().close_block()

    with mock.patch.object(link_clicks, "PublicChannel", Watched):
        start_clicks_link(model, engine, duration_s, seed, run.report, run.stopped.append)
        engine.run()
    return run
