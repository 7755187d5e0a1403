"""CHSH: values from states and counts, intervals that hold, E91 and device-independent key, and how they are fooled."""

from __future__ import annotations

import math
from itertools import product
from typing import cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from qcisim import registry
from qcisim.errors import InputError, PhysicsError
from qcisim.quantum import bell_state, chsh_value, identity, werner_state
from qcisim.security import (
    BlockCounts,
    Bound,
    ChshBlock,
    ChshCounts,
    ChshFinite,
    VariableLengthRule,
    binary_entropy,
    bound,
    ceilings,
    chsh_at,
    device_independent,
    measure_resend,
    plan_length,
)
from qcisim.security.chsh import ALL_ROUNDS, FAIR_SAMPLING, TSIRELSON, chsh_of_qber, correlation
from qcisim.security.e91 import ALICE_DEG, BOB_DEG, CHSH_ALICE, CHSH_BOB, CHSH_MINUS, KEY_SETTINGS, expected_block

EPSILON = {"epsilon_secret": 1e-10, "epsilon_correct": 1e-15}
FOUR = (ALICE_DEG[0], ALICE_DEG[2]), (BOB_DEG[0], BOB_DEG[2])


def leak_of(block: ChshBlock, efficiency: float = 1.1) -> float:
    return efficiency * block.key_total * binary_entropy(block.key_qber)


def sampled_table(rho, pairs: int, rng: np.random.Generator) -> np.ndarray:
    """Outcomes [a, b, bit, bit] of E91's nine settings, equally likely, from a state with uniform marginals."""
    table = np.zeros((3, 3, 2, 2))
    per_setting = rng.multinomial(pairs, [1.0 / 9.0] * 9)
    for (a, b), n in zip(product(range(3), repeat=2), per_setting, strict=True):
        e = correlation(rho, ALICE_DEG[a], BOB_DEG[b])
        same, other = (1.0 + e) / 4.0, (1.0 - e) / 4.0
        table[a, b] = rng.multinomial(n, [same, other, other, same]).reshape(2, 2)
    return table


def test_settings_of_e91() -> None:
    singlet = bell_state(3)
    assert abs(chsh_at(singlet, *FOUR, CHSH_MINUS)) == pytest.approx(TSIRELSON, rel=1e-14)
    assert [(ALICE_DEG[a], BOB_DEG[b]) for a, b in KEY_SETTINGS] == [(45.0, 45.0), (90.0, 90.0)]
    for a, b in KEY_SETTINGS:  # one of the two is in the CHSH test: its side's bits are the key
        assert (a in CHSH_ALICE) != (b in CHSH_BOB)
        assert correlation(singlet, ALICE_DEG[a], BOB_DEG[b]) == pytest.approx(-1.0)


@given(st.floats(0.25, 1.0), st.floats(0.0, 360.0), st.floats(0.0, 360.0), st.floats(0.0, 360.0), st.floats(0.0, 360.0))
@settings(max_examples=60, deadline=None)
def test_no_settings_beat_the_best_ones(fidelity: float, a: float, c: float, b: float, d: float) -> None:
    rho = werner_state(fidelity)
    assert abs(chsh_at(rho, (a, c), (b, d))) <= chsh_value(rho) + 1e-12 <= TSIRELSON + 1e-9
    assert abs(chsh_at(rho, (0.0, 90.0), (45.0, 135.0), minus=1)) == pytest.approx(chsh_value(rho), rel=1e-9)


def test_counting_a_table() -> None:
    table = np.array([[[[80, 20], [20, 80]], [[70, 30], [30, 70]]], [[[90, 10], [10, 90]], [[25, 75], [75, 25]]]])
    counts = ChshCounts.counted(table)
    assert counts.rounds == (200.0,) * 4
    assert counts.correlators == pytest.approx((0.6, 0.4, 0.8, -0.5))
    assert counts.value == pytest.approx(0.6 + 0.4 + 0.8 + 0.5)
    low, high = counts.interval(0.95)
    assert low < counts.value < high
    assert counts.lower(0.025) == low
    assert counts.label == FAIR_SAMPLING
    assert ChshCounts((0.0,) * 4, (0.0,) * 4).interval() == (-4.0, 4.0)


