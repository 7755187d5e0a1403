"""The free-space link: every named term against its formula, an integral or a published number."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import integrate
from scipy.special import j0

from qcisim.optics import Detector, Pulse, Receiver, WeakCoherentSource, click_tables, expected_tallies
from qcisim.optics.freespace.adaptive import noll_residual, smf_coupling
from qcisim.optics.freespace.beam import MeasuredBeam, collected_flat, collected_gaussian
from qcisim.optics.freespace.extinction import TransmittanceTable
from qcisim.optics.freespace.link import FreeSpaceLink
from qcisim.optics.freespace.profile import HufnagelValley
from qcisim.optics.freespace.spot import Spot
from qcisim.optics.freespace.terminals import Atmosphere, LossTable, Sky, Telescope, Transmitter
from qcisim.optics.freespace.turbulence import fried_parameter_m, long_term_radius_m
from qcisim.optics.orbit import CircularOrbit, Epoch, GroundStation, TwoLineElements, look
from qcisim.testing import check_link
from qcisim.units import SPEED_OF_LIGHT_M_PER_S

Floats = NDArray[np.float64]

EPOCH = Epoch.parse("2016-12-19T15:00:00Z")
MICIUS = TwoLineElements(
    "1 41731U 16051A   16354.56913372  .00000384  00000-0  18801-4 0  9991",
    "2 41731  97.3698 268.1064 0013349 175.8929 309.0190 15.23916091 19164",
)
XINGLONG = GroundStation(40.39586667, 117.5774583, 893.0)
BOB = Receiver(Detector(0.5, 25.0, jitter_fwhm_s=350e-12, gate_s=2e-9), 0.5, 0.5, 0.005, 1.0)
LINK = FreeSpaceLink(
    MICIUS,
    XINGLONG,
    EPOCH,
    Transmitter(0.3, "flat", divergence_full_rad=10e-6, efficiency=0.9, jitter_rad=0.6e-6),
    Telescope(1.0, 0.2, 0.16),
    Atmosphere(0.8),
    Sky(),
    BOB,
    1e8,
    Pulse(848.6, 2e-10, 0.01),
)
FIBRED = replace(
    LINK,
    transmitter=Transmitter(0.08),
    telescope=Telescope(0.8, 0.3, 0.7, fibre_coupled=True, adaptive_modes=50),
    pulse=Pulse(1550.0, 5e-11),
    encoding="phase",
)
PASS = LINK.passes(0.0, 3 * 3600.0)[0]
TIMES = np.linspace(PASS.rise_s, PASS.set_s, 9)


def terms(link: FreeSpaceLink, t_s: Floats = TIMES) -> dict[str, Floats]:
    return {name: 10.0 ** (-loss_db / 10.0) for name, loss_db in link.states(t_s).losses_db}


def test_the_published_pass_over_xinglong() -> None:
    """645 km at the closest, Liao et al., Nature 549, 43 (2017); a spot of 10 urad loses 22 dB at 1200 km."""
    states = LINK.states(np.linspace(PASS.rise_s, PASS.set_s, 2001))
    assert states.range_km is not None
    assert states.range_km.min() == pytest.approx(645.0, abs=1.5)
    unobstructed = replace(LINK, telescope=Telescope(1.0))
    loss_db = dict(unobstructed.states(states.t_s).losses_db)["diffraction"]
    assert np.interp(1200.0, states.range_km[1001:], loss_db[1001:]) == pytest.approx(22.0, abs=0.7)


def test_the_link_is_where_the_satellite_is() -> None:
    states, seen = LINK.states(TIMES), look(MICIUS, XINGLONG, EPOCH, TIMES)
    for name in ("range_km", "elevation_deg", "azimuth_deg"):
        assert np.array_equal(getattr(states, name), getattr(seen, name))
    assert states.delay_s == pytest.approx(seen.range_km * 1e3 / SPEED_OF_LIGHT_M_PER_S, rel=1e-12)
    one = LINK.at(float(TIMES[3]))
    assert (one.range_km, one.elevation_deg) == (pytest.approx(seen.range_km[3]), pytest.approx(seen.elevation_deg[3]))
    assert [name for name, _ in one.losses_db] == [name for name, _ in states.losses_db]
    assert one.transmittance == pytest.approx(states.transmittance[3], rel=1e-12)


LINKS = {
    "flat": LINK,
    "fibre": FIBRED,
    "table": replace(LINK, loss_table=((500.0, 1200.0), (30.0, 39.0))),
    "up": replace(LINK, direction="up", transmitter=Transmitter(0.2, jitter_rad=1e-6), telescope=Telescope(0.3)),
    "time_bin": replace(LINK, encoding="time_bin", frame_compensated=False),
    "frame": replace(LINK, frame_compensated=False),
    "no air": replace(LINK, atmosphere=Atmosphere(1.0, profile=None, fading="none")),
}


@pytest.mark.parametrize("name", LINKS)
def test_the_terms_are_the_transmittance_and_each_has_a_source(name: str) -> None:
    link = LINKS[name]
    states = link.states(TIMES)
    product = math.prod(10.0 ** (-loss_db / 10.0) for _, loss_db in states.losses_db)
    assert states.transmittance == pytest.approx(product, rel=1e-12)
    names = [n for n, _ in states.losses_db] + [n for n, _ in states.noise_per_gate]
    assert len(set(names)) == len(names)
    assert [n for n, _ in link.budget] == names
    assert all(len(source) > 10 for _, source in link.budget)
    check_link(link, BOB, times_s=[float(t) for t in TIMES[::4]])


def test_the_terms_of_a_flat_beam() -> None:
    states, seen = terms(LINK), look(MICIUS, XINGLONG, EPOCH, TIMES)
    spot_m = 10e-6 * seen.range_km * 1e3
    assert states["transmitter optics"] == pytest.approx([0.9] * 9)
    assert states["diffraction"] == pytest.approx((1.0 - 0.2**2) / spot_m**2, rel=1e-9)
    assert states["extinction"] == pytest.approx(0.8 ** (1.0 / np.sin(np.radians(seen.elevation_deg))), rel=1e-9)
    assert states["turbulence"] == pytest.approx([1.0] * 9)
    assert states["telescope optics"] == pytest.approx([0.16] * 9)
    assert states["receiver optics"] == pytest.approx([10**-0.05] * 9)
    assert states["detector efficiency"] == pytest.approx([0.5] * 9)
    width_s = math.hypot(2e-10, 3.5e-10)
    assert states["outside the gate"] == pytest.approx([math.erf(math.sqrt(math.log(2)) * 2e-9 / width_s)] * 9)
    assert "fibre coupling" not in states


def test_a_fibre_coupled_receiver() -> None:
    """The flat wave's coupling x exp(-sigma^2) for a good correction, and a halo of at most 1/(1 + (D/r0)^2)."""
    seen = look(MICIUS, XINGLONG, EPOCH, TIMES)
    ratio = 0.8 / fried_parameter_m(HufnagelValley(), 1550.0, seen.elevation_deg, 893.0)
    core = np.exp(-noll_residual(50) * ratio ** (5.0 / 3.0))
    assert core.min() > 0.6
    share = terms(FIBRED)["fibre coupling"] / smf_coupling(0.3)
    assert np.all((core < share) & (share < core + (1.0 - core) / (1.0 + ratio**2)))
    uncorrected = replace(FIBRED, telescope=replace(FIBRED.telescope, adaptive_modes=1))
    assert np.all(terms(uncorrected)["fibre coupling"] < terms(FIBRED)["fibre coupling"] / 3.0)
    airless = replace(FIBRED, atmosphere=Atmosphere(0.8, profile=None))
    assert terms(airless)["fibre coupling"] == pytest.approx([smf_coupling(0.3)] * 9)


