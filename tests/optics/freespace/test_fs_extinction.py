"""Extinction: air masses, tables and visibility laws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qcisim.errors import PhysicsError
from qcisim.optics.freespace import (
    TransmittanceTable,
    airmass,
    airmass_kasten_young,
    airmass_secant,
    kim_exponent,
    kruse_exponent,
    transmittance,
    visibility_attenuation_db_per_km,
)

LAWS = st.sampled_from(["secant", "kasten_young"])


def test_kasten_young_at_the_horizon_and_the_zenith() -> None:
    """38 air masses at the horizon (37.92 by the fit), 1 at the zenith to 3e-4."""
    assert float(airmass_kasten_young(0.0)) == pytest.approx(37.92, abs=0.01)
    assert float(airmass_kasten_young(90.0)) == pytest.approx(0.99971, abs=1e-5)


def test_the_laws_part_below_twenty_degrees() -> None:
    e = np.array([5.0, 10.0, 20.0, 45.0])
    ratio = airmass_secant(e) / airmass_kasten_young(e)
    assert np.all(np.diff(ratio) < 0.0)
    assert ratio[2] < 1.01
    assert ratio[0] > 1.1


@given(law=LAWS, zenith=st.floats(0.05, 1.0), e=st.floats(0.1, 89.0), higher=st.floats(0.01, 1.0))
def test_more_air_lets_less_through(law: str, zenith: float, e: float, higher: float) -> None:
    low, high = transmittance(zenith, np.array([e, e + higher]), law)
    assert 0.0 <= low <= high <= 1.0
    assert math.log(max(low, 1e-300)) == pytest.approx(max(float(airmass(e, law)) * math.log(zenith), math.log(1e-300)))


def test_nothing_comes_from_below_the_horizon() -> None:
    assert transmittance(0.9, np.array([-5.0, 0.0, 90.0])).tolist() == [0.0, 0.0, 0.9]
    assert float(transmittance(0.9, 0.0, "kasten_young")) == pytest.approx(0.9**37.92, rel=1e-3)
    assert float(transmittance(0.9, -0.1, "kasten_young")) == 0.0
    assert float(TransmittanceTable(np.array([10.0, 90.0]), np.array([0.5, 0.9]))(-1.0)) == 0.0


@given(zenith=st.floats(0.2, 1.0), e=st.floats(1.0, 90.0))
def test_a_table_of_beers_law_gives_it_back_also_beyond_its_rows(zenith: float, e: float) -> None:
    rows = np.array([15.0, 30.0, 50.0, 80.0])
    table = TransmittanceTable(rows, transmittance(zenith, rows))
    assert float(table(e)) == pytest.approx(float(transmittance(zenith, e)), rel=1e-9)


def test_a_table_goes_through_its_rows() -> None:
    rows, values = np.array([10.0, 20.0, 60.0, 90.0]), np.array([0.3, 0.55, 0.8, 0.82])
    assert TransmittanceTable(rows, values)(rows) == pytest.approx(values)
    assert np.all(TransmittanceTable(rows, values)(np.linspace(1.0, 90.0, 300)) <= 1.0)


@pytest.mark.parametrize("v", [0.5, 1.0, 6.0])
def test_kim_is_continuous_up_to_six_kilometres(v: float) -> None:
    below, above = kim_exponent(np.array([v - 1e-9, v + 1e-9]))
    assert below == pytest.approx(above, abs=1e-6)


def test_the_laws_agree_from_six_kilometres_on() -> None:
    v = np.array([6.0, 20.0, 50.0, 100.0])
    assert kruse_exponent(v).tolist() == kim_exponent(v).tolist() == [1.3, 1.3, 1.6, 1.6]


def test_visibility_is_two_per_cent_of_contrast_in_green() -> None:
    """At 550 nm the air of length V leaves exp(-3.91) = 2 %: the printed formula is in nepers, not in decibels."""
    loss_db = 7.0 * float(visibility_attenuation_db_per_km(7.0, 550.0))
    assert 10.0 ** (-loss_db / 10.0) == pytest.approx(0.02, abs=2e-4)


def test_old_law_sees_colour_in_fog() -> None:
    """42.9 dB/km between 785 and 1550 nm at 50 m (note of sat-kim2001-fog-no-colour)."""
    short, long = visibility_attenuation_db_per_km(0.05, np.array([785.0, 1550.0]), "kruse")
    assert short - long == pytest.approx(42.9, abs=0.1)


def test_refusals() -> None:
    with pytest.raises(PhysicsError, match=r"elevation_deg 91: .*above the zenith"):
        transmittance(0.9, np.array([20.0, 91.0]))
    with pytest.raises(PhysicsError, match=r"zenith_transmittance 1\.01: air cannot amplify"):
        transmittance(1.01, 45.0)
    with pytest.raises(PhysicsError, match="no light comes through"):
        transmittance(0.0, 45.0)
    with pytest.raises(PhysicsError, match="did you mean 'kasten_young'"):
        airmass(45.0, "kasten_yung")
    with pytest.raises(PhysicsError, match=r"visibility law 'foggy' .*kruse, kim"):
        visibility_attenuation_db_per_km(1.0, 850.0, "foggy")
    with pytest.raises(PhysicsError, match="visibility_km 0"):
        visibility_attenuation_db_per_km(0.0, 850.0)


@pytest.mark.parametrize(
    ("e", "t", "reason"),
    [
        ([10.0], [0.5], "two or more"),
        ([10.0, 90.0], [0.5], "equal length"),
        ([20.0, 10.0], [0.5, 0.6], "rise"),
        ([0.0, 90.0], [0.5, 0.6], r"\(0, 90\]"),
        ([10.0, 90.0], [0.5, 1.1], r"\(0, 1\]"),
        ([10.0, 90.0], [0.0, 0.9], r"\(0, 1\]"),
    ],
)
def test_table_refuses(e: list[float], t: list[float], reason: str) -> None:
    with pytest.raises(PhysicsError, match=reason):
        TransmittanceTable(np.array(e), np.array(t))
