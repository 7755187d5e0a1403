"""Pairs through two links: published rates, the closed forms of Ma, Fung and Lo, qutip, exact small systems."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import qutip
from hypothesis import given
from hypothesis import strategies as st

from qcisim.errors import PhysicsError
from qcisim.optics import Detector, Fibre, FibreLink, LinkStates, Receiver
from qcisim.optics.pair_source import BELL_STATES, ContinuousPairSource, PairSource
from qcisim.optics.pairs import PairStates, pair_states
from qcisim.quantum import (
    Channel,
    amplitude_damping,
    bell_state,
    chsh_value,
    depolarising,
    fidelity,
    identity,
    rotation_y,
    sequence,
)
from qcisim.quantum.bridge import to_qutip

WINDOW_S = 1e-9
BOB = Receiver(Detector(1.0, 0.0, gate_s=WINDOW_S), 0.5, 0.0, 0.0)


def states(
    eta: float | list[float],
    noise: float = 0.0,
    channel: Channel | None = None,
    factor: tuple[float, ...] = (1.0,),
    weight: tuple[float, ...] = (1.0,),
) -> LinkStates:
    values = np.atleast_1d(np.asarray(eta, dtype=np.float64))
    zero = np.zeros(len(values))
    return LinkStates(
        np.arange(float(len(values))),
        (("all", -10.0 * np.log10(values)),),
        (channel or identity()).kraus[None],
        (("noise", zero + noise),),
        zero + 1e-3,
        zero,
        np.array([factor]),
        np.array(weight),
    )


def shared(source: PairSource | ContinuousPairSource, a: LinkStates, b: LinkStates) -> PairStates:
    return pair_states(source, a, b, BOB, BOB)


def test_yin_2017_coincidences_through_two_downlinks() -> None:
    """5.9 million pairs per second over 67.3 dB: 1.1 coincidences per second, Yin et al., Science 356, 1140 (2017)."""
    arm = states(10 ** (-6.73 / 2))
    seen = shared(ContinuousPairSource(5.9e6, WINDOW_S), arm, arm)
    assert seen.coincidence_rate_hz[0] == pytest.approx(1.1, rel=0.15)
    assert seen.true_rate_hz[0] == pytest.approx(5.9e6 * 10**-6.73, rel=1e-4)
    assert seen.singles_a_hz[0] == pytest.approx(5.9e6 * 10 ** (-6.73 / 2), rel=1e-4)


@given(st.floats(1e-8, 1e-4), st.floats(1e-6, 1.0), st.floats(1e-6, 1.0))
def test_at_low_gain_every_pair_counts_once(mean: float, a: float, b: float) -> None:
    """Coincidences = pairs x eta_a x eta_b, heralding = the other side's transmittance."""
    for source in (PairSource(mean / 2, 1.0 / WINDOW_S), ContinuousPairSource(mean / WINDOW_S, WINDOW_S)):
        seen = shared(source, states(a), states(b))
        assert seen.coincidence_rate_hz[0] == pytest.approx(mean / WINDOW_S * a * b, rel=4 * mean)
        assert seen.heralding_a[0] == pytest.approx(a, rel=4 * mean, abs=2 * mean)
        assert seen.heralding_b[0] == pytest.approx(b, rel=4 * mean, abs=2 * mean)
        assert seen.accidental_rate_hz[0] <= 2 * mean**2 / WINDOW_S * a * b


