"""Settings are searched on a model before the first round, never on data."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qcisim.errors import InputError, PhysicsError
from qcisim.security import BlockCounts, Objective, SourceSettings, bound, optimise
from qcisim.security.link_models import Lim2014Model, Rusca2018Model, counts_after, counts_for_key_bits
from tests.security.blocks import THREE, TWO, honest

MODEL = Lim2014Model(0.01, 6e-7, 0.04, 0.005)
EPS = {"epsilon_secret": 1e-10, "epsilon_correct": 1e-15}


def model(settings: SourceSettings) -> BlockCounts:
    return counts_after(MODEL, settings, 1e10)


def test_the_optimum_is_better_than_everything_around_it() -> None:
    start = SourceSettings((0.6, 0.1, 2e-4), (0.5, 0.3, 0.2), 0.7)
    best = optimise(model, bound("lim2014"), start, **EPS, keep_weakest=True)
    objective = Objective(bound("lim2014"), **EPS)
    top = objective.bits_per_pulse(model(best))
    assert top > 1.1 * objective.bits_per_pulse(model(start))
    assert best.intensities[2] == start.intensities[2]
    mu, p, q = best.intensities, best.probabilities, best.key_basis_probability
    for factor in (0.97, 1.03):
        for changed in (
            replace(best, intensities=(mu[0] * factor, *mu[1:])),
            replace(best, intensities=(mu[0], mu[1] * factor, mu[2])),
            replace(best, probabilities=(p[0] * factor, p[1], 1.0 - p[0] * factor - p[1])),
            replace(best, key_basis_probability=1.0 - (1.0 - q) * factor),
        ):
            assert objective.bits_per_pulse(model(changed)) <= top * (1.0 + 1e-9)


def test_the_weakest_intensity_is_searched_where_it_may_be() -> None:
    best = optimise(lambda s: counts_after(Rusca2018Model(0.01, 1e-8, 0.01), s, 1e10), bound("rusca2018"), TWO, **EPS)
    assert best.intensities != TWO.intensities
    vacuum = replace(THREE, intensities=(0.5, 0.15, 0.0))
    assert optimise(model, bound("lim2014"), vacuum, **EPS).intensities[2] == 0.0


def test_a_bad_start_still_finds_the_key() -> None:
    def short(settings: SourceSettings) -> BlockCounts:
        return counts_for_key_bits(MODEL, settings, 2e4)

    start = SourceSettings((0.5, 0.18, 2e-4), (0.9, 0.05, 0.05), 0.95)
    objective = Objective(bound("lim2014"), **EPS)
    assert objective.bits(short(start)) < 0.0
    assert objective.bits(short(optimise(short, bound("lim2014"), start, **EPS, keep_weakest=True))) > 0.0


def test_no_key_anywhere_is_no_crash() -> None:
    dark = Lim2014Model(1e-9, 1e-4, 0.04, 0.005)
    best = optimise(lambda s: counts_after(dark, s, 1e6), bound("lim2014"), THREE, **EPS, restarts=1)
    assert isinstance(best, SourceSettings)


def test_counts_are_refused() -> None:
    """Pitfall 9: intensities optimised on the observed data."""
    counts = honest("lim2014", 1e9)
    with pytest.raises(InputError, match="not counts"):
        optimise(counts, bound("lim2014"), THREE, **EPS)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="observed counts"):
        optimise(lambda s: replace(counts, observed=True), bound("lim2014"), THREE, **EPS)
    with pytest.raises(InputError, match="rounds"):
        optimise(lambda s: replace(counts, rounds=0.0), bound("lim2014"), THREE, **EPS)


@pytest.mark.parametrize(
    "wrong",
    [
        {"probabilities": (0.5, 0.5)},
        {"probabilities": (0.5, 0.6, 0.1)},
        {"probabilities": (0.5, 0.5, 0.0)},
        {"key_basis_probability": 1.0},
    ],
)
def test_settings_that_cannot_be_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(PhysicsError):
        replace(THREE, **wrong)  # type: ignore[arg-type]
