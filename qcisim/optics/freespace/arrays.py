"""What the terms share: array types, checks that name the offending value, fixed quadrature rules."""

from __future__ import annotations

import functools
import math
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qcisim.errors import require

Floats: TypeAlias = NDArray[np.float64]
Real: TypeAlias = float | Floats  # a number, or an array of any shape that broadcasts with the others


def floats(value: Real, name: str, *, low: float = -math.inf, high: float = math.inf, reason: str = "") -> Floats:
    """``value`` as float64 array, all of it in [low, high] and no NaN; the message names the first one that is not."""
    array = np.asarray(value, dtype=np.float64)
    good = (array >= low) & (array <= high)
    if not good.all():
        worst = float(array[~good].flat[0])
        require(False, f"{name} {worst:g}: {reason or f'wanted {low:g} to {high:g}'}")
    return array


def positive(value: Real, name: str, reason: str = "wanted above 0") -> Floats:
    """``value`` as float64 array, all of it finite and above zero."""
    array = np.asarray(value, dtype=np.float64)
    good = (array > 0.0) & (array < math.inf)
    if not good.all():
        require(False, f"{name} {float(array[~good].flat[0]):g}: {reason}")
    return array


def wavenumber_per_m(wavelength_nm: Real) -> Floats:
    """k = 2 pi/lambda, rad/m."""
    k: Floats = 2.0 * math.pi / (positive(wavelength_nm, "wavelength_nm") * 1e-9)
    return k


def frozen(value: Real) -> Any:
    """A float stays a float, an array becomes a read-only float64 copy."""
    if np.ndim(value) == 0:
        return float(value)
    array = np.array(value, dtype=np.float64)
    array.setflags(write=False)
    return array


@functools.lru_cache(maxsize=64)
def legendre(count: int) -> tuple[Floats, Floats]:
    """Gauss-Legendre nodes and weights on [0, 1]."""
    x, w = np.polynomial.legendre.leggauss(count)
    return 0.5 * (x + 1.0), 0.5 * w


@functools.lru_cache(maxsize=64)
def hermite(count: int) -> tuple[Floats, Floats]:
    """Gauss-Hermite nodes z and weights (sum 1) of the standard normal law."""
    z, w = np.polynomial.hermite_e.hermegauss(count)
    return z, w / w.sum()