@given(st.floats(0.0, 0.4), st.floats(1e-5, 1.0), st.floats(1e-5, 1.0), st.floats(0.0, 1e-3), st.floats(0.0, 1e-3))
def test_gain_and_error_of_ma_fung_lo(lam: float, a: float, b: float, nu_a: float, nu_b: float) -> None:
    """Q is Eq. (9) exactly. E Q of Eq. (10) takes noise as random bits beside the light: ours differs by the share of
    attempts in which noise meets light, at most nu_a + nu_b of the correlated ones."""
    source = PairSource(lam, 1.0)
    seen = shared(replace(source, clock_hz=1.0), states(a, nu_a), states(b, nu_b))
    y_a, y_b = -math.expm1(-2 * nu_a), -math.expm1(-2 * nu_b)
    gain = source.coincidence_gain(a, b, y_a, y_b)
    assert seen.coincidence_rate_hz[0] == pytest.approx(gain, rel=1e-9, abs=0.0)
    correlated = 2 * a * b * lam * (1 + lam) / ((1 + a * lam) * (1 + b * lam) * (1 + a * lam + b * lam - a * b * lam))
    error_z, error_x = (e[0] * gain for e in seen.qber())
    assert error_z == pytest.approx(error_x, rel=1e-9)
    published = 0.5 * gain - 0.5 * correlated
    assert error_z - published == pytest.approx(
        0.5 * correlated * -math.expm1(-nu_a - nu_b), rel=1e-6, abs=1e-15 + 1e-9 * gain
    )


def exact_two_mode_error(lam: float, a: float, b: float) -> tuple[float, float]:
    """(Q, E Q) by summing the photon numbers of the two modes: mode i lights detector i of both sides."""
    most = 60
    p = np.array([lam**n / (1 + lam) ** (n + 1) for n in range(most)])
    n0, n1 = np.meshgrid(range(most), range(most), indexing="ij")
    weight = p[n0] * p[n1]
    gain = error = 0.0

    def outcome(eta: float, bit: int) -> np.ndarray:
        """P(bit) of a side, a double click as a random bit."""
        c = [1 - (1 - eta) ** n0, 1 - (1 - eta) ** n1]
        return c[bit] * (1 - c[1 - bit]) + 0.5 * c[0] * c[1]

    for i in (0, 1):
        for j in (0, 1):
            both = float((weight * outcome(a, i) * outcome(b, j)).sum())
            gain += both
            error += both if i != j else 0.0
    return gain, error


@pytest.mark.parametrize(("lam", "a", "b"), [(0.05, 0.3, 0.8), (0.4, 0.9, 0.9), (0.2, 1.0, 0.01)])
def test_multi_pair_errors_are_those_of_the_photon_numbers(lam: float, a: float, b: float) -> None:
    gain, error = exact_two_mode_error(lam, a, b)
    seen = shared(PairSource(lam, 1.0), states(a), states(b))
    assert seen.coincidence_rate_hz[0] == pytest.approx(gain, rel=1e-9)
    assert seen.qber()[0][0] * gain == pytest.approx(error, rel=1e-9)


channels = st.builds(
    lambda p, x, d: sequence(depolarising(p), rotation_y(x), amplitude_damping(d)),
    st.floats(0.0, 1.0),
    st.floats(-3.0, 3.0),
    st.floats(0.0, 1.0),
)


@given(st.floats(1e-4, 0.3), st.floats(0.01, 1.0), st.floats(0.01, 1.0), st.floats(0.0, 0.05), channels, channels)
def test_rho_is_a_state_and_obeys_quantum_limits(
    lam: float, a: float, b: float, nu: float, channel_a: Channel, channel_b: Channel
) -> None:
    source = PairSource(lam, 1.0 / WINDOW_S, bell_state="psi_minus")
    seen = shared(source, states(a, nu, channel_a), states(b, nu / 3, channel_b))
    rho = seen.rho[0]
    assert np.trace(rho) == pytest.approx(1.0, abs=1e-12)
    assert np.allclose(rho, rho.conj().T, atol=1e-14)
    assert np.linalg.eigvalsh(rho)[0] >= -1e-13
    assert seen.chsh[0] <= 2 * math.sqrt(2) + 1e-12
    assert seen.chsh[0] == pytest.approx(chsh_value(rho), rel=1e-9, abs=1e-12)
    for bell in BELL_STATES:
        direct = fidelity(rho, bell_state(BELL_STATES.index(bell)))
        assert seen.fidelity(bell)[0] == pytest.approx(direct, abs=1e-7)


