"""Causality of links with three parts: no key, announcement or answer before light could have brought it."""

from __future__ import annotations

from itertools import pairwise
from typing import Any
from unittest import mock

import pytest

from qcisim import registry
from qcisim.engine import Engine, stream
from qcisim.sdk import PublicChannel, Record
from qcisim.simulation import link_clicks
from qcisim.simulation.build import build_links
from qcisim.simulation.link_clicks import start_clicks_link
from qcisim.simulation.link_counts import count_blocks
from qcisim.simulation.load import load_scenario
from qcisim.units import SPEED_OF_LIGHT_M_PER_S

registry.load_all()

NODES = """
nodes:
  a: {lat: 50, lon: 5}
  m: {lat: 50, lon: 5.3, role: hub}
  b: {lat: 50, lon: 5.6}
links:
  a-b:
    between: [a, b]
"""
ARMS = "    arms: [{fibre: {length_km: 10}}, {fibre: {length_km: 30}}]\n"
SOURCE = "    pair_source: {node: m, pair_rate_hz: 5e6, coincidence_window_s: 5e-10, wavelength_nm: 1550}\n"
CHAIN = (
    "    chain: {repeaters: [m], spans: [{length_km: 10}, {length_km: 30}], efficiency: 0.9, lanes: 8, "
    "memory: {preset: trapped_ion, t1_s: 1000, t2_s: 50, memories: 16}}\n"
)
LINKS = {
    "mdi": ("    hub: m\n" + ARMS, 0.002),
    "bbm92": (SOURCE + ARMS + "    protocol: {name: bbm92}\n", 1.0),
    "e91": (SOURCE + ARMS + "    protocol: {name: e91}\n", 0.05),
    "swapping": (CHAIN, 2.0),
}
ARM_S, LINE_S = 30e3 / SPEED_OF_LIGHT_M_PER_S, 40e3 / SPEED_OF_LIGHT_M_PER_S
"""The longer way from the middle, and the whole line, at the speed of light in vacuum."""


class Watched:
    """One link of a scenario, run in one resolution: when its blocks were reported, what went over the channel."""

    def __init__(self, text: str, *overrides: str, resolution: str = "clicks", duration_s: float = 1.0) -> None:
        scenario = load_scenario(text, [f"duration_s={duration_s}", *overrides])
        links, _ = build_links(scenario)
        (self.model,) = links.values()
        self.reported_s: list[tuple[float, float]] = []
        self.transcripts: list[list[Record]] = []
        self.stopped: list[str] = []
        engine = Engine()

        def report(block: Any, key: bytes | None) -> None:
            self.reported_s.append((block.start_s, engine.now_s))

        transcripts = self.transcripts

        class Channel(PublicChannel):
            def close_block(self) -> int:
                transcripts.append(list(self.transcript))
                return super().close_block()

        if resolution == "clicks":
            with mock.patch.object(link_clicks, "PublicChannel", Channel):
                start_clicks_link(self.model, engine, duration_s, 1, report, self.stopped.append)
        else:
            rng = stream(1, "counts") if resolution == "counts" else None
            engine.process(count_blocks(self.model, engine, duration_s, rng, report, self.stopped.append), "link")
        engine.run()


def answers_take_their_time(transcript: list[Record], way_s: float) -> None:
    """Whoever speaks after the other has heard it: no turn comes sooner than a message needs."""
    for before, after in pairwise(transcript):
        if after.sender != before.sender and after.kind != "tag":
            assert after.sent_s >= before.sent_s + way_s * (1.0 - 1e-9), (before.kind, after.kind)


@pytest.mark.parametrize("resolution", ["clicks", "counts", "rates"])
@pytest.mark.parametrize("protocol", LINKS)
def test_no_key_before_light_and_news_could_bring_it(protocol: str, resolution: str) -> None:
    """The last light leaves when a block ends; it reaches the far station, its news the other end, a first answer and
    the word that makes the key go along the whole line."""
    more, block_s = LINKS[protocol]
    run = Watched(
        NODES + more, f"links.a-b.protocol.block_s={block_s}", resolution=resolution, duration_s=2.0 * block_s
    )
    assert not run.stopped
    assert [start_s for start_s, _ in run.reported_s] == pytest.approx([0.0, block_s])
    for start_s, now_s in run.reported_s:
        assert now_s >= start_s + block_s + ARM_S + 2.0 * LINE_S
    for index, transcript in enumerate(run.transcripts):
        told_s = (index + 1.0) * block_s + (2.0 * ARM_S if protocol == "mdi" else ARM_S)
        assert transcript[0].sent_s >= told_s - 1e-12
        answers_take_their_time(transcript, LINE_S)
    assert len(run.transcripts) == (2 if resolution == "clicks" else 0)


SPACE = """
start_utc: 2016-12-17T17:39:22Z
seed: 3
nodes:
  micius:
    satellite:
      orbit:
        kind: tle
        line1: "1 41731U 16051A   16354.56913372  .00000384  00000-0  18801-4 0  9991"
        line2: "2 41731  97.3698 268.1064 0013349 175.8929 309.0190 15.23916091 19164"
  lijiang: {lat: 26.694, lon: 100.029, station: {altitude_m: 3233, minimum_elevation_deg: 10, cloud_fraction: 0}}
links:
  down:
    between: [micius, lijiang]
    pair_source: {node: micius, pair_rate_hz: 1e6, coincidence_window_s: 1e-9, wavelength_nm: 810, fidelity: 0.98}
    arms:
      - fibre: {length_km: 0}
      - free_space:
          transmitter: {aperture_m: 0.3, beam: flat, divergence_full_rad: 1e-5, jitter_rad: 1e-6}
          telescope: {aperture_m: 1.8, efficiency: 0.5}
          atmosphere: {fading_nodes: 4}
        receiver: {detector: {preset: si_apd, dark_count_rate_hz: 100}}
    protocol: {name: bbm92}
"""


def test_messages_to_a_satellite_take_as_long_as_it_is_far() -> None:
    """The run begins with the satellite overhead, and blocks end where it sets: their messages need three times as long
    as a first one at the start would."""
    run = Watched(SPACE, duration_s=100000.0)
    blocks = list(run.model.blocks(100000.0))
    far = [run.model.delay_s(block.end_s) for block in blocks]
    assert len(run.transcripts) == len(blocks) >= 2
    assert min(far) > 2.0 * run.model.delay_s(blocks[0].start_s)
    for block, transcript, way_s in zip(blocks, run.transcripts, far, strict=True):
        assert transcript[0].sent_s >= block.end_s + way_s * (1.0 - 1e-9)
        answers_take_their_time(transcript, way_s)
