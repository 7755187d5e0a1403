"""Dark counts as different sources mean them: per detector, of the whole receiver, or as a mean number per gate."""

from __future__ import annotations

import math

from qcisim.errors import require


def dark_count_of_receiver(per_detector: float, detectors: int = 2) -> float:
    """Y0 = 1 - (1-p)^m: probability that any of m detectors clicks in the dark, from p per detector."""
    require(0.0 <= per_detector < 1.0, f"dark-count probability {per_detector}: wanted in [0, 1)")
    return -math.expm1(detectors * math.log1p(-per_detector))


def dark_count_per_detector(of_receiver: float, detectors: int = 2) -> float:
    """p = 1 - (1-Y0)^(1/m): the inverse of `dark_count_of_receiver`."""
    require(0.0 <= of_receiver < 1.0, f"dark-count probability {of_receiver}: wanted in [0, 1)")
    return -math.expm1(math.log1p(-of_receiver) / detectors)


def mean_noise_per_gate(per_detector: float) -> float:
    """nu = -ln(1-p): mean noise counts per gate and detector, as a click table wants them."""
    require(0.0 <= per_detector < 1.0, f"dark-count probability {per_detector}: wanted in [0, 1)")
    return -math.log1p(-per_detector)


def dark_count_from_mean_noise(mean_per_gate: float) -> float:
    """p = 1 - e^-nu: the inverse of `mean_noise_per_gate`."""
    require(mean_per_gate >= 0.0, f"mean noise {mean_per_gate}: wanted >= 0")
    return -math.expm1(-mean_per_gate)


def dark_count_per_gate(rate_hz: float, gate_s: float) -> float:
    """p = 1 - exp(-rate x gate): dark counts per second into a probability per gate."""
    require(rate_hz >= 0.0 and gate_s >= 0.0, f"dark rate {rate_hz} Hz, gate {gate_s} s: wanted >= 0")
    return -math.expm1(-rate_hz * gate_s)


def linear_dark_count_of_receiver(per_detector: float) -> float:
    """2 p: what the error model of Lim et al. 2014 uses for two detectors, above `dark_count_of_receiver` by p^2."""
    return 2.0 * per_detector


def dark_count_per_detector_from_linear(of_receiver: float) -> float:
    """Y0/2: the inverse of `linear_dark_count_of_receiver`."""
    return of_receiver / 2.0
