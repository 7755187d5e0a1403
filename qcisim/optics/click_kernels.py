"""The compiled loops behind `sample_clicks`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qcisim.kernels import kernel
from qcisim.optics.source import Floats

Rounds = NDArray[np.int64]
Bytes = NDArray[np.uint8]


@kernel
def renewal_clicks(
    rng: np.random.Generator,
    inverse_hazard: float,
    dead_rounds: int,
    share: Floats,
    alias: Bytes,
    live_from: int,
    end: int,
    round_out: Rounds,
    cell_out: Bytes,
) -> tuple[int, int]:
    """Clicks in rounds [live_from, end): gaps dead + 1 + floor(E / hazard), cells by Walker's alias table.

    Returns (number written, first live round). Stops early when the output is full, which the caller sees by the
    number.
    """
    cells = len(share)
    capacity = len(round_out)
    count = 0
    live = live_from
    while count < capacity:
        wait = rng.standard_exponential() * inverse_hazard
        if wait >= end - live:
            return count, max(live, end)
        live += int(wait)
        u = rng.random() * cells
        cell = int(u)
        if u - cell >= share[cell]:
            cell = alias[cell]
        round_out[count] = live
        cell_out[count] = cell
        count += 1
        live += dead_rounds + 1
    return count, live


@kernel
def afterpulsing_clicks(
    rng: np.random.Generator,
    inverse_hazard: float,
    dead_rounds: int,
    share: Floats,
    alias: Bytes,
    quiet_share: Floats,
    quiet_alias: Bytes,
    afterpulse_probability: float,
    afterpulse_rounds: float,
    live_from: int,
    end: int,
    pending_round: Rounds,
    pending_detector: Bytes,
    pending: int,
    round_out: Rounds,
    cell_out: Bytes,
) -> tuple[int, int, Rounds, Bytes, int]:
    """As `renewal_clicks`, and every photon or dark click may leave one afterpulse behind its dead time.

    Pending afterpulses are kept sorted by round; one that falls into dead time is lost, one that meets a photon click
    in its round joins it. The choices of a round that only an afterpulse fills are drawn given that no photon clicked
    (``quiet``). Returns (number written, first live round, pending rounds, their detectors, how many are pending).
    """
    cells = len(share)
    quiet_cells = len(quiet_share)
    capacity = len(round_out)
    count = 0
    live = live_from
    photon = live - 1
    while count < capacity:
        drop = 0
        while drop < pending and pending_round[drop] < live:
            drop += 1
        if drop > 0:
            for i in range(pending - drop):
                pending_round[i] = pending_round[i + drop]
                pending_detector[i] = pending_detector[i + drop]
            pending -= drop
        if photon < live:
            wait = rng.standard_exponential() * inverse_hazard
            photon = end if wait >= end - live else live + int(wait)
        late = pending_round[0] if pending > 0 else end
        now = min(photon, late)
        if now >= end:
            live = max(live, end)
            break
        outcome = 3
        choice = 0
        if photon == now:
            u = rng.random() * cells
            cell = int(u)
            if u - cell >= share[cell]:
                cell = alias[cell]
            choice = cell // 3
            outcome = cell - 3 * choice
            seen = outcome
            if late == now and pending_detector[0] != outcome:
                outcome = 2
            if rng.random() < afterpulse_probability:
                source = seen if seen < 2 else int(rng.random() * 2.0)
                delay = rng.standard_exponential() * afterpulse_rounds
                if delay < 4e18 - now:
                    when = now + dead_rounds + 1 + int(delay)
                    if pending == len(pending_round):
                        more_round = np.empty(2 * pending + 16, dtype=np.int64)
                        more_detector = np.empty(2 * pending + 16, dtype=np.uint8)
                        more_round[:pending] = pending_round[:pending]
                        more_detector[:pending] = pending_detector[:pending]
                        pending_round = more_round
                        pending_detector = more_detector
                    i = pending
                    while i > 0 and pending_round[i - 1] > when:
                        pending_round[i] = pending_round[i - 1]
                        pending_detector[i] = pending_detector[i - 1]
                        i -= 1
                    pending_round[i] = when
                    pending_detector[i] = source
                    pending += 1
        else:
            u = rng.random() * quiet_cells
            choice = int(u)
            if u - choice >= quiet_share[choice]:
                choice = quiet_alias[choice]
            outcome = pending_detector[0]
        round_out[count] = now
        cell_out[count] = 3 * choice + outcome
        count += 1
        live = now + dead_rounds + 1
    return count, live, pending_round, pending_detector, pending


@kernel
def look_up(cell: Bytes, table: Bytes, out: Bytes) -> None:
    """out[k, i] = table[k, cell[i]]: the fields of every click, one row per field."""
    for k in range(len(out)):
        row = table[k]
        line = out[k]
        for i in range(len(cell)):
            line[i] = row[cell[i]]
