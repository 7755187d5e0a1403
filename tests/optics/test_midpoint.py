"""Pairs from a source between two memories, against closed forms and a count of photons one by one."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from qcisim.errors import PhysicsError
from qcisim.optics import Fibre
from qcisim.optics.heralding import Arm
from qcisim.optics.midpoint import midpoint_source
from qcisim.optics.pair_source import PairSource

FALSE_ALARM = 1e-9


def test_dim_source_leaves_its_own_state() -> None:
    """mu -> 0: P = mu eta_a eta_b for one pulse, and the fidelity is that of the source."""
    mu = 1e-7
    herald = midpoint_source(Arm(0.3), Arm(0.5), PairSource(mu / 2, fidelity=0.95))
    assert herald.success_probability == pytest.approx(mu * 0.15, rel=1e-5)
    assert herald.pair.fidelity() == pytest.approx(0.95, abs=1e-5)
    assert herald.fidelity == pytest.approx(0.95, abs=1e-5)


def test_false_heralds_are_white() -> None:
    """Without light both memories err in the same pulse with Y^2, and hold nothing in common."""
    herald = midpoint_source(Arm(0.3), Arm(0.3), PairSource(0.0), false_herald_probability=1e-3)
    assert herald.success_probability == pytest.approx(1e-6, rel=1e-12)
    assert np.allclose(herald.rho, np.eye(4) / 4.0, atol=1e-15)


@pytest.mark.parametrize(
    ("mean", "eta", "false", "pulses"), [(0.4, 0.6, 0.02, 1), (0.2, 0.4, 0.01, 7), (1.0, 0.9, 0.0, 3)]
)
def test_photons_counted_one_by_one(mean: float, eta: float, false: float, pulses: int) -> None:
    """Pulses of n pairs with random bits; a memory keeps one of the photons that arrive, of the first pulse it sees."""
    herald = midpoint_source(Arm(eta), Arm(eta), PairSource(mean / 2), pulses=pulses, false_herald_probability=false)
    rng = np.random.default_rng(11)
    trains = 60_000
    x = mean / 2  # photons of polarisation 0 and of polarisation 1: thermal, independent
    number = [rng.geometric(1.0 / (1.0 + x), (trains, pulses)) - 1 for _ in range(2)]
    here = [[rng.binomial(n, eta) for n in number] for _ in range(2)]
    dark = [rng.random((trains, pulses)) < false for _ in range(2)]
    seen = [h[0] + h[1] + d > 0 for h, d in zip(here, dark, strict=True)]
    first = [np.where(s.any(axis=1), s.argmax(axis=1), -1) for s in seen]
    good = (first[0] == first[1]) & (first[0] >= 0)
    law = stats.binomtest(int(good.sum()), trains, herald.success_probability)
    assert law.pvalue > FALSE_ALARM
    rows, at = np.nonzero(good)[0], first[0][good]
    bits = []
    for h, d in zip(here, dark, strict=True):
        zero, one, noise = h[0][rows, at], h[1][rows, at], d[rows, at]
        mixed = ((zero > 0) & (one > 0)) | noise  # both polarisations, or a false herald: a random bit
        bits.append(np.where(mixed, rng.random(len(rows)) < 0.5, one > 0))
    wrong = int((bits[0] != bits[1]).sum())
    qber = float(np.real(herald.pair.to_density()[1, 1] + herald.pair.to_density()[2, 2]))
    assert stats.binomtest(wrong, len(rows), qber).pvalue > FALSE_ALARM


def test_photons_in_flight_cost_no_time() -> None:
    near, far = Fibre(10.0), Fibre(30.0)
    herald = midpoint_source(Arm(0.3, near), Arm(0.3, far), PairSource(0.01, 1e7), pulses=50, preparation_s=2e-6)
    link_s, apart_s = near.delay_s + far.delay_s, far.delay_s - near.delay_s
    assert herald.attempt_s == pytest.approx(2e-6 + 5e-6 + link_s + apart_s, rel=1e-12)
    assert herald.wait_a_s == pytest.approx(2.0 * far.delay_s, rel=1e-12)
    assert herald.wait_b_s == pytest.approx(2.0 * near.delay_s, rel=1e-12)
    assert min(herald.wait_a_s, herald.wait_b_s) > 0.0


def test_longer_trains_give_more_until_memories_are_full() -> None:
    def made(pulses: int) -> float:
        return midpoint_source(Arm(0.3), Arm(0.3), PairSource(0.005), pulses=pulses).success_probability

    one = made(1)
    assert made(10) == pytest.approx(10 * one, rel=0.03)
    limit = made(10**7)
    assert limit == pytest.approx(made(10**8), rel=1e-12)
    assert limit < 1.0
    assert math.isfinite(limit)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"pulses": 0}, "0 pulses"),
        ({"false_herald_probability": 1.0}, "false_herald_probability 1"),
        ({"preparation_s": -1.0}, "preparation_s -1"),
    ],
)
def test_what_cannot_be(wrong: dict[str, float], message: str) -> None:
    with pytest.raises(PhysicsError, match=message):
        midpoint_source(Arm(0.3), Arm(0.3), PairSource(0.01), **wrong)  # type: ignore[arg-type]


def test_no_light_and_no_noise_herald_nothing() -> None:
    with pytest.raises(PhysicsError, match="no pair ever"):
        midpoint_source(Arm(0.3), Arm(0.3), PairSource(0.0))
