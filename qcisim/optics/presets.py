"""Detector presets: the registry entries of kind "detector"."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from qcisim.optics.detector import Detector
from qcisim.registry import Entry, Parameter, register

SNSPD = Detector(0.85, 300.0, dead_time_s=30e-9, jitter_fwhm_s=50e-12, gate_s=0.5e-9)
INGAAS_GATED = Detector(
    0.10,
    600.0,
    dead_time_s=1e-6,
    afterpulse_probability=0.04,
    afterpulse_decay_s=1e-6,
    jitter_fwhm_s=200e-12,
    gate_s=1e-9,
)
INGAAS_NFAD = Detector(
    0.10,
    600.0,
    dead_time_s=20e-6,
    afterpulse_probability=0.02,
    afterpulse_decay_s=5e-6,
    jitter_fwhm_s=200e-12,
    gate_s=1e-9,
)
SI_APD = Detector(0.50, 25.0, dead_time_s=50e-9, jitter_fwhm_s=350e-12, gate_s=2e-9)

MODELS = (
    "A threshold detector, two alike in a receiver: efficiency, Poisson dark counts in the gate, Gaussian timing "
    "jitter that pushes light out of the gate and into its neighbours, a dead time that blinds both detectors, one "
    "afterpulse of first order behind the dead time, double clicks."
)
IGNORES = (
    "Efficiency mismatch between the two detectors (a security parameter, not only a rate), photon-number "
    "resolution, efficiency that recovers slowly after a click, blinding and other bright-light attacks, afterpulses "
    "of afterpulses."
)
DOMAIN = (
    "The gate is not longer than a round. Afterpulse probability up to 0.5, trusted to first order (below about 0.1)."
)


def _parameters(good: Detector) -> tuple[Parameter, ...]:
    rows = (
        ("efficiency", "1", 0.0, 1.0, "photon to click, gate share excluded"),
        ("dark_count_rate_hz", "Hz", 0.0, 1e7, "dark counts per second of open gate"),
        ("dead_time_s", "s", 0.0, 1.0, "both detectors are blind after a click"),
        ("afterpulse_probability", "1", 0.0, 0.5, "afterpulses per photon or dark click"),
        ("afterpulse_decay_s", "s", 1e-12, 1.0, "decay constant of their delay behind the dead time"),
        ("jitter_fwhm_s", "s", 0.0, 1e-6, "timing error, full width at half maximum"),
        ("gate_s", "s", 1e-12, 1.0, "open time per round"),
    )
    return tuple(Parameter(name, unit, low, high, getattr(good, name), text) for name, unit, low, high, text in rows)


def _maker(preset: Detector) -> Callable[..., Detector]:
    def make(**overrides: Any) -> Detector:
        """The preset with some of its fields replaced."""
        return replace(preset, **overrides)

    return make


def _register(name: str, preset: Detector, summary: str, source: str) -> None:
    register(
        Entry(
            kind="detector",
            name=name,
            summary=summary,
            models=MODELS,
            ignores=IGNORES,
            domain=DOMAIN,
            source=source,
            parameters=_parameters(preset),
            make=_maker(preset),
        )
    )


_register(
    "snspd",
    SNSPD,
    "Superconducting nanowire, 85 %, 300 Hz, 30 ns dead time, 50 ps jitter",
    "Figures used by Ntanos et al., Photonics 8, 544 (2021), second-hand; no afterpulsing. The 0.5 ns gate is a "
    "choice of this preset for clocks up to 2 GHz.",
)
_register(
    "ingaas_gated",
    INGAAS_GATED,
    "Gated InGaAs avalanche diode, 10 %, 6e-7 dark counts per gate, 4 % afterpulses",
    "Efficiency, dark counts per gate and afterpulse probability: Lim et al., Phys. Rev. A 89, 022307 (2014), "
    "section on evaluation. Dead time, decay constant, jitter and gate width are assumptions of this preset.",
)
_register(
    "ingaas_nfad",
    INGAAS_NFAD,
    "Free-running InGaAs diode with negative feedback, 10 %, 600 Hz",
    "Efficiency and dark counts: Lunghi et al., J. Mod. Opt. 59, 1481 (2012). Hold-off, afterpulses, jitter and "
    "window are assumptions of this preset.",
)
_register(
    "si_apd",
    SI_APD,
    "Silicon avalanche diode at 850 nm, 50 %, 25 Hz, 350 ps jitter, 2 ns window",
    "Ground-station detectors of Micius: Liao et al., Nature 549, 43 (2017). The dead time is an assumption of this "
    "preset.",
)