@given(st.floats(-4.0, 4.0), st.integers(0, 2**32 - 1))
@settings(max_examples=20, deadline=None)
def test_value_lies_in_every_interval_and_more_rounds_narrow_it(s: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    widths = []
    for n in (100, 10_000, 1_000_000):
        against = tuple(float(x) for x in rng.binomial(n, (1.0 - s / 4.0) / 2.0, 4))
        counts = ChshCounts((float(n),) * 4, against)
        low, high = counts.interval(1.0 - 1e-6)
        assert -4.0 <= low <= counts.value <= high <= 4.0
        assert counts.lower(1e-6) <= counts.lower_by_game(1e-6) + 1e-12 or n == 100
        widths.append(high - low)
    assert widths == sorted(widths, reverse=True)


@pytest.mark.parametrize("game", [False, True])
def test_intervals_fail_at_most_as_often_as_they_promise(game: bool) -> None:
    """Unequal correlators and few rounds: violations over 3000 tests inside the exact interval of eps = 2 %."""
    rng, epsilon, tests = np.random.default_rng(1969), 0.02, 3000
    against = np.array([0.05, 0.2, 0.15, 0.1])
    truth = float(np.sum(1.0 - 2.0 * against))
    failed = naive = 0
    for _ in range(tests):
        rounds = rng.multinomial(400, [0.25] * 4)
        seen = ChshCounts(
            tuple(float(n) for n in rounds),
            tuple(float(rng.binomial(n, p)) for n, p in zip(rounds, against, strict=True)),
        )
        failed += (seen.lower_by_game(epsilon) if game else seen.lower(epsilon)) > truth
        naive += seen.value > truth
    assert failed <= stats.binom.isf(1e-9, tests, epsilon)
    assert naive > 0.4 * tests, "the value itself is no bound"
    if game:
        assert failed > 0, "the bound by the game is sharp enough to fail at times"


def test_a_local_model_behind_lost_events() -> None:
    """Clicks only at guessed settings: S = 4 of the coincidences, 1.5 with every event counted, lost ones as +1.

    Pearle, Phys. Rev. D 2, 1418 (1970); the DI bound refuses the coincidences and finds nothing in the rest.
    """
    coincidences, everything = np.zeros((2, 2, 2, 2)), np.zeros((2, 2, 2, 2))
    for a, b, guess_a, guess_b in product((0, 1), repeat=4):
        bit_b = 1 if (guess_a, guess_b) == (1, 1) else 0
        for flip in (0, 1):
            out_a, out_b = flip if a == guess_a else None, flip ^ bit_b if b == guess_b else None
            if out_a is not None and out_b is not None:
                coincidences[a, b, out_a, out_b] += 1e6
            everything[a, b, out_a or 0, out_b or 0] += 1e6
    assert ChshCounts.counted(coincidences).value == 4.0
    assert ChshCounts.counted(everything, all_rounds=True).value == pytest.approx(1.5)
    post = ChshCounts.counted(coincidences)
    block = ChshBlock((1e6,), post.rounds, post.against, (0.0,))
    with pytest.raises(PhysicsError, match="lost rounds"):
        ChshFinite(device_independent=True).secret_length(block, 0.0, **EPSILON)
    everyone = ChshCounts.counted(everything, all_rounds=True)
    honest = ChshBlock((1e6,), everyone.rounds, everyone.against, (0.0,), all_rounds=True)
    made = ChshFinite(device_independent=True).secret_length(honest, 0.0, **EPSILON)
    assert made.bits == 0
    assert "not above 2" in made.reason


def test_classical_correlations_in_the_bell_settings_give_no_key_whatever_the_error_rate() -> None:
    """S comes from the counts, not from Q: key settings at 2 % beside a test that any local model passes."""
    block = ChshBlock((1e6, 1e6), (1e6,) * 4, (2.5e5,) * 4, (2e4, 2e4))
    assert block.key_qber == 0.02
    assert block.chsh.value == 2.0
    assert ChshFinite().secret_length(block, 0.0, **EPSILON).bits == 0
    assert device_independent.chsh_fraction(0.02, block.chsh.value) < 0.0


@pytest.mark.parametrize("angle", [0.0, 0.3, 1.1, 2.9])
def test_intercept_and_resend_leaves_no_violation(angle: float) -> None:
    """|S| = sqrt 2 at E91's settings whatever axis of their plane Eve measures. Ekert, PRL 67, 661 (1991)."""
    attacked = identity().tensor(measure_resend(1.0, angle)).apply(bell_state(3))
    assert abs(chsh_at(attacked, *FOUR, CHSH_MINUS)) <= math.sqrt(2.0) + 1e-12
    assert abs(chsh_at(attacked, *FOUR, CHSH_MINUS)) == pytest.approx(math.sqrt(2.0))


def test_key_of_sampled_pairs_and_none_under_attack() -> None:
    rng = np.random.default_rng(1991)
    noisy = 0.96 * bell_state(3) + 0.04 * np.eye(4) / 4.0
    block = ChshBlock.counted(sampled_table(noisy, 20_000_000, rng))
    assert block.key_qber == pytest.approx(0.02, abs=1e-3)
    assert block.chsh.value == pytest.approx(0.96 * TSIRELSON, abs=5e-3)
    made = ChshFinite().secret_length(block, leak_of(block), **EPSILON)
    assert 0.4 < made.bits / block.key_total < device_independent.chsh_fraction(block.key_qber, block.chsh.value, 1.1)
    assert "fair sampling" in made.theorem
    attacked = identity().tensor(measure_resend(1.0, 0.4)).apply(bell_state(3))
    stolen = ChshBlock.counted(sampled_table(attacked, 2_000_000, rng))
    assert ChshFinite().secret_length(stolen, 0.0, **EPSILON).bits == 0


@pytest.mark.parametrize("name", ["e91", "e91_game", "di_chsh", "di_chsh_game"])
def test_long_blocks_reach_the_asymptotic_fraction(name: str) -> None:
    shares = []
    for pairs in (1e4, 1e6, 1e8, 1e10, 1e12, 1e15):
        block = expected_block(pairs, 0.02, all_rounds=True)
        made = bound(name).secret_length(cast(BlockCounts, block), leak_of(block), **EPSILON)
        shares.append(made.bits / block.key_total)
        assert made.bits / pairs <= ceilings.repeaterless_bound(0.99)
    assert shares == sorted(shares)
    limit = device_independent.chsh_fraction(0.02, chsh_of_qber(0.02), 1.1)
    assert shares[0] == 0.0
    assert limit * (1.0 - 1e-3) < shares[-1] < limit


def entropy_of(parts: list[np.ndarray]) -> float:
    values = np.concatenate([np.linalg.eigvalsh(part) for part in parts])
    values = values[values > 1e-15]
    return float(-(values * np.log2(values)).sum())


def key_entropy_given_errors(rho: np.ndarray, alice_deg: float, bob_deg: float, alices: bool) -> float:
    """H(K|E, A xor B): the key bit, Eve with the purification of ``rho`` and with all positions of errors."""
    weights, kets = np.linalg.eigh(rho)
    psi = kets * np.sqrt(np.maximum(weights, 0.0))
    found = {(key, wrong): np.zeros((4, 4), complex) for key in (0, 1) for wrong in (0, 1)}

    def seen(angle_deg: float, bit: int) -> np.ndarray:
        half = math.radians(angle_deg) / 2.0
        ket = np.array([math.cos(half), math.sin(half)] if bit == 0 else [-math.sin(half), math.cos(half)])
        return np.outer(ket, ket)

    for a, b in product((0, 1), repeat=2):
        branch = np.kron(seen(alice_deg, a), seen(bob_deg, b)) @ psi
        found[a if alices else b, a ^ b] += branch.conj().T @ branch
    given_errors = [found[0, wrong] + found[1, wrong] for wrong in (0, 1)]
    return entropy_of(list(found.values())) - entropy_of(given_errors)


def test_public_positions_of_errors_tell_nothing_beyond_chi_of_s_about_qubits() -> None:
    """Both key settings, random states that violate CHSH: I_E <= chi(S) although Cascade makes the pattern public."""
    rng, checked, tightest = np.random.default_rng(20260729), 0, math.inf
    for _ in range(1500):
        root = rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4))
        noise = root[:, : rng.integers(1, 5)]
        noise = noise @ noise.conj().T
        share = 0.3 * rng.random() ** 2
        rho = (1.0 - share) * bell_state(0) + share * noise / np.trace(noise).real
        s = chsh_at(rho, *FOUR, minus=CHSH_MINUS)
        if s <= 2.0:
            continue
        checked += 1
        for a, b in KEY_SETTINGS:
            slack = key_entropy_given_errors(rho, ALICE_DEG[a], BOB_DEG[b], a in CHSH_ALICE)
            slack -= 1.0 - device_independent.eve_information(s)
            assert slack > -1e-9
            tightest = min(tightest, slack)
    assert checked > 1000
    assert tightest < 1e-3  # and chi(S) is not far above what Eve can have


