"""Small blocks of entangled or single photons: Lim, Xu, Pan, Ekert (2021)."""

from __future__ import annotations

import math

from qcisim.errors import require
from qcisim.security.entropy import binary_entropy


def small_block_length(
    sifted: int,
    tested: int,
    qber: float,
    sample_gap: float,
    total_gap: float,
    *,
    tag_bits: int,
    epsilon: float,
    efficiency: float,
) -> int:
    """l = n [1 - h(Q+nu)] - f n h(Q) - t + 2 log2(2 eps_pa), n = m - k, at free parameters 0 < xi < nu; at least 0.

    eps_pe^2 = exp(-2 m k xi^2/(n+1)) + exp(-2 G (n^2 (nu-xi)^2 - 1)), G = 1/(m(Q+xi)+1) + 1/(m-m(Q+xi)+1),
    eps_pa = eps - 2^-t - 2 eps_pe. Arguments: ``sifted`` m, ``tested`` k, ``sample_gap`` xi, ``total_gap`` nu.
    Source: Lim, Xu, Pan, Ekert, Phys. Rev. Lett. 126, 100501 (2021), after a public re-implementation: a planning
    value until it is compared with the printed theorem, so it is not registered as a bound.
    """
    require(0 < tested < sifted, f"tested {tested} of {sifted}: wanted 0 < k < m")
    require(0.0 < sample_gap < total_gap, f"gaps {sample_gap}, {total_gap}: wanted 0 < xi < nu")
    m, k, n = sifted, tested, sifted - tested
    errors = m * (qber + sample_gap)
    weight = 1.0 / (errors + 1.0) + 1.0 / (m - errors + 1.0)
    estimation = math.exp(-2.0 * m * k * sample_gap**2 / (n + 1.0))
    estimation += math.exp(min(0.0, -2.0 * weight * (n**2 * (total_gap - sample_gap) ** 2 - 1.0)))
    amplification = epsilon - 2.0**-tag_bits - 2.0 * math.sqrt(estimation)
    if amplification <= 0.0:
        return 0
    phase = min(0.5, qber + total_gap)
    length = n * (1.0 - binary_entropy(phase)) - efficiency * n * binary_entropy(qber) - tag_bits
    return max(0, math.floor(length + 2.0 * math.log2(2.0 * amplification)))
