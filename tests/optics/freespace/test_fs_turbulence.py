"""Turbulence: moments of the profile against closed forms, scaling laws, limits, published numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate

from qcisim.errors import PhysicsError
from qcisim.optics.freespace import (
    BuftonWind,
    HufnagelValley,
    MeasuredProfile,
    aperture_averaging,
    beam_wander_horizontal_m2,
    beam_wander_up_rad,
    coherence_time_s,
    fried_horizontal_m,
    fried_parameter_m,
    greenwood_frequency_hz,
    isoplanatic_angle_rad,
    log_irradiance_variance_down,
    log_irradiance_variance_horizontal,
    log_irradiance_variance_up,
    long_term_radius_m,
    moment,
    rms_wind_m_per_s,
    scintillation_index,
    short_term_radius_m,
    turbulence_height_m,
)

HV57 = HufnagelValley()


@pytest.mark.parametrize("power", [0.0, 5.0 / 6.0, 5.0 / 3.0, 2.0])
def test_moments_are_gamma_functions(power: float) -> None:
    """int h^p h^n exp(-h/H) dh = H^(n+p+1) Gamma(n+p+1)."""
    upper = 0.00594 * (21.0 / 27.0) ** 2 * 1e-50 * 1000.0 ** (11.0 + power) * math.gamma(11.0 + power)
    middle = 2.7e-16 * 1500.0 ** (1.0 + power) * math.gamma(1.0 + power)
    ground = 1.7e-14 * 100.0 ** (1.0 + power) * math.gamma(1.0 + power)
    assert moment(HV57, power) == pytest.approx(upper + middle + ground, rel=1e-7)


def test_moment_above_a_mountain_and_below_a_top() -> None:
    exact = integrate.quad(
        lambda h: float(HV57.cn2(np.array(h))) * (h - 2400.0) ** (5.0 / 6.0),
        2400.0,
        6e4,
        points=[3e3, 1e4, 2e4],
        limit=300,
        epsabs=1e-30,
        epsrel=1e-11,
    )[0]
    assert moment(HV57, 5.0 / 6.0, 2400.0) == pytest.approx(exact, rel=1e-7)
    assert moment(HV57, 0.0, 0.0, 1000.0) < moment(HV57, 0.0)


def test_a_mountain_keeps_its_ground_layer_if_told() -> None:
    assert float(HufnagelValley(ground_altitude_m=2400.0).cn2(np.array(2400.0))) > 1e-14
    assert float(HV57.cn2(np.array(2400.0))) < 1e-15


def test_hv57_is_named_for_five_centimetres_and_seven_microradians() -> None:
    assert float(fried_parameter_m(HV57, 500.0)) == pytest.approx(0.05, abs=0.001)
    assert float(isoplanatic_angle_rad(HV57, 500.0)) == pytest.approx(7e-6, rel=0.02)


@given(e=st.floats(10.0, 90.0), wavelength=st.floats(400.0, 2000.0))
def test_kolmogorov_scaling(e: float, wavelength: float) -> None:
    stretch, sine = wavelength / 500.0, math.sin(math.radians(e))
    r0, th0, s2 = (
        float(f(HV57, wavelength, e)) / float(f(HV57, 500.0, 90.0))
        for f in (fried_parameter_m, isoplanatic_angle_rad, log_irradiance_variance_down)
    )
    assert r0 == pytest.approx(stretch**1.2 * sine**0.6)
    assert th0 == pytest.approx(stretch**1.2 * sine**1.6)
    assert s2 == pytest.approx(stretch ** (-7.0 / 6.0) * sine ** (-11.0 / 6.0))


def test_measured_profile_follows_its_table() -> None:
    h = np.linspace(0.0, 3e4, 3001)
    table = MeasuredProfile(h, HV57.cn2(h))
    assert float(fried_parameter_m(table, 850.0)) == pytest.approx(float(fried_parameter_m(HV57, 850.0)), rel=1e-3)
    assert float(table.cn2(np.array(5e4))) == 0.0


def test_itu_wind_is_near_the_bufton_profile() -> None:
    """Root mean square of the Bufton wind over 5 to 20 km, its definition, within 4 %."""
    for ground in (0.0, 5.0, 20.0):
        h = np.linspace(5e3, 2e4, 2001)
        mean = math.sqrt(integrate.simpson(BuftonWind(ground).speed_m_per_s(h) ** 2, x=h) / 1.5e4)
        assert float(rms_wind_m_per_s(ground)) == pytest.approx(mean, rel=0.04)


def test_greenwood_frequency_rises_with_the_slew_of_a_satellite() -> None:
    still, moving = greenwood_frequency_hz(HV57, 850.0, 45.0, slew_rad_per_s=np.array([0.0, 0.01]))
    assert 20.0 < still < 100.0  # tens of hertz for a star
    assert 3.0 * still < moving < 1000.0

    # constant wind: v sec^(3/5) scaling and tau0 = 0.314 r0/v
    class Steady(BuftonWind):
        def speed_m_per_s(self, height_m):  # type: ignore[no-untyped-def]
            return np.full_like(height_m, 10.0)

    f = greenwood_frequency_hz(HV57, 850.0, 90.0, wind=Steady())
    assert float(coherence_time_s(f)) == pytest.approx(0.314 * float(fried_parameter_m(HV57, 850.0)) / 10.0, rel=0.005)


@given(e=st.floats(15.0, 90.0), height=st.floats(2e5, 4e7))
def test_uplink_scintillation_tends_to_the_downlink_from_below(e: float, height: float) -> None:
    up, down = log_irradiance_variance_up(HV57, 850.0, e, height), log_irradiance_variance_down(HV57, 850.0, e)
    assert 0.9 * down < up < down
    far = log_irradiance_variance_up(HV57, 850.0, e, 4e8)
    assert float(far / down) == pytest.approx(1.0, abs=1e-4)


def test_horizontal_waves() -> None:
    plane = float(log_irradiance_variance_horizontal(1e-14, 1550.0, 1.0))
    k = 2.0 * math.pi / 1550e-9
    assert plane == pytest.approx(1.23e-14 * k ** (7 / 6) * 1e3 ** (11 / 6))
    assert float(log_irradiance_variance_horizontal(1e-14, 1550.0, 1.0, "spherical")) == pytest.approx(0.4 * plane)
    r0 = float(fried_horizontal_m(1e-14, 1550.0, 1.0))
    assert float(fried_horizontal_m(1e-14, 1550.0, 1.0, "spherical")) == pytest.approx(r0 * (8 / 3) ** 0.6)


def test_scintillation_index_weak_and_saturated() -> None:
    weak = scintillation_index(np.array([1e-4, 1e-3]))
    assert weak == pytest.approx([1e-4, 1e-3], rel=0.02)
    strong = scintillation_index(np.geomspace(1.0, 1e6, 400))
    assert strong.max() < 1.8
    assert 1.0 < strong[-1] < 1.1
    assert np.argmax(strong) > 0


def test_aperture_averaging_limits() -> None:
    """Point receiver 1; large apertures 17.34 D^(-7/3) sec^3 z int Cn2 h^2 dh (Fried, weak fluctuations)."""
    height = turbulence_height_m(HV57)
    assert 5e3 < height < 1.2e4
    assert float(aperture_averaging(0.0, 850.0, 60.0, height)) == 1.0
    assert float(aperture_averaging(0.0, 850.0, 60.0, height, "andrews")) == 1.0
    e = 60.0
    share = float(aperture_averaging(2.0, 850.0, e, height))
    sec = 1.0 / math.sin(math.radians(e))
    large = 17.34 * 2.0 ** (-7.0 / 3.0) * sec**3 * moment(HV57, 2.0)
    assert share * float(log_irradiance_variance_down(HV57, 850.0, e)) == pytest.approx(large, rel=0.02)


@given(d=st.floats(0.01, 3.0), e=st.floats(10.0, 90.0), form=st.sampled_from(["yura", "andrews"]))
def test_larger_apertures_average_more(d: float, e: float, form: str) -> None:
    small, large = aperture_averaging(np.array([d, 1.1 * d]), 850.0, e, 9e3, form)
    assert 0.0 < large < small <= 1.0


def test_wander_of_an_uplink() -> None:
    """Andrews and Phillips give the integral and 0.54 L^2 (lambda/2w0)^2 (2w0/r0)^(5/3) as the same thing (3 %)."""
    for wavelength in (532.0, 1550.0):
        for e in (30.0, 90.0):
            r0, w0 = float(fried_parameter_m(HV57, wavelength, e)), 0.1
            both_axes = 0.54 * (wavelength * 1e-9 / (2.0 * w0)) ** 2 * (2.0 * w0 / r0) ** (5.0 / 3.0)
            assert float(beam_wander_up_rad(HV57, w0, e, 6e5)) == pytest.approx(math.sqrt(0.5 * both_axes), rel=0.03)


def test_wander_on_a_horizontal_path() -> None:
    assert float(beam_wander_horizontal_m2(1e-14, 0.1, 10.0)) == pytest.approx(1.919e-14 * 1e12 * 0.2 ** (-1 / 3))


@given(w0=st.floats(0.01, 1.0), r0=st.floats(0.01, 1.0), wander=st.floats(0.0, 20.0))
def test_spread_of_an_uplink_only_widens(w0: float, r0: float, wander: float) -> None:
    long_term = float(long_term_radius_m(5.0, w0, r0))
    short_term = float(short_term_radius_m(5.0, long_term, wander))
    assert 5.0 <= short_term <= long_term * (1.0 + 1e-12)


def test_spread_far_beyond_the_coherence_length_is_that_of_the_seeing() -> None:
    """W_LT -> sqrt(8) lambda L/(pi r0), independent of the transmitter's size."""
    radii = [float(long_term_radius_m(850e-9 * 1e6 / (math.pi * w0), w0, 0.02)) for w0 in (1.0, 2.0)]
    assert radii[0] == pytest.approx(radii[1], rel=0.01)
    assert radii[1] == pytest.approx(math.sqrt(8.0) * 850e-9 * 1e6 / (math.pi * 0.02), rel=0.01)


