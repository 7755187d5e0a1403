"""The hub's closed forms against phases averaged in numbers and photons counted one by one."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qcisim.errors import PhysicsError
from qcisim.security import Hub, hom_visibility
from qcisim.security.mdi_hub import bessel_excess
from tests.security import hub_oracle

HUBS = st.builds(
    Hub,
    st.floats(1e-3, 1.0),
    st.floats(1e-3, 1.0),
    st.floats(0.0, 1e-2),
    st.floats(0.0, 0.5),
    st.floats(0.0, 1.0),
)
MEANS = st.floats(1e-2, 3.0)


@given(HUBS, MEANS, MEANS)
@settings(max_examples=50, deadline=None)
def test_gains_are_the_averages_over_the_phase_of_the_senders(hub: Hub, mu_a: float, mu_b: float) -> None:
    for basis, seen in (("Z", hub.key_basis(mu_a, mu_b)), ("X", hub.test_basis(mu_a, mu_b))):
        gain, error_gain = hub_oracle.gains(hub, mu_a, mu_b, basis)
        assert seen.gain == pytest.approx(gain.real, rel=1e-8, abs=1e-15)
        assert seen.error_gain == pytest.approx(error_gain.real, rel=1e-8, abs=1e-15)


@given(HUBS)
@settings(max_examples=60, deadline=None)
def test_single_photons_are_counted_one_by_one(hub: Hub) -> None:
    seen = hub.single_photons()
    in_x = hub_oracle.two_photons(hub, "X")
    in_z = hub_oracle.two_photons(hub, "Z")
    assert seen.gain == pytest.approx(in_x[0], rel=1e-12)
    assert seen.gain == pytest.approx(in_z[0], rel=1e-12), "a pair of single photons looks alike in both bases"
    assert seen.error_gain == pytest.approx(in_x[1], rel=1e-10, abs=1e-16)


@pytest.mark.parametrize("overlap", [1.0, 0.9])
def test_single_photons_are_the_first_coefficient_of_the_gains(overlap: float) -> None:
    hub = Hub(0.3, 0.05, 1e-4, 0.015, overlap)
    seen = hub.single_photons()
    for basis in ("X", "Z"):
        made, wrong = hub_oracle.yields(hub, basis, 3)
        assert made[1, 1] == pytest.approx(seen.gain, rel=1e-9)
        if basis == "X":
            assert wrong[1, 1] == pytest.approx(seen.error_gain, rel=1e-9)
        assert made.min() >= 0.0
        assert made.max() <= 1.0


@given(st.floats(1e-12, 1e-3), st.floats(1e-12, 1e-3))
@settings(max_examples=60, deadline=None)
def test_weak_light_loses_no_digits(mu_a: float, mu_b: float) -> None:
    """Second order in the intensities, dark-free: Q_X = s^2/4 without interference, E Q from the beat a b/2."""
    gain = Hub(1.0, 1.0, 0.0).test_basis(mu_a, mu_b)
    s = mu_a + mu_b
    assert gain.gain == pytest.approx(s * s / 4.0, rel=2e-3)
    assert gain.error_gain == pytest.approx(s * s / 8.0 - mu_a * mu_b / 4.0, rel=3e-3, abs=2e-3 * s * s)
    assert gain.error_gain >= 0.0


@pytest.mark.parametrize(("ratio", "qber"), [(1.0, 0.255), (3.0, 0.316), (10.0, 0.419)])
def test_unequal_pulses_interfere_badly(ratio: float, qber: float) -> None:
    """E_X -> 1/2 - (1 - 2 e_d) a b/(a+b)^2. Ma, Razavi (2012), small signals; numbers at e_d = 1 %."""
    seen = Hub(0.5, 0.5, 0.0, 0.01).test_basis(1e-5 * ratio, 1e-5).qber
    assert seen == pytest.approx(0.5 - 0.98 * ratio / (1.0 + ratio) ** 2, rel=1e-4)
    assert seen == pytest.approx(qber, abs=6e-4)


def test_a_linear_optics_bell_measurement_tells_half_of_the_states() -> None:
    assert Hub(0.3, 0.7, 0.0).single_photons().gain / 0.21 == pytest.approx(0.5, rel=1e-14)
    assert Hub(0.3, 0.7, 0.0, 0.0).single_photons().error_gain == pytest.approx(0.0, abs=1e-16)
    assert Hub(0.3, 0.7, 0.0, 0.0, 0.0).single_photons().qber == pytest.approx(0.5)


@given(st.floats(0.0, 1.0), st.floats(0.05, 20.0))
@settings(max_examples=50, deadline=None)
def test_visibility_is_that_of_the_coincidences_behind_the_splitter(overlap: float, ratio: float) -> None:
    weak = 1e-4
    a, b = weak * ratio, weak

    def coincidences(v: float) -> float:
        """<(1 - e^-I_c)(1 - e^-I_d)> over the phase."""
        beat = v * math.sqrt(a * b) * np.cos(hub_oracle.PHASES)
        mean = (a + b) / 2.0
        return float(np.mean(np.expm1(-mean - beat) * np.expm1(-mean + beat)))

    expected = 1.0 - coincidences(overlap) / coincidences(0.0)
    assert hom_visibility(overlap, ratio) == pytest.approx(expected, abs=2e-3)
    assert hom_visibility(overlap, ratio) <= 0.5
    assert hom_visibility(overlap, single_photons=True) == overlap**2


@given(HUBS, MEANS, MEANS)
@settings(max_examples=60, deadline=None)
def test_the_two_arms_are_alike(hub: Hub, mu_a: float, mu_b: float) -> None:
    other = replace(hub, transmittance_a=hub.transmittance_b, transmittance_b=hub.transmittance_a)
    assert hub.key_basis(mu_a, mu_b).gain == pytest.approx(other.key_basis(mu_b, mu_a).gain, rel=1e-12)
    assert hub.test_basis(mu_a, mu_b).error_gain == pytest.approx(other.test_basis(mu_b, mu_a).error_gain, rel=1e-12)
    assert hub.single_photons().gain == pytest.approx(other.single_photons().gain, rel=1e-12)


def test_bessel_function_across_its_two_ways() -> None:
    for x in (0.0, 1e-8, 0.3, 0.999999, 1.000001, 5.0):
        terms = math.fsum((x / 2.0) ** (2 * k) / math.factorial(k) ** 2 for k in range(1, 40))
        assert bessel_excess(x) == pytest.approx(terms, rel=1e-13)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((1.2, 0.5, 0.0), "cannot amplify"),
        ((0.5, -0.1, 0.0), "cannot amplify"),
        ((0.5, 0.5, 1.0), "dark_count_probability_per_detector"),
        ((0.5, 0.5, 0.0, 0.6), "misalignment_error"),
        ((0.5, 0.5, 0.0, 0.0, 1.1), "mode_overlap"),
    ],
)
def test_a_hub_that_cannot_be_is_refused(arguments: tuple[float, ...], text: str) -> None:
    with pytest.raises(PhysicsError, match=text):
        Hub(*arguments)


@pytest.mark.parametrize("intensity", [-0.1, math.nan, math.inf])
def test_impossible_light_is_refused(intensity: float) -> None:
    with pytest.raises(PhysicsError, match="intensity_b"):
        Hub(0.5, 0.5, 0.0).test_basis(0.1, intensity)
    with pytest.raises(PhysicsError, match="ratio"):
        hom_visibility(1.0, 0.0)
