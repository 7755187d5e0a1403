"""Raman noise: formulas against numerical integration, the silica table against its source."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from qcisim.errors import PhysicsError
from qcisim.optics import ClassicalChannel, Fibre, FibreLink, RamanTable, Receiver
from qcisim.optics.raman import (
    backward_power_w,
    forward_peak_length_km,
    forward_power_w,
    photon_rate_hz,
    raman_counts_per_gate,
)
from qcisim.optics.raman_table import SILICA, SILICA_GAIN_AT_THZ, antistokes_ratio

length = st.floats(0.0, 300.0)
attenuation = st.floats(0.02, 0.1)


@given(length, attenuation, attenuation)
def test_forward_light_is_the_integral_along_the_fibre(length_km: float, a_c: float, a_q: float) -> None:
    whole = quad(lambda z: math.exp(-a_c * z - a_q * (length_km - z)), 0, length_km)[0]
    assert forward_power_w(1.0, length_km, 3e-9, 0.6, a_c, a_q) == pytest.approx(1.8e-9 * whole, rel=1e-7, abs=0.0)


@given(length, attenuation, attenuation)
def test_backward_light_is_the_integral_along_the_fibre(length_km: float, a_c: float, a_q: float) -> None:
    whole = quad(lambda z: math.exp(-(a_c + a_q) * z), 0, length_km)[0]
    assert backward_power_w(1.0, length_km, 3e-9, 0.6, a_c, a_q) == pytest.approx(1.8e-9 * whole, rel=1e-7, abs=0.0)


@given(st.floats(1.0, 100.0), attenuation)
def test_backward_over_forward_at_equal_output_power(length_km: float, a: float) -> None:
    """sinh(aL)/(aL), Eraerds et al. (2010)."""
    out = math.exp(-a * length_km)
    ratio = backward_power_w(1 / out, length_km, 1e-9, 1, a, a) / forward_power_w(1 / out, length_km, 1e-9, 1, a, a)
    assert ratio * out == pytest.approx(math.sinh(a * length_km) / (a * length_km) * out, rel=1e-9)


@given(attenuation, attenuation)
def test_forward_peak(a_c: float, a_q: float) -> None:
    peak_km = forward_peak_length_km(a_c, a_q)
    top = forward_power_w(1.0, peak_km, 1e-9, 1.0, a_c, a_q)
    for factor in (0.95, 1.05):
        assert forward_power_w(1.0, factor * peak_km, 1e-9, 1.0, a_c, a_q) < top


def test_equal_attenuation_is_the_limit_of_unequal() -> None:
    equal = forward_power_w(1.0, 50.0, 3e-9, 0.6, 0.046, 0.046)
    assert forward_power_w(1.0, 50.0, 3e-9, 0.6, 0.046, 0.046 + 1e-12) == pytest.approx(equal, rel=1e-9, abs=0.0)


def test_silica_gain_recomputed_from_its_thirteen_modes() -> None:
    """Hollenbeck and Cantrell, J. Opt. Soc. Am. B 19, 2886 (2002), Table 1: gain = sine transform of the response."""
    rows = """56.25 1.00 52.10 17.37; 100.00 11.40 110.42 38.81; 231.25 36.67 175.00 58.33; 362.50 67.67 162.50 54.17
    463.00 74.00 135.33 45.11; 497.00 4.50 24.50 8.17; 611.50 6.80 41.50 13.83; 691.67 4.60 155.00 51.67
    793.67 4.20 59.50 19.83; 835.50 4.50 64.30 21.43; 930.00 2.70 150.00 50.00; 1080.00 3.10 91.00 30.33
    1215.00 3.00 160.00 53.33"""
    modes = np.array([[float(x) for x in row.split()] for line in rows.splitlines() for row in line.split(";")])
    position, strength, gauss, lorentz = modes.T
    per_cm = math.pi * 2.99792458e10
    t = np.arange(0, 6e-12, 0.25e-15)
    response = sum(
        s * np.exp(-per_cm * lo * t - (per_cm * g * t) ** 2 / 4) * np.sin(2 * per_cm * p * t)
        for p, s, g, lo in zip(position, strength, gauss, lorentz, strict=True)
    )

    def gain(thz: float) -> float:
        return float(np.trapezoid(response * np.sin(2e12 * math.pi * thz * t), t))

    peak = max(gain(f) for f in np.linspace(12.5, 14.0, 151))
    recomputed = [gain(f) / peak for f in range(41)]
    assert recomputed == pytest.approx(SILICA_GAIN_AT_THZ, abs=6e-5)


def test_silica_has_the_published_magnitude() -> None:
    """A few 1e-9 /(km nm) inside the C band, two to three orders lower at 1310 nm."""
    assert 1e-9 < SILICA.coefficient(1550.0, 1530.0) < 1e-8  # 3.2e-9 in public code
    assert 1e-9 < SILICA.coefficient(1550.0, 1552.0) < 1e-8
    assert 1e-4 < SILICA.coefficient(1310.0, 1550.0) / SILICA.coefficient(1550.0, 1530.0) < 1e-2


@given(st.floats(0.25, 39.0))
def test_antistokes_is_weaker_by_the_boltzmann_factor(shift_thz: float) -> None:
    grid = round(shift_thz * 4) / 4
    stokes = np.interp(-grid, SILICA.offset_thz, SILICA.coefficient_per_km_nm)
    anti = np.interp(grid, SILICA.offset_thz, SILICA.coefficient_per_km_nm)
    assert anti / stokes == pytest.approx(antistokes_ratio(grid, 300.0), rel=1e-9)


def test_table_is_continuous_at_zero_offset() -> None:
    middle = SILICA.offset_thz.index(0.0)
    near = SILICA.coefficient_per_km_nm[middle - 1 : middle + 2]
    assert near[0] > near[1] > near[2]
    assert near[1] == pytest.approx((near[0] + near[2]) / 2, rel=1e-3, abs=0.0)


def test_own_table() -> None:
    table = RamanTable.of([(10.0, 4e-9), (-10.0, 2e-9)], source="measured")
    assert table.coefficient(1550.0, 1550.0) == pytest.approx(3e-9, rel=1e-12, abs=0.0)
    assert table.coefficient(1310.0, 1600.0) == pytest.approx(4e-9 * (1550 / 1310) ** 4, rel=1e-12, abs=0.0)


def test_noise_reaches_the_link_by_name(receiver: Receiver) -> None:
    data = (ClassicalChannel(0.0, 1530.0, "co"), ClassicalChannel(0.0, 1530.0, "counter", name="data back"))
    dark = FibreLink(Fibre(50.0), receiver, 1e9).at()
    lit = FibreLink(Fibre(50.0), receiver, 1e9, classical_channels=data).at()
    assert dict(dark.noise_per_gate) == {"dark counts": pytest.approx(5e-7, rel=1e-12, abs=0.0)}
    assert [name for name, _ in lit.noise_per_gate] == ["dark counts", "Raman co 1", "Raman data back"]
    assert lit.noise > dark.noise


def test_counts_per_gate_by_hand(receiver: Receiver) -> None:
    """0 dBm from 1530 nm over 50 km: photons x optics (2 dB) x efficiency 0.8 x 0.5 ns, half per detector."""
    fibre = Fibre(50.0)
    table = RamanTable.of([(-1.0, 3e-9), (1.0, 3e-9)])
    power_w = 1e-3 * 10**-1 * 50 * 3e-9 * 0.6
    expected = photon_rate_hz(power_w, 1550.0) * 10**-0.2 * 0.8 * 0.5e-9 / 2
    counts = raman_counts_per_gate(ClassicalChannel(0.0, 1530.0), fibre, 1550.0, receiver, table)
    assert counts == pytest.approx(expected, rel=1e-9, abs=0.0)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: ClassicalChannel(0.0, 1550.0, "sideways"), "'co' or 'counter'"),
        (lambda: ClassicalChannel(1000.0, 1550.0), "above 10 W"),
        (lambda: ClassicalChannel(0.0, 1.55), "wavelength_nm"),
        (lambda: ClassicalChannel(0.0, 1550.0, attenuation_db_per_km=-1.0), "cannot amplify"),
        (lambda: RamanTable.of([(0.0, 1e-9)]), "two points"),
        (lambda: RamanTable.of([(0.0, 1e-9), (0.0, 2e-9)]), "ascend"),
        (lambda: RamanTable.of([(0.0, -1e-9), (1.0, 2e-9)]), "not negative"),
        (lambda: RamanTable.of([(0.0,), (1.0, 2e-9)]), "pairs"),
        (lambda: antistokes_ratio(13.2, 0.0), "temperature"),
    ],
)
def test_refusals(make: Callable[[], object], words: str) -> None:
    with pytest.raises(PhysicsError, match=words):
        make()


def test_a_classical_channel_inside_the_filter_is_refused(receiver: Receiver) -> None:
    link = FibreLink(Fibre(50.0), receiver, 1e9, classical_channels=(ClassicalChannel(0.0, 1550.2),))
    with pytest.raises(PhysicsError, match="inside the receiver's filter"):
        link.at()
