"""Detectors: formulas, presets in the registry, refusals."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qcisim import registry
from qcisim.errors import InputError, PhysicsError
from qcisim.optics import Detector, FibreLink, SinglePhotonSource, WeakCoherentSource
from qcisim.optics.detector import (
    afterpulse_error,
    afterpulse_factor,
    click_probability,
    live_share,
    noise_equivalent_power_w_per_sqrt_hz,
    nonparalysable_rate_hz,
    paralysable_rate_hz,
)


@given(st.floats(0.0, 1e9), st.floats(0.0, 1e-3))
def test_dead_time_only_lowers_a_rate(rate_hz: float, dead_s: float) -> None:
    non, extending = nonparalysable_rate_hz(rate_hz, dead_s), paralysable_rate_hz(rate_hz, dead_s)
    assert extending <= non * (1 + 1e-12) <= rate_hz * (1 + 1e-11)
    if dead_s > 0:
        assert non <= 1 / dead_s
        assert extending <= 1 / (math.e * dead_s) * (1 + 1e-12)


@given(st.floats(1.0, 1e7), st.floats(1e-9, 1e-6))
def test_rounds_tend_to_continuous_time(rate_hz: float, dead_s: float) -> None:
    clock_hz = 1e15
    per_round = rate_hz / clock_hz * live_share(rate_hz / clock_hz, Detector(1, 0, dead_s).dead_rounds(clock_hz))
    assert per_round * clock_hz == pytest.approx(nonparalysable_rate_hz(rate_hz, dead_s), rel=1e-5)


@pytest.mark.parametrize(
    ("dead_time_s", "clock_hz", "rounds"),
    [(0.0, 1e9, 0), (30e-9, 1e9, 29), (30.4e-9, 1e9, 30), (1e-10, 1e9, 0), (1e-6, 1e8, 99), (3e-7, 1e7, 2)],
)
def test_dead_rounds(dead_time_s: float, clock_hz: float, rounds: int) -> None:
    """A gate that opens exactly when the dead time ends is live."""
    assert Detector(0.5, 1.0, dead_time_s).dead_rounds(clock_hz) == rounds


def test_golden() -> None:
    assert click_probability(600 * 1e-9) == pytest.approx(6e-7, rel=1e-5, abs=0.0)  # Lunghi et al. (2012)
    assert afterpulse_factor(0.04) == pytest.approx(1.04)  # Lim et al. (2014)
    assert afterpulse_error(0.04) == pytest.approx(0.02 / 1.04)
    nep = noise_equivalent_power_w_per_sqrt_hz(0.1, 1.0, 1550.0)
    assert nep == pytest.approx(1.81242e-18, rel=1e-5, abs=0.0)


@pytest.mark.parametrize("name", ["snspd", "ingaas_gated", "ingaas_nfad", "si_apd"])
def test_presets(name: str) -> None:
    entry = registry.get("detector", name)
    assert entry.make is not None
    preset = entry.make()
    assert isinstance(preset, Detector)
    assert entry.make(efficiency=0.33).efficiency == 0.33
    for parameter in entry.parameters:
        assert parameter.good == getattr(preset, parameter.name)
        assert parameter.minimum <= parameter.good <= parameter.maximum
    for text in (entry.summary, entry.models, entry.ignores, entry.domain, entry.source):
        assert len(text) > 20


def test_preset_of_lim_2014_has_its_dark_counts_per_gate() -> None:
    make = registry.get("detector", "ingaas_gated").make
    assert make is not None
    assert make().dark_counts_per_gate == pytest.approx(6e-7, rel=1e-12, abs=0.0)


def test_sources_and_links_are_registered() -> None:
    assert registry.get("source", "weak_coherent").make is WeakCoherentSource
    assert registry.get("source", "single_photon").make is SinglePhotonSource
    assert registry.get("link", "fibre").make is FibreLink
    with pytest.raises(InputError, match="did you mean 'snspd'"):
        registry.get("detector", "snspdd")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Detector(0.0, 1.0), "efficiency"),
        (lambda: Detector(1.01, 1.0), "efficiency"),
        (lambda: Detector(0.5, -1.0), "dark_count_rate_hz"),
        (lambda: Detector(0.5, 1.0, -1e-9), "dead_time_s"),
        (lambda: Detector(0.5, 1.0, math.nan), "dead_time_s"),
        (lambda: Detector(0.5, 1.0, afterpulse_probability=0.6), "first order"),
        (lambda: Detector(0.5, 1.0, afterpulse_decay_s=0.0), "afterpulse_decay_s"),
        (lambda: Detector(0.5, 1.0, jitter_fwhm_s=-1.0), "jitter_fwhm_s"),
        (lambda: Detector(0.5, 1.0, gate_s=0.0), "gate_s"),
    ],
)
def test_refusals(make: Callable[[], object], words: str) -> None:
    with pytest.raises(PhysicsError, match=words):
        make()
