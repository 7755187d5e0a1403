"""Kets of one qubit and Bell states, as columns."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from qcisim.squidasm.alias.refusal import refuse_unknown

__all__ = ["BellIndex", "b00", "b01", "b10", "b11", "bell_states", "h0", "h1", "s0", "s1", "y0", "y1"]

_R = 1.0 / np.sqrt(2.0)


def _ket(*amplitudes: complex) -> NDArray[np.complex128]:
    return np.array(amplitudes, dtype=np.complex128).reshape(-1, 1)


s0, s1 = _ket(1, 0), _ket(0, 1)
h0, h1 = _ket(_R, _R), _ket(_R, -_R)
y0, y1 = _ket(_R, 1j * _R), _ket(_R, -1j * _R)
s00, s01, s10, s11 = _ket(1, 0, 0, 0), _ket(0, 1, 0, 0), _ket(0, 0, 1, 0), _ket(0, 0, 0, 1)
b00, b01 = _ket(_R, 0, 0, _R), _ket(0, _R, _R, 0)
b10, b11 = _ket(_R, 0, 0, -_R), _ket(0, _R, -_R, 0)


class BellIndex(IntEnum):
    """Bell states; the number is that of NetQASM."""

    PHI_PLUS = 0
    PSI_PLUS = 1
    PSI_MINUS = 2
    PHI_MINUS = 3
    B00 = 0
    B01 = 1
    B11 = 2
    B10 = 3


bell_states = [b00, b01, b11, b10]
"""By `BellIndex`."""

__getattr__ = refuse_unknown(__name__)
