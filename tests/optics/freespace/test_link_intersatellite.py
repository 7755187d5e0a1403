"""Links between satellites: geometry in closed form, occultation, terms."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from qcisim.errors import PhysicsError
from qcisim.optics import Detector, Pulse, Receiver
from qcisim.optics.freespace.beam import collected_gaussian
from qcisim.optics.freespace.intersatellite import InterSatelliteLink
from qcisim.optics.freespace.terminals import Telescope, Transmitter
from qcisim.optics.orbit import CircularOrbit, Epoch
from qcisim.testing import check_link

EPOCH = Epoch.parse("2026-06-21T22:00:00Z")
BOB = Receiver(Detector(0.5, 25.0, gate_s=1e-9), 0.5, 1.0, 0.01)
AXIS_KM = 6378.137 + 600.0


def link(apart_deg: float) -> InterSatelliteLink:
    orbits = (CircularOrbit(600.0, 97.8, 0.0, u, EPOCH) for u in (0.0, apart_deg))
    sender = Transmitter(0.2, "gaussian", divergence_full_rad=10e-6, jitter_rad=1e-6)
    return InterSatelliteLink(*orbits, EPOCH, sender, Telescope(0.3), BOB, 1e8, Pulse(850.0))


def test_two_satellites_on_one_orbit_keep_their_distance() -> None:
    """L = 2 A sin(alpha/2)."""
    one = link(15.0)
    times = np.linspace(0.0, 6000.0, 7)
    states = one.states(times)
    length_km = 2.0 * AXIS_KM * math.sin(math.radians(7.5))
    assert states.range_km == pytest.approx(np.full(7, length_km), rel=1e-6)
    assert states.delay_s == pytest.approx(np.full(7, length_km / 299792.458), rel=1e-6)
    assert states.elevation_deg is None
    losses = dict(states.losses_db)
    eta = collected_gaussian(5e-6 * length_km * 1e3, 0.3)
    assert losses["diffraction"] == pytest.approx(np.full(7, -10 * math.log10(eta)), abs=1e-5)
    mean = -10 * math.log10(1.0 / (1.0 + 4.0 * (1.0 / 5.0) ** 2))
    assert losses["pointing"] == pytest.approx(np.full(7, mean), abs=1e-3)
    assert losses["occultation"] == pytest.approx(np.zeros(7))
    assert [name for name, _ in states.noise_per_gate] == ["dark counts"]
    assert states.nodes == 8
    assert states.fading_factor @ states.fading_weight == pytest.approx(np.ones(len(states.fading_factor)), rel=1e-9)


def test_the_earth_is_in_the_way() -> None:
    """On one orbit the line grazes A cos(alpha/2) - R_E: 100 km of margin at 21.8 deg of half angle."""
    half = math.degrees(math.acos((6378.137 + 100.0) / AXIS_KM))
    near, far = link(2.0 * half - 2.0), link(2.0 * half + 2.0)
    t_s = np.zeros(1)  # over the equator, where the radius is that of the formula to a kilometre
    assert near.states(t_s).transmittance[0] > 0.0
    assert far.states(t_s).transmittance[0] == 0.0
    assert far.states(t_s).losses_db[3][0] == "occultation"
    assert near.passes(0.0, 600.0)
    check_link(far, BOB)


@pytest.mark.parametrize("encoding", ["polarisation", "time_bin", "phase"])
@pytest.mark.parametrize("followed", [True, False])
def test_laws_hold(encoding: str, followed: bool) -> None:
    orbits = CircularOrbit(600.0, 97.8, 0.0, 0.0, EPOCH), CircularOrbit(600.0, 97.8, 8.0, 5.0, EPOCH)
    one = replace(link(10.0), orbit_a=orbits[0], orbit_b=orbits[1], encoding=encoding, frame_compensated=followed)
    check_link(one, BOB, times_s=(0.0, 100.0, 1500.0))
    names = [name for name, _ in one.budget]
    states = one.states(np.array([0.0, 100.0]))
    assert names == [n for n, _ in states.losses_db] + [n for n, _ in states.noise_per_gate]
    turning = encoding != "polarisation" and not followed
    assert len(states.kraus) == (2 if turning else 1)


def test_a_fibre_coupled_receiver_without_jitter_does_not_fade() -> None:
    one = link(10.0)
    still = replace(
        one, transmitter=replace(one.transmitter, jitter_rad=0.0), telescope=Telescope(0.3, fibre_coupled=True)
    )
    states = still.states(np.zeros(1))
    assert np.ptp(states.fading_factor) == 0.0
    assert dict(states.losses_db)["fibre coupling"][0] == pytest.approx(-10 * math.log10(0.81453), abs=1e-4)


def test_refusals() -> None:
    with pytest.raises(PhysicsError, match="minimum_grazing_altitude_km"):
        replace(link(10.0), minimum_grazing_altitude_km=-1.0)
    with pytest.raises(PhysicsError, match="fading 'rain'"):
        replace(link(10.0), fading="rain")
    with pytest.raises(PhysicsError, match="longer than a round"):
        replace(link(10.0), clock_hz=1e10)
