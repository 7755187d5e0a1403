"""Planning a pass before it happens: intensities, their probabilities, the basis bias, and how low it is used."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qcisim.errors import InputError, PhysicsError, require
from qcisim.security.bound import Bound
from qcisim.security.counts import BlockCounts
from qcisim.security.optimise import Leak, Objective, optimise
from qcisim.security.pass_cells import PassCells
from qcisim.security.pass_counts import PassModel
from qcisim.security.settings import SourceSettings

CELLS = 64
"""Cells that the search works on; the counts of the plan are those of all cells."""
MOST_TURNS = 4


@dataclass(frozen=True, slots=True)
class PassPlan:
    """What is fixed before the first round of a pass, or of a block of passes.

    ``minimum_elevation_deg``: rounds below are not part of the block (None: the whole pass is used). ``expected``: the
    counts the model predicts with these settings above that elevation; ``bits`` the length they would give, neither
    rounded nor clamped: a planning number. The length of the key is fixed by `plan_length` or follows the data.
    """

    settings: SourceSettings
    minimum_elevation_deg: float | None
    expected: BlockCounts
    bits: float


def optimise_pass(
    model: PassModel,
    bound: Bound,
    start: SourceSettings,
    *,
    epsilon_secret: float,
    epsilon_correct: float,
    efficiency: float = 1.16,
    verification_bits: float = 0.0,
    leak: Leak | None = None,
    minimum_elevations_deg: Sequence[float] = (),
    keep_weakest: bool = True,
    restarts: int = 2,
) -> PassPlan:
    """argmax over settings and minimum elevation of the key length of the predicted pass.

    Settings and elevation in turn: for a given elevation `optimise` searches the settings on `PassCells.compressed`
    cells; for given settings the length is evaluated for all ``minimum_elevations_deg`` at once, on all cells. It ends
    when the elevation stays. Without ``minimum_elevations_deg`` the whole pass is used.

    Refuses counts, observed or not, with `InputError`: the plan is made before the first round, from a model. Raises
    `PhysicsError` where no cell is above any of the elevations.
    """
    if not isinstance(model, PassModel):
        raise InputError("optimise_pass takes a model of the pass, not counts: a plan made from data voids the claim")
    objective = Objective(bound, epsilon_secret, epsilon_correct, efficiency, verification_bits, leak=leak)
    highest = float(np.max(model.cells.elevation_deg))
    require(not (minimum_elevations_deg and math.isnan(highest)), "cells without elevation cannot be cut by elevation")
    candidates = sorted({float(e) for e in minimum_elevations_deg if e <= highest})
    if minimum_elevations_deg and not candidates:
        raise PhysicsError(
            f"minimum elevations {tuple(minimum_elevations_deg)}: the pass reaches {highest:.1f} deg, below all of them"
        )

    def search(cells: PassCells, first: SourceSettings, restarts: int) -> SourceSettings:
        return optimise(
            model.with_cells(cells.compressed(CELLS)),
            bound,
            first,
            epsilon_secret=epsilon_secret,
            epsilon_correct=epsilon_correct,
            efficiency=efficiency,
            verification_bits=verification_bits,
            leak=leak,
            keep_weakest=keep_weakest,
            restarts=restarts,
        )

    def best_elevation(settings: SourceSettings) -> float:
        lengths = [objective.bits(counts) for counts in model.above(settings, candidates)]
        return candidates[int(np.argmax(lengths))]

    if not candidates:
        settings = search(model.cells, start, restarts)
        expected = model(settings)
        return PassPlan(settings, None, expected, objective.bits(expected))
    elevation, settings = candidates[0], start
    for turn in range(MOST_TURNS):
        settings = search(model.cells.above(elevation), settings, restarts if turn == 0 else 1)
        chosen = best_elevation(settings)
        if chosen == elevation:
            break
        elevation = chosen
    expected = model.with_cells(model.cells.above(elevation))(settings)
    return PassPlan(settings, elevation, expected, objective.bits(expected))
