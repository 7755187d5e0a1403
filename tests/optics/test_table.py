"""Link state and click table: composition, closed forms of the literature, laws."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qcisim.errors import PhysicsError
from qcisim.optics import (
    ClickTable,
    Detector,
    Fibre,
    FibreLink,
    LinkState,
    Pulse,
    Receiver,
    SinglePhotonSource,
    WeakCoherentSource,
    click_table,
)
from qcisim.optics.table import BOTH, arrival_probabilities
from qcisim.quantum import bb84_povm, depolarising, erasure, identity, rotation_y, sequence, unitary
from qcisim.units import db_from_transmittance


def plain_state(transmittance: float, noise: float, error: float = 0.0) -> LinkState:
    channel = rotation_y(2 * math.asin(math.sqrt(error)))
    return LinkState(0.0, (("all", db_from_transmittance(transmittance)),), channel, (("noise", noise),), 0.0)


BOB = Receiver(Detector(1.0, 0.0), 0.5, 0.0, 0.0)

transmittances = st.floats(1e-8, 1.0)
noises = st.floats(0.0, 1e-2)
errors = st.floats(0.0, 0.5)


def test_link_state_names_its_losses(link: FibreLink) -> None:
    state = link.at(3.0)
    losses = dict(state.losses_db)
    assert losses["fibre"] == pytest.approx(4.0)
    assert losses["connectors"] == 1.0
    assert losses["receiver optics"] == 2.0
    assert losses["detector efficiency"] == pytest.approx(-10 * math.log10(0.8))
    assert state.t_s == 3.0
    assert state.delay_s == pytest.approx(20 * 4.897e-6, rel=1e-4)
    product = math.prod(10 ** (-x / 10) for x in losses.values())
    assert state.transmittance == pytest.approx(product, rel=1e-12)


@given(st.floats(0.0, 400.0), st.floats(0.0, 30.0), st.floats(0.01, 1.0))
def test_transmittance_is_a_probability(length_km: float, connector_db: float, efficiency: float) -> None:
    receiver = Receiver(Detector(efficiency, 100.0, jitter_fwhm_s=3e-10))
    state = FibreLink(Fibre(length_km, connector_db=connector_db), receiver, 1e9).at()
    assert 0.0 <= state.transmittance <= 1.0
    assert all(loss_db >= 0.0 for _, loss_db in state.losses_db)


@given(transmittances, noises, errors, st.floats(0.0, 2.0))
def test_rows_are_probabilities(eta: float, nu: float, error: float, mu: float) -> None:
    source = WeakCoherentSource((mu, 3.0), (0.5, 0.5))
    p = click_table(source, plain_state(eta, nu, error), BOB).probability
    assert p.min() >= 0.0
    assert p.sum(axis=-1).max() <= 1.0 + 1e-12


@given(transmittances, noises, errors, st.floats(1e-3, 2.0))
def test_ma_2005_gain_and_error(eta: float, nu: float, error: float, mu: float) -> None:
    """Ma, Qi, Zhao, Lo, PRA 72, 012326 (2005): Q = Y0 + 1 - exp(-eta mu) to first order in Y0, E Q = e0 Y0 + e_d (...).

    Exact with Y0 = 1 - exp(-2 nu): Q = 1 - (1 - Y0) exp(-eta mu). The error gain differs from theirs only by double
    clicks, whose random bit errs half the time: E Q lies within the double-click share.
    """
    table = click_table(WeakCoherentSource((mu,), (1.0,)), plain_state(eta, nu, error), BOB)
    y0 = -math.expm1(-2 * nu)
    gain = y0 + (1 - y0) * -math.expm1(-eta * mu)
    for basis in (0, 1):
        assert table.gain[0, basis, basis] == pytest.approx(gain, rel=1e-10, abs=0.0)
        doubles = float(table.probability[0, basis, :, basis, BOTH].mean())
        theirs = 0.5 * y0 + error * -math.expm1(-eta * mu)
        assert abs(table.error_gain[0, basis, basis] - theirs) <= doubles + 0.5 * y0 * -math.expm1(-eta * mu) + 1e-15


@given(transmittances, st.floats(0.0, 1e-4), st.floats(1e-3, 1.0))
def test_lim_2014_detection_rate(eta: float, dark: float, mu: float) -> None:
    """D_k = 1 - (1 - 2 p_dc) exp(-eta mu), Lim et al., PRA 89, 022307 (2014); 2 p_dc stands for 1 - (1 - p_dc)^2."""
    table = click_table(WeakCoherentSource((mu,), (1.0,)), plain_state(eta, -math.log1p(-dark), 0.01), BOB)
    published = 1 - (1 - 2 * dark) * math.exp(-eta * mu)
    assert table.gain[0, 0, 0] == pytest.approx(published, abs=dark**2 + 1e-15)


@given(transmittances, st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_single_photon_without_noise_is_the_qubit_itself(eta: float, mixing: float, theta: float) -> None:
    channel = sequence(depolarising(mixing), rotation_y(theta))
    state = LinkState(0.0, (("all", db_from_transmittance(eta)),), channel, (), 0.0)
    p = click_table(SinglePhotonSource(), state, BOB).probability[0]
    assert p[..., :2] == pytest.approx(eta * arrival_probabilities(state), rel=1e-12, abs=1e-15 * eta)
    assert p[..., BOTH] == pytest.approx(0.0, abs=1e-15)


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_loss_as_transmittance_is_erasure(loss: float, mixing: float) -> None:
    """Two routes: transmittance beside a qubit channel, or an erasure channel to a vacuum level."""
    from qcisim.quantum import Channel, Povm, bb84_ket, density

    assert isinstance(erasure(loss), Channel)
    for basis in (0, 1):
        vacuum = np.zeros((3, 3), complex)
        vacuum[2, 2] = 1.0
        padded = [np.pad(effect, ((0, 1), (0, 1))) for effect in bb84_povm(basis).effects]
        rho = erasure(loss).apply(depolarising(mixing).apply(density(bb84_ket(basis, 0))))
        seen = Povm(np.array([*padded, vacuum])).probabilities(rho)
        state = LinkState(0.0, (), depolarising(mixing), (), 0.0)
        assert seen[:2] == pytest.approx((1 - loss) * arrival_probabilities(state)[basis, 0, basis], abs=1e-12)


@given(noises, st.floats(1e-4, 0.3), st.floats(0.0, 0.2))
def test_noise_after_post_selection_is_depolarising(nu: float, eta: float, mixing: float) -> None:
    """Noise that passes the gate has weight p_n/(p_n + p_s) among the clicks, to first order in both."""
    state = LinkState(0.0, (("all", db_from_transmittance(eta)),), depolarising(mixing), (("dark", nu),), 0.0)
    table = click_table(SinglePhotonSource(), state, BOB)
    qber = table.error_gain[0, 0, 0] / table.gain[0, 0, 0]
    signal, noise = eta, 2 * nu
    weight = noise / (noise + signal)
    assert qber == pytest.approx(weight / 2 + (1 - weight) * mixing / 2, abs=2 * nu + 1e-12)


def test_click_probabilities_keep_their_digits() -> None:
    """A signal of 1e-13 under no noise: differences of numbers near one would have lost it."""
    table = click_table(WeakCoherentSource((0.1,), (1.0,)), plain_state(1e-12, 0.0, 0.25), BOB)
    assert table.probability[0, 0, 0, 0] == pytest.approx([0.75e-13, 0.25e-13, 0.0], rel=1e-9, abs=1e-24)


def test_joint_sums_to_the_click_probability(source: WeakCoherentSource, link: FibreLink, receiver: Receiver) -> None:
    table = click_table(source, link.at(), receiver)
    assert table.prior.sum() == pytest.approx(1.0, abs=1e-15)
    assert table.joint.sum() == pytest.approx(table.click_probability, rel=1e-15)
    by_hand = 0.7 * 0.9 * 0.5 * 0.2 * table.probability[0, 0, 1, 1, 0]
    assert table.joint[0, 0, 1, 1, 0] == pytest.approx(by_hand, rel=1e-14)


def test_wide_pulses_lose_light_and_disturb_their_neighbours(source: WeakCoherentSource, receiver: Receiver) -> None:
    def at(pulse: Pulse) -> tuple[LinkState, ClickTable]:
        state = FibreLink(Fibre(50.0), receiver, 1e9, pulse=pulse).at()
        return state, click_table(source, state, receiver)

    narrow, table_narrow = at(Pulse(fwhm_s=50e-12, linewidth_rms_nm=0.0))
    wide, table_wide = at(Pulse(fwhm_s=50e-12, linewidth_rms_nm=0.5))  # 425 ps rms after 50 km
    assert dict(wide.losses_db)["outside the gate"] > 2.0 > 1e-6 > dict(narrow.losses_db)["outside the gate"]
    assert wide.neighbour_share > 0.1 > narrow.neighbour_share
    spill = dict(table_wide.noise_per_gate)["neighbouring pulses"]
    assert spill == pytest.approx(0.5 * 0.37 * wide.transmittance * wide.neighbour_share, rel=1e-9, abs=0.0)
    qber = [t.error_gain[0, 0, 0] / t.gain[0, 0, 0] for t in (table_narrow, table_wide)]
    assert qber[1] > qber[0] + 0.03


def test_an_attack_composes_into_the_channel(link: FibreLink, source: WeakCoherentSource, receiver: Receiver) -> None:
    attacked = replace(link, attack=depolarising(0.5))
    table = click_table(source, attacked.at(), receiver)
    qber = table.error_gain[0, 0, 0] / table.gain[0, 0, 0]
    assert qber == pytest.approx(0.5 * 0.5 + 0.5 * 0.02, abs=2e-3)
    assert attacked.at().transmittance == link.at().transmittance


def test_misalignment_is_an_error_in_both_bases(source: WeakCoherentSource, detector: Detector) -> None:
    receiver = Receiver(replace(detector, dark_count_rate_hz=0.0), misalignment_error=0.03)
    table = click_table(SinglePhotonSource(), FibreLink(Fibre(0.0), receiver, 1e9).at(), receiver)
    for basis in (0, 1):
        assert table.error_gain[0, basis, basis] / table.gain[0, basis, basis] == pytest.approx(0.03, rel=1e-9)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: LinkState(0.0, (("lens", -1.0),), identity(), (), 0.0), "cannot amplify"),
        (lambda: LinkState(0.0, (), identity(3), (), 0.0), "on a qubit"),
        (lambda: LinkState(0.0, (), identity(), (("sky", -1.0),), 0.0), "not negative"),
        (lambda: FibreLink(Fibre(1.0), Receiver(Detector(0.5, 1.0, gate_s=2e-9)), 1e9), "longer than a round"),
        (lambda: FibreLink(Fibre(1.0), BOB, 0.0), "clock_hz"),
        (lambda: Receiver(Detector(0.5, 1.0), key_basis_probability=0.0), "both bases"),
        (lambda: Receiver(Detector(0.5, 1.0), insertion_loss_db=-0.1), "cannot amplify"),
        (lambda: Receiver(Detector(0.5, 1.0), misalignment_error=0.6), "lies in"),
        (lambda: Receiver(Detector(0.5, 1.0), filter_nm=0.0), "filter_nm"),
    ],
)
def test_refusals(make: Callable[[], object], words: str) -> None:
    with pytest.raises(PhysicsError, match=words):
        make()


def test_a_table_refuses_what_is_no_probability() -> None:
    half, good = np.array([0.5, 0.5]), np.full((1, 2, 2, 2, 3), 0.1)
    with pytest.raises(PhysicsError, match="shape"):
        ClickTable(np.zeros((1, 2, 2, 2)), np.ones(1), half, half)
    with pytest.raises(PhysicsError, match="at most 1"):
        ClickTable(good * 4, np.ones(1), half, half)
    with pytest.raises(PhysicsError, match="priors"):
        ClickTable(good, np.ones(1), half, half * 3)


def test_state_of_alice_passes_the_channel_before_bob_measures() -> None:
    flip = unitary([[0, 1], [1, 0]])  # X turns the bits of Z and leaves those of X
    q = arrival_probabilities(LinkState(0.0, (), flip, (), 0.0))
    assert q[0, 0, 0] == pytest.approx([0.0, 1.0], abs=1e-12)
    assert q[1, 0, 1] == pytest.approx([1.0, 0.0], abs=1e-12)
    assert q[0, 0, 1] == pytest.approx([0.5, 0.5], abs=1e-12)
