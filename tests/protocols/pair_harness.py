"""Runs one link of entangled pairs, without key managers, and keeps everything a test may want to look at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest import mock

from link_harness import LinkRun

from qcisim.engine import Engine, stream
from qcisim.sdk import Message, PublicChannel
from qcisim.simulation import link_clicks
from qcisim.simulation.build import build_link
from qcisim.simulation.link_clicks import start_clicks_link
from qcisim.simulation.link_counts import count_blocks
from qcisim.simulation.load import load_scenario
from qcisim.simulation.pair_links import PairLinkModel

LINK = """
title: one link of pairs
duration_s: {duration_s}
nodes:
  a: {{lat: 50, lon: 5}}
  source: {{lat: 50, lon: 5.05, role: hub}}
  b: {{lat: 50, lon: 5.1}}
links:
  a-b:
    between: [a, b]
    pair_source: {{node: source, pair_rate_hz: 5e6, coincidence_window_s: 5e-10, wavelength_nm: 1550, fidelity: 0.99}}
    arms:
      - {{fibre: {{length_km: 5}}, receiver: &r {{insertion_loss_db: 1, misalignment_error: 0.005}}}}
      - {{fibre: {{length_km: 5}}, receiver: *r}}
    protocol: {{name: {protocol}}}
"""


def pair_model(*settings: str, protocol: str = "bbm92", duration_s: float = 2.0, seed: int = 1) -> PairLinkModel:
    """The link of `LINK` with ``settings`` as for ``--set``, below ``links.a-b``."""
    text = LINK.format(duration_s=duration_s, protocol=protocol)
    scenario = load_scenario(text, [f"seed={seed}", *(f"links.a-b.{setting}" for setting in settings)])
    model = build_link(scenario, "a-b")
    assert isinstance(model, PairLinkModel)
    return model


def run_pairs(
    *settings: str,
    protocol: str = "bbm92",
    duration_s: float = 2.0,
    seed: int = 1,
    resolution: str = "clicks",
    tamper: Callable[[Message], Message | None] | None = None,
) -> LinkRun:
    """Run that link in one resolution."""
    model = pair_model(*settings, protocol=protocol, duration_s=duration_s, seed=seed)
    engine, run = Engine(), LinkRun(model)
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
