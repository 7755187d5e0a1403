"""Finite MDI-QKD: coverage on sampled blocks with a known truth, limits, planning, settings per arm."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from qcisim.errors import InputError, PhysicsError
from qcisim.security import (
    ArmSettings,
    BlockCounts,
    Bound,
    Hub,
    MdiAsymptotic,
    MdiCounts,
    MdiFinite,
    SecretLength,
    VariableLengthRule,
    binary_entropy,
    bound,
    ceilings,
    expected_mdi_counts,
    finite_decoys,
    mdi_rate,
    optimise_arms,
    plan_length,
)
from qcisim.security.mdi_finite import USES, single_pairs, single_pairs_of_key
from qcisim.security.sampling import error_rate_of_rest, relative_entropy
from tests.security import hub_oracle

ARM = ArmSettings(0.4, (0.3, 0.05, 0.0), 0.6, (0.2, 0.5, 0.3))
HUB = Hub(0.1, 0.1, 1e-7, 0.015)
EPSILON = {"epsilon_secret": 1e-10, "epsilon_correct": 1e-15}


def leak_of(counts: MdiCounts, efficiency: float = 1.16) -> float:
    return efficiency * counts.key_total * binary_entropy(min(0.5, counts.key_qber))


def length(rounds: float, hub: Hub = HUB, arm: ArmSettings = ARM, made: Any = None) -> SecretLength:
    counts = expected_mdi_counts(hub, arm, arm, rounds)
    return (made or MdiFinite()).secret_length(counts, leak_of(counts), **EPSILON)


@pytest.mark.parametrize("extreme", [False, True])
def test_estimates_hold_as_often_as_they_promise(extreme: bool) -> None:
    """At a share of 1e-2 per use, 12 uses: violations of s11, z or phi over 1500 blocks stay in the exact interval."""
    share, blocks = 1e-2, 1500
    rng = np.random.default_rng(20120322)
    if extreme:  # the hub passes single-photon pairs rarely and others often
        made = np.full((6, 6), 0.3)
        made[0, :], made[:, 0], made[1, 1] = 0.0, 0.0, 0.05
        wrong = np.full((6, 6), 0.1)
    else:
        hub = Hub(0.3, 0.3, 1e-3, 0.03)
        made, errors = hub_oracle.yields(hub, "X", 6)
        wrong = errors / made
    failed = 0
    for _ in range(blocks):
        truth = hub_oracle.sampled(ARM, 3_000_000, np.clip(made, 0, 1), np.clip(wrong, 0, 1), rng)
        tests, errors_up = single_pairs(truth.counts, share)
        keys = single_pairs_of_key(truth.counts, tests, share)
        phi = error_rate_of_rest(errors_up, tests, keys, share)
        failed += keys > truth.key_pairs or phi * truth.key_pairs < truth.phase_errors
    assert failed <= stats.binom.isf(1e-9, blocks, 13 * share)
    assert failed < blocks


@pytest.mark.parametrize("pairs", [3_000, 200_000])
def test_pairs_of_the_key_from_pairs_of_the_test(pairs: int) -> None:
    """z of N pairs fall into test rounds by chance: the bound on the rest fails at most as often as it says."""
    rng, epsilon, blocks = np.random.default_rng(5), 1e-2, 4000
    key, test = ARM.single_photon_signals**2, ARM.single_photon_tests**2
    seen = rng.binomial(pairs, test / (key + test), blocks)
    counts = expected_mdi_counts(HUB, ARM, ARM, 1e13)
    rest = np.array([single_pairs_of_key(counts, float(z), epsilon) for z in seen])
    failed = int(np.sum(rest > pairs - seen))
    assert failed <= stats.binom.isf(1e-9, blocks, epsilon)
    assert np.mean([single_pairs_of_key(counts, float(z), 1.0) > pairs - z for z in seen]) > 0.4, "no margin, no bound"
    assert rest.mean() > 0.6 * pairs


def test_the_bounds_say_something() -> None:
    counts = expected_mdi_counts(HUB, ARM, ARM, 1e13)
    tests, errors = single_pairs(counts, 1e-11)
    keys = single_pairs_of_key(counts, tests, 1e-11)
    single = HUB.single_photons()
    truth = 1e13 * ARM.single_photon_signals**2 * single.gain
    assert 0.85 * truth < keys < truth
    assert single.qber < errors / tests < 4.0 * single.qber


@given(st.floats(1e9, 1e15), st.floats(0.0, 0.05), st.floats(1e-3, 0.5))
@settings(max_examples=40, deadline=None)
def test_terms_of_any_block_and_the_ceiling(rounds: float, e_d: float, eta: float) -> None:
    made = length(rounds, Hub(eta, eta, 1e-7, e_d))
    assert 0.0 <= made.total - made.bits < 1.0 if made.bits else made.reason
    assert made.bits / rounds <= ceilings.chain_bound([eta, eta])
    assert made.bits / rounds <= ceilings.repeaterless_bound(eta * eta)
    assert "experimental" in made.theorem
    assert 0.0 <= made.bound("phase_error_rate") <= 0.5


@given(st.floats(1e11, 1e14), st.floats(1.0, 10.0))
@settings(max_examples=30, deadline=None)
def test_longer_blocks_give_a_larger_share_and_less_epsilon_a_smaller_one(rounds: float, more: float) -> None:
    short, long = length(rounds), length(rounds * more)
    assert long.bits >= short.bits
    assert (long.bits + 1) / more >= short.bits
    counts = expected_mdi_counts(HUB, ARM, ARM, rounds)
    tighter = MdiFinite().secret_length(counts, leak_of(counts), epsilon_secret=1e-14, epsilon_correct=1e-15)
    assert tighter.bits <= short.bits


def test_the_limit_of_long_blocks_is_the_formula_with_finite_decoys() -> None:
    shares = [length(10.0**e).bits / 10.0**e for e in (12, 14, 16, 18)]
    limit = finite_decoys(HUB, 0.4, 0.4, ARM.decoys, ARM.decoys) * ARM.signal_probability**2
    assert shares == sorted(shares)
    assert 0.99 < shares[-1] / limit <= 1.0
    assert length(1e18, made=MdiAsymptotic()).bits / 1e18 == pytest.approx(limit, rel=1e-9)


def test_epsilon_is_spent_nineteen_times() -> None:
    shares = MdiFinite().epsilon_shares(1.0)
    assert USES == 19
    assert sum(round(share * USES) for _, share in shares) == USES
    assert math.fsum(share for _, share in shares) == pytest.approx(1.0, rel=1e-12)


def test_short_blocks_give_zero_with_a_reason() -> None:
    for rounds in (0.0, 1.0, 1e6, 1e9):
        made = length(rounds)
        assert made.bits == 0
        assert made.reason


def test_a_length_rule_is_planned_and_kept_as_for_other_bounds() -> None:
    expected = expected_mdi_counts(HUB, ARM, ARM, 1e12)
    made = cast(Bound, bound("mdi_finite"))
    rule = plan_length(made, cast(BlockCounts, expected), leak_of(expected), **EPSILON)
    best = MdiFinite().secret_length(expected, leak_of(expected), **EPSILON)
    assert 0 < rule.bits < best.bits
    rng = np.random.default_rng(7)
    test = tuple(float(x) for x in rng.poisson(expected.test))
    assert expected.key_errors is not None
    seen = replace(
        expected,
        key=tuple(float(x) for x in rng.poisson(expected.key)),
        test=test,
        test_errors=tuple(
            float(rng.binomial(int(n), m / e)) if e else 0.0
            for n, m, e in zip(test, expected.test_errors, expected.test, strict=True)
        ),
        key_errors=None,
        observed=True,
    )
    block = cast(BlockCounts, seen)
    assert rule.prospect(block).bits == rule.bits
    assert rule.decide(block, leak_of(expected)).bits == rule.bits
    other = replace(seen, alice=replace(ARM, signal=0.41))
    with pytest.raises(InputError, match="differ"):
        rule.decide(cast(BlockCounts, other), 0.0)
    assert VariableLengthRule(made, **EPSILON).decide(block, leak_of(expected)).bits > rule.bits


def test_equal_arms_get_equal_settings() -> None:
    plan = optimise_arms(HUB, MdiFinite(), 1e12, **EPSILON)
    forced = optimise_arms(HUB, MdiFinite(), 1e12, equal_senders=True, **EPSILON)
    assert plan.bits_per_round == pytest.approx(forced.bits_per_round, rel=1e-4)
    assert forced.alice == forced.bob
    assert plan.alice.decoys == pytest.approx(plan.bob.decoys, rel=0.02)
    chosen = length(1e12).bits / 1e12
    assert chosen < plan.bits_per_round < mdi_rate.infinite_decoys(HUB, *mdi_rate.best_signals(HUB))


def test_unequal_arms_want_decoys_that_arrive_alike() -> None:
    hub = Hub(0.1, 0.02, 1e-8, 0.01)
    plan = optimise_arms(hub, MdiFinite(), 1e13, **EPSILON)
    forced = optimise_arms(hub, MdiFinite(), 1e13, equal_senders=True, **EPSILON)
    assert plan.bits_per_round > 1.5 * forced.bits_per_round
    for strong, weak in zip(plan.alice.decoys[:2], plan.bob.decoys[:2], strict=True):
        assert 3.0 < weak / strong < 8.0  # 5 where they arrive alike
    assert plan.alice.signal / plan.bob.signal == pytest.approx(1.0, abs=0.3)
    again = expected_mdi_counts(hub, plan.alice, plan.bob, 1e13)
    assert MdiFinite().secret_length(again, leak_of(again), **EPSILON).bits / 1e13 == pytest.approx(
        plan.bits_per_round, rel=1e-9
    )


def test_settings_are_not_chosen_after_the_data() -> None:
    counts = expected_mdi_counts(HUB, ARM, ARM, 1e10)
    with pytest.raises(InputError, match="after seeing the data"):
        optimise_arms(counts, MdiFinite(), 1e10, **EPSILON)  # type: ignore[arg-type]
    with pytest.raises(PhysicsError, match="both arms"):
        optimise_arms(Hub(0.1, 0.0, 0.0), MdiFinite(), 1e10, **EPSILON)


def test_counts_of_another_protocol_are_refused() -> None:
    block = BlockCounts((0.5, 0.1, 0.0), (0.5, 0.3, 0.2), (1.0,) * 3, (1.0,) * 3, (0.0,) * 3)
    for made in (MdiFinite(), MdiAsymptotic()):
        with pytest.raises(PhysicsError, match="MdiCounts"):
            made.secret_length(block, 0.0, **EPSILON)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"key": (1.0, 2.0)}, "wanted 1 values"),
        ({"test": (1.0,) * 8}, "wanted 9 values"),
        ({"test": (-1.0,) * 9}, "finite and >= 0"),
        ({"test_errors": (2.0,) * 9, "test": (1.0,) * 9}, "errors among"),
        ({"key_errors": (5.0,), "key": (4.0,)}, "errors among"),
    ],
)
def test_counts_that_cannot_be_are_refused(change: dict[str, Any], text: str) -> None:
    with pytest.raises(PhysicsError, match=text):
        replace(expected_mdi_counts(HUB, ARM, ARM, 1e8), **change)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"signal": 0.0}, "signal"),
        ({"decoys": (0.1, 0.2, 0.0)}, "mu > nu > omega"),
        ({"signal_probability": 1.0}, "both needed"),
        ({"decoy_probabilities": (0.5, 0.5, 0.0)}, "all > 0"),
        ({"decoy_probabilities": (0.5, 0.3, 0.3)}, "sum 1"),
    ],
)
def test_senders_that_cannot_be_are_refused(change: dict[str, Any], text: str) -> None:
    with pytest.raises(PhysicsError, match=text):
        replace(ARM, **change)


@given(st.integers(1, 400), st.floats(0.0, 0.5), st.floats(1e-12, 0.1), st.integers(1, 10**6))
@settings(max_examples=80, deadline=None)
def test_the_sample_bounds_the_rest(sampled: int, rate: float, epsilon: float, rest: int) -> None:
    """Against the exact hypergeometric tail at the excluded share of errors."""
    errors = math.floor(rate * sampled)
    phi = error_rate_of_rest(errors, sampled, rest, epsilon)
    assert errors / sampled <= phi <= 0.5
    if phi < 0.5:
        worst = math.ceil(errors + phi * rest) + 1  # errors among all that the bound says not to have been there
        if worst <= sampled + rest:
            assert stats.hypergeom.cdf(errors, sampled + rest, worst, sampled) <= epsilon * (1.0 + 1e-6)


def test_the_sample_bound_is_sharper_than_serfling_where_errors_are_few() -> None:
    from qcisim.security import phase_error_by_serfling

    for errors, better in ((0.0, True), (20.0, True), (200.0, True)):
        sharp = error_rate_of_rest(errors, 1e4, 1e6, 1e-20)
        assert (sharp < phase_error_by_serfling(errors, 1e4, 1e6, 1e-10)) is better
    assert error_rate_of_rest(0.0, 1e4, 1e9, 1e-20) == pytest.approx(46.05 / 1e4, rel=1e-2)
    assert error_rate_of_rest(1.0, 0.0, 5.0, 0.1) == 0.5


@given(st.floats(1e-6, 0.9), st.floats(1e-6, 0.9))
@settings(max_examples=50, deadline=None)
def test_relative_entropy(seen: float, share: float) -> None:
    exact = float(special.rel_entr(seen, share) + special.rel_entr(1.0 - seen, 1.0 - share))
    assert relative_entropy(seen, share) == pytest.approx(exact, rel=1e-6, abs=1e-14)
