"""The polarisation frame: geometry by rotations, errors by Malus's law."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate
from scipy.spatial.transform import Rotation

from qcisim.errors import PhysicsError
from qcisim.optics.freespace import (
    compensation_residual_rad,
    frame_rotation_rad,
    horizontal_axis,
    look_direction,
    pass_rotation_rad,
    rotation_qber,
)

AZIMUTH, ELEVATION, ANGLE = st.floats(0.0, 360.0), st.floats(0.0, 89.0), st.floats(-3.1, 3.1)


@given(azimuth=AZIMUTH, elevation=ELEVATION, angle=ANGLE)
def test_an_axis_turned_about_the_line_of_sight_turns_by_that_angle(
    azimuth: float, elevation: float, angle: float
) -> None:
    """Seen from the station an anticlockwise turn is a left-handed one about the direction to the satellite."""
    sight, axis = look_direction(azimuth, elevation), horizontal_axis(azimuth)
    turned = Rotation.from_rotvec(-angle * sight).apply(axis)
    assert float(frame_rotation_rad(sight, turned, axis)) == pytest.approx(angle, abs=1e-9)
    assert float(frame_rotation_rad(sight, turned + 0.7 * sight, axis - 0.2 * sight)) == pytest.approx(angle, abs=1e-9)
    assert float(frame_rotation_rad(sight, axis, turned)) == pytest.approx(-angle, abs=1e-9)


@given(azimuth=AZIMUTH, elevation=ELEVATION, angle=ANGLE, seed=st.integers(0, 2**31))
def test_the_frame_of_the_computation_does_not_matter(
    azimuth: float, elevation: float, angle: float, seed: int
) -> None:
    sight, axis = look_direction(azimuth, elevation), horizontal_axis(azimuth)
    turned = Rotation.from_rotvec(-angle * sight).apply(axis)
    world = Rotation.random(random_state=np.random.RandomState(seed))
    moved = (world.apply(v) for v in (sight, turned, axis))
    assert float(frame_rotation_rad(*moved)) == pytest.approx(angle, abs=1e-9)


def test_directions_are_orthogonal_units() -> None:
    azimuth, elevation = np.array([0.0, 90.0, 200.0]), np.array([0.0, 45.0, 80.0])
    sight, axis = look_direction(azimuth, elevation), horizontal_axis(azimuth)
    assert np.linalg.norm(sight, axis=1) == pytest.approx(1.0)
    assert np.sum(sight * axis, axis=1) == pytest.approx(0.0, abs=1e-15)
    assert sight[1] == pytest.approx([math.sqrt(0.5), 0.0, math.sqrt(0.5)])  # 90 deg of azimuth is east
    assert axis[0] == pytest.approx([1.0, 0.0, 0.0])  # who looks north has east on the right


def test_a_pass_turns_the_frame() -> None:
    """Southward flight that passes in the east: upright at culmination, turned to either side before and after."""
    azimuth = np.linspace(20.0, 160.0, 141)
    elevation = np.degrees(np.arctan(0.8 * np.sin(np.radians(azimuth))))
    theta = pass_rotation_rad(azimuth, elevation, 180.0)
    assert abs(theta[70]) < 1e-9
    assert theta == pytest.approx(-theta[::-1], abs=1e-9)
    assert np.all(np.abs(np.diff(theta)) < 0.1)
    assert theta[0] * theta[-1] < 0.0
    assert np.abs(theta).max() > 0.3
    qber = rotation_qber(theta)
    assert qber.max() > 0.1  # uncorrected, such a pass has no key
    assert qber.min() < 1e-15


def test_unwrapped_passes_have_no_jumps() -> None:
    azimuth, elevation = np.linspace(0.0, 359.0, 360), np.full(360, 60.0)
    theta = pass_rotation_rad(azimuth, elevation, 0.0)
    assert np.abs(np.diff(theta)).max() < 0.2
    assert np.abs(np.diff(pass_rotation_rad(azimuth, elevation, 0.0, unwrapped=False))).max() > 6.0


@given(theta=st.floats(-10.0, 10.0), sigma=st.floats(0.0, 2.0))
def test_errors_are_malus_averaged_over_the_jitter(theta: float, sigma: float) -> None:
    z, w = np.polynomial.hermite_e.hermegauss(80)
    mean = float(np.sin(theta + sigma * z) ** 2 @ w) / math.sqrt(2.0 * math.pi)
    assert float(rotation_qber(theta, sigma)) == pytest.approx(mean, abs=1e-9)
    assert float(rotation_qber(theta)) == pytest.approx(math.sin(theta) ** 2, abs=1e-12)


def test_small_errors_keep_their_digits() -> None:
    assert float(rotation_qber(1e-9)) == pytest.approx(1e-18)
    assert float(rotation_qber(0.0, 1e-9)) == pytest.approx(1e-18)


def test_a_late_compensator_leaves_rate_times_lag() -> None:
    t = np.linspace(0.0, 100.0, 201)
    theta = 0.02 * t + 0.3 * np.sin(t / 20.0)
    residual = compensation_residual_rad(theta, t, 0.5, 0.001)
    late = theta - np.interp(t - 0.5, t, theta)
    assert residual[2:-1] - 0.001 == pytest.approx(late[2:-1], abs=2e-4)
    assert integrate.simpson(residual - 0.001, x=t) == pytest.approx(0.5 * (theta[-1] - theta[0]), rel=1e-3)


def test_refusals() -> None:
    with pytest.raises(PhysicsError, match="along the line of sight"):
        frame_rotation_rad(np.array([0.0, 0.0, 1.0]), np.array([0.0, 0.0, 2.0]), np.array([1.0, 0.0, 0.0]))
    with pytest.raises(PhysicsError, match="length above 0"):
        frame_rotation_rad(np.zeros(3), np.array([0.0, 1.0, 0.0]), np.array([1.0, 0.0, 0.0]))
    with pytest.raises(PhysicsError, match=r"lag_s -1: .*future"):
        compensation_residual_rad(np.zeros(3), np.arange(3.0), -1.0)
    with pytest.raises(PhysicsError, match="times rise"):
        compensation_residual_rad(np.zeros(3), np.zeros(3), 1.0)
