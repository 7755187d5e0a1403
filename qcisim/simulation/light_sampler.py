"""Every detection of a prepare-and-measure link, block by block: what each party's station records."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from qcisim.engine import stream
from qcisim.optics import AliceRecord, BobRecord, ClickTable, ReceiverMemory, sample_clicks, split

if TYPE_CHECKING:
    from qcisim.simulation.link_model import Block, Light, LinkModel

STRETCH_CLICKS = 1_000_000  # clicks that are announced together: arrays of some megabytes, however long a block is


class LightSampler:
    """Draws the clicks of block after block; the receiver remembers its dead time and afterpulses in between."""

    def __init__(self, model: LinkModel, seed: int) -> None:
        path = f"link/{model.link_id}"
        self._model = model
        self._light, self._doubles = stream(seed, f"{path}/light"), stream(seed, f"{path}/bob/doubles")
        self._fading = stream(seed, f"{path}/fading")
        self._memory, self._first_round = ReceiverMemory(), 0

    def sample(self, block: Block) -> tuple[list[AliceRecord], list[BobRecord], int]:
        """Alice's and Bob's records of the next block, stretch by stretch, and the number of clicks."""
        alice: list[AliceRecord] = []
        bob: list[BobRecord] = []
        number = 0
        for table, rounds in self._stretches(block):
            clicks, self._memory = sample_clicks(
                table,
                rounds,
                block.receiver.detector,
                block.source.clock_hz,
                self._light,
                first_round=self._first_round,
                memory=self._memory,
            )
            self._first_round += rounds
            number += len(clicks)
            hers, his = split(clicks, self._doubles)
            alice.append(hers)
            bob.append(his)
        return alice, bob, number

    def _stretches(self, block: Block) -> Iterator[tuple[ClickTable, int]]:
        """Rounds in a row that share a click table: of a fading link as long as it holds its value, drawn anew then."""
        light = self._model.light(block)
        steps = zip(*_fading_runs(self._model, light, block.source.clock_hz, self._fading), strict=True)
        for index, rounds in steps:
            table = light.tables[index]
            stretch = max(1, math.ceil(STRETCH_CLICKS / max(table.click_probability, 1e-12)))
            for done in range(0, rounds, stretch):
                yield table, min(stretch, rounds - done)


def _fading_runs(
    model: LinkModel, light: Light, clock_hz: float, rng: np.random.Generator
) -> tuple[list[int], list[int]]:
    """(index of the click table, rounds) in the order of time."""
    nodes = light.tables.nodes
    if nodes == 1:
        return list(range(len(light.rounds))), [int(n) for n in light.rounds]
    spec = model.spec.free_space
    assert spec is not None  # only light through the air fades
    held = max(1, round(spec.atmosphere.fading_coherence_s * clock_hz))
    indices, rounds = list[int](), list[int]()
    for step, total in enumerate(light.rounds):
        count = -(-int(total) // held)
        drawn = rng.choice(nodes, size=count, p=light.tables.share[step * nodes : (step + 1) * nodes])
        indices += [step * nodes + int(node) for node in drawn]
        rounds += [held] * (count - 1) + [int(total) - held * (count - 1)]
    return indices, rounds