@given(channels, channels)
def test_without_noise_and_multi_pairs_qutip_gives_the_same_state(channel_a: Channel, channel_b: Channel) -> None:
    source = ContinuousPairSource(1e-3, WINDOW_S, fidelity=0.9, bell_state="psi_plus")
    seen = shared(source, states(0.1, 0.0, channel_a), states(0.2, 0.0, channel_b))
    both = qutip.super_tensor(to_qutip(channel_a), to_qutip(channel_b))
    emitted = qutip.Qobj(source.rho, dims=[[2, 2], [2, 2]])
    theirs = qutip.vector_to_operator(both * qutip.operator_to_vector(emitted)).full()
    assert seen.rho[0] == pytest.approx(theirs, abs=1e-9)


@given(st.floats(0.0, 0.2), st.floats(0.0, 0.2), st.floats(-0.5, 0.5), st.floats(0.5, 1.0), st.floats(0.0, 1e-4))
def test_fidelity_and_chsh_are_the_closed_forms(p_a: float, p_b: float, turn: float, emitted: float, nu: float) -> None:
    """T = V [cos, 0, sin; 0, -1, 0; -sin, 0, cos] for phi+ turned by theta about Y, V = w (1-p_a)(1-p_b)(4 F0 - 1)/3.

    So F = (1 + V (1 + 2 cos theta))/4, S = 2 sqrt(2) V, and both bases err with (1 - V cos theta)/2.
    """
    eta, mean = 0.01, 0.02
    source = ContinuousPairSource(mean / WINDOW_S, WINDOW_S, emitted)
    seen = shared(
        source, states(eta, nu, sequence(depolarising(p_a), rotation_y(turn))), states(eta, nu, depolarising(p_b))
    )
    weight = seen.true_rate_hz[0] / seen.coincidence_rate_hz[0]
    click = 2 * nu + mean * eta
    assert weight == pytest.approx(mean * eta**2 / (mean * eta**2 + click**2), rel=0.01)
    v = weight * (1 - p_a) * (1 - p_b) * (4 * emitted - 1) / 3
    assert seen.fidelity()[0] == pytest.approx((1 + v * (1 + 2 * math.cos(turn))) / 4, abs=1e-12)
    assert seen.chsh[0] == pytest.approx(2 * v * math.sqrt(2), abs=1e-12)
    for error in seen.qber():
        assert error[0] == pytest.approx((1 - v * math.cos(turn)) / 2, abs=1e-12)


@pytest.mark.parametrize("bell", BELL_STATES)
def test_errors_are_counted_as_the_bell_state_correlates(bell: str) -> None:
    seen = shared(PairSource(1e-6, 1.0 / WINDOW_S, 0.97, bell), states(0.1), states(0.1))
    assert seen.fidelity(bell)[0] == pytest.approx(0.97, abs=1e-5)
    for error in seen.qber(bell):
        assert error[0] == pytest.approx(0.02, abs=1e-5)


def test_rates_average_over_the_fading_of_both_links() -> None:
    """Nodes of the two links in all combinations: weighted sums of what steady links give."""
    source = ContinuousPairSource(2e8, WINDOW_S)
    nodes_a, nodes_b = ((0.4, 1.6), (0.5, 0.5)), ((0.1, 1.0, 2.8), (0.4, 0.3, 0.3))
    nodes_b = (tuple(x / (0.04 + 0.3 + 0.84) for x in nodes_b[0]), nodes_b[1])
    fading = shared(source, states([0.05, 0.2], 1e-4, None, *nodes_a), states([0.1, 0.02], 1e-5, None, *nodes_b))
    for i, (a, b) in enumerate(((0.05, 0.1), (0.2, 0.02))):
        coincidences = true = singles = 0.0
        for f, v in zip(*nodes_a, strict=True):
            for g, w in zip(*nodes_b, strict=True):
                one = shared(source, states(a * f, 1e-4), states(b * g, 1e-5))
                coincidences += v * w * one.coincidence_rate_hz[0]
                true += v * w * one.true_rate_hz[0]
                singles += v * w * one.singles_a_hz[0]
        assert fading.coincidence_rate_hz[i] == pytest.approx(coincidences, rel=1e-12)
        assert fading.true_rate_hz[i] == pytest.approx(true, rel=1e-12)
        assert fading.singles_a_hz[i] == pytest.approx(singles, rel=1e-12)


