"""The intensities of both senders and how often each: what gives the most key through a hub with unequal arms."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from qcisim.errors import InputError, PhysicsError, require
from qcisim.security.entropy import binary_entropy
from qcisim.security.mdi_counts import ArmSettings, MdiCounts, expected_mdi_counts
from qcisim.security.mdi_hub import Hub
from qcisim.security.secret_length import SecretLength

Vector = NDArray[np.float64]
LOG_BRIGHTEST = math.log(3.0)
START = (0.5, 0.5, 0.25, 0.04, 1.0, 0.7, 0.25, 0.5)
"""Signals of Alice and Bob, decoys mu and nu (geometric mean of both sides), their balance, key rounds, shares of mu
and nu among test rounds."""


class MdiBound(Protocol):
    """What `MdiFinite` and `MdiAsymptotic` have in common."""

    def secret_length(
        self,
        counts: MdiCounts,
        leak_bits: float,
        *,
        epsilon_secret: float,
        epsilon_correct: float,
        verification_bits: float = 0.0,
    ) -> SecretLength: ...


@dataclass(frozen=True, slots=True)
class MdiPlan:
    """The settings found for a block, and the secret bits per pulse pair that they are expected to give."""

    alice: ArmSettings
    bob: ArmSettings
    bits_per_round: float


def optimise_arms(
    hub: Hub,
    bound: MdiBound,
    rounds: float,
    *,
    epsilon_secret: float,
    epsilon_correct: float,
    efficiency: float = 1.16,
    verification_bits: float = 0.0,
    equal_senders: bool = False,
    weakest: float = 0.0,
) -> MdiPlan:
    """argmax of the expected secret bits of a block of ``rounds`` pulse pairs over the settings of both senders.

    Free are both signals, mu and nu, the balance of the decoys between the arms, and three probabilities alike for both
    senders; ``weakest`` is the third decoy (0: vacuum). Test rounds want pulses that arrive alike, key rounds do not,
    so unequal arms get unequal decoys first. ``equal_senders`` gives both the same, as fixed sources have it.
    Settings are fixed before the first round: a hub is wanted, observed counts are refused with `InputError`.
    Source: Wang, Xu, Lo, Phys. Rev. X 9, 041012 (2019).
    """
    if not isinstance(hub, Hub):
        raise InputError("optimise_arms takes a hub, not counts: settings chosen after seeing the data void the claim")
    require(rounds > 0.0 and math.isfinite(rounds), f"rounds {rounds}: wanted above 0")
    require(hub.transmittance_a > 0.0 and hub.transmittance_b > 0.0, "a hub without light from both arms gives no key")
    balance = 1.0 if equal_senders else math.sqrt(hub.transmittance_a / hub.transmittance_b)

    def settings(x: Vector) -> tuple[ArmSettings, ArmSettings]:
        s_a, s_b, mu, nu, tilt, key, many, few = (float(v) for v in x)
        if equal_senders:
            s_b, tilt = s_a, 0.0
        weights = (math.exp(many), math.exp(few), 1.0)
        total = math.fsum(weights)
        shares = (weights[0] / total, weights[1] / total, weights[2] / total)
        p_key = 1.0 / (1.0 + math.exp(-key))
        arms = []
        for signal, side in ((s_a, -1.0), (s_b, 1.0)):
            shift = side * (math.log(balance) + tilt)
            decoys = (math.exp(min(mu + shift, LOG_BRIGHTEST)), math.exp(min(nu + shift, LOG_BRIGHTEST)), weakest)
            arms.append(ArmSettings(math.exp(min(signal, LOG_BRIGHTEST)), decoys, p_key, shares))
        return arms[0], arms[1]

    def bits(x: Vector) -> float:
        counts = expected_mdi_counts(hub, *settings(x), rounds)
        leak = efficiency * counts.key_total * binary_entropy(min(0.5, counts.key_qber))
        made = bound.secret_length(
            counts,
            leak,
            epsilon_secret=epsilon_secret,
            epsilon_correct=epsilon_correct,
            verification_bits=verification_bits,
        )
        return made.total if made.term("single_photon") > 0.0 else made.total - counts.key_total

    def loss(x: Vector) -> float:
        if np.any(np.abs(x) > 25.0):
            return math.inf
        try:
            return -bits(x) / (rounds * scale)
        except PhysicsError:
            return math.inf

    scale = hub.transmittance_a * hub.transmittance_b
    best = min(_starts(), key=loss)
    for _ in range(3):
        before = loss(best)
        found = optimize.minimize(
            loss,
            best,
            method="Nelder-Mead",
            options={
                "initial_simplex": np.vstack([best, best + 0.3 * np.eye(best.size)]),
                "xatol": 1e-4,
                "fatol": 1e-9 * max(abs(before), 1e-6),
                "maxiter": 1600,
                "adaptive": True,
            },
        )
        best = found.x
        if before - found.fun <= 1e-4 * abs(found.fun):
            break
    alice, bob = settings(best)
    return MdiPlan(alice, bob, max(0.0, bits(best) / rounds))


def _starts() -> list[Vector]:
    """Other places to start from: weaker decoys, fewer key rounds."""
    s_a, s_b, mu, nu, tilt, key, many, few = START
    first = [math.log(s_a), math.log(s_b), math.log(mu), math.log(nu), math.log(tilt)]
    odds = [math.log(key / (1.0 - key)), math.log(many / (1.0 - many - few)), math.log(few / (1.0 - many - few))]
    centre = np.array([*first, *odds])
    weaker = np.array([0.0, 0.0, -0.5, -0.7, 0.0, 0.0, 0.0, 0.0])
    rarer = np.array([0.0, 0.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0])
    return [centre + a * weaker + b * rarer for a in (-0.5, 0.0, 1.0, 2.0) for b in (-1.0, 0.0, 1.0)]
