"""Expected counts of a block whose link changes with time, in closed form: what a pass is planned with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from qcisim.errors import InputError, require
from qcisim.optics.detector import Detector
from qcisim.security.counts import BlockCounts
from qcisim.security.pass_cells import Floats, PassCells
from qcisim.security.settings import SourceSettings

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PassModel:
    """Expected `BlockCounts` of cells for any settings of a weak coherent source: a model that `optimise` searches on.

    For a cell with transmittance eta, mean noise nu per detector and error e, an intensity mu in matched bases has

        D = 1 - exp(-2 nu - mu eta)                              click
        S = exp(-nu) (exp(-mu eta e) - exp(-mu eta (1-e)))       only the right less only the wrong detector
        E = (D - S)/2                                            wrong bit, a double click counting one half

    With p = sum_mu p_mu D, d dead rounds per click and r = p_ap s afterpulses that find a live receiver (s as in
    `qcisim.optics.tally`), a share 1/(1 + p d (1 + r (1-p))) of the rounds is live, and a live round counts

        clicks p_mu (D + p r (1-D)),  errors p_mu (D/2 - S (1 - r p/2)/2 + p r (1-D)/2).

    Equal to `expected_tally` on the click tables of the cells; the dead time of one cell does not reach into the next.

    Args:
        cells: the link, cell by cell.
        detector: for dead time and afterpulsing; its efficiency and dark counts are in the cells already.
        clock_hz: rounds per second.
        receiver_key_basis_probability: how often Bob takes the key basis; None: as often as Alice.

    Source: Ma, Qi, Zhao, Lo, Phys. Rev. A 72, 012326 (2005), Eqs. (8) to (11), double clicks kept with a random bit.
    """

    cells: PassCells
    detector: Detector
    clock_hz: float
    receiver_key_basis_probability: float | None = None

    def __post_init__(self) -> None:
        require(self.clock_hz > 0.0, f"clock_hz {self.clock_hz:g}: wanted above 0")
        require(len(self.cells) > 0 and self.cells.total_rounds > 0.0, "no rounds are sent: there is nothing to plan")

    def __call__(self, settings: SourceSettings) -> BlockCounts:
        """The counts of the whole block."""
        clicks, key_errors, test_errors = self.per_cell(settings)
        return self._block(
            settings, clicks.sum(axis=1), key_errors.sum(axis=1), test_errors.sum(axis=1), self.cells.total_rounds
        )

    def with_cells(self, cells: PassCells) -> PassModel:
        """The same detectors behind other cells."""
        return replace(self, cells=cells)

    def above(self, settings: SourceSettings, elevations_deg: Sequence[float]) -> list[BlockCounts]:
        """The counts without the cells below a minimum elevation, for each of ``elevations_deg``, in one evaluation.

        Raises `PhysicsError` for an elevation that no cell reaches.
        """
        order = np.argsort(-self.cells.elevation_deg, kind="stable")
        ends = np.searchsorted(-self.cells.elevation_deg[order], -np.asarray(elevations_deg), side="right")
        require(bool(np.all(ends > 0)), f"minimum elevations {tuple(elevations_deg)}: no cell reaches the highest")
        clicks, key, test = (np.cumsum(part[:, order], axis=1) for part in self.per_cell(settings))
        rounds = np.cumsum(self.cells.rounds[order])
        return [
            self._block(settings, clicks[:, last], key[:, last], test[:, last], float(rounds[last]))
            for last in ends - 1
        ]

    def per_cell(self, settings: SourceSettings) -> tuple[Floats, Floats, Floats]:
        """Clicks, key-basis errors and test-basis errors (S, n) of each cell, before the shares of the bases."""
        cells = self.cells
        mu, share = np.asarray(settings.intensities)[:, None], np.asarray(settings.probabilities)[:, None]
        light = mu * cells.transmittance
        nu = cells.noise_per_gate
        if cells.neighbour_share.any():
            nu = nu + 0.5 * float(np.dot(settings.intensities, settings.probabilities)) * (
                cells.transmittance * cells.neighbour_share
            )
        quiet = np.exp(-2.0 * nu - light)
        click = -np.expm1(-2.0 * nu - light)
        p = (share * click).sum(axis=0)
        dead, again = self.detector.dead_rounds(self.clock_hz), self._live_afterpulses(p)
        live = cells.rounds / (1.0 + p * dead * (1.0 + again * (1.0 - p)))
        weight = share * live
        alone = again * p * quiet

        def errors(e: Floats) -> Floats:
            right_less_wrong = -np.exp(-nu - light * e) * np.expm1(-light * (1.0 - 2.0 * e))
            wrong = 0.5 * (click - right_less_wrong * (1.0 - 0.5 * again * p) + alone)
            return np.asarray(np.maximum(weight * wrong, 0.0), dtype=np.float64)

        key = errors(cells.key_error)
        test = key if np.array_equal(cells.key_error, cells.test_error) else errors(cells.test_error)
        return weight * (click + alone), key, test

    def _live_afterpulses(self, p: Floats) -> Floats | float:
        """r: afterpulses per click that find the receiver live; z = exp(-1/(tau clock)), as in `qcisim.optics`."""
        detector = self.detector
        if detector.afterpulse_probability == 0.0:
            return 0.0
        decay = 1.0 / (detector.afterpulse_decay_s * self.clock_hz)
        gone = -np.expm1(-decay)
        blocked = np.exp(-decay) * -np.expm1(-decay * detector.dead_rounds(self.clock_hz))
        result: Floats = detector.afterpulse_probability * gone / (gone + p * blocked)
        return result

    def _block(
        self, settings: SourceSettings, clicks: Floats, key_errors: Floats, test_errors: Floats, rounds: float
    ) -> BlockCounts:
        alice = settings.key_basis_probability
        bob = alice if self.receiver_key_basis_probability is None else self.receiver_key_basis_probability
        key, test = alice * bob, (1.0 - alice) * (1.0 - bob)

        def row(values: Floats, basis: float) -> tuple[float, ...]:
            return tuple((basis * values).tolist())

        return BlockCounts(
            settings.intensities,
            settings.probabilities,
            key=row(clicks, key),
            test=row(clicks, test),
            test_errors=row(test_errors, test),
            key_errors=row(key_errors, key),
            rounds=rounds,
        )


def sum_counts(counts: list[BlockCounts] | tuple[BlockCounts, ...]) -> BlockCounts:
    """The counts of a block made of several passes: added per setting and basis, before any bound.

    Raises `InputError` where the passes were sent with different settings: one block has one set of them.
    """
    if not counts:
        raise InputError("no counts to add: a block needs at least one pass")
    first = counts[0]
    for other in counts[1:]:
        if (other.intensities, other.probabilities) != (first.intensities, first.probabilities):
            raise InputError("the passes of a block were sent with different intensities or probabilities")

    def added(name: str) -> tuple[float, ...]:
        return tuple(np.sum([getattr(one, name) for one in counts], axis=0).tolist())

    known = all(one.key_errors is not None for one in counts)
    return BlockCounts(
        first.intensities,
        first.probabilities,
        added("key"),
        added("test"),
        added("test_errors"),
        added("key_errors") if known else None,
        sum(one.rounds for one in counts),
        any(one.observed for one in counts),
    )


def blocks_of(passes: list[T] | tuple[T, ...], passes_per_block: int) -> tuple[tuple[T, ...], ...]:
    """Consecutive groups of ``passes_per_block``: the blocks, fixed before any data by the timetable alone.

    Passes that are left over at the end make no block: their key waits for the passes that complete it.
    """
    require(passes_per_block >= 1, f"passes_per_block {passes_per_block}: wanted at least 1")
    whole = len(passes) // passes_per_block
    return tuple(tuple(passes[i * passes_per_block : (i + 1) * passes_per_block]) for i in range(whole))
