"""Device-independent key from a CHSH violation: asymptotic, against collective attacks, one-way error correction.

Every function takes the measured S. A value computed from the error rate (`chsh.chsh_of_qber`) is a model of honest
devices, good for planning; it proves nothing about devices that were not measured.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from scipy import optimize

from qcisim.errors import require
from qcisim.security.chsh import LOCAL, TSIRELSON, chsh_of_qber
from qcisim.security.entropy import binary_entropy, shannon_entropy

SOURCE = (
    "Acin, Brunner, Gisin, Massar, Pironio, Scarani, Phys. Rev. Lett. 98, 230501 (2007), Eqs. (2)-(3); "
    "Pironio, Acin, Brunner, Gisin, Massar, Scarani, New J. Phys. 11, 045021 (2009), Eq. (12)"
)


def eve_information(chsh: float) -> float:
    """chi(S) = h( (1 + sqrt((S/2)^2 - 1))/2 ): Eve's information on a key bit; 1 for S <= 2, 0 from 2 sqrt2 on.

    The key bit is an outcome of one of the settings of the CHSH test, on the side whose bits are the key. Source:
    `SOURCE`.
    """
    if chsh <= LOCAL:
        return 1.0
    return binary_entropy((1.0 + min(1.0, math.sqrt((chsh / 2.0) ** 2 - 1.0))) / 2.0)


def chsh_fraction(qber: float, chsh: float, efficiency: float = 1.0) -> float:
    """r = 1 - f h(Q) - chi(S), bit per key round, not clamped. Source: `SOURCE`."""
    require(efficiency >= 1.0, f"reconciliation efficiency {efficiency}: leakage below the Shannon limit, wanted >= 1")
    return 1.0 - efficiency * binary_entropy(qber) - eve_information(chsh)


def noisy_fraction(qber: float, chsh: float, flip: float) -> float:
    """r = 1 - h(n + (1-2n) Q) - chi(S) + h( (1 + sqrt(1 - n(1-n)(8 - S^2)))/2 ), bits of the key flipped with n.

    Source: Ho, Sekatski, Tan, Renner, Bancal, Sangouard, Phys. Rev. Lett. 124, 230502 (2020).
    """
    require(0.0 <= flip <= 0.5, f"flip {flip}: wanted [0, 1/2]")
    s = min(max(chsh, LOCAL), TSIRELSON)
    gained = binary_entropy((1.0 + math.sqrt(max(0.0, 1.0 - flip * (1.0 - flip) * (8.0 - s * s)))) / 2.0)
    return 1.0 - binary_entropy(flip + (1.0 - 2.0 * flip) * qber) - eve_information(s) + gained


def critical_qber() -> float:
    """Error rate above which depolarised pairs, S = 2 sqrt2 (1-2Q), give no device-independent key; 7.149 %."""
    return _crossing(lambda q: chsh_fraction(q, chsh_of_qber(q)), 1e-6, 0.146)


def critical_qber_with_noise() -> float:
    """The same with the best flips, n -> 1/2; 8.08 %.

    With n = 1/2 - d, r = d^2 [ (2/ln 2)(1-2Q)^2 - (8-S^2)/(4z) log2((1+z)/(1-z)) ], z = sqrt((S/2)^2 - 1): its sign.
    """

    def leading(q: float) -> float:
        s = chsh_of_qber(q)
        z = math.sqrt((s / 2.0) ** 2 - 1.0)
        lost = (8.0 - s * s) / (4.0 * z) * math.log2((1.0 + z) / (1.0 - z))
        return 2.0 / math.log(2.0) * (1.0 - 2.0 * q) ** 2 - lost

    return _crossing(leading, 1e-3, 0.146)


def lossy_chsh(efficiency: float) -> float:
    """S = 2 sqrt2 eta^2 + 2 (1-eta)^2: both detectors of efficiency eta, a lost photon counts as outcome +1."""
    require(0.0 <= efficiency <= 1.0, f"detector efficiency {efficiency}: lies in [0, 1]")
    return TSIRELSON * efficiency**2 + 2.0 * (1.0 - efficiency) ** 2


def lossy_fraction(efficiency: float, *, keep_flag: bool = False) -> float:
    """Key of maximally entangled pairs with lossy detectors, all rounds counted, bit per key round.

    1 - h(eta (1-eta)) - chi(S) where a lost photon is just an outcome; ``keep_flag``: Bob remembers which of his
    outcomes stand for a lost photon, 1 - H(A|B) - chi(S). Source: Ma, Lütkenhaus, Quant. Inf. Comput. 12, 203 (2012).
    """
    chi, eta, lost = eve_information(lossy_chsh(efficiency)), efficiency, 1.0 - efficiency
    if not keep_flag:
        return 1.0 - binary_entropy(eta * lost) - chi
    same, one = eta * eta / 2.0, eta * lost / 2.0
    # P(A, B), Alice's lost photon is a 0: (0, 0), (0, 1), (1, 1), (0, none), (1, none)
    joint = (same + one, one, same, one + lost * lost, one)
    of_bob = (same + one, one + same, 2.0 * one + lost * lost)
    return 1.0 - (shannon_entropy(joint) - shannon_entropy(of_bob)) - chi


def critical_efficiency(*, keep_flag: bool = False) -> float:
    """Detector efficiency above which maximally entangled pairs give device-independent key; 92.31 % without flag."""
    return _crossing(lambda eta: lossy_fraction(eta, keep_flag=keep_flag), 0.83, 0.999999)


def critical_efficiency_for_violation() -> float:
    """Detector efficiency above which maximally entangled pairs violate CHSH with all rounds counted; 82.84 %."""
    return _crossing(lambda eta: lossy_chsh(eta) - LOCAL, 0.5, 1.0)


def _crossing(value: Callable[[float], float], low: float, high: float) -> float:
    return float(optimize.brentq(value, low, high, xtol=1e-15))