def test_fibre_arms_work_and_dead_time_lowers_their_rates() -> None:
    source = PairSource(0.01, 1e8)
    quick = Receiver(Detector(0.8, 100.0, jitter_fwhm_s=50e-12, gate_s=1e-9))
    slow = Receiver(replace(quick.detector, dead_time_s=1e-6))
    times = np.array([0.0, 10.0])

    def run(receiver: Receiver) -> PairStates:
        a, b = (FibreLink(Fibre(length), receiver, 1e8).states(times) for length in (5.0, 20.0))
        return pair_states(source, a, b, receiver, receiver)

    fast, dead = run(quick), run(slow)
    p = fast.singles_a_hz[0] / 1e8
    assert dead.singles_a_hz[0] == pytest.approx(fast.singles_a_hz[0] / (1 + 99 * p), rel=1e-9)
    assert dead.coincidence_rate_hz[0] < fast.coincidence_rate_hz[0]
    assert fast.rho[0] == pytest.approx(fast.rho[1], abs=0.0)
    assert fast.delay_b_s[0] == pytest.approx(4 * fast.delay_a_s[0], rel=1e-12)
    assert 0.9 < fast.fidelity()[0] < 0.99


def test_afterpulses_make_accidentals_and_no_pairs() -> None:
    """Singles grow by 1 + p on each side, accidentals by (1 + p)^2, pairs stay; half of what is new is wrong."""
    source, arm = ContinuousPairSource(1e6, WINDOW_S), states(0.05, 1e-6)
    usual, after = (
        pair_states(source, arm, arm, *[Receiver(Detector(0.5, 0.0, gate_s=WINDOW_S, afterpulse_probability=p))] * 2)
        for p in (0.0, 0.1)
    )
    assert after.singles_a_hz[0] == pytest.approx(1.1 * usual.singles_a_hz[0], rel=1e-3)
    assert after.true_rate_hz[0] == pytest.approx(usual.true_rate_hz[0], rel=1e-3)
    assert after.accidental_rate_hz[0] == pytest.approx(1.21 * usual.accidental_rate_hz[0], rel=5e-2)
    gained = after.coincidence_rate_hz[0] - usual.coincidence_rate_hz[0]
    wrong = after.qber()[0][0] * after.coincidence_rate_hz[0] - usual.qber()[0][0] * usual.coincidence_rate_hz[0]
    assert gained > 0.0
    assert wrong == pytest.approx(0.5 * gained, rel=5e-2)


def test_nothing_arrives_where_nothing_is_sent() -> None:
    dark = shared(PairSource(0.0), states(1e-3), states(1e-3))
    assert dark.coincidence_rate_hz[0] == 0.0
    assert dark.rho[0] == pytest.approx(np.eye(4) / 4)
    assert dark.heralding_a[0] == 0.0


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: shared(PairSource(0.1), states([0.1, 0.2]), states(0.1)), "different times"),
        (lambda: shared(ContinuousPairSource(1e6, 2e-9), states(0.1), states(0.1)), "window of coincidence"),
        (lambda: shared(PairSource(0.1, 1e10), states(0.1), states(0.1)), "longer than a round"),
        (lambda: PairSource(0.1, 0.0), "clock_hz"),
        (lambda: PairSource(0.1, fidelity=1.1), "fidelity"),
        (lambda: PairSource(0.1, bell_state="epr"), "bell_state 'epr'"),
        (lambda: ContinuousPairSource(0.0), "pair_rate_hz"),
        (lambda: ContinuousPairSource(1e6, -1e-9), "coincidence_window_s"),
        (lambda: shared(PairSource(0.1), states(0.1), states(0.1)).fidelity("ghz"), "bell state 'ghz'"),
        (lambda: shared(PairSource(0.1), states(0.1), states(0.1)).qber("ghz"), "bell state 'ghz'"),
    ],
)
def test_refusals(make: Callable[[], object], words: str) -> None:
    with pytest.raises(PhysicsError, match=words):
        make()