def mean_over_jitter(collected: object, jitter_m: float, reach: float) -> float:
    """int collected(r) r/s^2 exp(-r^2/(2 s^2)) dr, s per axis."""
    assert callable(collected)

    def share(r: float) -> float:
        return float(collected(r)) * r / jitter_m**2 * math.exp(-0.5 * (r / jitter_m) ** 2)

    edges = np.linspace(0.0, reach, 9)
    return math.fsum(integrate.quad(share, a, b, limit=200)[0] for a, b in pairwise(edges))


@pytest.mark.parametrize("jitter_rad", [0.3e-6, 1e-6, 4e-6])
@pytest.mark.parametrize("aperture_m", [0.5, 5.0])
def test_mean_pointing_of_a_gaussian_is_the_integral_over_its_offsets(jitter_rad: float, aperture_m: float) -> None:
    sender = Transmitter(0.3, "gaussian", divergence_full_rad=10e-6, jitter_rad=jitter_rad)
    spot = Spot(sender, Telescope(aperture_m, 0.25), 850.0, np.array([1000.0]))
    radius_m, sigma_m = float(spot.radius_m[0]), jitter_rad * 1e6
    mean = mean_over_jitter(lambda r: collected_gaussian(radius_m, aperture_m, r, 0.25), sigma_m, 8.0 * sigma_m)
    assert float((spot.collected() * spot.pointed(spot.radius_m))[0]) == pytest.approx(mean, rel=1e-7)


