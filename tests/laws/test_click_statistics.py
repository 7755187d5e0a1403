"""What the statistics of clicks must look like, tested at a false-alarm rate of 1e-9 on simulated rounds."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats

from qcisim.optics import (
    Clicks,
    ClickTable,
    Detector,
    Fibre,
    FibreLink,
    Receiver,
    WeakCoherentSource,
    click_table,
    expected_tally,
    sample_clicks,
    sample_tally,
    split,
)
from qcisim.quantum import Channel
from qcisim.security import BlockCounts, bound
from qcisim.security.attacks import best_collective, intercept_resend, measure_resend
from qcisim.security.link_models import planned_leak_bits

FALSE_ALARM = 1e-9
CLOCK_HZ = 1e9
SOURCE = WeakCoherentSource((0.5, 0.15, 0.0), (0.5, 0.3, 0.2), CLOCK_HZ, 0.7)
SHOT = Detector(0.8, 1e6, gate_s=5e-10)


def table_of(detector: Detector = SHOT, *, length_km: float = 20.0, attack: Channel | None = None) -> ClickTable:
    receiver = Receiver(detector, 0.7, insertion_loss_db=1.0, misalignment_error=0.01)
    return click_table(SOURCE, FibreLink(Fibre(length_km), receiver, CLOCK_HZ, attack=attack).at(), receiver)


def clicks_of(rounds: int, seed: int, detector: Detector = SHOT, **link: float) -> Clicks:
    table = table_of(detector, **link)  # type: ignore[arg-type]  # lengths only
    return sample_clicks(table, rounds, detector, CLOCK_HZ, np.random.default_rng(seed))[0]


def test_vacuum_pulses_err_half_of_the_time() -> None:
    alice, bob = split(clicks_of(20_000_000, 1), np.random.default_rng(2))
    for basis in (0, 1):
        dark = (alice.setting == 2) & (alice.basis == basis) & (bob.basis == basis)
        wrong = int((alice.bit[dark] != bob.bit[dark]).sum())
        assert int(dark.sum()) > 60
        assert stats.binomtest(wrong, int(dark.sum()), 0.5).pvalue > FALSE_ALARM


def test_sifted_share_is_that_of_the_bias() -> None:
    clicks = clicks_of(3_000_000, 3)
    same = int((clicks.alice_basis == clicks.bob_basis).sum())
    assert stats.binomtest(same, len(clicks), 0.7**2 + 0.3**2).pvalue > FALSE_ALARM


def test_choices_are_independent_of_each_other() -> None:
    """Bit against setting and both bases; setting against both bases, among the clicks of equal bases apart."""
    clicks = clicks_of(3_000_000, 4)
    axes = {
        "setting": clicks.setting,
        "alice_basis": clicks.alice_basis,
        "alice_bit": clicks.alice_bit,
        "bob_basis": clicks.bob_basis,
    }
    for (one, a), (two, b) in itertools.combinations(axes.items(), 2):
        counts = np.zeros((int(a.max()) + 1, int(b.max()) + 1))
        np.add.at(counts, (a, b), 1)
        assert stats.chi2_contingency(counts).pvalue > FALSE_ALARM, (one, two)


@pytest.mark.parametrize("afterpulse", [0.0, 0.05])
def test_sifted_bits_have_no_memory_at_saturation(afterpulse: float) -> None:
    """At 90 % saturation, dead time that blinds one detector alone would anticorrelate neighbouring bits."""
    detector = Detector(0.8, 1e3, 900e-9, afterpulse_probability=afterpulse, afterpulse_decay_s=1e-7, gate_s=5e-10)
    clicks = clicks_of(200_000_000, 5, detector, length_km=63.0)
    assert 0.85 < len(clicks) * 900e-9 * CLOCK_HZ / clicks.rounds < 0.95
    _, bob = split(clicks, np.random.default_rng(6))
    sign = 1 - 2 * bob.bit[bob.basis == 0].astype(np.int64)
    if afterpulse:  # afterpulses come from the detector that clicked: only the balance is fair then
        assert stats.binomtest(int((sign > 0).sum()), len(sign), 0.5).pvalue > FALSE_ALARM
        return
    for lag in range(1, 101):
        agree = int((sign[lag:] == sign[:-lag]).sum())
        assert stats.binomtest(agree, len(sign) - lag, 0.5).pvalue > FALSE_ALARM / 100, lag


def test_gains_of_two_intensities_covary_as_a_multinomial() -> None:
    """cov = -N p1 p2: intensities that shared a random stream would not."""
    rng, rounds, runs = np.random.default_rng(7), 2000, 4000
    table = table_of(length_km=0.0)
    gains = np.array(
        [sample_tally(table, rounds, SHOT, CLOCK_HZ, rng).detections.sum(axis=(1, 2))[:2] for _ in range(runs)]
    )
    p = (table.gain * table.alice_basis_probability[:, None] * table.bob_basis_probability).sum(axis=(1, 2))
    p = p[:2] * table.setting_probability[:2]
    centred = gains - rounds * p
    products = centred[:, 0] * centred[:, 1]
    wanted = -rounds * p[0] * p[1]
    spread = float(np.std(products)) / runs**0.5
    assert abs(float(products.mean()) - wanted) < 6.2 * spread
    assert abs(float(products.mean()) - rounds * p[0] * p[1]) > 6.2 * spread  # the test could tell


def test_counts_are_consistent_from_cells_to_block() -> None:
    clicks = clicks_of(2_000_000, 8)
    alice, bob = split(clicks, np.random.default_rng(9))
    assert clicks.counts.sum() == len(clicks) == len(alice) == len(bob)
    assert np.all(np.diff(clicks.round) > 0)
    assert clicks.round[0] >= 0
    assert clicks.round[-1] < clicks.rounds


@pytest.mark.parametrize("name", ["lim2014", "lim2014_chernoff_capped", "asymptotic"])
def test_the_phase_error_comes_from_the_other_basis(name: str) -> None:
    """Eve measures along the key basis: no key error, no key. Along the test basis: all errors are paid as leakage."""

    def length(attack: Channel | None) -> tuple[int, float]:
        cells = table_of(attack=attack).joint * 1e12
        detections = cells.sum(axis=(2, 4))
        errors = cells[:, :, 0, :, 1] + cells[:, :, 1, :, 0] + 0.5 * cells[..., 2].sum(axis=2)

        class Counted:
            rounds = 1e12

        Counted.detections, Counted.errors = detections, errors  # type: ignore[attr-defined]  # a tally in short
        counts = BlockCounts.of(Counted(), SOURCE, observed=False)  # type: ignore[arg-type]  # as above
        leak = planned_leak_bits(counts, 1.05)
        return bound(name).secret_length(
            counts, leak, epsilon_secret=1e-10, epsilon_correct=1e-15
        ).bits, counts.key_qber

    honest, qber = length(None)
    along_key, qber_key = length(measure_resend(1.0, 0.0))
    along_test, _ = length(measure_resend(1.0, np.pi / 2.0))
    assert honest > 0
    assert along_key == along_test == 0
    assert qber_key == pytest.approx(qber, rel=0.05)
    weak = [length(channel)[0] for channel in (intercept_resend(0.05), best_collective(0.02))]
    assert all(0 < bits < honest for bits in weak)


def test_afterpulses_blind_the_receiver_too() -> None:
    """Saturated, dead for nine times the mean wait: afterpulses add few clicks, for each of them costs a dead time.

    Gaps are the dead time and a geometric wait, so N spreads by sqrt(N) wait/(wait + dead); the model is of first order
    in the afterpulse probability.
    """
    probability, rounds = 0.02, 300_000_000
    detector = Detector(0.8, 1e4, 900e-9, afterpulse_probability=probability, afterpulse_decay_s=1e-7, gate_s=5e-10)
    table = table_of(detector, length_km=63.0)
    clicks, _ = sample_clicks(table, rounds, detector, CLOCK_HZ, np.random.default_rng(10))
    expected = expected_tally(table, rounds, detector, CLOCK_HZ).clicks
    dead = table.click_probability * detector.dead_rounds(CLOCK_HZ)
    slack = 6.2 * len(clicks) ** 0.5 / (1.0 + dead) + probability**2 * dead * len(clicks)
    assert abs(expected - len(clicks)) < slack
    live_alone = expected * (1.0 + dead * (1.0 + probability / 2.0)) / (1.0 + dead)  # had they cost nothing
    assert abs(live_alone - len(clicks)) > slack  # the test could tell
