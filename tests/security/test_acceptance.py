"""Who decides a length, and when."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from qcisim.errors import InputError, PhysicsError
from qcisim.security import (
    BlockCounts,
    LengthRule,
    VariableLengthRule,
    binary_entropy,
    bound,
    clopper_pearson_lower,
    clopper_pearson_upper,
    plan_length,
)
from qcisim.security.link_models import planned_leak_bits
from tests.security.blocks import FINITE, honest

EPS = {"epsilon_secret": 1e-10, "epsilon_correct": 1e-15}
every = pytest.mark.parametrize("name", FINITE)


def planned(name: str, rounds: float = 1e9, **options: float) -> tuple[LengthRule, BlockCounts, float]:
    counts = honest(name, rounds)
    leak = planned_leak_bits(counts, 1.1)
    return plan_length(bound(name), counts, leak, **EPS, **options), counts, leak


@every
def test_the_length_is_the_one_fixed_before_the_block(name: str) -> None:
    rule, counts, leak = planned(name)
    good, better = (rule.decide(c, leak) for c in (counts, replace(counts, test_errors=(0.0,) * len(counts.test))))
    assert rule.bits == good.bits == better.bits > 0
    assert better.term("unused") < good.term("unused") < 0.0
    for made in (good, better):
        assert 0.0 <= made.total - made.bits < 1.0
        assert f"fixed length {rule.bits} bits" in made.theorem
        assert bound(name).theorem in made.theorem
        assert made.term("leakage") == -leak


@every
def test_what_is_outside_the_acceptance_set_gives_nothing(name: str) -> None:
    rule, counts, leak = planned(name)
    noisy = rule.decide(replace(counts, test_errors=tuple(3.0 * m for m in counts.test_errors)), leak)
    talkative = rule.decide(counts, rule.leak_cap_bits + 1.0)
    assert (noisy.bits, talkative.bits) == (0, 0)
    assert "proves" in noisy.reason
    assert "above the cap" in talkative.reason


@every
def test_a_good_block_cannot_buy_a_longer_leakage(name: str) -> None:
    """Acceptance charges the cap: a block is judged by the leakage allowed, not by what it happened to disclose."""
    rule, counts, _ = planned(name)
    worst = bound(name).secret_length(counts, rule.leak_cap_bits, **EPS)
    assert worst.bits >= rule.bits
    assert rule.decide(counts, 0.0).bits == rule.bits


@every
def test_a_noisy_block_cannot_pay_with_leakage_it_did_not_need(name: str) -> None:
    """At the cap it proves less than the fixed length; that it disclosed nothing does not bring it back."""
    rule, counts, _ = planned(name)

    def noisy(factor: float) -> BlockCounts:
        return replace(counts, test_errors=tuple(factor * m for m in counts.test_errors))

    steps = (1.0 + 0.01 * k for k in range(1, 1000))
    factor = next(f for f in steps if bound(name).secret_length(noisy(f), rule.leak_cap_bits, **EPS).bits < rule.bits)
    assert bound(name).secret_length(noisy(factor), 0.0, **EPS).bits >= rule.bits
    refused = rule.decide(noisy(factor), 0.0)
    assert refused.bits == rule.prospect(noisy(factor)).bits == 0
    assert "the length fixed before it" in refused.reason


def test_an_observed_tolerance_is_refused() -> None:
    """Pitfall 8: a theorem that tolerates a fixed error rate must not be fed the observed one."""
    with pytest.raises(InputError, match="fixed before the block"):
        VariableLengthRule(bound("tomamichel2012"), **EPS)
    seen = replace(honest("tomamichel2012", 1e9), observed=True)
    with pytest.raises(InputError, match="not observed"):
        plan_length(bound("tomamichel2012"), seen, 0.0, **EPS)


def test_settings_changed_after_planning_are_refused() -> None:
    rule, counts, leak = planned("lim2014")
    with pytest.raises(InputError, match="differ"):
        rule.decide(replace(counts, probabilities=(0.5, 0.35, 0.15)), leak)


def test_the_variable_length_names_its_theorem() -> None:
    counts = honest("lim2014", 1e9)
    leak = planned_leak_bits(counts, 1.1)
    made = VariableLengthRule(bound("lim2014"), **EPS).decide(counts, leak, 128.0)
    assert "Tupkary, Tan, Lütkenhaus" in made.theorem
    assert made.bits == bound("lim2014").secret_length(counts, leak, **EPS, verification_bits=128.0).bits


@pytest.mark.parametrize("name", ["lim2014", "rusca2018"])
def test_prospect_stops_hopeless_blocks_before_reconciliation(name: str) -> None:
    rule, counts, _ = planned(name)
    early = replace(counts, key_errors=None)
    variable = VariableLengthRule(bound(name), **EPS)
    assert rule.prospect(early, 128.0).bits == rule.bits
    assert variable.prospect(early).bits >= rule.bits
    hopeless = replace(early, test_errors=tuple(n / 2 for n in early.test))
    assert rule.prospect(hopeless).bits == variable.prospect(hopeless).bits == 0


def test_refusal_charges_what_was_disclosed() -> None:
    rule, _, leak = planned("lim2014")
    for policy in (rule, VariableLengthRule(bound("lim2014"), **EPS)):
        made = policy.refuse("verification failed", leak, 256.0)
        assert (made.bits, made.reason) == (0, "verification failed")
        assert (made.term("leakage"), made.term("verification")) == (-leak, -256.0)
        assert made.theorem == policy.theorem


def test_a_block_that_is_too_short_plans_nothing_and_says_why() -> None:
    rule, counts, leak = planned("lim2014", rounds=1e5)
    assert rule.bits == 0
    made = rule.decide(counts, leak)
    assert made.bits == 0
    assert "fixed before the block gives no key" in made.reason
    assert rule.reason in made.reason


def test_a_thin_block_is_accepted_less_often_rather_than_never() -> None:
    thin, expected, _ = planned("lim2014", rounds=3e8)
    rich, _, _ = planned("lim2014", rounds=1e9)
    assert rich.acceptance_probability == 0.999
    assert 0.5 <= thin.acceptance_probability < 0.999
    assert thin.bits > 0
    rng, trials = np.random.default_rng(9), 1500
    accepted = 0
    for _ in range(trials):
        block = poisson_block(expected, rng)
        accepted += thin.decide(block, 1.1 * block.key_total * binary_entropy(block.key_qber)).bits > 0
    assert clopper_pearson_upper(accepted, trials, 1e-9) >= thin.acceptance_probability
    strict, _, _ = planned("lim2014", rounds=3e8, acceptance_probability=0.5)
    assert strict.bits >= thin.bits


def test_bad_arguments() -> None:
    counts = honest("lim2014", 1e9)
    with pytest.raises(PhysicsError, match="acceptance_probability"):
        plan_length(bound("lim2014"), counts, 0.0, **EPS, acceptance_probability=1.0)
    with pytest.raises(PhysicsError, match="leak_margin"):
        plan_length(bound("lim2014"), counts, 0.0, **EPS, leak_margin=-0.1)


def poisson_block(expected: BlockCounts, rng: np.random.Generator) -> BlockCounts:
    assert expected.key_errors is not None

    def draw(total: tuple[float, ...], wrong: tuple[float, ...]) -> tuple[tuple[float, ...], tuple[float, ...]]:
        errors = rng.poisson(wrong)
        right = rng.poisson(np.array(total) - np.array(wrong))
        return tuple(map(float, right + errors)), tuple(map(float, errors))

    key, key_errors = draw(expected.key, expected.key_errors)
    test, test_errors = draw(expected.test, expected.test_errors)
    return replace(expected, key=key, test=test, test_errors=test_errors, key_errors=key_errors, observed=True)


@pytest.mark.parametrize("name", ["lim2014", "lim2014_chernoff", "rusca2018", "wiesemann2024", "tomamichel2012"])
@pytest.mark.parametrize("rounds", [3e8, 1e10])
def test_honest_blocks_are_accepted_as_often_as_planned(name: str, rounds: float) -> None:
    """Leakage at 1.1 n h(Q) of each block, as reconciliation would disclose it."""
    trials, wanted = 1500, 0.99
    rule, expected, _ = planned(name, rounds, acceptance_probability=wanted, leak_margin=0.0)
    rng = np.random.default_rng(5)
    accepted = 0
    for _ in range(trials):
        block = poisson_block(expected, rng)
        accepted += rule.decide(block, 1.1 * block.key_total * binary_entropy(block.key_qber)).bits > 0
    assert clopper_pearson_upper(accepted, trials, 1e-9) >= wanted
    assert accepted < trials or clopper_pearson_lower(accepted, trials, 1e-9) > 0.98