def test_public_positions_of_errors_break_a_device_independent_claim() -> None:
    """Bob's device, in its key setting alone, gives in a share 2 Q of rounds a bit that Eve knows: S is 2 sqrt2, the
    error rate Q, and the pattern tells her Alice's bit in those rounds. So the bound says: one way, or both charged."""
    qber = 0.05
    known = 2.0 * qber  # of Alice's bits, by A = B xor (A xor B)
    assert known > device_independent.eve_information(TSIRELSON)
    for name in ("di_chsh", "di_chsh_game"):
        assert dict(registry.get("bound", name).facts)["post_processing"].startswith("one-way: positions of errors")
        assert "one-way" in bound(name).theorem
    for name in ("e91", "e91_game"):
        assert "qubits" in bound(name).theorem
        assert "qubits measured along the directions said" in registry.get("bound", name).domain


def test_labels_say_what_is_trusted() -> None:
    fair, all_of = expected_block(1e8, 0.01), expected_block(1e8, 0.01, all_rounds=True)
    assert FAIR_SAMPLING in ChshFinite().secret_length(fair, leak_of(fair), **EPSILON).theorem
    di = ChshFinite(device_independent=True).secret_length(all_of, leak_of(all_of), **EPSILON)
    assert ALL_ROUNDS in di.theorem
    assert "collective" in di.theorem
    unequal = ChshBlock((1e6,), (1e6,) * 4, (1e5,) * 4, equal_settings=False)
    with pytest.raises(PhysicsError, match="not drawn equally"):
        ChshFinite(game=True).secret_length(unequal, 0.0, **EPSILON)
    with pytest.raises(PhysicsError, match="ChshBlock"):
        ChshFinite().secret_length(BlockCounts((1.0,), (1.0,), (1.0,), (1.0,), (0.0,)), 0.0, **EPSILON)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="fixed before the block"):
        VariableLengthRule(cast(Bound, ChshFinite()), **EPSILON)


