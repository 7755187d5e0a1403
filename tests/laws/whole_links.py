"""One link of a scenario at any resolution, with the time at which each block was reported."""

from __future__ import annotations

from dataclasses import dataclass, field

from qcisim import registry
from qcisim.engine import Engine, stream
from qcisim.sdk import PublicChannel, Record
from qcisim.simulation import link_clicks
from qcisim.simulation.build import build_link
from qcisim.simulation.link_clicks import start_clicks_link
from qcisim.simulation.link_counts import count_blocks
from qcisim.simulation.link_model import LinkModel
from qcisim.simulation.load import load_scenario
from qcisim.simulation.totals import BlockReport

registry.load_all()

LINK = """
title: one link
nodes:
  a: {lat: 50, lon: 5}
  b: {lat: 50, lon: 6}
links:
  a-b:
    between: [a, b]
    fibre: {length_km: 10, connector_db: 0.5}
    source: {clock_hz: 1e9}
"""


@dataclass
class Run:
    """What one link reported, and when."""

    model: LinkModel
    reports: list[BlockReport] = field(default_factory=list)
    keys: list[bytes] = field(default_factory=list)
    times_s: list[float] = field(default_factory=list)
    transcripts: list[list[Record]] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)

    @property
    def bits(self) -> int:
        """Secret bits of all blocks."""
        return sum(report.length.bits for report in self.reports)


def run_whole_link(*settings: str, resolution: str = "rates", duration_s: float = 0.1, seed: int = 1) -> Run:
    """Run the link with ``settings`` as for ``--set``, below ``links.a-b``."""
    overrides = [f"seed={seed}", f"duration_s={duration_s}", *(f"links.a-b.{setting}" for setting in settings)]
    model, engine = build_link(load_scenario(LINK, overrides), "a-b"), Engine()
    run = Run(model)

    def report(block: BlockReport, key: bytes | None) -> None:
        run.reports.append(block)
        run.keys.append(key or b"")
        run.times_s.append(engine.now_s)

    if resolution == "clicks":

        class Watched(PublicChannel):
            def close_block(self) -> int:
                run.transcripts.append(list(self.transcript))
                return super().close_block()

        link_clicks.PublicChannel, kept = Watched, link_clicks.PublicChannel  # type: ignore[misc]  # watched for one run
        try:
            start_clicks_link(model, engine, duration_s, seed, report, run.stopped.append)
            engine.run()
        finally:
            link_clicks.PublicChannel = kept  # type: ignore[misc]  # as it was
        return run
    rng = stream(seed, "laws/counts") if resolution == "counts" else None
    engine.process(count_blocks(model, engine, duration_s, rng, report, run.stopped.append), "link")
    engine.run()
    return run
