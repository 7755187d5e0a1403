"""Sifting: which share of the detections survives the comparison of bases."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from qcisim.errors import require


def same_basis_fraction(probabilities: Sequence[float]) -> float:
    """sum_b p_b^2: both parties choose basis b with p_b; p^2 + (1-p)^2 for two bases, 1/3 for three equal ones."""
    require(abs(sum(probabilities) - 1.0) < 1e-9, f"basis probabilities {probabilities}: wanted sum 1")
    return math.fsum(p * p for p in probabilities)


def coinciding_fraction(alice_deg: Mapping[float, float], bob_deg: Mapping[float, float]) -> float:
    """sum of p_a p_b over equal analyser angles; 2/9 for E91 (0, 45, 90 and 45, 90, 135 degrees, equally likely)."""
    return math.fsum(p * bob_deg.get(angle, 0.0) for angle, p in alice_deg.items())


def b92_fraction(overlap: float) -> float:
    """(1 - c^2)/2: conclusive share of noiseless B92 rounds for states of overlap c.

    Source: Bennett, Phys. Rev. Lett. 68, 3121 (1992).
    """
    require(0.0 <= overlap <= 1.0, f"overlap {overlap}: wanted [0, 1]")
    return (1.0 - overlap * overlap) / 2.0


def sifted_share(detections: NDArray[np.float64]) -> float:
    """Detections in equal bases over all detections, from a tally [setting, Alice's basis, Bob's basis]."""
    total = float(detections.sum())
    require(total > 0.0, "no detections: the sifted share is not defined")
    return float(np.trace(detections, axis1=1, axis2=2).sum()) / total
