"""Capacities of the lossy channel: ceilings for every key rate, in bits per use of the end-to-end mode."""

from __future__ import annotations

import math

from qcisim.errors import require


def plob(transmittance: float) -> float:
    """K = -log2(1 - eta): the repeaterless secret-key capacity, -> 1.4427 eta for small eta, infinite at eta = 1.

    Source: Pirandola, Laurenza, Ottaviani, Banchi, Nat. Commun. 8, 15043 (2017).
    """
    _require_transmittance(transmittance)
    return math.inf if transmittance >= 1.0 else -math.log1p(-transmittance) / math.log(2.0)


def plob_thermal(transmittance: float, mean_photons: float) -> float:
    """-log2[(1-eta) eta^nbar] - g(nbar) for nbar < eta/(1-eta), else 0: upper bound with thermal noise of mean nbar.

    g(x) = (x+1) log2(x+1) - x log2 x. Source: Pirandola et al., Nat. Commun. 8, 15043 (2017).
    """
    _require_transmittance(transmittance)
    require(mean_photons >= 0.0, f"mean_photons {mean_photons}: wanted >= 0")
    if transmittance >= 1.0:
        return math.inf
    if mean_photons >= transmittance / (1.0 - transmittance):
        return 0.0
    return plob(transmittance) - mean_photons * math.log2(transmittance) - thermal_entropy(mean_photons)


def thermal_entropy(mean_photons: float) -> float:
    """g(x) = (x+1) log2(x+1) - x log2 x, g(0) = 0, in bits."""
    x = mean_photons
    return 0.0 if x <= 0.0 else (x + 1.0) * math.log2(x + 1.0) - x * math.log2(x)


def tgw(transmittance: float) -> float:
    """log2[(1+eta)/(1-eta)]: the older, weaker bound. Source: Takeoka, Guha, Wilde, Nat. Commun. 5, 5235 (2014)."""
    _require_transmittance(transmittance)
    return math.inf if transmittance >= 1.0 else 2.0 * math.atanh(transmittance) / math.log(2.0)


def repeater_capacity(transmittance: float, repeaters: int) -> float:
    """-log2(1 - eta^(1/(n+1))): n ideal repeaters at equal spacing. Source: Pirandola, Commun. Phys. 2, 51 (2019)."""
    require(repeaters >= 0, f"repeaters {repeaters}: wanted >= 0")
    _require_transmittance(transmittance)
    return plob(transmittance ** (1.0 / (repeaters + 1)))


def _require_transmittance(transmittance: float) -> None:
    require(0.0 <= transmittance <= 1.0, f"transmittance {transmittance}: a passive link cannot amplify, wanted [0, 1]")