def test_mean_pointing_of_a_flat_spot() -> None:
    """Of a receiver small against the spot: within the share of the spot's edge that the receiver straddles."""
    sender = Transmitter(0.3, "flat", divergence_full_rad=10e-6, jitter_rad=3e-6)
    spot = Spot(sender, Telescope(0.1), 850.0, np.array([1000.0]))
    mean = mean_over_jitter(lambda r: collected_flat(10e-6, 1000.0, 0.1, r), 3.0, 24.0)
    assert float((spot.collected() * spot.pointed(spot.radius_m))[0]) == pytest.approx(mean, rel=2e-4)


def far_field(waist_m: float, aperture_m: float, nm: float, angle_rad: Floats) -> Floats:
    """|int exp(-alpha^2 u^2) J0(k a theta u) u du|^2 of a truncated Gaussian."""
    alpha, ka = aperture_m / 2.0 / waist_m, math.pi * aperture_m / (nm * 1e-9)
    x, w = np.polynomial.legendre.leggauss(120)
    u, w = 0.5 * (x + 1.0), 0.5 * w
    field: Floats = j0(np.multiply.outer(ka * angle_rad, u)) @ (w * u * np.exp(-((alpha * u) ** 2)))
    return field**2


@pytest.mark.parametrize(("jitter_rad", "tolerance"), [(0.2e-6, 1e-3), (0.5e-6, 0.01), (1.0e-6, 0.07)])
def test_mean_pointing_of_a_truncated_beam(jitter_rad: float, tolerance: float) -> None:
    """The Gaussian of the far field's top against the far field itself: good while the jitter is small against it."""
    spot = Spot(Transmitter(0.3, jitter_rad=jitter_rad), Telescope(0.1), 850.0, np.array([1000.0]))
    angle = np.linspace(0.0, 8.0 * jitter_rad, 4001)
    law = angle / jitter_rad**2 * np.exp(-0.5 * (angle / jitter_rad) ** 2)
    seen = far_field(0.1335, 0.3, 850.0, angle)
    mean = float(np.trapezoid(law * seen, angle) / seen[0])
    assert float(spot.pointed(spot.radius_m)[0]) == pytest.approx(mean, rel=tolerance)


