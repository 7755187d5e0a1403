"""Every coincidence of a link of pairs, block by block: what the two stations record of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qcisim.engine import stream
from qcisim.optics.clicks import walker_alias
from qcisim.sdk import PairRecord

if TYPE_CHECKING:
    from qcisim.simulation.link_model import Block
    from qcisim.simulation.pair_links import Coincidences, PairLinkModel

STRETCH = 1_000_000  # coincidences that are announced together: arrays of some megabytes, however long a block is
SPARE = 6.5  # deviations that an array is longer than its mean; what does not fit is drawn into another


class PairSampler:
    """Draws coincidences: gaps between them are geometric, settings and bits follow the law of their time step."""

    def __init__(self, model: PairLinkModel, seed: int) -> None:
        self._model, self._light = model, stream(seed, f"link/{model.link_id}/pairs")
        self._first = 0

    def sample(self, block: Block) -> tuple[list[PairRecord], list[PairRecord], int]:
        """The first and the second station's records of the next block, stretch by stretch, and how many they hold."""
        light = self._model.coincidences(block)
        rounds, cells = self._draw(light)
        tables = [np.ascontiguousarray(axis.ravel(), np.uint8) for axis in np.indices(light.cells.shape[1:])]
        alice: list[PairRecord] = []
        bob: list[PairRecord] = []
        for start in range(0, max(1, len(rounds)), STRETCH):
            where, cell = rounds[start : start + STRETCH], cells[start : start + STRETCH]
            where.setflags(write=False)
            setting_a, setting_b, bit_a, bit_b = (table[cell] for table in tables)
            alice.append(PairRecord(where, setting_a, bit_a))
            bob.append(PairRecord(where, setting_b, bit_b))
        return alice, bob, len(rounds)

    def _draw(self, light: Coincidences) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
        """Windows and cells of all coincidences, in the order of time."""
        found = []
        constant = len(light.windows) == 1
        for index, windows in enumerate(light.windows):
            p = float(light.probability[index])
            if p > 0.0:
                law = walker_alias(light.cells[index].ravel())
                pieces = max(1, math.ceil(windows * p / STRETCH)) if constant else 1
                for number in range(pieces):
                    start, end = (int(windows) * k // pieces for k in (number, number + 1))
                    found += self._piece(p, law, self._first + start, self._first + end)
            self._first += int(windows)
        if not found:
            return np.zeros(0, np.int64), np.zeros(0, np.uint8)
        rounds, cells = (np.concatenate(parts) for parts in zip(*found, strict=True))
        return rounds, cells

    def _piece(
        self, p: float, law: tuple[Any, Any], start: int, end: int
    ) -> list[tuple[NDArray[np.int64], NDArray[np.uint8]]]:
        from qcisim.optics.click_kernels import renewal_clicks

        mean = (end - start) * p
        capacity = math.ceil(mean + SPARE * math.sqrt(mean)) + 16
        found = []
        inverse_hazard = -1.0 / math.log1p(-p) if p < 1.0 else 0.0
        while True:
            rounds, cells = np.empty(capacity, np.int64), np.empty(capacity, np.uint8)
            number, start = renewal_clicks(self._light, inverse_hazard, 0, *law, start, end, rounds, cells)
            found.append((rounds[:number], cells[:number]))
            if number < capacity:
                return found
