"""Cloning attacks: the universal cloner of qubits, and what individual attacks on BB84 know."""

from __future__ import annotations

import math

import numpy as np

from qcisim.quantum import Channel
from qcisim.security.attacks import best_collective, error_rate, guessing_probability
from qcisim.security.entropy import binary_entropy


def universal_cloner() -> Channel:
    """The channel to one of two clones of the optimal universal 1 -> 2 cloner, alike for every input.

    |0> -> sqrt(2/3) |00>|0> + sqrt(1/6) (|01> + |10>)|1>, |1> with 0 and 1 exchanged; clone 2 and the ancilla are
    traced out. Source: Buzek, Hillery, Phys. Rev. A 54, 1844 (1996); Bruss et al., Phys. Rev. A 57, 2368 (1998).
    """
    isometry = np.zeros((2, 2, 2, 2), dtype=np.complex128)  # clone 1, clone 2, ancilla, input
    for bit in (0, 1):
        isometry[bit, bit, bit, bit] = math.sqrt(2.0 / 3.0)
        isometry[bit, 1 - bit, 1 - bit, bit] = math.sqrt(1.0 / 6.0)
        isometry[1 - bit, bit, 1 - bit, bit] = math.sqrt(1.0 / 6.0)
    return Channel(isometry.transpose(1, 2, 0, 3).reshape(4, 2, 2))


def individual_information(qber: float) -> tuple[float, float]:
    """(I_AB, I_AE) = (1 - h(Q), 1 - h(P)), P = 1/2 + sqrt(Q(1-Q)) Eve's best guess with the phase-covariant cloner.

    Bit per sifted bit, each signal attacked and measured on its own. Source: Fuchs, Gisin, Griffiths, Niu, Peres,
    Phys. Rev. A 56, 1163 (1997).
    """
    attack = best_collective(qber)
    return 1.0 - binary_entropy(error_rate(attack, 0)), 1.0 - binary_entropy(guessing_probability(attack))
