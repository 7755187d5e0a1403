"""Pairs from a source between two memories that tell when they have stored a photon.

The source sends a train of pulses; either memory keeps the first photon that it notices in a train. Both tell the other
which pulse that was: equal numbers herald a pair.
"""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np

from qcisim.errors import require
from qcisim.optics.heralding import Arm, Herald
from qcisim.optics.pair_source import PairEmission, coincidence_gain
from qcisim.quantum import Matrix
from qcisim.quantum.gate import X


class PulsedPairs(PairEmission, Protocol):
    """A source with a clock."""

    @property
    def clock_hz(self) -> float:
        """Pulses per second."""


def midpoint_source(
    arm_a: Arm,
    arm_b: Arm,
    source: PulsedPairs,
    *,
    pulses: int = 1,
    false_herald_probability: float = 0.0,
    preparation_s: float = 1e-6,
) -> Herald:
    """One train of N pulses: p = P_11 (1 - P_00^N) / (1 - P_00), state w rho_source + (1 - w) 1/4.

    P_11: both notice something in the same pulse, P_00: neither does; w = C (1-Y)^2 / P_11 with C the correlation that
    several pairs in a pulse leave, Y false heralds, taken as white noise. A train lasts N/f, then messages cross the
    link: t = t_prep + N/f + |tau_a - tau_b| + tau_a + tau_b. Photons in flight cost no time, as the source waits for
    nobody. A qubit waits from its arrival until the other memory's message: tau_a + tau_b +- (tau_b - tau_a).

    Args:
        arm_a, arm_b: efficiency is that of storing a photon and noticing it.
        source: of pairs near Phi+.
        pulses: N, of a train.
        false_herald_probability: Y, that a memory notices something in a pulse without light.

    Source: Jones, Kim, Rakher, Kwiat, Ladd, New J. Phys. 18, 083015 (2016), Sec. 4 ("midpoint source"); correlation
    from Ma, Fung, Lo, Phys. Rev. A 76, 012307 (2007).
    """
    require(pulses >= 1, f"{pulses} pulses: a train has at least one")
    false = false_herald_probability
    require(0.0 <= false < 1.0, f"false_herald_probability {false:g}: lies in [0, 1)")
    require(preparation_s >= 0.0, f"preparation_s {preparation_s:g}: not negative")
    for name, arm in (("arm_a", arm_a), ("arm_b", arm_b)):
        require(arm.double_excitation == 0.0, f"{name}: no memory emits here, wanted double_excitation 0")
    eta_a, eta_b = (np.asarray(arm.detection_probability, np.float64) for arm in (arm_a, arm_b))
    background = np.asarray(false, np.float64)
    both = float(coincidence_gain(source, eta_a, eta_b, background, background))
    require(both > 0.0, "no pair ever: neither light nor false heralds")
    either = [false + (1.0 - false) * float(source.seen(eta)) for eta in (eta_a, eta_b)]
    some = either[0] + either[1] - both  # 1 - P_00
    first = -math.expm1(pulses * math.log1p(-some)) / some if some < 1.0 else 1.0 / some
    kept = float(source.correlation(eta_a, eta_b)) * (1.0 - false) ** 2 / both
    pair: Matrix = kept * source.rho + (1.0 - kept) * np.eye(4) / 4.0
    flip = np.kron(np.eye(2), X.matrix)  # heralds count as Psi+, see Herald
    tau_a, tau_b = arm_a.fibre.delay_s, arm_b.fibre.delay_s
    link_s, apart_s = tau_a + tau_b, tau_b - tau_a
    attempt_s = preparation_s + pulses / source.clock_hz + abs(apart_s) + link_s
    return Herald(both * first, flip @ pair @ flip, attempt_s, link_s + apart_s, link_s - apart_s)
