"""The qubit on a free-space link: closed forms of the error rate, and qutip, for every encoding."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import qutip
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from qcisim.errors import PhysicsError
from qcisim.optics import (
    Detector,
    LinkStates,
    Pulse,
    Receiver,
    SinglePhotonSource,
    WeakCoherentSource,
    click_tables,
)
from qcisim.optics.freespace.encoding import ENCODINGS, qubit_kraus
from qcisim.optics.freespace.link import FreeSpaceLink
from qcisim.optics.freespace.terminals import Atmosphere, Sky, Telescope, Transmitter
from qcisim.optics.orbit import Epoch, GroundStation, TwoLineElements, gmst_rad, look
from qcisim.quantum import Channel, depolarising, rotation
from qcisim.quantum.bridge import to_qutip

Floats = NDArray[np.float64]

EPOCH = Epoch.parse("2016-12-19T15:00:00Z")
MICIUS = TwoLineElements(
    "1 41731U 16051A   16354.56913372  .00000384  00000-0  18801-4 0  9991",
    "2 41731  97.3698 268.1064 0013349 175.8929 309.0190 15.23916091 19164",
)
XINGLONG = GroundStation(40.39586667, 117.5774583, 893.0)
ERROR = 0.01
BOB = Receiver(Detector(0.5, 500.0, jitter_fwhm_s=1e-10, gate_s=2e-9), 0.5, 0.5, ERROR, 1.0)
LINK = FreeSpaceLink(
    MICIUS,
    XINGLONG,
    EPOCH,
    Transmitter(0.3),
    Telescope(1.0),
    Atmosphere(0.8, fading="none"),
    Sky(),
    BOB,
    1e8,
    Pulse(848.6, 2e-10, 0.01),
)
PASS = LINK.passes(0.0, 3 * 3600.0)[0]
TIMES = np.linspace(PASS.rise_s + 1.0, PASS.set_s - 1.0, 7)
MU = 0.5


def bare(kraus: NDArray[np.complex128], eta: float, noise: float) -> LinkStates:
    n = len(kraus)
    zero = np.zeros(n)
    return LinkStates(zero, (("all", zero - 10 * math.log10(eta)),), kraus, (("dark", zero + noise),), zero, zero)


def threshold_error(mean: Floats, error: Floats, noise: Floats) -> tuple[Floats, Floats]:
    """(Q, E Q) of a Poisson pulse of ``mean`` photons, a share ``error`` on the wrong detector, noise on both."""
    right, wrong = -np.expm1(-(noise + mean * (1.0 - error))), -np.expm1(-(noise + mean * error))
    return right + wrong - right * wrong, wrong * (1.0 - right) + 0.5 * right * wrong


def check_errors(states: LinkStates, error_z: Floats, error_x: Floats) -> None:
    """Gains and errors of click tables against the closed form of independent Poisson detectors."""
    tables = click_tables(WeakCoherentSource((MU,), (1.0,), 1e8), states, BOB)
    names = dict(tables.noise_per_gate)
    noise = sum(names.values(), np.zeros(len(tables)))
    for basis, error in ((0, error_z), (1, error_x)):
        gain, wrong = threshold_error(MU * states.transmittance, error, noise)
        for i in range(len(tables)):
            assert tables[i].gain[0, basis, basis] == pytest.approx(gain[i], rel=1e-10)
            assert tables[i].error_gain[0, basis, basis] == pytest.approx(wrong[i], rel=1e-8, abs=1e-16)


@given(st.floats(-1.6, 1.6), st.floats(0.0, 0.5), st.floats(0.0, 0.3), st.floats(1e-6, 1.0), st.floats(0.0, 1e-3))
def test_polarisation_errs_with_sin_squared(turn: float, residual: float, error: float, eta: float, nu: float) -> None:
    """E = (1 - cos(2 (theta + beta)) exp(-2 sigma^2))/2 in both bases, sin^2 beta the receiver's error."""
    states = bare(qubit_kraus("polarisation", np.array([turn]), residual, error, None), eta, nu)
    angle = turn + math.asin(math.sqrt(error))
    expected = np.array([0.5 * (1.0 - math.cos(2 * angle) * math.exp(-2.0 * residual**2))])
    check_errors(states, expected, expected)