def test_refusals() -> None:
    with pytest.raises(PhysicsError, match=r"elevation_deg 0: .*above the horizon"):
        fried_parameter_m(HV57, 850.0, np.array([10.0, 0.0]))
    with pytest.raises(PhysicsError, match="elevation_deg 95"):
        isoplanatic_angle_rad(HV57, 850.0, 95.0)
    with pytest.raises(PhysicsError, match="ground_cn2 1"):
        HufnagelValley(ground_cn2=1.0)
    with pytest.raises(PhysicsError, match="wave 'round'"):
        fried_horizontal_m(1e-14, 850.0, 1.0, "round")
    with pytest.raises(PhysicsError, match="form 'flat'"):
        aperture_averaging(1.0, 850.0, 90.0, 9e3, "flat")
    with pytest.raises(PhysicsError, match="satellite_altitude_m"):
        log_irradiance_variance_up(HV57, 850.0, 90.0, 100.0, 2400.0)
    with pytest.raises(PhysicsError, match="a station stands"):
        moment(HV57, 0.0, -500.0)
    with pytest.raises(PhysicsError, match="heights rise"):
        MeasuredProfile(np.array([0.0, 10.0, 5.0]), np.full(3, 1e-15))
    with pytest.raises(PhysicsError, match="Cn2 lies"):
        MeasuredProfile(np.array([0.0, 10.0]), np.array([1e-15, 0.0]))