def test_a_measured_beam_is_the_beam_it_was_measured_from() -> None:
    """A sampled Gaussian far field gives the terms of the Gaussian, for a receiver small against the spot."""
    angle = np.linspace(0.0, 25e-6, 4001)
    table = MeasuredBeam(angle, np.exp(-2.0 * (angle / 5e-6) ** 2))
    ranges, bob = np.array([500.0, 1500.0]), Telescope(0.1)
    for jitter_rad in (0.0, 1e-6):
        measured = Spot(Transmitter(0.3, "measured", far_field=table, jitter_rad=jitter_rad), bob, 850.0, ranges)
        sender = Transmitter(0.3, "gaussian", divergence_full_rad=10e-6, jitter_rad=jitter_rad)
        gaussian = Spot(sender, bob, 850.0, ranges)
        assert measured.radius_m == pytest.approx(gaussian.radius_m, rel=1e-4)
        assert measured.collected() == pytest.approx(gaussian.collected(), rel=1e-4)
        assert measured.pointed(measured.radius_m) == pytest.approx(gaussian.pointed(gaussian.radius_m), rel=1e-4)


def test_extinction_by_a_table_and_below_the_horizon() -> None:
    table = TransmittanceTable(np.array([10.0, 30.0, 90.0]), np.array([0.4, 0.7, 0.85]))
    link = replace(LINK, atmosphere=Atmosphere(transmittance_table=table))
    seen = look(MICIUS, XINGLONG, EPOCH, TIMES)
    assert terms(link)["extinction"] == pytest.approx(table(seen.elevation_deg), rel=1e-12)
    assert dict(link.budget)["extinction"] == "table of the user"
    for one in (link, LINK, replace(LINK, loss_table=((500.0, 1200.0), (30.0, 39.0)))):
        below = one.states(np.array([PASS.culmination_s, PASS.culmination_s + 2700.0]))
        assert below.elevation_deg is not None
        assert below.elevation_deg[1] < 0.0
        assert below.transmittance[1] == 0.0 < below.transmittance[0]
        tables = click_tables(WeakCoherentSource((0.5,), (1.0,), 1e8), below, BOB)
        dark = -math.expm1(-2.0 * float(below.noise[1]))
        assert tables[len(tables) - 1].gain[0, 0, 0] == pytest.approx(dark, rel=1e-9)


def test_sky_light() -> None:
    """N = L (pi FOV^2/4)(pi D^2/4)(1 - eps^2) dlambda lambda/(hc) eta, half of it per detector, times the gate."""
    night = dict(LINK.states(TIMES).noise_per_gate)
    photon_j = 6.62607015e-34 * 299792458.0 / 848.6e-9
    rate = 1.5e-5 * (math.pi * 1e-8 / 4) * (math.pi / 4) * 0.96 * 1e-3 / photon_j * 0.16 * 10**-0.05 * 0.5
    assert night["sky"] == pytest.approx([0.5 * rate * 2e-9] * 9, rel=1e-6)
    assert night["dark counts"] == pytest.approx([25.0 * 2e-9] * 9)
    noon = np.array([13.5 * 3600.0])  # 12:30 local solar time at 117 deg east
    assert 3e3 < dict(LINK.states(noon).noise_per_gate)["sky"][0] / night["sky"][0] < 1e5
    one_mode = dict(FIBRED.states(TIMES).noise_per_gate)["sky"]
    photon_j = 6.62607015e-34 * 299792458.0 / 1550e-9
    rate = 1.5e-5 * 1550e-9**2 * 1e-3 / photon_j * 0.7 * 10**-0.05 * 0.5
    assert one_mode == pytest.approx([0.5 * rate * 2e-9] * 9, rel=1e-6)
    assert dict(replace(LINK, sky=Sky(0.0, 0.0)).states(TIMES).noise_per_gate)["sky"] == pytest.approx([0.0] * 9)