@given(st.floats(-9.0, 9.0), st.floats(0.0, 2.0), st.floats(0.0, 0.5), st.floats(1e-6, 1.0), st.floats(0.0, 1e-3))
def test_time_bins_err_in_the_phase_basis_alone(
    turn: float, residual: float, error: float, eta: float, nu: float
) -> None:
    """E_X = (1 - V cos(phi) exp(-sigma^2/2))/2 with V = 1 - 2 error; Z, the time of arrival, errs by noise alone."""
    states = bare(qubit_kraus("time_bin", np.array([turn]), residual, error, None), eta, nu)
    phase = np.array([0.5 * (1.0 - (1.0 - 2.0 * error) * math.cos(turn) * math.exp(-0.5 * residual**2))])
    check_errors(states, np.zeros(1), phase)


@given(st.floats(-9.0, 9.0), st.floats(0.0, 2.0), st.floats(0.0, 0.5), st.floats(1e-6, 1.0), st.floats(0.0, 1e-3))
def test_phases_err_in_both_bases(turn: float, residual: float, error: float, eta: float, nu: float) -> None:
    states = bare(qubit_kraus("phase", np.array([turn]), residual, error, None), eta, nu)
    expected = np.array([0.5 * (1.0 - (1.0 - 2.0 * error) * math.cos(turn) * math.exp(-0.5 * residual**2))])
    check_errors(states, expected, expected)


def test_ten_degrees_of_rotation() -> None:
    """3.02 %, Malus."""
    kraus = qubit_kraus("polarisation", np.array([math.radians(10.0)]), 0.0, 0.0, None)
    table = click_tables(SinglePhotonSource(), bare(kraus, 1.0, 0.0), BOB)[0]
    for basis in (0, 1):
        assert table.error_gain[0, basis, basis] == pytest.approx(0.0301537, rel=1e-5)


TURN, RESIDUAL = 0.3, 0.2
X, Y, Z = qutip.sigmax(), qutip.sigmay(), qutip.sigmaz()


def qutip_flip(probability: float, axis: qutip.Qobj) -> qutip.Qobj:
    return (1 - probability) * qutip.to_super(qutip.qeye(2)) + probability * qutip.to_super(axis)