def test_a_length_rule_is_planned_and_kept() -> None:
    expected = expected_block(2e7, 0.02)
    rule = plan_length(bound("e91"), cast(BlockCounts, expected), leak_of(expected), **EPSILON)
    best = ChshFinite().secret_length(expected, leak_of(expected), **EPSILON)
    assert 0 < rule.bits < best.bits
    noisy = 0.96 * bell_state(3) + 0.04 * np.eye(4) / 4.0
    block = ChshBlock.counted(sampled_table(noisy, 20_000_000, np.random.default_rng(3)))
    assert rule.decide(cast(BlockCounts, block), leak_of(expected)).bits == rule.bits
    assert rule.prospect(cast(BlockCounts, block)).bits == rule.bits


@given(st.floats(1e6, 1e9), st.floats(0.0, 0.06), st.floats(1.0, 5.0))
@settings(max_examples=40, deadline=None)
def test_more_pairs_help_and_errors_do_not(pairs: float, qber: float, more: float) -> None:
    def bits(n: float, q: float) -> int:
        block = expected_block(n, q)
        return ChshFinite().secret_length(block, leak_of(block), **EPSILON).bits

    assert bits(pairs * more, qber) >= bits(pairs, qber) >= bits(pairs, qber + 0.005)


def test_eve_knows_less_the_more_chsh_is_violated() -> None:
    values = [device_independent.eve_information(s) for s in np.linspace(1.5, 3.0, 40)]
    assert values == sorted(values, reverse=True)
    assert values[0] == 1.0
    assert device_independent.eve_information(TSIRELSON) == pytest.approx(0.0, abs=1e-6)
    assert values[-1] == 0.0