def test_a_measured_loss_replaces_the_predicted_terms() -> None:
    table = LossTable(np.array([600.0, 1000.0, 1200.0]), np.array([30.0, 34.0, 39.0]), "a figure")
    link = replace(LINK, loss_table=table)
    states = link.states(TIMES)
    losses = dict(states.losses_db)
    assert list(losses) == ["measured propagation", "receiver optics", "outside the gate", "detector efficiency"]
    assert states.range_km is not None
    inside = states.range_km < 1200.0
    assert inside.sum() >= 3
    by_hand = np.interp(states.range_km, [600.0, 1000.0, 1200.0], [30.0, 34.0, 39.0])
    beyond = 39.0 + 20.0 * np.log10(states.range_km / 1200.0)
    assert losses["measured propagation"] == pytest.approx(np.where(inside, by_hand, beyond), rel=1e-12)
    assert "a figure" in dict(link.budget)["measured propagation"]
    columns = replace(LINK, loss_table=((600.0, 1000.0, 1200.0), (30.0, 34.0, 39.0))).states(TIMES)
    assert np.array_equal(columns.loss_db, states.loss_db)


UP = replace(LINK, direction="up", transmitter=Transmitter(0.2, jitter_rad=0.5e-6), telescope=Telescope(0.3))


def test_an_uplink_is_spread_where_a_downlink_is_not() -> None:
    seen = look(MICIUS, XINGLONG, EPOCH, TIMES)
    spot = Spot(UP.transmitter, UP.telescope, 848.6, seen.range_km)
    r0 = fried_parameter_m(HufnagelValley(), 848.6, seen.elevation_deg, 893.0)
    wide = long_term_radius_m(spot.radius_m, spot.waist_m, r0)
    spread = collected_gaussian(wide, 0.3) / collected_gaussian(spot.radius_m, 0.3)
    assert terms(UP)["turbulence"] == pytest.approx(spread, rel=1e-9)
    assert np.all(terms(UP)["turbulence"] < 0.6)
    swapped = replace(UP, direction="down")
    assert np.all(UP.states(TIMES).loss_db > swapped.states(TIMES).loss_db)
    still = replace(UP, atmosphere=Atmosphere(0.8, profile=None))
    assert terms(still)["turbulence"] == pytest.approx([1.0] * 9)


def test_point_ahead_takes_from_an_uplink_what_adaptive_optics_would_give() -> None:
    """Corrected by light from the satellite, the gain of 200 modes is small; a geostationary one is corrected no
    better, its point-ahead of 18 urad is larger than the isoplanatic angle, too."""

    def gain_db(link: FreeSpaceLink, t_s: Floats) -> Floats:
        corrected = replace(link, transmitter=replace(link.transmitter, adaptive_modes=200))
        gained: Floats = 10.0 * np.log10(terms(corrected, t_s)["turbulence"] / terms(link, t_s)["turbulence"])
        return gained

    leo = gain_db(UP, TIMES)
    assert np.all(leo >= 0.0)
    assert leo.max() < 3.0
    quiet = replace(UP, pulse=Pulse(1550.0, 2e-10), atmosphere=Atmosphere(0.8, profile=HufnagelValley(5.0, 1e-16)))
    assert gain_db(quiet, TIMES).max() < 10.0 * np.log10(1.0 / terms(quiet)["turbulence"]).max()


def test_a_circular_orbit_works_and_a_day_is_one_call() -> None:
    """Every pass of a day in one array of states, and counts from it."""
    orbit = CircularOrbit(500.0, 97.4, 30.0, 0.0, EPOCH)
    link = replace(LINK, orbit=orbit)
    passes = link.passes(0.0, 86400.0)
    assert len(passes) >= 2
    times = np.concatenate([np.arange(p.rise_s, p.set_s, 10.0) for p in passes])
    tables = click_tables(WeakCoherentSource((0.8, 0.1, 0.0), (0.5, 0.25, 0.25), 1e8), link.states(times), BOB)
    tallies = expected_tallies(tables, np.full(len(times), 1e9), BOB.detector, 1e8)
    assert len(tallies) == len(times)
    assert tallies.total().clicks == pytest.approx(float(tallies.clicks.sum()), rel=1e-12)
    assert tallies.clicks.min() > 0.0
