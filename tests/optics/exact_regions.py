"""Exact acceptance regions at a false-alarm rate of 1e-9."""

from __future__ import annotations

from scipy.special import betainc, betaincc
from scipy.stats import chi2

FALSE_ALARM = 1e-9


def binomial_plausible(count: float, trials: int, probability: float, comparisons: int = 1) -> bool:
    """Whether neither exact binomial tail of ``count`` is below the false-alarm rate, shared by ``comparisons``."""
    level = FALSE_ALARM / comparisons / 2
    at_most = 1.0 if count >= trials else float(betaincc(count + 1, trials - count, probability))
    at_least = 1.0 if count <= 0 else float(betainc(count, trials - count + 1, probability))
    return at_most > level and at_least > level


def variance_plausible(sample_variance: float, variance: float, samples: int) -> bool:
    """Chi-square region of a sample variance (normal samples)."""
    ratio = (samples - 1) * sample_variance / variance
    return bool(chi2.ppf(FALSE_ALARM / 2, samples - 1) < ratio < chi2.isf(FALSE_ALARM / 2, samples - 1))