def test_thresholds() -> None:
    """7.149 and 8.08 %, 92.31 % and 82.84 %: Pironio et al. (2009), Ho et al. (2020), Ma, Lütkenhaus (2012)."""
    assert device_independent.critical_qber() == pytest.approx(0.0714917588, abs=1e-9)
    assert device_independent.critical_qber_with_noise() == pytest.approx(0.0808475, abs=1e-6)
    assert device_independent.critical_efficiency() == pytest.approx(0.9231368, abs=1e-6)
    assert device_independent.critical_efficiency(keep_flag=True) == pytest.approx(0.908, abs=1e-3)
    assert device_independent.critical_efficiency_for_violation() == pytest.approx(2.0 * (math.sqrt(2.0) - 1.0))
    q = device_independent.critical_qber_with_noise()
    for step, sign in ((-1e-4, 1.0), (1e-4, -1.0)):
        best = max(device_independent.noisy_fraction(q + step, chsh_of_qber(q + step), n) for n in (0.45, 0.48, 0.49))
        assert sign * best > 0.0


@given(st.floats(0.0, 0.14))
@settings(max_examples=40, deadline=None)
def test_without_flips_noise_changes_nothing(qber: float) -> None:
    s = chsh_of_qber(qber)
    plain = device_independent.chsh_fraction(qber, s)
    assert device_independent.noisy_fraction(qber, s, 0.0) == pytest.approx(plain, abs=1e-12)
    assert device_independent.noisy_fraction(qber, s, 0.5) == pytest.approx(0.0, abs=1e-12)


@given(st.floats(0.5, 1.0))
@settings(max_examples=60, deadline=None)
def test_loss_counted_as_an_outcome_from_the_table_of_outcomes(eta: float) -> None:
    """S and H(A|B) of lossy detectors, from probabilities of both photons, one, or none."""
    correlators = []
    for sign in (1.0, 1.0, 1.0, -1.0):
        e = sign / math.sqrt(2.0)
        correlators.append(sign * (eta**2 * e + (1.0 - eta) ** 2))
    # one lost photon leaves the other's outcome uniform: no contribution; both lost: +1 * +1
    assert math.fsum(correlators) == pytest.approx(device_independent.lossy_chsh(eta), rel=1e-12)
    flagged = device_independent.lossy_fraction(eta, keep_flag=True)
    assert flagged >= device_independent.lossy_fraction(eta) - 1e-12
    assert device_independent.lossy_fraction(1.0) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: ChshCounts((1.0,) * 3, (0.0,) * 3), "four pairs"),
        (lambda: ChshCounts((1.0,) * 4, (2.0,) * 4), "rounds against"),
        (lambda: ChshCounts((1.0,) * 4, (0.0,) * 4, minus=4), "minus"),
        (lambda: ChshCounts.counted(np.zeros((2, 2))), "shape"),
        (lambda: ChshBlock.counted(np.zeros((2, 2, 2, 2))), "shape"),
        (lambda: ChshBlock((), (1.0,) * 4, (0.0,) * 4), "key setting"),
        (lambda: ChshBlock((1.0,), (1.0,) * 4, (0.0,) * 4, (2.0,)), "errors among"),
        (lambda: ChshBlock((1.0,), (1.0,) * 4, (0.0,) * 4).key_qber, "not known"),
        (lambda: expected_block(-1.0, 0.0), "negative"),
        (lambda: expected_block(1.0, 0.0, chsh=4.5), "chsh"),
        (lambda: chsh_of_qber(1.5), "qber"),
        (lambda: device_independent.noisy_fraction(0.1, 2.5, 0.6), "flip"),
        (lambda: device_independent.lossy_chsh(1.1), "efficiency"),
        (lambda: device_independent.chsh_fraction(0.1, 2.5, 0.9), "Shannon"),
    ],
)
def test_what_cannot_be_is_refused(make, text: str) -> None:
    with pytest.raises(PhysicsError, match=text):
        make()
