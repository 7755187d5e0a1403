"""Laws that every finite bound keeps, and what is particular to each."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qcisim import registry
from qcisim.errors import InputError, PhysicsError
from qcisim.security import (
    BlockCounts,
    Tomamichel2012,
    bb84_fraction,
    bound,
    capacity,
    phase_error_by_sampling,
    phase_error_by_serfling,
    rejection_probability,
    self_consistent_length,
    small_block_length,
)
from qcisim.security.link_models import Wiesemann2024Model, counts_after, planned_leak_bits, single_photon_counts
from tests.security.blocks import FINITE, THREE, honest, length, scaled

ROUNDS = st.floats(1e4, 1e12)
every = pytest.mark.parametrize("name", FINITE)


def test_every_finite_bound_is_registered_with_what_must_be_said() -> None:
    names = {entry.name for entry in registry.entries("bound")}
    assert names >= {*FINITE, "asymptotic"}
    for entry in registry.entries("bound"):
        facts = dict(entry.facts)
        assert {"attack_class", "post_processing", "optimised_over"} <= set(facts)
        assert all((entry.models, entry.ignores, entry.domain, entry.source))
        made = bound(entry.name)
        assert made.name == entry.name
        assert made.theorem == entry.source
        assert sum(share for _, share in made.epsilon_shares(1e-10)) == pytest.approx(1e-10, rel=1e-12)


@pytest.mark.parametrize(("name", "uses"), [("lim2014", 21), ("rusca2018", 19), ("wiesemann2024", 15)])
def test_epsilon_is_spent_in_equal_shares_as_often_as_the_theorem_counts(name: str, uses: int) -> None:
    shares = bound(name).epsilon_shares(1.0)
    assert all(round(share * uses) == pytest.approx(share * uses) for _, share in shares)
    assert sum(round(share * uses) for _, share in shares) == uses


@every
@given(ROUNDS, st.floats(0.0, 0.12), st.floats(1e-4, 0.5))
@settings(max_examples=60, deadline=None)
def test_terms_and_bounds_of_any_honest_block(name: str, rounds: float, misalignment: float, eta: float) -> None:
    counts = honest(name, rounds, transmittance=eta, misalignment=misalignment)
    made = length(name, counts)
    assert 0 <= made.bits <= counts.key_total
    assert made.bits / rounds <= capacity.plob(eta)
    assert 0.0 <= made.total - made.bits < 1.0 if made.bits else made.reason
    estimates = dict(made.bounds)
    assert 0.0 <= estimates["phase_error_rate"] <= 0.5
    assert 0.0 <= estimates["single_photon_key"] + estimates.get("vacuum_key", 0.0) <= counts.key_total * (1 + 1e-12)


@every
@given(ROUNDS, st.floats(1.0, 20.0), st.floats(0.0, 0.05))
@settings(max_examples=60, deadline=None)
def test_more_rounds_never_cost_a_share_of_the_key(name: str, rounds: float, more: float, misalignment: float) -> None:
    counts = honest(name, rounds, misalignment=misalignment)
    short, long = length(name, counts), length(name, scaled(counts, more))
    assert long.bits >= short.bits
    if short.bits > 1000:
        assert (long.bits + 1) / more >= short.bits


@every
@given(st.floats(1e7, 1e11), st.floats(1e-18, 1e-3), st.floats(1.0, 1e6))
@settings(max_examples=60, deadline=None)
def test_a_smaller_epsilon_never_gives_a_longer_key(name: str, rounds: float, epsilon: float, factor: float) -> None:
    counts = honest(name, rounds)
    assert length(name, counts, epsilon=epsilon / factor).bits <= length(name, counts, epsilon=epsilon).bits


@every
@given(st.floats(1e7, 1e11), st.floats(1.0, 4.0))
@settings(max_examples=60, deadline=None)
def test_more_errors_in_proportion_never_give_a_longer_key(name: str, rounds: float, factor: float) -> None:
    counts = honest(name, rounds)
    assert counts.key_errors is not None
    worse = replace(
        counts,
        test_errors=tuple(factor * m for m in counts.test_errors),
        key_errors=tuple(factor * m for m in counts.key_errors),
    )
    leak = planned_leak_bits(counts, 1.1)
    assert length(name, worse, leak=leak).bits <= length(name, counts, leak=leak).bits
    assert length(name, worse).bits <= length(name, worse, leak=leak).bits


@every
def test_the_limit_of_long_blocks_is_the_asymptotic_formula(name: str) -> None:
    shares = []
    for rounds in (1e8, 1e10, 1e13, 1e18):
        counts = honest(name, rounds)
        leak = planned_leak_bits(counts, 1.1)
        limit = length("asymptotic", counts, leak=leak)
        dropped = limit.term("vacuum") if name == "wiesemann2024" else 0.0
        shares.append(length(name, counts, leak=leak).bits / (limit.total - dropped))
    assert shares == sorted(shares)
    assert 1.0 - 1e-3 < shares[-1] <= 1.0


@every
def test_short_blocks_give_zero_with_a_reason(name: str) -> None:
    for rounds in (0.0, 1.0, 100.0, 1e4):
        made = length(name, honest(name, rounds), leak=0.0)
        assert made.bits == 0
        assert made.reason


@every
def test_leakage_costs_bit_by_bit_and_verification_is_charged_once(name: str) -> None:
    counts = honest(name, 1e10)
    leak = planned_leak_bits(counts, 1.1)
    base = length(name, counts, leak=leak)
    assert base.bits - length(name, counts, leak=leak + 1000.0).bits == 1000
    with_tag = bound(name).secret_length(
        counts, leak, epsilon_secret=1e-10, epsilon_correct=1e-15, verification_bits=128.0
    )
    assert with_tag.term("verification") == -128.0
    assert base.bits - with_tag.bits in (77, 78)
    for wrong in (-1.0, float("nan"), float("inf")):
        with pytest.raises(PhysicsError, match="disclosed bits"):
            length(name, counts, leak=wrong)


def test_the_vacuum_term_is_a_lower_bound_or_absent() -> None:
    dark = 1e-4
    counts = counts_after(Wiesemann2024Model(0.02, dark, 0.01), THREE, 1e14)
    true = counts.rounds * THREE.key_basis_probability**2 * counts.tau(0) * dark
    assert 0.9 * true < length("lim2014", counts, leak=0.0).term("vacuum") <= true
    assert "vacuum" not in dict(length("wiesemann2024", honest("wiesemann2024", 1e12)).terms)


def test_chernoff_and_capping_are_visible_and_help() -> None:
    counts = honest("lim2014", 1e9)
    plain, chernoff, capped = (length(name, counts) for name in ("lim2014", "lim2014_chernoff", "lim2014_capped"))
    assert "Chernoff" in chernoff.theorem
    assert "Chernoff" not in plain.theorem
    assert "capped" in capped.theorem
    assert "capped" not in plain.theorem
    assert capped.bits >= plain.bits
    assert chernoff.bits > plain.bits


@pytest.mark.parametrize(
    ("name", "intensities"),
    [("lim2014", (0.5, 0.3, 0.25)), ("lim2014", (0.5, 0.1)), ("rusca2018", (0.5, 0.1, 0.0)), ("rusca2018", (0.5, 0.0))],
)
def test_settings_outside_the_theorem_are_refused(name: str, intensities: tuple[float, ...]) -> None:
    size = len(intensities)
    counts = BlockCounts(intensities, (1.0 / size,) * size, (1e6,) * size, (1e6,) * size, (1e4,) * size, (1e4,) * size)
    with pytest.raises(PhysicsError, match="intensities"):
        length(name, counts, leak=0.0)


@pytest.mark.parametrize("name", ["rusca2018", "wiesemann2024"])
def test_one_decoy_needs_the_errors_of_the_key_basis(name: str) -> None:
    with pytest.raises(PhysicsError, match="key_errors"):
        length(name, replace(honest(name, 1e9), key_errors=None), leak=0.0)


def test_key_basis_errors_enter_the_vacuum_bound_alone() -> None:
    counts = honest("rusca2018", 1e10)
    assert counts.key_errors is not None
    worse = replace(counts, key_errors=tuple(2.0 * m for m in counts.key_errors))
    first, second = (length("rusca2018", c, leak=0.0) for c in (counts, worse))
    assert second.bound("single_photon_key") < first.bound("single_photon_key")
    assert second.bound("single_photon_test_errors") == first.bound("single_photon_test_errors")


def test_unknown_names_are_refused_with_a_suggestion() -> None:
    with pytest.raises(InputError, match="did you mean 'lim2014'"):
        bound("lim2015")


class TestTomamichel:
    """Convergence and the pitfalls around Theorem 2."""

    @pytest.mark.parametrize(("n", "share"), [(1e4, 0.398), (1e5, 0.592), (1e6, 0.665), (1e8, 0.6991), (1e10, 0.70258)])
    def test_convergence(self, n: float, share: float) -> None:
        counts = single_photon_counts(n, n, 0.02)
        made = Tomamichel2012().secret_length(
            counts, planned_leak_bits(counts, 1.1), epsilon_secret=1e-10, epsilon_correct=1e-10
        )
        assert made.bits / n == pytest.approx(share, abs=6e-4)
        assert made.bits / n < bb84_fraction(0.02, 0.02, 1.1) == pytest.approx(0.70297, abs=5e-6)

    def test_the_asymptotic_formula_would_claim_a_key_where_there_is_none(self) -> None:
        counts = single_photon_counts(2000.0, 500.0, 0.05)
        leak = planned_leak_bits(counts, 1.1)
        assert 2000 * bb84_fraction(0.05, 0.05, 1.1) == pytest.approx(797, abs=1)
        made = Tomamichel2012().secret_length(counts, leak, epsilon_secret=1e-10, epsilon_correct=1e-10)
        assert (made.bits, bool(made.reason)) == (0, True)

    def test_preparation_quality_scales_the_entropy(self) -> None:
        counts = single_photon_counts(1e6, 1e5, 0.01)
        good, poor = (
            Tomamichel2012(q).secret_length(counts, 0.0, epsilon_secret=1e-10, epsilon_correct=1e-10)
            for q in (1.0, 0.9)
        )
        assert good.bits - poor.bits == pytest.approx(1e5, abs=1)
        with pytest.raises(PhysicsError, match="preparation_quality"):
            Tomamichel2012(1.1)

    def test_rejection(self) -> None:
        assert rejection_probability(0.0, 0.01, 0.02) == 1.0
        assert rejection_probability(1e5, 0.01, 0.02) < rejection_probability(1e4, 0.01, 0.02)
        with pytest.raises(PhysicsError, match="below the true"):
            rejection_probability(1e4, 0.03, 0.02)

    def test_more_than_one_setting_is_refused(self) -> None:
        with pytest.raises(PhysicsError, match="one setting"):
            length("tomamichel2012", honest("lim2014", 1e8))


def test_phase_error_is_capped_at_one_half_and_never_below_the_sample() -> None:
    for rule in (lambda m, c, d: phase_error_by_sampling(m, c, d, 1e-10, 21), phase_error_by_serfling_at):
        assert rule(10.0, 0.0, 100.0) == 0.5
        assert rule(10.0, 100.0, 0.0) == 0.5
        assert rule(60.0, 100.0, 100.0) == 0.5
        assert 0.01 < rule(1e4, 1e6, 1e6) < 0.5
        assert rule(0.0, 1e9, 1e9) > 0.0


def phase_error_by_serfling_at(errors: float, sampled: float, rest: float) -> float:
    return phase_error_by_serfling(errors, sampled, rest, 1e-10)


def test_epsilon_in_proportion_to_the_length_is_a_fixed_point_and_says_so() -> None:
    counts = honest("lim2014", 1e9)
    leak = planned_leak_bits(counts, 1.1)
    made = self_consistent_length(bound("lim2014"), counts, leak, epsilon_secret_per_bit=1e-15, epsilon_correct=1e-15)
    assert made.epsilon_secret == pytest.approx(1e-15 * made.total, rel=1e-8)
    assert "planning only" in made.theorem
    nothing = self_consistent_length(
        bound("lim2014"), honest("lim2014", 1e4), 0.0, epsilon_secret_per_bit=1e-15, epsilon_correct=1e-15
    )
    assert nothing.bits == 0
    with pytest.raises(TypeError, match="one of"):
        self_consistent_length(bound("lim2014"), counts, leak, epsilon_secret_per_bit=1e-15)


def test_small_blocks() -> None:
    kept = {"tag_bits": 30, "epsilon": 1e-8, "efficiency": 1.2}
    assert small_block_length(10_000, 3500, 0.03, 0.06, 0.08, **kept) > 0
    assert small_block_length(400, 150, 0.03, 0.06, 0.08, **kept) == 0
    with pytest.raises(PhysicsError, match="0 < k < m"):
        small_block_length(10, 10, 0.03, 0.06, 0.08, **kept)
    with pytest.raises(PhysicsError, match="0 < xi < nu"):
        small_block_length(10_000, 3500, 0.03, 0.08, 0.06, **kept)
