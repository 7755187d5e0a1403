"""Fractions, thresholds, capacities, sifting: closed forms, their laws and their refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qcisim.errors import PhysicsError
from qcisim.security import (
    bb84_fraction,
    bb84_threshold,
    bell_diagonal_fraction,
    binary_entropy,
    capacity,
    conventions,
    inverse_binary_entropy,
    shannon_entropy,
    sifting,
    six_state_fraction,
    six_state_threshold,
)

ETA = st.floats(1e-8, 0.999)


@given(st.floats(0.0, 0.5), st.floats(1.0, 1.5))
def test_six_states_never_give_less_than_two_bases(qber: float, f: float) -> None:
    assert six_state_fraction(qber, f) >= bb84_fraction(qber, qber, f) - 1e-12


def test_thresholds_fall_with_the_price_of_reconciliation() -> None:
    assert bb84_threshold(1.0) > bb84_threshold(1.16) > bb84_threshold(1.22)
    assert six_state_threshold() > bb84_threshold()
    with pytest.raises(PhysicsError, match="Shannon limit"):
        bb84_threshold(0.9)


@given(ETA, ETA)
def test_capacities_are_ordered_and_rise(a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert capacity.plob(low) <= capacity.plob(high)
    assert capacity.plob(a) < capacity.tgw(a)
    assert capacity.repeater_capacity(a, 0) == pytest.approx(capacity.plob(a), rel=1e-12)
    assert capacity.repeater_capacity(a, 1) == pytest.approx(capacity.plob(math.sqrt(a)), rel=1e-12)
    assert capacity.repeater_capacity(a, 2) >= capacity.repeater_capacity(a, 1) >= capacity.plob(a)


@given(ETA, st.floats(0.0, 5.0))
def test_thermal_noise_never_helps(eta: float, nbar: float) -> None:
    assert capacity.plob_thermal(eta, nbar) + 1e-12 >= 0.0
    assert capacity.plob_thermal(eta, nbar) <= capacity.plob(eta) + 1e-12
    assert capacity.plob_thermal(eta, 0.0) == pytest.approx(capacity.plob(eta), rel=1e-12)


def test_capacity_ends() -> None:
    assert capacity.plob(0.0) == 0.0
    assert math.isinf(capacity.plob(1.0))
    assert math.isinf(capacity.tgw(1.0))
    assert math.isinf(capacity.plob_thermal(1.0, 0.1))
    for call in (lambda: capacity.plob(1.2), lambda: capacity.tgw(-0.1), lambda: capacity.repeater_capacity(0.5, -1)):
        with pytest.raises(PhysicsError):
            call()
    with pytest.raises(PhysicsError, match="mean_photons"):
        capacity.plob_thermal(0.5, -1.0)


@given(st.floats(0.0, 0.5))
def test_inverse_entropy(x: float) -> None:
    assert binary_entropy(inverse_binary_entropy(binary_entropy(x))) == pytest.approx(binary_entropy(x), abs=1e-12)


@given(st.lists(st.floats(0.001, 1.0), min_size=4, max_size=4))
def test_bell_diagonal_fraction(raw: list[float]) -> None:
    weights = [w / sum(raw) for w in raw]
    assert bell_diagonal_fraction(weights) == pytest.approx(1.0 - shannon_entropy(weights), abs=1e-12)


def test_sifting() -> None:
    detections = np.zeros((2, 2, 2))
    detections[:, 0, 0], detections[:, 0, 1], detections[:, 1, 1] = 4.0, 2.0, 2.0
    assert sifting.sifted_share(detections) == pytest.approx(0.75)
    with pytest.raises(PhysicsError, match="no detections"):
        sifting.sifted_share(np.zeros((1, 2, 2)))
    with pytest.raises(PhysicsError, match="sum 1"):
        sifting.same_basis_fraction((0.5, 0.6))
    with pytest.raises(PhysicsError, match="overlap"):
        sifting.b92_fraction(1.1)
    with pytest.raises(PhysicsError, match="four"):
        bell_diagonal_fraction((0.5, 0.5))


@given(st.floats(0.0, 0.3))
def test_dark_count_conventions_go_both_ways(p: float) -> None:
    assert conventions.dark_count_per_detector(conventions.dark_count_of_receiver(p)) == pytest.approx(p, abs=1e-15)
    assert conventions.dark_count_from_mean_noise(conventions.mean_noise_per_gate(p)) == pytest.approx(p, abs=1e-15)
    linear = conventions.linear_dark_count_of_receiver(p)
    assert conventions.dark_count_per_detector_from_linear(linear) == p
    assert linear - conventions.dark_count_of_receiver(p) == pytest.approx(p * p, abs=1e-15)


def test_dark_counts_of_the_sources() -> None:
    # GYS: Y0 = 1.7e-6 of the receiver, twice the figure per detector (Ma 2005, Table I)
    assert conventions.dark_count_per_detector(1.7e-6) == pytest.approx(0.85e-6, rel=1e-5)
    assert conventions.dark_count_per_gate(600.0, 1e-9) == pytest.approx(6e-7, rel=1e-6)
    with pytest.raises(PhysicsError):
        conventions.dark_count_of_receiver(1.0)
