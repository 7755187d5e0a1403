"""Planning models of the sources against the click table that a simulated link uses."""

from __future__ import annotations

import pytest

from qcisim.errors import PhysicsError
from qcisim.optics import Detector, Fibre, FibreLink, Pulse, Receiver, WeakCoherentSource, click_table, expected_tally
from qcisim.security import BlockCounts, SourceSettings, conventions
from qcisim.security.link_models import (
    Lim2014Model,
    PlanningModel,
    Rusca2018Model,
    Wiesemann2024Model,
    counts_after,
    counts_for_key_bits,
    counts_for_sifted_bits,
    planned_leak_bits,
    single_photon_counts,
)
from qcisim.security.ma2005 import ThresholdLink

GATE_S = 1e-10
SETTINGS = SourceSettings((0.5, 0.1, 0.0), (0.7, 0.2, 0.1), 0.9)
PER_DETECTOR = 3e-6


def table_counts(length_km: float, error: float, rounds: float) -> tuple[BlockCounts, float]:
    """Counts of a fibre by its click table, and its transmittance."""
    noise = conventions.mean_noise_per_gate(PER_DETECTOR)
    detector = Detector(0.5, noise / GATE_S, gate_s=GATE_S)
    receiver = Receiver(detector, SETTINGS.key_basis_probability, insertion_loss_db=3.0, misalignment_error=error)
    pulse = Pulse(fwhm_s=0.0, linewidth_rms_nm=0.0)
    source = WeakCoherentSource(SETTINGS.intensities, SETTINGS.probabilities, 1e9, SETTINGS.key_basis_probability)
    state = FibreLink(Fibre(length_km), receiver, 1e9, pulse).at()
    tally = expected_tally(click_table(source, state, receiver), rounds, detector, 1e9)
    return BlockCounts.of(tally, source), state.transmittance


def models(eta: float, error: float) -> list[PlanningModel]:
    receiver = conventions.dark_count_of_receiver(PER_DETECTOR)
    return [
        Lim2014Model(eta, PER_DETECTOR, 0.0, error),
        Rusca2018Model(eta, receiver, error),
        Wiesemann2024Model(eta, receiver, error),
    ]


@pytest.mark.parametrize("length_km", [0.0, 50.0, 120.0])
@pytest.mark.parametrize("error", [0.0, 0.03])
def test_planning_models_agree_with_the_click_table(length_km: float, error: float) -> None:
    """To the orders they leave out: dark counts squared or with light, and double clicks of one pulse."""
    simulated, eta = table_counts(length_km, error, 1e9)
    assert simulated.key_errors is not None
    for model in models(eta, error):
        planned = counts_after(model, SETTINGS, 1e9)
        assert planned.key_errors is not None
        assert planned.rounds == simulated.rounds
        for name in ("key", "test"):
            assert getattr(planned, name) == pytest.approx(getattr(simulated, name), rel=2 * PER_DETECTOR + 1e-5)
        for name in ("key_errors", "test_errors"):
            # a pulse of mean k eta doubles in a wrong detector with k eta/4 e, and then errs with 1/2 only
            assert getattr(planned, name) == pytest.approx(getattr(simulated, name), rel=0.26 * eta + 1e-4)


@pytest.mark.parametrize("length_km", [0.0, 50.0])
def test_the_link_of_ma_2005_agrees_with_the_click_table(length_km: float) -> None:
    simulated, eta = table_counts(length_km, 0.02, 1e9)
    link = ThresholdLink(eta, conventions.dark_count_of_receiver(PER_DETECTOR), 0.02)
    for i, k in enumerate(SETTINGS.intensities):
        share = 1e9 * SETTINGS.probabilities[i] * SETTINGS.key_basis_probability**2
        assert link.observed(k).gain * share == pytest.approx(simulated.key[i], rel=1e-5 + 2 * PER_DETECTOR)


def test_blocks_end_where_they_should() -> None:
    model = models(0.01, 0.02)[0]
    by_key = counts_for_key_bits(model, SETTINGS, 1e6)
    by_sifted = counts_for_sifted_bits(model, SETTINGS, 1e6)
    assert by_key.key_total == pytest.approx(1e6)
    assert by_sifted.key_total + by_sifted.test_total == pytest.approx(1e6)
    assert not by_key.observed


def test_planned_leakage() -> None:
    counts = single_photon_counts(1e6, 1e5, 0.02)
    assert planned_leak_bits(counts, 1.1) == pytest.approx(1.1 * 1e6 * 0.14144054, rel=1e-6)
    with pytest.raises(PhysicsError, match="Shannon limit"):
        planned_leak_bits(counts, 0.99)
    with pytest.raises(PhysicsError, match="qber"):
        single_photon_counts(1.0, 1.0, 1.5)


@pytest.mark.parametrize("make", [Lim2014Model, Rusca2018Model, Wiesemann2024Model])
def test_a_link_that_amplifies_is_refused(make: type) -> None:
    arguments = (1.2, 1e-6, 0.0, 0.01) if make is Lim2014Model else (1.2, 1e-6, 0.01)
    with pytest.raises(PhysicsError, match="cannot amplify"):
        make(*arguments)
