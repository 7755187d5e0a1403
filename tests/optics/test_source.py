"""Sources: photon statistics and refusals."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qcisim.errors import PhysicsError
from qcisim.optics import Pulse, SinglePhotonSource, WeakCoherentSource
from qcisim.optics.source import g2, mean_photon_number, multiphoton_share


@given(st.floats(0.0, 3.0), st.floats(0.0, 1.0))
def test_generating_function_is_the_photon_number_sum(mu: float, x: float) -> None:
    source = WeakCoherentSource((mu,), (1.0,))
    series = sum(math.exp(-mu) * mu**n / math.factorial(n) * x**n for n in range(60))
    assert float(source.pgf(x)[0]) == pytest.approx(series, abs=1e-13)


@given(st.floats(0.0, 1.0))
def test_detection_is_one_minus_the_generating_function(efficiency: float) -> None:
    for source in (WeakCoherentSource((0.5, 0.1), (0.5, 0.5)), SinglePhotonSource(efficiency=0.3)):
        assert source.detection(efficiency) == pytest.approx(1 - source.pgf(1 - efficiency), abs=1e-15)


def test_detection_keeps_its_digits() -> None:
    source = WeakCoherentSource((0.5,), (1.0,))
    assert float(source.detection(1e-18)[0]) == pytest.approx(5e-19, rel=1e-14, abs=0.0)


def test_shapes_follow_the_argument() -> None:
    x = np.zeros((2, 3))
    assert WeakCoherentSource((0.5, 0.1), (0.5, 0.5)).pgf(x).shape == (2, 2, 3)
    assert SinglePhotonSource().pgf(x).shape == (1, 2, 3)


def test_mean_photon_number() -> None:
    assert mean_photon_number(WeakCoherentSource((0.5, 0.1, 0.0), (0.7, 0.2, 0.1))) == pytest.approx(0.37, rel=1e-12)
    assert mean_photon_number(SinglePhotonSource(efficiency=0.3)) == pytest.approx(0.3, rel=1e-12)


def test_photon_statistics() -> None:
    coherent = WeakCoherentSource((0.1,), (1.0,))
    assert multiphoton_share(coherent)[0] == pytest.approx(1 - 0.1 * math.exp(-0.1) / -math.expm1(-0.1), rel=1e-12)
    assert g2(coherent)[0] == pytest.approx(1.0, rel=1e-12)
    assert g2(SinglePhotonSource(efficiency=0.3))[0] == 0.0


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: WeakCoherentSource((-0.1,), (1.0,)), "not negative"),
        (lambda: WeakCoherentSource((0.5, 0.1), (0.5, 0.4)), "sum to 0.9"),
        (lambda: WeakCoherentSource((0.5, 0.1), (1.0,)), "1 probabilities for 2"),
        (lambda: WeakCoherentSource((0.5, 0.5), (0.5, 0.5)), "must differ"),
        (lambda: WeakCoherentSource((0.5, 0.1), (1.0, 0.0)), "leave out"),
        (lambda: WeakCoherentSource((), ()), "0 intensities"),
        (lambda: WeakCoherentSource(tuple(range(11)), (1 / 11,) * 11), "11 intensities"),
        (lambda: WeakCoherentSource((float("nan"),), (1.0,)), "not negative"),
        (lambda: WeakCoherentSource((0.5,), (1.0,), clock_hz=0.0), "clock_hz"),
        (lambda: WeakCoherentSource((0.5,), (1.0,), key_basis_probability=1.0), "both bases"),
        (lambda: SinglePhotonSource(efficiency=1.5), "lies in"),
        (lambda: Pulse(wavelength_nm=1.55), "wavelength_nm"),
        (lambda: Pulse(fwhm_s=-1e-12), "fwhm_s"),
        (lambda: Pulse(linewidth_rms_nm=-1.0), "linewidth"),
    ],
)
def test_refusals(make: Callable[[], object], words: str) -> None:
    with pytest.raises(PhysicsError, match=words):
        make()
