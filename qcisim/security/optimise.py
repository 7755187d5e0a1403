"""Intensities, their probabilities and the basis bias that give the most key, searched on a model of the link."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from qcisim.errors import InputError, PhysicsError
from qcisim.security.bound import Bound
from qcisim.security.counts import BlockCounts
from qcisim.security.link_models import planned_leak_bits
from qcisim.security.self_consistent import self_consistent_length
from qcisim.security.settings import SourceSettings

LOG_BRIGHTEST = math.log(5.0)  # no decoy protocol gains from pulses as bright as this
Model = Callable[[SourceSettings], BlockCounts]
Leak = Callable[[BlockCounts], float]


@dataclass(frozen=True, slots=True)
class Objective:
    """Secret bits per sent pulse that a bound gives on expected counts; negative values are kept for the search.

    ``efficiency`` f plans the leakage f n h(Q), unless ``leak`` plans it from the counts. ``epsilon_secret_per_bit``
    replaces ``epsilon_secret`` by kappa l (figures only).
    """

    bound: Bound
    epsilon_secret: float
    epsilon_correct: float
    efficiency: float = 1.16
    verification_bits: float = 0.0
    epsilon_secret_per_bit: float | None = None
    leak: Leak | None = None

    def bits(self, counts: BlockCounts) -> float:
        """The length in bits, neither rounded nor clamped."""
        leak = planned_leak_bits(counts, self.efficiency) if self.leak is None else self.leak(counts)
        if self.epsilon_secret_per_bit is not None:
            return self_consistent_length(
                self.bound,
                counts,
                leak,
                epsilon_secret_per_bit=self.epsilon_secret_per_bit,
                epsilon_correct=self.epsilon_correct,
            ).total
        return self.bound.secret_length(
            counts,
            leak,
            epsilon_secret=self.epsilon_secret,
            epsilon_correct=self.epsilon_correct,
            verification_bits=self.verification_bits,
        ).total

    def loss(self, counts: BlockCounts) -> float:
        """What the search minimises: -bits per pulse; where there is no key, bits missing per sifted bit (> 0)."""
        bits = self.bits(counts)
        return -bits / counts.rounds if bits > 0.0 else -bits / max(1.0, counts.key_total)

    def bits_per_pulse(self, counts: BlockCounts) -> float:
        """`bits` over the pulses sent, which the model states in ``counts.rounds``."""
        return self.bits(counts) / counts.rounds


def optimise(
    model: Model,
    bound: Bound,
    start: SourceSettings,
    *,
    epsilon_secret: float,
    epsilon_correct: float,
    efficiency: float = 1.16,
    verification_bits: float = 0.0,
    epsilon_secret_per_bit: float | None = None,
    leak: Leak | None = None,
    keep_weakest: bool = False,
    restarts: int = 3,
) -> SourceSettings:
    """argmax over intensities, probabilities and basis bias of the secret bits per pulse by ``bound`` on ``model``.

    Nelder-Mead in unconstrained coordinates (log intensities, log-odds), restarted from its own optimum.
    ``keep_weakest`` leaves the weakest intensity as in ``start``. Settings are fixed before the first round: a model
    is wanted, observed counts are refused with `InputError`.
    """
    if not callable(model) or isinstance(model, BlockCounts):
        raise InputError(
            "optimise takes a model of the link, not counts: settings chosen after seeing the data void the claim"
        )
    objective = Objective(
        bound, epsilon_secret, epsilon_correct, efficiency, verification_bits, epsilon_secret_per_bit, leak
    )
    shape = _Coordinates(start, keep_weakest or start.intensities[-1] == 0.0)

    def loss(x: NDArray[np.float64]) -> float:
        try:
            counts = model(shape.settings(x))
            if counts.observed:
                raise InputError("optimise takes a model of the link; this one returns observed counts")
            if counts.rounds <= 0.0:
                raise InputError("the model's counts do not say how many pulses were sent (rounds)")
            return objective.loss(counts)
        except PhysicsError:
            return math.inf

    best = shape.vector
    if loss(best) > 0.0:
        best = min([best, *shape.scattered()], key=loss)
    for _ in range(max(1, restarts)):
        simplex = np.vstack([best, best + 0.25 * np.eye(best.size)])
        found = optimize.minimize(
            loss,
            best,
            method="Nelder-Mead",
            options={
                "initial_simplex": simplex,
                "xatol": 1e-4,
                "fatol": 1e-8 * abs(loss(best)),
                "maxiter": 200 * best.size,
            },
        )
        gain = loss(best) - found.fun
        best = found.x
        if gain <= 1e-6 * abs(found.fun):
            break
    return shape.settings(best)


class _Coordinates:
    """Settings as an unconstrained vector: log intensities, log-odds of probabilities, logit of the bias."""

    def __init__(self, start: SourceSettings, keep_weakest: bool) -> None:
        self.kept = start.intensities[-1:] if keep_weakest else ()
        free = start.intensities[: len(start.intensities) - len(self.kept)]
        odds = [math.log(p / start.probabilities[-1]) for p in start.probabilities[:-1]]
        q = start.key_basis_probability
        self.size = len(free)
        self.vector = np.array([*(math.log(k) for k in free), *odds, math.log(q / (1.0 - q))])

    def scattered(self) -> list[NDArray[np.float64]]:
        """Other places to start from: weaker decoys, more decoys, less bias."""
        first = np.arange(self.vector.size)
        odds = (first >= self.size) & (first < self.vector.size - 1)
        places = []
        for decoy in (0.0, -0.5, -1.0):
            for share in (0.0, -1.5, -3.0, -4.5):
                for bias in (0.0, -1.0, -2.0, -3.0):
                    shift = np.where(first == self.vector.size - 1, bias, 0.0)
                    shift += np.where((first > 0) & (first < self.size), decoy, 0.0)
                    shift += np.where(odds & (first == self.size), share, 0.0)
                    places.append(self.vector + shift)
        return places

    def settings(self, x: NDArray[np.float64]) -> SourceSettings:
        """The settings at ``x``; raises `PhysicsError` where the intensities are not falling."""
        values = [float(v) for v in np.clip(x, -20.0, 20.0)]
        intensities = (*(math.exp(min(v, LOG_BRIGHTEST)) for v in values[: self.size]), *self.kept)
        weights = [*(math.exp(v) for v in values[self.size : -1]), 1.0]
        total = math.fsum(weights)
        return SourceSettings(intensities, tuple(w / total for w in weights), 1.0 / (1.0 + math.exp(-values[-1])))
