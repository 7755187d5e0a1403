"""Clicks: every detection of a stretch of rounds, drawn without looking at the rounds that stay dark."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qcisim.errors import require
from qcisim.optics.detector import Detector
from qcisim.optics.source import Floats
from qcisim.optics.table import ClickTable

Rounds = NDArray[np.int64]
Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Clicks:
    """The rounds in which the receiver registered a click, ascending, and what happened in them.

    Args:
        round: (n,) int64, counted from the start of the run.
        cell: (n,) uint8, flat index of [setting, Alice's basis, her bit, Bob's basis, outcome].
        rounds: how many rounds were sent.
        first_round: number of the first of them.
        settings: settings of the source, S.
        clock_hz: rounds per second.
    """

    round: Rounds
    cell: Bytes
    rounds: int
    first_round: int
    settings: int
    clock_hz: float

    def __len__(self) -> int:
        return len(self.round)

    @property
    def shape(self) -> tuple[int, int, int, int, int]:
        """(S, 2, 2, 2, 3)."""
        return (self.settings, 2, 2, 2, 3)

    @property
    def counts(self) -> Rounds:
        """Clicks per cell, (S, 2, 2, 2, 3)."""
        return np.bincount(self.cell, minlength=24 * self.settings).reshape(self.shape)

    @property
    def setting(self) -> Bytes:
        """(n,)."""
        return self._axis(0)

    @property
    def alice_basis(self) -> Bytes:
        """(n,)."""
        return self._axis(1)

    @property
    def alice_bit(self) -> Bytes:
        """(n,)."""
        return self._axis(2)

    @property
    def bob_basis(self) -> Bytes:
        """(n,)."""
        return self._axis(3)

    @property
    def outcome(self) -> Bytes:
        """(n,): 0 or 1 for the detector that clicked alone, 2 for both."""
        return self._axis(4)

    def _axis(self, axis: int) -> Bytes:
        return axis_of_cell(self.settings, axis)[self.cell]


def axis_of_cell(settings: int, axis: int) -> Bytes:
    """For each of the 24 S cells its index along one axis of [setting, basis, bit, basis, outcome]."""
    return np.unravel_index(np.arange(24 * settings), (settings, 2, 2, 2, 3))[axis].astype(np.uint8)


@dataclass(frozen=True, slots=True)
class ReceiverMemory:
    """What the receiver carries from one stretch of rounds into the next.

    Args:
        live_from: first round in which it is live again.
        pending: (round, detector) of afterpulses that are still to come.
    """

    live_from: int = 0
    pending: tuple[tuple[int, int], ...] = ()


def walker_alias(weights: Floats) -> tuple[Floats, Bytes]:
    """Walker's alias table of a distribution over at most 256 cells: keep cell i with probability share[i], else
    alias[i].

    Source: Walker, ACM Trans. Math. Softw. 3, 253 (1977); construction of Vose, IEEE Trans. Softw. Eng. 17, 972 (1991).
    """
    count = len(weights)
    scaled = weights / weights.sum() * count
    share, alias = np.ones(count), np.arange(count, dtype=np.uint8)
    small = [i for i in range(count) if scaled[i] < 1.0]
    large = [i for i in range(count) if scaled[i] >= 1.0]
    while small and large:
        low, high = small.pop(), large[-1]
        share[low], alias[low] = scaled[low], high
        scaled[high] -= 1.0 - scaled[low]
        if scaled[high] < 1.0:
            small.append(large.pop())
    return share, alias


def sample_clicks(
    table: ClickTable,
    rounds: int,
    detector: Detector,
    clock_hz: float,
    rng: np.random.Generator,
    *,
    first_round: int = 0,
    memory: ReceiverMemory | None = None,
) -> tuple[Clicks, ReceiverMemory]:
    """The clicks of rounds [first_round, first_round + rounds), and what the receiver remembers afterwards.

    Independent rounds click with probability p: gaps are geometric, floor(E / -ln(1-p)) with E a standard
    exponential, and the cell of a click is drawn from the joint table. After a click both detectors are blind for
    `Detector.dead_rounds` rounds. A photon or dark click leaves, with the afterpulse probability, one click of the
    same detector at an exponential delay behind its dead time; it is lost if the receiver is blind then, and leaves
    no afterpulse itself. Time and memory grow with the clicks, not with the rounds.

    Raises `PhysicsError` for negative rounds. Stretches that follow each other give the same law as one long stretch.
    """
    require(rounds >= 0 and first_round >= 0, f"rounds {rounds} from {first_round}: wanted numbers from 0")
    state = memory or ReceiverMemory()
    p, dead, end = table.click_probability, detector.dead_rounds(clock_hz), first_round + rounds
    live = max(first_round, state.live_from)
    settings = len(table.setting_probability)
    if p == 0.0 or rounds == 0:
        nothing = Clicks(np.empty(0, np.int64), np.empty(0, np.uint8), rounds, first_round, settings, clock_hz)
        return nothing, ReceiverMemory(max(live, end), state.pending)

    inverse_hazard = -1.0 / math.log1p(-p) if p < 1.0 else 0.0
    share, alias = walker_alias(table.joint.ravel())
    expected = max(0, end - live) * p / (1.0 + p * dead) * (1.0 + detector.afterpulse_probability)
    capacity = int(expected + 8.0 * math.sqrt(expected)) + 64
    pieces: list[tuple[Rounds, Bytes]] = []
    if detector.afterpulse_probability == 0.0:
        from qcisim.optics.click_kernels import renewal_clicks

        while True:
            round_out, cell_out = np.empty(capacity, np.int64), np.empty(capacity, np.uint8)
            count, live = renewal_clicks(rng, inverse_hazard, dead, share, alias, live, end, round_out, cell_out)
            pieces.append((round_out[:count], cell_out[:count]))
            if count < capacity:
                break
        after = ReceiverMemory(live)
    else:
        from qcisim.optics.click_kernels import afterpulsing_clicks

        quiet_share, quiet_alias = walker_alias((table.prior * (1.0 - table.probability.sum(axis=-1))).ravel())
        pending = len(state.pending)
        pending_round = np.array([r for r, _ in state.pending], dtype=np.int64)
        pending_detector = np.array([d for _, d in state.pending], dtype=np.uint8)
        while True:
            round_out, cell_out = np.empty(capacity, np.int64), np.empty(capacity, np.uint8)
            count, live, pending_round, pending_detector, pending = afterpulsing_clicks(
                rng,
                inverse_hazard,
                dead,
                share,
                alias,
                quiet_share,
                quiet_alias,
                detector.afterpulse_probability,
                detector.afterpulse_decay_s * clock_hz,
                live,
                end,
                pending_round,
                pending_detector,
                pending,
                round_out,
                cell_out,
            )
            pieces.append((round_out[:count], cell_out[:count]))
            if count < capacity:
                break
        left = zip(pending_round[:pending].tolist(), pending_detector[:pending].tolist(), strict=True)
        after = ReceiverMemory(live, tuple(left))
    if len(pieces) == 1:
        round_, cell = pieces[0]
    else:
        round_, cell = np.concatenate([r for r, _ in pieces]), np.concatenate([c for _, c in pieces])
    return Clicks(round_, cell, rounds, first_round, settings, clock_hz), after
