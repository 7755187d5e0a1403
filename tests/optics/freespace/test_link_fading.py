"""Fading of free-space links: means, moments, laws, and that a passive link never amplifies."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from qcisim.engine import stream
from qcisim.optics import Detector, Pulse, Receiver
from qcisim.optics.freespace.air import Path, downward, fading_nodes, upward, vacuum
from qcisim.optics.freespace.beam import collected_gaussian
from qcisim.optics.freespace.gamma_gamma import GammaGamma
from qcisim.optics.freespace.link import FreeSpaceLink
from qcisim.optics.freespace.profile import HufnagelValley
from qcisim.optics.freespace.spot import Spot
from qcisim.optics.freespace.terminals import FADINGS, Atmosphere, Sky, Telescope, Transmitter
from qcisim.optics.freespace.turbulence import (
    aperture_averaging,
    beam_wander_up_rad,
    log_irradiance_variance_down,
    log_irradiance_variance_up,
    scintillation_index,
    turbulence_height_m,
)
from qcisim.optics.orbit import CircularOrbit, Epoch, GroundStation

Floats = NDArray[np.float64]

EPOCH = Epoch.parse("2026-06-21T22:00:00Z")
ORBIT = CircularOrbit(600.0, 97.8, 40.0, 10.0, EPOCH)
STATION = GroundStation(49.7, 6.1, 300.0)
BOB = Receiver(Detector(0.5, 25.0, gate_s=1e-9), 0.5, 0.0, 0.0, 1.0)
LINK = FreeSpaceLink(
    ORBIT,
    STATION,
    EPOCH,
    Transmitter(0.15, jitter_rad=1.5e-6),
    Telescope(0.6),
    Atmosphere(0.8),
    Sky(),
    BOB,
    1e8,
    Pulse(850.0),
)
UP = replace(LINK, direction="up", transmitter=Transmitter(0.2, jitter_rad=0.5e-6), telescope=Telescope(0.3))
PASS = max(LINK.passes(0.0, 86400.0), key=lambda p: p.maximum_elevation_deg)
TIMES = np.linspace(PASS.rise_s, PASS.set_s, 11)
PROFILE = HufnagelValley()


@pytest.mark.parametrize("name", FADINGS)
@pytest.mark.parametrize("link", [LINK, UP], ids=["down", "up"])
def test_fading_keeps_the_mean_and_one_time_is_like_many(link: FreeSpaceLink, name: str) -> None:
    faded = replace(link, atmosphere=Atmosphere(0.8, fading=name))
    states = faded.states(TIMES)
    assert states.fading_factor @ states.fading_weight == pytest.approx(np.ones(len(states.fading_factor)), rel=1e-9)
    assert states.nodes == (1 if name == "none" else 8)
    steady = replace(link, atmosphere=Atmosphere(0.8, fading="none")).states(TIMES)
    assert states.transmittance == pytest.approx(steady.transmittance, rel=1e-12)
    alone = faded.states(TIMES[4:5])
    row = states.fading_factor[4 if len(states.fading_factor) > 1 else 0]
    assert alone.fading_factor[0] == pytest.approx(row, rel=1e-9)
    if name != "none":
        square = states.fading_factor**2 @ states.fading_weight
        assert square.min() > 1.0 + 1e-4  # it does fade


def second_moment(path: Path) -> Floats:
    """<f^2>: scintillation and displacement multiply; <g^2>/<g>^2 = (1+q)^2/(1+2q) of a displaced Gaussian."""
    q = 4.0 * (path.wander_m / path.moment_radius_m) ** 2
    scintillation = (1.0 + scintillation_index(path.rytov_variance)) ** path.averaging
    moment: Floats = scintillation * (1.0 + q) ** 2 / (1.0 + 2.0 * q)
    return moment


def test_the_log_normal_law_has_the_second_moment_of_scintillation_and_pointing() -> None:
    link = replace(LINK, atmosphere=Atmosphere(0.8, fading_nodes=16))
    states = link.states(TIMES)
    assert states.range_km is not None
    assert states.elevation_deg is not None
    path = downward(
        Spot(LINK.transmitter, LINK.telescope, 850.0, states.range_km), PROFILE, states.elevation_deg, 300.0
    )
    assert path.rytov_variance == pytest.approx(
        log_irradiance_variance_down(PROFILE, 850.0, states.elevation_deg, 300.0), rel=1e-12
    )
    height_m = turbulence_height_m(PROFILE, 300.0)
    assert path.averaging == pytest.approx(aperture_averaging(0.6, 850.0, states.elevation_deg, height_m), rel=1e-12)
    assert path.wander_m == pytest.approx(1.5e-6 * states.range_km * 1e3, rel=1e-12)
    assert states.fading_factor**2 @ states.fading_weight == pytest.approx(second_moment(path), rel=1e-6)


def test_displacement_alone_has_the_moments_of_a_jittering_gaussian() -> None:
    """Drawn pointing errors through the off-axis integral: mean and second moment within their spread at 1e-9."""
    spot = Spot(
        Transmitter(0.15, "gaussian", divergence_full_rad=12e-6, jitter_rad=1.5e-6),
        Telescope(0.6),
        850.0,
        np.array([900.0]),
    )
    rng, draws = stream(1, "jitter"), 200_000
    offset_m = np.hypot(*(rng.standard_normal((2, draws)) * 1.5e-6 * 900e3))
    eta = collected_gaussian(float(spot.radius_m[0]), 0.6, offset_m)
    mean = float((spot.collected() * spot.pointed(spot.radius_m))[0])
    assert abs(eta.mean() - mean) < 6.2 * eta.std() / math.sqrt(draws)
    relative = (eta / mean) ** 2
    path = vacuum(spot)
    allowed = 6.2 * relative.std() / math.sqrt(draws) + 0.003  # the receiver is not quite small against the spot
    assert abs(relative.mean() - float(second_moment(path)[0])) < allowed
    for name, slack in (("weibull", 0.01), ("elliptic", 0.01), ("log_normal", 0.003)):
        factor, weight = fading_nodes(name, 24, path, spot, spot.range_km)
        assert float((factor**2 @ weight)[0]) == pytest.approx(relative.mean(), abs=allowed + slack)


def test_the_weibull_law_is_the_displacement_alone() -> None:
    """Its distribution against drawn errors: the share of time below half of the mean, at 1e-9."""
    link = replace(LINK, atmosphere=Atmosphere(0.8, fading="weibull", fading_nodes=64))
    states = link.states(TIMES[5:6])
    assert states.range_km is not None
    spot = Spot(LINK.transmitter, LINK.telescope, 850.0, states.range_km)
    sigma_m = 1.5e-6 * float(states.range_km[0]) * 1e3
    rng, draws = stream(2, "weibull"), 100_000
    offset_m = np.hypot(*(rng.standard_normal((2, draws)) * sigma_m))
    eta = collected_gaussian(float(spot.radius_m[0]), 0.6, offset_m)
    eta /= eta.mean()
    order = np.argsort(states.fading_factor[0])
    factor, weight = states.fading_factor[0][order], states.fading_weight[order]
    for power in (0.5, 1.5, 2.0):
        spread = 6.2 * float((eta**power).std()) / math.sqrt(draws)
        assert float(factor**power @ weight) == pytest.approx(float((eta**power).mean()), abs=spread + 0.01)


def test_gamma_gamma_along_a_pass_is_the_law_at_each_time() -> None:
    for link, tolerance in ((LINK, 1e-5), (UP, 2e-3)):
        times = np.linspace(PASS.rise_s, PASS.set_s, 301)
        states = replace(link, atmosphere=Atmosphere(0.8, fading="gamma_gamma")).states(times)
        assert states.range_km is not None
        assert states.elevation_deg is not None
        spot = Spot(link.transmitter, link.telescope, 850.0, states.range_km)
        args = (spot, PROFILE, states.elevation_deg, 300.0)
        path = downward(*args) if link is LINK else upward(*args, np.full(301, 5e-5))
        some = np.arange(0, 301, 50)
        exact = GammaGamma.of_rytov(path.rytov_variance[some], path.aperture_parameter[some], path.wave).nodes(8)[0]
        assert states.fading_factor[some] == pytest.approx(exact, rel=tolerance)


def test_an_uplink_scintillates_as_a_spherical_wave_and_wanders() -> None:
    states = UP.states(TIMES)
    assert states.range_km is not None
    assert states.elevation_deg is not None
    spot = Spot(UP.transmitter, UP.telescope, 850.0, states.range_km)
    path = upward(spot, PROFILE, states.elevation_deg, 300.0, np.full(11, 5e-5))
    for i in (0, 5):
        e = float(states.elevation_deg[i])
        up = log_irradiance_variance_up(PROFILE, 850.0, e, 6e5, 300.0)
        assert path.rytov_variance[i] == pytest.approx(float(up), rel=1e-3)
        wander = float(beam_wander_up_rad(PROFILE, spot.waist_m, e, 6e5, 300.0))
        jitter = math.hypot(wander, 0.5e-6) * float(states.range_km[i]) * 1e3
        assert path.wander_m[i] == pytest.approx(jitter, rel=2e-3)
    assert np.all(path.averaging == 1.0)
    assert np.all(path.moment_radius_m <= path.radius_m)
    followed = replace(UP, transmitter=replace(UP.transmitter, adaptive_modes=3))
    tracked = upward(
        Spot(followed.transmitter, UP.telescope, 850.0, states.range_km),
        PROFILE,
        states.elevation_deg,
        300.0,
        np.zeros(11),
    )
    assert tracked.wander_m == pytest.approx(0.5e-6 * states.range_km * 1e3, rel=1e-12)
    assert np.all(tracked.spread >= path.spread)


def test_nothing_amplifies_when_a_wide_law_meets_a_short_link() -> None:
    """A huge telescope under strong turbulence: the law is cut at transmittance 1, the term turbulence pays for it."""
    link = replace(
        LINK,
        transmitter=Transmitter(1.0),
        telescope=Telescope(5.0),
        atmosphere=Atmosphere(1.0, profile=HufnagelValley(80.0, 1e-12)),
        receiver=replace(BOB, detector=replace(BOB.detector, efficiency=1.0)),
        direction="up",
    )
    states = link.states(TIMES)
    eta = states.transmittance[:, None] * states.fading_factor
    assert eta.max() <= 1.0 + 1e-12
    assert states.fading_factor @ states.fading_weight == pytest.approx(np.ones(11), rel=1e-12)
    uncut = replace(link, atmosphere=replace(link.atmosphere, fading="none")).states(TIMES)
    paid_db = dict(states.losses_db)["turbulence"] - dict(uncut.losses_db)["turbulence"]
    assert paid_db.min() >= 0.0
    if paid_db.max() == 0.0:
        pytest.fail("the law was not cut: the case tests nothing")
