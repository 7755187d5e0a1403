"""Secret key from the pairs of a chain, and the ceilings above it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qcisim.repeaters.chain import Chain
from qcisim.repeaters.run import ChainRun
from qcisim.security.capacity import plob
from qcisim.security.pair_link import bbm92_fraction

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ChainKey:
    """Asymptotic BBM92 key of a chain; rates per second.

    Args:
        qber_z, qber_x: of the mean pair in the two bases.
        fraction: secret bits per pair, 1 - f h(Q_z) - h(Q_x), at least 0; almost all pairs are measured in one basis.
        rate_bits_per_s: fraction times pairs per second.
        ceiling_bits_per_s: what no protocol with these repeaters and lanes passes; infinite where the transmittance of
            no link is known.
        repeaterless_bits_per_s: PLOB of the whole line at the pace of its slowest link, lane for lane; infinite where
            a transmittance is not known.
    """

    qber_z: float
    qber_x: float
    fraction: float
    rate_bits_per_s: float
    ceiling_bits_per_s: float
    repeaterless_bits_per_s: float


def errors_of(weights: Floats) -> tuple[float, float]:
    """Q_z = w(Psi+) + w(Psi-), Q_x = w(Phi-) + w(Psi-) of Bell weights (4,)."""
    return float(weights[2] + weights[3]), float(weights[1] + weights[3])


def key_fraction(weights: Floats, efficiency: float = 1.0) -> float:
    """max(0, 1 - f h(Q_z) - h(Q_x)). Source: Koashi, Preskill, Phys. Rev. Lett. 90, 057902 (2003)."""
    qber_z, qber_x = errors_of(weights)
    return max(0.0, bbm92_fraction(min(1.0, max(0.0, qber_z)), min(1.0, max(0.0, qber_x)), efficiency))


def chain_key(done: ChainRun, efficiency: float = 1.16) -> ChainKey:
    """The key that a run's pairs would give for ever, with reconciliation at ``efficiency`` times the Shannon limit."""
    weights = done.mean_weights
    qber_z, qber_x = errors_of(weights)
    fraction = key_fraction(weights, efficiency) if len(done) else 0.0
    return ChainKey(
        qber_z,
        qber_x,
        fraction,
        fraction * done.rate_hz,
        chain_ceiling_bits_per_s(done.chain),
        repeaterless_bits_per_s(done.chain),
    )


def chain_ceiling_bits_per_s(chain: Chain) -> float:
    """min over links of (lanes / attempt) (-log2(1 - eta)): no chain is better than its worst link.

    Source: Pirandola, Commun. Phys. 2, 51 (2019), Eq. (5).
    """
    return min(lanes / link.attempt_s * link.ceiling_bits for lanes, link in zip(chain.lanes, chain.links, strict=True))


def repeaterless_bits_per_s(chain: Chain) -> float:
    """-log2(1 - prod eta) times the uses of light per second of the slowest link."""
    known = [link.transmittance for link in chain.links if link.transmittance is not None]
    if len(known) < len(chain.links):
        return math.inf
    return uses_per_s(chain) * plob(math.prod(known))


def uses_per_s(chain: Chain) -> float:
    """Modes of light per second on the span that has the fewest: lanes times uses over the time of an attempt."""
    return min(lanes * link.uses / link.attempt_s for lanes, link in zip(chain.lanes, chain.links, strict=True))
