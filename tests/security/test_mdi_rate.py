"""MDI-QKD with infinitely many decoys: laws, the published reach, unequal arms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qcisim.errors import PhysicsError
from qcisim.security import Hub, ceilings, ma2005, mdi_rate
from qcisim.units import transmittance_from_db

ETA = st.floats(1e-3, 0.9)
SIGNAL = st.floats(0.05, 1.0)


@given(ETA, ETA, st.floats(0.0, 1e-5), st.floats(0.0, 0.06), SIGNAL, SIGNAL, st.floats(0.5, 0.999))
@settings(max_examples=80, deadline=None)
def test_loss_darkness_and_errors_never_help(
    a: float, b: float, dark: float, e_d: float, mu_a: float, mu_b: float, less: float
) -> None:
    rate = mdi_rate.infinite_decoys(Hub(a, b, dark, e_d), mu_a, mu_b)
    worse = [
        Hub(a, b, 2.0 * dark + 1e-9, e_d),
        Hub(a, b, dark, e_d + 0.01),
        Hub(a, b, dark, e_d, 0.95),
    ]
    for hub in worse:
        assert mdi_rate.infinite_decoys(hub, mu_a, mu_b) <= rate + 1e-15
    if rate > 0.0:  # dark, so that less light is less key
        assert mdi_rate.infinite_decoys(Hub(less * a, b, dark, e_d), mu_a, mu_b) < rate


@given(ETA, ETA, SIGNAL, SIGNAL)
@settings(max_examples=80, deadline=None)
def test_below_the_ceiling_of_a_hub_and_below_the_repeaterless_bound(
    a: float, b: float, mu_a: float, mu_b: float
) -> None:
    """A hub is one repeater; a linear-optics one without memories stays below the bound of the bare line too."""
    rate = mdi_rate.infinite_decoys(Hub(a, b, 0.0), mu_a, mu_b, 1.0)
    assert rate <= ceilings.chain_bound([a, b])
    assert rate <= ceilings.repeaterless_bound(a * b)


@given(st.floats(5e-3, 0.9), st.floats(0.0, 0.03))
@settings(max_examples=15, deadline=None)
def test_equal_arms_want_equal_signals(eta: float, e_d: float) -> None:
    hub = Hub(eta, eta, 1e-7, e_d)
    a, b = mdi_rate.best_signals(hub)
    (c, d) = mdi_rate.best_signals(hub, symmetric=True)
    assert c == d
    assert a == pytest.approx(b, rel=1e-2)
    free, forced = (mdi_rate.infinite_decoys(hub, *pair) for pair in ((a, b), (c, d)))
    assert free == pytest.approx(forced, rel=1e-6)


@pytest.mark.parametrize("ratio", [0.5, 0.1, 0.02])
def test_free_signals_are_at_least_as_good_as_equal_ones(ratio: float) -> None:
    hub = Hub(0.1, 0.1 * ratio, 1e-6, 0.015)
    free = mdi_rate.infinite_decoys(hub, *mdi_rate.best_signals(hub))
    assert free >= mdi_rate.infinite_decoys(hub, *mdi_rate.best_signals(hub, symmetric=True))
    for step in (0.9, 1.1):
        a, b = mdi_rate.best_signals(hub)
        assert mdi_rate.infinite_decoys(hub, a * step, b) < free
        assert mdi_rate.infinite_decoys(hub, a, b * step) < free


def test_adding_loss_to_the_short_arm_is_the_worse_cure() -> None:
    unequal, padded = Hub(0.1, 0.01, 1e-7, 0.015), Hub(0.01, 0.01, 1e-7, 0.015)
    rates = [mdi_rate.infinite_decoys(hub, *mdi_rate.best_signals(hub)) for hub in (unequal, padded)]
    assert rates[0] > 5.0 * rates[1]


def test_reach_of_the_first_proposal() -> None:
    """More than 40 dB at 14.5 % and 3.01e-6 per detector: Lo, Curty, Qi, PRL 108, 130503 (2012), Fig. 2."""

    def rate(length_km: float) -> float:
        eta = 0.145 * transmittance_from_db(0.2 * length_km / 2.0)
        hub = Hub(eta, eta, 3.01e-6, 0.015)
        return mdi_rate.infinite_decoys(hub, *mdi_rate.best_signals(hub, symmetric=True))

    assert rate(200.0) > 0.0
    assert ma2005.reach_km(rate) == pytest.approx(231.945, abs=0.01)


def test_rate_falls_as_the_square_of_each_arm() -> None:
    """Without dark counts R goes with eta_a eta_b, as the transmittance of the whole line."""
    rates = [mdi_rate.infinite_decoys(Hub(eta, eta, 0.0, 0.01), 0.4, 0.4) for eta in (1e-2, 1e-3, 1e-4)]
    slopes = np.diff(np.log10(rates))
    assert slopes == pytest.approx([-2.0, -2.0], abs=0.01)


def test_better_than_shannon_is_refused() -> None:
    with pytest.raises(PhysicsError, match="Shannon"):
        mdi_rate.infinite_decoys(Hub(0.1, 0.1, 0.0), 0.3, 0.3, 0.9)
