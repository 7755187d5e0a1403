"""Coverage: how often the truth of a sampled block escapes its bounds, against the epsilon that was promised."""

from __future__ import annotations

import numpy as np
import pytest

from qcisim.security import SourceSettings, bound, clopper_pearson_lower
from qcisim.security.link_models import planned_leak_bits
from tests.security.blocks import THREE, TWO, sampled

EPSILON, BLOCKS, FALSE_ALARM = 1e-2, 10_000, 1e-9
PHOTONS = 8
ETA = 0.05
YIELDS = {
    "honest": 1 - (1 - 1e-4) * (1 - ETA) ** np.arange(PHOTONS),
    "no single photons": np.array([1e-4, 0.0] + [0.4] * (PHOTONS - 2)),
    "bright": np.array([1e-4, 0.05, 0.05] + [1.0] * (PHOTONS - 3)),
}
ERRORS = np.array([0.5, 0.02, 0.03, 0.05, 0.05, 0.05, 0.05, 0.05])


def violations(name: str, settings: SourceSettings, yields: np.ndarray, blocks: int, seed: int) -> dict[str, int]:
    rng, made = np.random.default_rng(seed), bound(name)
    escaped = {"s1": 0, "phi": 0, "s0": 0}
    for _ in range(blocks):
        truth = sampled(settings, 400_000, yields, ERRORS, rng)
        seen = made.secret_length(
            truth.counts, planned_leak_bits(truth.counts, 1.1), epsilon_secret=EPSILON, epsilon_correct=1e-9
        )
        estimates = dict(seen.bounds)
        escaped["s1"] += estimates["single_photon_key"] > truth.single_key
        escaped["s0"] += estimates.get("vacuum_key", 0.0) > truth.vacuum_key
        phase = truth.phase_errors / truth.single_key if truth.single_key else 0.0
        escaped["phi"] += estimates["phase_error_rate"] < phase
    return escaped


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("lim2014", "honest"),
        ("lim2014", "no single photons"),
        ("lim2014_chernoff_capped", "bright"),
        ("rusca2018", "honest"),
        ("wiesemann2024", "bright"),
    ],
)
def test_bounds_hold_as_often_as_promised(name: str, kind: str) -> None:
    settings = TWO if name in ("rusca2018", "wiesemann2024") else THREE
    blocks = BLOCKS // 5
    for what, count in violations(name, settings, YIELDS[kind], blocks, seed=1).items():
        assert clopper_pearson_lower(count, blocks, FALSE_ALARM) <= EPSILON, f"{what}: {count} of {blocks}"


@pytest.mark.full
@pytest.mark.parametrize("name", ["lim2014", "lim2014_chernoff", "rusca2018", "wiesemann2024"])
@pytest.mark.parametrize("kind", sorted(YIELDS))
def test_bounds_hold_as_often_as_promised_in_many_blocks(name: str, kind: str) -> None:
    settings = TWO if name in ("rusca2018", "wiesemann2024") else THREE
    for what, count in violations(name, settings, YIELDS[kind], BLOCKS, seed=2).items():
        assert clopper_pearson_lower(count, BLOCKS, FALSE_ALARM) <= EPSILON, f"{what}: {count} of {BLOCKS}"


def test_the_test_can_fail() -> None:
    """Without deviations the bounds are estimates, and are wrong about half of the time."""
    rng, made, wrong = np.random.default_rng(3), bound("asymptotic"), 0
    for _ in range(200):
        truth = sampled(THREE, 400_000, YIELDS["honest"], ERRORS, rng)
        seen = made.secret_length(truth.counts, 0.0, epsilon_secret=EPSILON, epsilon_correct=1e-9)
        wrong += seen.bound("phase_error_rate") < truth.phase_errors / truth.single_key
    assert clopper_pearson_lower(wrong, 200, FALSE_ALARM) > EPSILON
