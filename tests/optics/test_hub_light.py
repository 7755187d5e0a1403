"""The hub from the photon level: its marginals are the closed forms, its events follow its table."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from exact_regions import binomial_plausible
from hypothesis import given
from hypothesis import strategies as st

from qcisim.errors import PhysicsError
from qcisim.optics.hub import HubTable, SenderLight, hub_table
from qcisim.optics.hub_records import PSI_MINUS, PSI_PLUS, HubRecord, flipped
from qcisim.security import Hub

PROBABILITIES = (0.4, 0.3, 0.2, 0.1)
etas = st.floats(1e-6, 1.0)
intensities = st.tuples(*[st.floats(0.0, 2.0)] * 4)


def table(**changes: float) -> HubTable:
    alice = SenderLight((0.4, 0.3, 0.08, 0.0), PROBABILITIES, 0.2)
    bob = SenderLight((0.5, 0.6, 0.15, 0.001), PROBABILITIES, 0.07)
    given: dict[str, float] = {"noise_per_detector": 1e-4, "misalignment_error": 0.02, "mode_overlap": 0.95}
    return hub_table(alice, bob, **(given | changes))  # type: ignore[arg-type]  # dead_rounds is whole in the calls


@given(etas, etas, intensities, intensities, st.floats(0.0, 0.01), st.floats(0.0, 0.5), st.floats(0.0, 1.0))
def test_gains_and_errors_are_the_closed_forms(
    eta_a: float,
    eta_b: float,
    mu_a: tuple[float, ...],
    mu_b: tuple[float, ...],
    noise: float,
    error: float,
    overlap: float,
) -> None:
    """Ma, Razavi, Phys. Rev. A 86, 062319 (2012), Eqs. (35)-(39) and (51)-(53), as `qcisim.security.Hub` has them."""
    seen = hub_table(
        SenderLight(mu_a, PROBABILITIES, eta_a),
        SenderLight(mu_b, PROBABILITIES, eta_b),
        noise_per_detector=noise,
        misalignment_error=error,
        mode_overlap=overlap,
    ).success
    closed = Hub(eta_a, eta_b, -math.expm1(-noise), error, overlap)
    for i, j in [(0, 0), *product((1, 2, 3), repeat=2)]:
        given = seen[i, :, j] / (PROBABILITIES[i] * PROBABILITIES[j])
        same = given[0, 0] + given[1, 1]
        wrong = same.sum() if i == 0 else same[PSI_MINUS] + given.sum(axis=(0, 1))[PSI_PLUS] - same[PSI_PLUS]
        expected = closed.key_basis(mu_a[i], mu_b[j]) if i == 0 else closed.test_basis(mu_a[i], mu_b[j])
        scale = 1e-15 * eta_a * eta_b  # what rounding leaves of interference that cancels
        assert given.sum() == pytest.approx(expected.gain, rel=1e-9, abs=scale)
        assert wrong == pytest.approx(expected.error_gain, rel=1e-8, abs=max(scale, 1e-12 * expected.gain))


def test_equal_arms_make_the_senders_interchangeable() -> None:
    one = SenderLight((0.4, 0.3, 0.08, 0.0), PROBABILITIES, 0.1)
    seen = hub_table(one, one, noise_per_detector=1e-5, misalignment_error=0.01, mode_overlap=0.9).success
    assert np.allclose(seen, seen.transpose(2, 3, 0, 1, 4), rtol=1e-12, atol=0.0)


def test_rounds_of_different_bases_tell_nothing_about_either_bit() -> None:
    seen = table().success
    for i, j in [(0, 1), (2, 0)]:
        assert np.allclose(seen[i, :, j], seen[i, :1, j, :1], rtol=1e-12)


@pytest.mark.parametrize("dead_rounds", [0, 37])
def test_events_and_counts_follow_the_table(dead_rounds: int) -> None:
    seen, rounds = table(dead_rounds=dead_rounds), 4_000_000
    events = seen.events(rounds, np.random.default_rng(1), first_round=10)
    alice, bob = events[0]
    assert len(events) == 1
    assert alice.round is bob.round
    assert alice.round.min() >= 10
    assert alice.round.max() < rounds + 10
    gaps = np.diff(alice.round)
    assert gaps.min() > dead_rounds
    cells = np.zeros(seen.success.shape)
    np.add.at(cells, (alice.setting, alice.bit, bob.setting, bob.bit, alice.outcome), 1)
    drawn = seen.count(rounds, np.random.default_rng(2))
    shares = seen.success / seen.success.sum()
    for tally in (cells, drawn):
        total = int(tally.sum())
        # all successes: thinned renewal, no wider than a binomial of live rounds
        mean = seen.expected(rounds).sum()
        assert abs(total - mean) < 6.2 * math.sqrt(mean)
        assert all(
            binomial_plausible(n, total, p, 2 * cells.size) for n, p in zip(tally.ravel(), shares.ravel(), strict=True)
        )


def test_a_lying_hub_announces_as_often_and_knows_nothing() -> None:
    honest, lying = table(), table(announced_at_random=1.0)
    assert lying.success.sum() == pytest.approx(honest.success.sum(), rel=1e-12)
    assert np.allclose(lying.success[0, :, 0], lying.success[0, 0, 0, 0, 0], rtol=1e-12)
    half = table(announced_at_random=0.5)
    assert np.allclose(half.success, (honest.success + lying.success) / 2.0, rtol=1e-12)


def test_flips_make_perfect_bits_equal() -> None:
    """No noise, no misalignment, full overlap: Z never errs; X errs by pairs of photons from one pulse only."""
    bright = SenderLight((0.3, 0.3, 0.1, 0.0), PROBABILITIES, 0.3)
    seen = hub_table(bright, bright, noise_per_detector=0.0)
    (alice, bob), *_ = seen.events(200_000, np.random.default_rng(3))
    key = alice.key_basis & bob.key_basis
    assert key.sum() > 100
    assert np.array_equal(alice.bit[key], flipped(bob.bit, bob.key_basis, bob.outcome)[key])
    test = ~alice.key_basis & ~bob.key_basis
    wrong = (alice.bit ^ flipped(bob.bit, bob.key_basis, bob.outcome))[test].mean()
    assert 0.2 < wrong < 0.35


def test_nothing_announced_where_nothing_arrives() -> None:
    dark = SenderLight((0.3, 0.3, 0.1, 0.0), PROBABILITIES, 0.0)
    seen = hub_table(dark, dark, noise_per_detector=0.0)
    (alice, _), *_ = seen.events(10**9, np.random.default_rng(4))
    assert len(alice) == 0
    assert seen.count(10**9, np.random.default_rng(4)).sum() == 0.0


def test_refusals() -> None:
    with pytest.raises(PhysicsError, match="amplify"):
        SenderLight((0.1, 0.1), (0.5, 0.5), 1.1)
    with pytest.raises(PhysicsError, match="sum 1"):
        SenderLight((0.1, 0.1), (0.5, 0.4), 0.1)
    with pytest.raises(PhysicsError, match=">= 0"):
        SenderLight((-0.1, 0.1), (0.5, 0.5), 0.1)
    for name, value in (("mode_overlap", 1.1), ("misalignment_error", 0.6), ("noise_per_detector", -1.0)):
        with pytest.raises(PhysicsError, match=name):
            table(**{name: value})
    column = np.zeros(2, np.uint8)
    with pytest.raises(PhysicsError, match="different length"):
        HubRecord(np.zeros(3, np.int64), column, column, column)
