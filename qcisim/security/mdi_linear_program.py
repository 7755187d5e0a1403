"""The tightest decoy bounds of two senders: linear programs over the yields, each answer certified by its dual."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from qcisim.errors import require
from qcisim.security.decoy import Span

Floats = NDArray[np.float64]
TOLERANCE = 1e-10


def single_pair_yield_by_program(
    a: Sequence[float], b: Sequence[float], gains: Sequence[Sequence[Span]], *, photons: int = 8
) -> float:
    """min Y11 over 0 <= Y_nm <= 1 with low <= sum_nm P_n(a) P_m(b) Y_nm <= high for all pairs of intensities.

    Arguments: ``a``, ``b`` intensities of the senders, any number, in any order; ``gains`` intervals of Q, one row per
    intensity of Alice (not scaled); ``photons`` per sender up to which yields are variables, the rest counts as
    anything in [0, 1]. The value returned is that of a feasible point of the dual, a lower bound whatever the solver's
    accuracy. Source: Ma, Fung, Razavi, Phys. Rev. A 86, 052305 (2012), for the program; weak duality for the rest.
    """
    return max(0.0, _certified(a, b, gains, photons, 1.0))


def single_pair_errors_by_program(
    a: Sequence[float], b: Sequence[float], error_gains: Sequence[Sequence[Span]], *, photons: int = 8
) -> float:
    """max e11 Y11 under the same constraints on the error gains; an upper bound by duality."""
    return min(1.0, -_certified(a, b, error_gains, photons, -1.0))


def _certified(
    a: Sequence[float], b: Sequence[float], spans: Sequence[Sequence[Span]], photons: int, sense: float
) -> float:
    """Lower bound on sense Y11: -lambda b + sum_j min(0, c_j + (A^T lambda)_j), lambda >= 0 from the solver."""
    require(photons >= 1, f"photons {photons}: wanted at least 1")
    shape_ok = len(spans) == len(a) and all(len(row) == len(b) for row in spans)
    require(shape_ok, f"gains: wanted {len(a)} x {len(b)} intervals, one per pair of intensities")
    weights = np.array([np.outer(_poisson(x, photons), _poisson(y, photons)).ravel() for x in a for y in b])
    low = np.array([span[0] for row in spans for span in row])
    high = np.array([span[1] for row in spans for span in row])
    require(bool(np.all(low <= high)), "gains: an interval's low end lies above its high end")
    # yields beyond the cut-off add between nothing and the rest of the Poisson weights
    low = low - np.maximum(0.0, 1.0 - weights.sum(axis=1))
    unit = max(float(high.max()), 1e-300)
    scale = 1.0 / np.maximum(high, 1e-6 * unit)
    rows = np.vstack([weights * scale[:, None], -weights * scale[:, None]])
    limits = np.concatenate([high * scale, -low * scale])
    cost = np.zeros(weights.shape[1])
    cost[photons + 2] = sense
    found = optimize.linprog(
        cost,
        A_ub=rows * unit,
        b_ub=limits,
        bounds=(0.0, 1.0 / unit),
        method="highs",
        options={"primal_feasibility_tolerance": TOLERANCE, "dual_feasibility_tolerance": TOLERANCE},
    )
    multipliers = np.zeros(limits.size) if found.status != 0 else np.maximum(0.0, -found.ineqlin.marginals * unit)
    reduced = cost + rows.T @ multipliers
    return float(-(multipliers @ limits) + np.minimum(reduced, 0.0).sum())


def _poisson(mean: float, photons: int) -> Floats:
    require(mean >= 0.0 and math.isfinite(mean), f"intensity {mean}: a mean photon number is >= 0")
    return np.array([math.exp(-mean) * mean**n / math.factorial(n) for n in range(photons + 1)])
