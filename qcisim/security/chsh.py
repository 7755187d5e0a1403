"""The CHSH value: from a state at given settings, and from counts with intervals that hold for any block size."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from qcisim.errors import require
from qcisim.quantum import correlation_matrix
from qcisim.security.statistics import clopper_pearson_lower, clopper_pearson_upper

TSIRELSON = 2.0 * math.sqrt(2.0)
"""Largest |S| of a quantum state, B. S. Tsirelson, Lett. Math. Phys. 4, 93 (1980)."""
LOCAL = 2.0
"""Largest |S| of any local model."""
FAIR_SAMPLING = "fair sampling: S counts coincidences only, the lost rounds are assumed to be like the others"
ALL_ROUNDS = "all rounds counted: a lost photon has an outcome too"


@dataclass(frozen=True, slots=True)
class ChshCounts:
    """Rounds of the four CHSH settings, and how many of them speak against the violation.

    Args:
        rounds: at the settings (0,0), (0,1), (1,0), (1,1) of Alice and Bob.
        against: among them those with unequal outcomes, at the setting ``minus`` those with equal outcomes.
        minus: the setting whose correlator enters S with a minus sign, 0 to 3; fixed before the block.
        all_rounds: True where a round without a click counts with an outcome; False where only coincidences count,
            and then every statement about S assumes fair sampling.

    S = E_00 + E_01 + E_10 + E_11 with one minus sign = sum_i (1 - 2 against_i/rounds_i).
    Source: Clauser, Horne, Shimony, Holt, Phys. Rev. Lett. 23, 880 (1969).
    """

    rounds: tuple[float, ...]
    against: tuple[float, ...]
    minus: int = 3
    all_rounds: bool = False

    def __post_init__(self) -> None:
        require(len(self.rounds) == 4 and len(self.against) == 4, "a CHSH test has four pairs of settings")
        require(self.minus in range(4), f"minus {self.minus}: one of the four settings, 0 to 3")
        fine = all(0.0 <= m <= n and math.isfinite(n) for m, n in zip(self.against, self.rounds, strict=True))
        require(fine, f"{self.against} rounds against among {self.rounds}: wanted 0 <= m <= n")

    @classmethod
    def counted(cls, table: ArrayLike, *, minus: int = 3, all_rounds: bool = False) -> ChshCounts:
        """From outcomes [setting_a, setting_b, bit_a, bit_b], (2, 2, 2, 2)."""
        counts = np.asarray(table, dtype=np.float64)
        require(counts.shape == (2, 2, 2, 2), f"outcomes of shape {counts.shape}: wanted (2, 2, 2, 2)")
        flat = counts.reshape(4, 2, 2)
        equal = flat[:, 0, 0] + flat[:, 1, 1]
        unequal = flat[:, 0, 1] + flat[:, 1, 0]
        against = tuple(float(equal[i] if i == minus else unequal[i]) for i in range(4))
        return cls(tuple(float(x) for x in equal + unequal), against, minus, all_rounds)

    @property
    def correlators(self) -> tuple[float, ...]:
        """E_ab = P(equal) - P(unequal) of each setting; 0 where nothing was counted."""
        signed = (1.0 - 2.0 * m / n if n > 0.0 else 0.0 for m, n in zip(self.against, self.rounds, strict=True))
        return tuple(-e if i == self.minus else e for i, e in enumerate(signed))

    @property
    def value(self) -> float:
        """S, as counted."""
        return math.fsum(-e if i == self.minus else e for i, e in enumerate(self.correlators))

    @property
    def label(self) -> str:
        """What a statement about this S assumes."""
        return ALL_ROUNDS if self.all_rounds else FAIR_SAMPLING

    def lower(self, epsilon: float) -> float:
        """S except with probability eps, from below: each correlator gets eps/4, the four ends add up.

        Exact for any counts (Clopper-Pearson, rounds independent and alike); the union over the four makes it wider
        than the spread of S, by up to a factor 2. At least -4.
        """
        shares = ((m, n) for m, n in zip(self.against, self.rounds, strict=True))
        return math.fsum(1.0 - 2.0 * clopper_pearson_upper(m, n, epsilon / 4.0) if n > 0.0 else -1.0 for m, n in shares)

    def upper(self, epsilon: float) -> float:
        """S except with probability eps, from above; the four ends add up. At most 4."""
        shares = ((m, n) for m, n in zip(self.against, self.rounds, strict=True))
        return math.fsum(1.0 - 2.0 * clopper_pearson_lower(m, n, epsilon / 4.0) if n > 0.0 else 1.0 for m, n in shares)

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Both ends, (1-confidence)/2 each."""
        require(0.0 < confidence < 1.0, f"confidence {confidence}: wanted in (0, 1)")
        epsilon = (1.0 - confidence) / 2.0
        return self.lower(epsilon), self.upper(epsilon)

    def lower_by_game(self, epsilon: float) -> float:
        """S >= 4 - 8 p_lost except with probability eps: one Clopper-Pearson bound on the share of rounds against.

        Tighter than `lower`, and exact only where the four settings were drawn with equal probabilities, each round
        anew: then a round wins with (S + 4)/8.
        """
        total = math.fsum(self.rounds)
        return 4.0 - 8.0 * clopper_pearson_upper(math.fsum(self.against), total, epsilon) if total > 0.0 else -4.0


def correlation(rho: ArrayLike, alice_deg: float, bob_deg: float) -> float:
    """E(a, b) = a^T T b for analysers in the Z-X plane of the Bloch sphere, angles from Z on that sphere."""
    table = correlation_matrix(rho)
    a, b = _axis(alice_deg), _axis(bob_deg)
    return float(a @ table @ b)


def chsh_at(rho: ArrayLike, alice_deg: tuple[float, float], bob_deg: tuple[float, float], minus: int = 3) -> float:
    """S of a two-qubit state at fixed analysers; `qcisim.quantum.chsh_value` is the best of all settings."""
    terms = [correlation(rho, a, b) for a in alice_deg for b in bob_deg]
    return math.fsum(-e if i == minus else e for i, e in enumerate(terms))


def chsh_of_qber(qber: float) -> float:
    """S = 2 sqrt2 (1 - 2Q) of a depolarised maximally entangled pair: what a model expects, never what was measured."""
    require(0.0 <= qber <= 1.0, f"qber {qber}: lies in [0, 1]")
    return TSIRELSON * (1.0 - 2.0 * qber)


def _axis(angle_deg: float) -> np.ndarray:
    angle = math.radians(angle_deg)
    return np.array([math.sin(angle), 0.0, math.cos(angle)])
