"""Gaussian pulses in time: widths, and the share of a pulse that falls into a gate."""

from __future__ import annotations

import math

from qcisim.errors import require

FWHM_PER_RMS = 2.0 * math.sqrt(2.0 * math.log(2.0))


def rms_from_fwhm(fwhm: float) -> float:
    """sigma = FWHM / (2 sqrt(2 ln 2)) of a Gaussian."""
    return fwhm / FWHM_PER_RMS


def broadened_rms_s(initial_rms_s: float, *independent_rms_s: float) -> float:
    """sigma = sqrt(sigma0^2 + sum sigma_i^2): independent Gaussian broadenings add in variance.

    For chromatic dispersion sigma_i = |D| L dlambda. Agrawal, Fiber-Optic Communication Systems, 4th ed., Eq. (2.4.24),
    source linewidth dominating.
    """
    return math.sqrt(initial_rms_s**2 + math.fsum(s * s for s in independent_rms_s))


def window_share(fwhm_s: float, window_s: float) -> float:
    """erf(sqrt(ln 2) T / FWHM): share of a Gaussian of arrival times inside a centred window T."""
    require(window_s > 0.0, f"window {window_s:g} s: a gate is open for some time")
    if fwhm_s == 0.0:
        return 1.0
    return math.erf(math.sqrt(math.log(2.0)) * window_s / fwhm_s)


def neighbour_share(fwhm_s: float, window_s: float, period_s: float) -> float:
    """Share of a pulse's light that falls into the gates of all other rounds.

    sum over k != 0 of Phi((k T + w/2)/sigma) - Phi((k T - w/2)/sigma), period T, window w <= T.
    """
    require(0.0 < window_s <= period_s * (1 + 1e-9), f"gate {window_s:g} s longer than the period {period_s:g} s")
    sigma = rms_from_fwhm(fwhm_s)
    if sigma == 0.0:
        return 0.0
    total, k = 0.0, 1
    while True:
        inner, outer = (k * period_s - window_s / 2.0) / sigma, (k * period_s + window_s / 2.0) / sigma
        part = math.erfc(inner / math.sqrt(2.0)) - math.erfc(outer / math.sqrt(2.0))  # both sides together
        total += part
        if part <= 1e-18 or k > 10_000:
            return total
        k += 1
