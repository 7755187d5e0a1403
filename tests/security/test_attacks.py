"""Attacks inside the model: the statistics they leave, what Eve learns, and that the bound is honest about it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qcisim import registry
from qcisim.errors import PhysicsError
from qcisim.quantum import Channel, bb84_ket, dephasing, depolarising
from qcisim.security import (
    bb84_fraction,
    best_collective,
    binary_entropy,
    breidbart,
    environment_information,
    error_rate,
    guessing_probability,
    intercept_resend,
    intercept_resend_information,
    measure_resend,
    shannon_entropy,
    six_state_fraction,
)


def random_channel(operators: int, seed: int, near: float) -> Channel:
    """A random CPTP qubit channel: Stinespring isometry, mixed with the identity."""
    rng = np.random.default_rng(seed)
    raw = rng.normal(size=(2 * operators, 2)) + 1j * rng.normal(size=(2 * operators, 2))
    raw[:2] += near * np.eye(2)
    isometry, _ = np.linalg.qr(raw)
    return Channel(isometry.reshape(operators, 2, 2))


@given(st.integers(1, 4), st.integers(0, 2**32 - 1), st.floats(0.0, 30.0))
@settings(max_examples=300, deadline=None)
def test_a1_no_channel_tells_eve_more_than_its_error_in_the_other_basis(k: int, seed: int, near: float) -> None:
    channel = random_channel(k, seed, near)
    for key, other in ((0, 1), (1, 0)):
        error = error_rate(channel, other)
        if error <= 0.5:
            assert environment_information(channel, key) <= binary_entropy(error) + 1e-9


@pytest.mark.parametrize("qber", [0.0, 0.01, 0.05, 0.11, 0.25, 0.5])
def test_a2_the_best_collective_attack_meets_the_bound(qber: float) -> None:
    channel = best_collective(qber)
    assert error_rate(channel, 0) == pytest.approx(qber, abs=1e-12)
    assert error_rate(channel, 1) == pytest.approx(qber, abs=1e-12)
    assert environment_information(channel) == pytest.approx(binary_entropy(qber), abs=1e-12)


@pytest.mark.parametrize("qber", [0.01, 0.05, 0.12])
def test_a3_depolarising_noise_meets_the_six_state_bound(qber: float) -> None:
    channel = depolarising(2 * qber)
    assert error_rate(channel, 0) == pytest.approx(qber, abs=1e-12)
    weights = (1 - 1.5 * qber, qber / 2, qber / 2, qber / 2)
    known = shannon_entropy(weights) - binary_entropy(qber)
    assert environment_information(channel) == pytest.approx(known, abs=1e-12)
    assert known < binary_entropy(qber)
    assert six_state_fraction(qber) == pytest.approx(1 - binary_entropy(qber) - known, abs=1e-12)
    if qber == 0.05:
        assert known == pytest.approx(0.217, abs=1e-3)


@pytest.mark.parametrize("bases", [2, 3])
@pytest.mark.parametrize("fraction", [0.0, 0.1, 0.4, 1.0])
def test_a4_intercept_resend(fraction: float, bases: int) -> None:
    channel = intercept_resend(fraction, bases)
    qber = fraction * (bases - 1) / (2 * bases)
    assert error_rate(channel, 0) == pytest.approx(qber, abs=1e-12)
    assert error_rate(channel, 1) == pytest.approx(qber, abs=1e-12)
    classical = intercept_resend_information(fraction, bases)
    assert classical <= environment_information(channel) + 1e-12 <= binary_entropy(qber) + 2e-12


def joint_information(fraction: float) -> float:
    """I(K;E) of intercept-resend from the joint distribution of Alice's bit and what Eve holds, bases announced."""
    information = 0.0
    for eve_basis in (0, 1):
        joint = np.array(
            [[abs(bb84_ket(eve_basis, e).conj() @ bb84_ket(0, a)) ** 2 / 2 for e in (0, 1)] for a in (0, 1)]
        )
        marginals = np.outer(joint.sum(1), joint.sum(0))
        positive = joint > 1e-15
        information += 0.5 * float((joint[positive] * np.log2(joint[positive] / marginals[positive])).sum())
    return fraction * information


@given(st.floats(0.0, 1.0))
def test_a4_information_is_twice_the_error_and_below_the_bound(fraction: float) -> None:
    qber = fraction / 4.0
    assert joint_information(fraction) == pytest.approx(intercept_resend_information(fraction), abs=1e-12)
    assert 2 * qber == pytest.approx(intercept_resend_information(fraction))
    assert 2 * qber <= binary_entropy(qber) + 1e-12


def test_a4_the_key_vanishes_where_the_bound_says_so() -> None:
    def rate(fraction: float) -> float:
        channel = intercept_resend(fraction)
        return bb84_fraction(error_rate(channel, 0), error_rate(channel, 1), 1.16)

    assert rate(0.3920) > 0.0
    assert rate(0.3925) <= 0.0
    assert all(rate(p) <= 0.0 for p in np.linspace(0.3925, 1.0, 40))


def test_a5_breidbart_learns_less_at_the_same_error() -> None:
    channel = breidbart()
    guess = guessing_probability(channel)
    assert error_rate(channel, 0) == pytest.approx(0.25, abs=1e-12)
    assert error_rate(channel, 1) == pytest.approx(0.25, abs=1e-12)
    assert guess == pytest.approx(math.cos(math.pi / 8) ** 2, abs=1e-12)
    assert 1 - binary_entropy(guess) == pytest.approx(0.399, abs=1e-3)
    assert 1 - binary_entropy(guess) < intercept_resend_information(1.0)


def test_a8_dephasing_shows_in_the_other_basis_alone() -> None:
    channel = dephasing(0.11)
    assert error_rate(channel, 0) == pytest.approx(0.0, abs=1e-12)
    assert error_rate(channel, 1) == pytest.approx(0.11, abs=1e-12)
    assert environment_information(channel, 0) == pytest.approx(binary_entropy(0.11), abs=1e-12)
    assert bb84_fraction(0.0, 0.11) == pytest.approx(0.500, abs=1e-3)


def test_pitfall_4_the_phase_error_comes_from_the_other_basis() -> None:
    assert bb84_fraction(0.03, 0.01, 1.16) == pytest.approx(0.69371, abs=1e-5)
    assert bb84_fraction(0.01, 0.03, 1.16) == pytest.approx(0.71189, abs=1e-5)


def test_measuring_along_the_key_basis_tells_all() -> None:
    channel = measure_resend(1.0, 0.0)
    assert error_rate(channel, 0) == pytest.approx(0.0, abs=1e-12)
    assert error_rate(channel, 1) == pytest.approx(0.5, abs=1e-12)
    assert environment_information(channel) == pytest.approx(1.0, abs=1e-12)
    assert guessing_probability(channel) == pytest.approx(1.0, abs=1e-12)


def test_attacks_are_registered_and_refuse_nonsense() -> None:
    for entry in registry.entries("attack"):
        assert entry.make is not None
        assert isinstance(entry.make(0.5), Channel)
        with pytest.raises(PhysicsError, match="fraction"):
            entry.make(1.5)
    with pytest.raises(PhysicsError, match="bases"):
        intercept_resend(0.5, 4)
    with pytest.raises(PhysicsError, match="qber"):
        best_collective(0.6)
    with pytest.raises(PhysicsError, match="fraction"):
        intercept_resend_information(-0.1)
