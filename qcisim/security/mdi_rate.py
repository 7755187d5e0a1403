"""MDI-QKD in the limit of long blocks with infinitely many decoys: rate, best intensities per arm, reach.

Rates are bit per pulse pair, without a sifting factor, and not clamped.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from qcisim.errors import require
from qcisim.security.entropy import binary_entropy
from qcisim.security.mdi_decoy import single_photon_share
from qcisim.security.mdi_hub import Hub, PairGain

Vector = NDArray[np.float64]
BRIGHTEST = 3.0
"""No MDI sender gains from pulses as bright as this: the share of single photons falls above one."""


def key_rate(single_pair_gain: float, single: PairGain, signal: PairGain, efficiency: float) -> float:
    """R = Q11 [1 - h(e11)] - Q_Z f h(E_Z), bit/pulse pair, not clamped.

    Arguments: ``single_pair_gain`` Q11 of the signals in the key basis; ``single`` Y11 and e11 Y11 of the test basis
    (bounds or exact); ``signal`` Q_Z and E_Z Q_Z; ``efficiency`` f of error correction.
    Source: Lo, Curty, Qi, Phys. Rev. Lett. 108, 130503 (2012), Eq. (1).
    """
    require(efficiency >= 1.0, f"reconciliation efficiency {efficiency}: leakage below the Shannon limit, wanted >= 1")
    phase_error = min(0.5, max(0.0, single.qber))
    return single_pair_gain * (1.0 - binary_entropy(phase_error)) - signal.gain * efficiency * binary_entropy(
        min(0.5, signal.qber)
    )


def infinite_decoys(hub: Hub, signal_a: float, signal_b: float, efficiency: float = 1.16) -> float:
    """R with Y11 and e11 known: mu_a mu_b e^(-mu_a-mu_b) Y11 [1 - h(e11)] - Q_Z f h(E_Z).

    Source: Ma, Razavi, Phys. Rev. A 86, 062319 (2012), Eq. (1) with Eqs. (21)-(23) and (51)-(54).
    """
    single = hub.single_photons()
    pairs = single_photon_share(signal_a, signal_b) * single.gain
    return key_rate(pairs, single, hub.key_basis(signal_a, signal_b), efficiency)


def best_signals(hub: Hub, efficiency: float = 1.16, *, symmetric: bool = False) -> tuple[float, float]:
    """The mean photon numbers of Alice and Bob that give the highest rate with infinitely many decoys.

    With unequal arms they differ; ``symmetric`` forces one intensity on both, as senders without choice have it.
    Source: Xu, Curty, Qi, Lo, New J. Phys. 15, 113007 (2013), for unequal arms.
    """

    def loss(x: Vector) -> float:
        a, b = (math.exp(min(v, math.log(BRIGHTEST))) for v in (x[0], x[-1]))
        return -infinite_decoys(hub, a, b, efficiency)

    scale = max(-loss(np.array([math.log(0.3)])), hub.single_photons().gain * 1e-3, 1e-300)
    start = np.full(1 if symmetric else 2, math.log(0.3))

    def scaled(x: Vector) -> float:
        return loss(x) / scale

    found = optimize.minimize(
        scaled, start, method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-13, "maxiter": 2000}
    )
    a, b = (math.exp(min(float(v), math.log(BRIGHTEST))) for v in (found.x[0], found.x[-1]))
    return a, b
