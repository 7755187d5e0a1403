"""A link that changes with time, as cells: stretches of rounds in which everything is constant.

A pass of a satellite, a night of a drifting fibre, several passes in a row: each is a list of cells, and the counts of
a block are sums over them. A cell is a time step, or a node of the fading law in a time step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qcisim.errors import require
from qcisim.optics.states import LinkStates

Floats = NDArray[np.float64]
FIELDS = (
    "transmittance",
    "rounds",
    "noise_per_gate",
    "key_error",
    "test_error",
    "neighbour_share",
    "elevation_deg",
)


@dataclass(frozen=True, slots=True, eq=False)
class PassCells:
    """Cells of a link, arrays (n,) float64, read-only. `PassCells.of` broadcasts scalars.

    Args:
        transmittance: eta from Alice's output to the click, detector efficiency and fading factor included.
        rounds: rounds sent in the cell, not necessarily whole (a fading node has a share of those of its time step).
        noise_per_gate: nu, mean noise counts per gate and detector.
        key_error, test_error: probability that an arriving photon goes to the wrong detector, per basis; the same for
            both bits of a basis.
        neighbour_share: light of a pulse in foreign gates, relative to its own gate.
        elevation_deg: above which horizon the cell is seen; NaN where that means nothing.
    """

    transmittance: Floats
    rounds: Floats
    noise_per_gate: Floats
    key_error: Floats
    test_error: Floats
    neighbour_share: Floats
    elevation_deg: Floats

    def __post_init__(self) -> None:
        size = self.transmittance.shape
        require(self.transmittance.ndim == 1, f"cells of shape {size}: wanted one dimension")
        for name in FIELDS:
            array = getattr(self, name)
            require(array.shape == size, f"{name} of shape {array.shape}: wanted {size}, one value per cell")
            require(
                name == "elevation_deg" or bool(np.all(np.isfinite(array) & (array >= 0.0))),
                f"{name}: wanted finite values that are not negative",
            )
            array.setflags(write=False)
        require(bool(np.all(self.transmittance <= 1.0)), "transmittance above 1: a passive link cannot amplify")
        for name in ("key_error", "test_error"):
            require(bool(np.all(getattr(self, name) <= 1.0)), f"{name}: a probability, wanted at most 1")

    @classmethod
    def of(
        cls,
        transmittance: ArrayLike,
        rounds: ArrayLike,
        *,
        noise_per_gate: ArrayLike = 0.0,
        misalignment_error: ArrayLike = 0.0,
        test_error: ArrayLike | None = None,
        neighbour_share: ArrayLike = 0.0,
        elevation_deg: ArrayLike = np.nan,
    ) -> PassCells:
        """Cells from arrays (n,) or scalars; ``test_error`` is ``misalignment_error`` where it is not given."""
        test = misalignment_error if test_error is None else test_error
        given = (transmittance, rounds, noise_per_gate, misalignment_error, test, neighbour_share, elevation_deg)
        arrays = np.broadcast_arrays(*(np.atleast_1d(np.asarray(value, dtype=np.float64)) for value in given))
        return cls(*(np.ascontiguousarray(array).copy() for array in arrays))

    @classmethod
    def of_states(cls, states: LinkStates, rounds: ArrayLike) -> PassCells:
        """Cells of link states: one per time step and fading node. ``rounds`` (n,) are sent in each time step.

        Raises `PhysicsError` for a channel that treats the two bits of a basis differently: the closed form of the
        counts does not cover it, a click table does.
        """
        weight = states.fading_weight
        eta = np.minimum(states.transmittance[:, None] * states.fading_factor, 1.0)
        size = eta.shape

        def flat(values: ArrayLike) -> Floats:
            spread: Floats = np.broadcast_to(np.asarray(values, dtype=np.float64).reshape(-1, 1), size)
            return spread.ravel()

        key, test = basis_errors(states.kraus)
        elevation = np.nan if states.elevation_deg is None else states.elevation_deg
        return cls.of(
            eta.ravel(),
            flat(rounds) * np.broadcast_to(weight, size).ravel(),
            noise_per_gate=flat(states.noise),
            misalignment_error=flat(key),
            test_error=flat(test),
            neighbour_share=flat(states.neighbour_share),
            elevation_deg=flat(elevation),
        )

    def __len__(self) -> int:
        return len(self.transmittance)

    @property
    def total_rounds(self) -> float:
        """Rounds sent in all cells."""
        return float(self.rounds.sum())

    def select(self, chosen: NDArray[Any]) -> PassCells:
        """The cells of a mask or an index array."""
        return PassCells(*(getattr(self, name)[chosen].copy() for name in FIELDS))

    def above(self, elevation_deg: float) -> PassCells:
        """The cells seen at ``elevation_deg`` or higher: what is left when a pass is used from there on only."""
        require(not bool(np.any(np.isnan(self.elevation_deg))), "cells without elevation cannot be cut by elevation")
        return self.select(self.elevation_deg >= elevation_deg)

    def compressed(self, count: int = 64) -> PassCells:
        """At most ``count`` cells with (nearly) the counts of all of them.

        Cells are binned by log eta. A bin keeps exactly its rounds, its mean eta and mean noise (weighted by rounds)
        and its mean error (weighted by rounds x eta), hence every count to first order in eta and in noise. What is
        lost is of second order in the spread of eta within a bin times mu eta and, with dead time, times the dead
        share. The elevation of a bin is its lowest.
        """
        require(count >= 1, f"count {count}: wanted at least one cell")
        if len(self) <= count:
            return self
        log_eta = np.log(np.maximum(self.transmittance, 1e-30))
        low, high = float(log_eta.min()), float(log_eta.max())
        index = np.zeros(len(self), dtype=np.int64)
        if high > low:
            index = np.minimum((count * (log_eta - low) / (high - low)).astype(np.int64), count - 1)

        def binned(weight: Floats) -> Floats:
            return np.asarray(np.bincount(index, weight, count), dtype=np.float64)

        rounds = binned(self.rounds)
        kept = rounds > 0.0
        light = binned(self.rounds * self.transmittance)[kept]

        def mean(values: Floats, by_light: bool = False) -> Floats:
            weight = self.rounds * self.transmittance if by_light else self.rounds
            total = binned(weight * values)[kept]
            share = light if by_light else rounds[kept]
            return np.divide(total, share, out=np.zeros_like(total), where=share > 0.0)

        lowest = np.full(count, np.inf)
        with np.errstate(invalid="ignore"):  # NaN where there is no horizon
            np.minimum.at(lowest, index, self.elevation_deg)
        return PassCells(
            np.minimum(light / rounds[kept], 1.0),
            rounds[kept],
            mean(self.noise_per_gate),
            np.minimum(mean(self.key_error, by_light=True), 1.0),
            np.minimum(mean(self.test_error, by_light=True), 1.0),
            mean(self.neighbour_share, by_light=True),
            lowest[kept],
        )


def joined(passes: Sequence[PassCells]) -> PassCells:
    """The cells of several passes as one list: the block that holds them all."""
    require(len(passes) > 0, "a block needs at least one pass")
    return PassCells(*(np.concatenate([getattr(one, name) for one in passes]) for name in FIELDS))


def basis_errors(kraus: ArrayLike) -> tuple[Floats, Floats]:
    """Probability that a photon leaves in the wrong state of its basis, key basis Z and test basis X, each (n,).

    ``kraus`` (n, k, 2, 2) or (k, 2, 2). Raises `PhysicsError` where the two bits of a basis differ.
    """
    operators = np.asarray(kraus, dtype=np.complex128)
    operators = operators.reshape((-1, *operators.shape[-3:]))
    hadamard = np.array([[1.0, 1.0], [1.0, -1.0]]) / np.sqrt(2.0)
    found = []
    for turned in (operators, hadamard @ operators @ hadamard):
        flips = (np.abs(turned) ** 2).sum(axis=1)
        first, second = flips[:, 1, 0], flips[:, 0, 1]
        require(
            bool(np.all(np.abs(first - second) <= 1e-9)),
            "the channel flips one bit of a basis more often than the other: use click tables",
        )
        found.append(np.clip(0.5 * (first + second), 0.0, 1.0))
    return found[0], found[1]