def qutip_average(generator: qutip.Qobj, sigma: float) -> qutip.Qobj:
    """Mean of exp(-i a G/2) over a Gaussian angle a of rms sigma, by quadrature."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    turns = [qutip.to_super((-0.5j * sigma * z * generator).expm()) for z in nodes]
    return sum(w / weights.sum() * turn for w, turn in zip(weights, turns, strict=True))


def theirs(encoding: str, attack: Channel) -> qutip.Qobj:
    eve = to_qutip(attack)
    if encoding == "polarisation":
        turn = qutip.to_super((-1j * TURN * Y).expm())
        axes = qutip.to_super((-1j * math.asin(math.sqrt(ERROR)) * Y).expm())
        return axes * qutip_average(Y, 2.0 * RESIDUAL) * turn * eve
    axis = Z if encoding == "time_bin" else Y
    turn = qutip.to_super((-0.5j * TURN * axis).expm())
    return qutip_flip(ERROR, axis) * qutip_average(axis, RESIDUAL) * turn * eve


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_kraus_maps_are_those_of_qutip(encoding: str) -> None:
    """Eve first, then the turn, the Gaussian residual averaged by quadrature, the receiver last."""
    from qcisim.quantum import amplitude_damping, sequence

    attack = sequence(amplitude_damping(0.3), rotation(0.4, 0.1, 0.7))
    kraus = qubit_kraus(encoding, np.array([TURN, -TURN]), RESIDUAL, ERROR, attack)
    assert kraus.shape[0] == 2
    assert Channel(kraus[0]).superop == pytest.approx(theirs(encoding, attack).full(), abs=1e-12)
    shared = qubit_kraus(encoding, None, RESIDUAL, ERROR, attack)
    unturned = qubit_kraus(encoding, np.zeros(1), RESIDUAL, ERROR, attack)
    assert shared.shape[0] == 1
    assert Channel(shared[0]).superop == pytest.approx(Channel(unturned[0]).superop, abs=1e-14)


def test_a_compensated_link_errs_by_receiver_and_residual() -> None:
    states = replace(LINK, frame_residual_rad=0.05).states(TIMES)
    expected = np.full(7, 0.5 * (1.0 - (1.0 - 2.0 * ERROR) * math.exp(-2.0 * 0.05**2)))
    check_errors(states, expected, expected)
    assert len(states.kraus) == 1


def frame_by_hand() -> Floats:
    """Angle of the satellite's velocity against the telescope's horizontal, all in TEME, looking up along the sight."""
    angles = []
    for t_s in TIMES.tolist():
        position, velocity = (x[0] for x in MICIUS.teme(EPOCH, np.array([t_s])))
        turn = float(gmst_rad(EPOCH, np.array([t_s]))[0])
        earth = np.array([[math.cos(turn), -math.sin(turn), 0], [math.sin(turn), math.cos(turn), 0], [0, 0, 1]])
        up, sight = earth @ XINGLONG.up, position - earth @ XINGLONG.ecef_km
        sight /= np.linalg.norm(sight)
        right = np.cross(sight, up)
        right /= np.linalg.norm(right)
        above = np.cross(right, sight)
        angles.append(math.atan2(float(velocity @ above), float(velocity @ right)))
    return np.array(angles)


def test_an_uncompensated_frame_turns_with_the_satellite() -> None:
    """Errors of sin^2 of the angle between the axes, computed anew in another frame of reference; up it is mirrored."""
    still = replace(BOB, misalignment_error=0.0)
    link = replace(LINK, receiver=still, frame_compensated=False)
    angle = frame_by_hand()
    assert np.ptp(np.unwrap(angle)) > 1.0
    for one in (link, replace(link, direction="up", transmitter=Transmitter(0.2), telescope=Telescope(0.3))):
        states = one.states(TIMES)
        check_errors(states, np.sin(angle) ** 2, np.sin(angle) ** 2)
    misaligned = replace(link, receiver=BOB)
    beta = math.asin(math.sqrt(ERROR))
    down, up = (
        click_tables(SinglePhotonSource(), one.states(TIMES), BOB)
        for one in (misaligned, replace(misaligned, direction="up"))
    )
    for tables, sign in ((down, 1.0), (up, -1.0)):
        for i, a in enumerate(angle.tolist()):
            noise = float(sum(mean[i] for _, mean in tables.noise_per_gate))
            table = tables[i]
            gain = table.gain[0, 0, 0]
            qber = table.error_gain[0, 0, 0] / gain
            assert qber == pytest.approx(math.sin(sign * a + beta) ** 2, abs=2.0 * noise / gain + 1e-9)


@pytest.mark.parametrize("encoding", ["time_bin", "phase"])
def test_doppler_turns_an_uncompensated_phase(encoding: str) -> None:
    """phi = 2 pi df tau, df = -v_r/lambda: 8 GHz at 7 km/s and 849 nm; 10 ps make half a radian of it."""
    link = replace(LINK, encoding=encoding, frame_compensated=False, interferometer_delay_s=1e-11)
    seen = look(MICIUS, XINGLONG, EPOCH, TIMES)
    phase = -2.0 * math.pi * seen.range_rate_km_per_s * 1e3 / 848.6e-9 * 1e-11
    assert 0.2 < np.abs(phase).max() < 0.6
    expected = 0.5 * (1.0 - (1.0 - 2.0 * ERROR) * np.cos(phase))
    check_errors(link.states(TIMES), expected if encoding == "phase" else np.zeros(7), expected)
    followed = replace(link, frame_compensated=True)
    kept = np.full(7, ERROR)
    check_errors(followed.states(TIMES), kept if encoding == "phase" else np.zeros(7), kept)


def test_turbulence_turns_no_polarisation_and_eve_does() -> None:
    calm = replace(LINK, atmosphere=Atmosphere(0.8, profile=None, fading="none"))
    assert np.array_equal(calm.states(TIMES).kraus, LINK.states(TIMES).kraus)
    attacked = replace(LINK, attack=depolarising(0.4))
    expected = np.full(7, 0.5 * (1.0 - 0.6 * (1.0 - 2.0 * ERROR)))
    check_errors(attacked.states(TIMES), expected, expected)
    assert np.array_equal(attacked.states(TIMES).loss_db, LINK.states(TIMES).loss_db)


def test_refusals() -> None:
    with pytest.raises(PhysicsError, match="did you mean 'polarisation'"):
        replace(LINK, encoding="polarization")
    with pytest.raises(PhysicsError, match="frame_residual_rad"):
        qubit_kraus("polarisation", None, -0.1, 0.0, None)
