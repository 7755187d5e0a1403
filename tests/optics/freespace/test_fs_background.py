"""Sky light: radiometry and the course of the twilight."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qcisim.errors import PhysicsError
from qcisim.optics.freespace import (
    SKIES,
    counts_per_gate,
    single_mode_count_rate_hz,
    sky,
    sky_count_rate_hz,
    sky_radiance,
)
from qcisim.units import photon_energy_j


@given(fov=st.floats(1e-6, 1e-3), d=st.floats(0.1, 3.0), width=st.floats(0.01, 10.0), eta=st.floats(0.0, 1.0))
def test_counts_are_power_over_photon_energy(fov: float, d: float, width: float, eta: float) -> None:
    power_w = 1.5e-3 * (width * 1e-3) * (math.pi * fov**2 / 4.0) * (math.pi * d**2 / 4.0)
    rate = float(sky_count_rate_hz(1.5e-3, fov, d, width, 850.0, eta))
    assert rate == pytest.approx(power_w * eta / photon_energy_j(850.0), rel=1e-12)
    assert float(sky_count_rate_hz(1.5e-3, fov, d, width, 850.0, eta, 0.5)) == pytest.approx(0.75 * rate)


def test_a_fibre_sees_what_a_diffraction_limited_field_sees() -> None:
    """Field of view 4 lambda/(pi D) full angle has the etendue lambda^2 within 1 %: (pi/4)^2 (4/pi)^2 = 1."""
    field = 4.0 * 1550e-9 / (math.pi * 0.8)
    wide = float(sky_count_rate_hz(1.5, field, 0.8, 1.0, 1550.0))
    assert float(single_mode_count_rate_hz(1.5, 1.0, 1550.0)) == pytest.approx(wide, rel=1e-12)


def test_field_as_angle_or_solid_angle_is_41_decibels() -> None:
    """The confusion the specification warns of, for a field of 100 microradians: L FOV for L pi FOV^2/4."""
    angle = 1e-4
    assert 10.0 * math.log10(angle / (math.pi * angle**2 / 4.0)) == pytest.approx(41.0, abs=0.1)


def test_sky_through_the_twilight() -> None:
    sun = np.linspace(-90.0, 90.0, 721)
    light = sky_radiance(sun)
    assert np.all(np.diff(light) >= 0.0)
    assert np.all(light[sun < -18.0] == SKIES["miao2005"].night)
    assert float(sky_radiance(60.0)) == pytest.approx(1.5, rel=1e-4)
    dusk, nautical = sky_radiance(np.array([-6.0, -12.0])) - SKIES["miao2005"].night
    assert dusk / 1.5 == pytest.approx(3.4 / 1.02e5)
    assert nautical < 0.1 * SKIES["miao2005"].night  # dark enough for quantum light from there on


def test_moonlight_adds_to_the_night() -> None:
    night = sky("miao2005")
    lit = sky_radiance(-30.0, night.night, night.day, np.array([0.0, 0.5, 1.0]) * night.full_moon)
    assert lit == pytest.approx([1.5e-5, 7.65e-4, 1.515e-3])


def test_presets_disagree_and_say_where_they_are_from() -> None:
    nights = [preset.night for preset in SKIES.values()]
    assert max(nights) / min(nights) > 10.0
    for preset in SKIES.values():
        assert 0.0 < preset.night < preset.full_moon < preset.day
        assert preset.source


def test_means_per_gate() -> None:
    assert counts_per_gate(np.array([500.0, 0.0]), 1e-9) == pytest.approx([5e-07, 0.0])


def test_refusals() -> None:
    with pytest.raises(PhysicsError, match="field_of_view_full_rad 50: radians"):
        sky_count_rate_hz(1e-5, 50.0, 1.0, 1.0, 850.0)
    with pytest.raises(PhysicsError, match=r"efficiency 1\.5"):
        sky_count_rate_hz(1e-5, 1e-4, 1.0, 1.0, 850.0, 1.5)
    with pytest.raises(PhysicsError, match="radiance_w_per_m2_um_sr -1"):
        sky_count_rate_hz(-1.0, 1e-4, 1.0, 1.0, 850.0)
    with pytest.raises(PhysicsError, match="sun_elevation_deg 95"):
        sky_radiance(95.0)
    with pytest.raises(PhysicsError, match="did you mean 'dark'"):
        sky("drak")
