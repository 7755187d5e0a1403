"""The satellite cases: what the adapters answer beyond pass and fail, and what they must not do."""

from __future__ import annotations

import copy
import inspect
from typing import Any

import numpy as np
import pytest

from qcisim.optics import Detector, Pulse, Receiver, WeakCoherentSource, click_tables, expected_tallies
from qcisim.optics.freespace.link import FreeSpaceLink
from qcisim.optics.freespace.terminals import Atmosphere, Sky, Telescope, Transmitter
from qcisim.optics.orbit import Epoch, GroundStation, TwoLineElements
from qcisim.testing import Case, run_case, shipped_cases
from qcisim.testing import satellite_cases as optics
from qcisim.testing import satellite_keys as keys
from qcisim.testing import satellite_micius as micius_cases
from qcisim.testing.verdict import link_status

CASES = {case.id: case for case in shipped_cases() if case.schema == "link" and case.record["kind"] == "satellite"}
BANDS = [case for case in CASES.values() if case.record["expected"]["compare"] == "range"]


def with_parameters(case: Case, **changes: Any) -> Case:
    record = copy.deepcopy(dict(case.record))
    record["parameters"].update(changes)
    return Case(case.schema, case.id, case.topic, case.field, case.gating, case.expected, record)


def actual(name: str, **changes: Any) -> float:
    result = run_case(with_parameters(CASES[name], **changes))
    assert isinstance(result.actual, int | float), result.message
    return float(result.actual)


def test_all_49_cases_have_an_adapter() -> None:
    assert len(CASES) == 49
    assert set(optics.ADAPTERS) == set(CASES)


def test_no_adapter_looks_at_what_is_expected() -> None:
    for module in (optics, keys, micius_cases):
        assert 'expected"' not in inspect.getsource(module)
        assert ".record" not in inspect.getsource(module)


@pytest.mark.parametrize("case", BANDS, ids=[case.id for case in BANDS])
def test_bands_warn_outside_and_fail_a_decade_off(case: Case) -> None:
    expected = case.record["expected"]
    low, high = expected["low"], expected["high"]
    assert link_status(expected, (low + high) / 2.0) == "pass"
    assert link_status(expected, low * 0.9) == link_status(expected, high * 1.1) == "warn"
    assert link_status(expected, low / 10.1) == link_status(expected, high * 10.1) == "fail"


def test_the_pass_of_2016_counts_3_62_million() -> None:
    """What the specification computed from the same figure: 3.62 million detections, 1.70 million sifted bits."""
    assert actual("sat-micius-pass-detections") == pytest.approx(3.62e6, rel=2e-3)
    rate = actual("sat-micius-sifted-rate-645km")
    assert 1e3 * rate / 4.7059e-1 == pytest.approx(20.9e3, rel=0.01)


def test_counts_follow_their_inputs() -> None:
    name = "sat-micius-pass-detections"
    whole = actual(name)
    assert actual(name, detector_efficiency=0.25) == pytest.approx(whole / 2.0, rel=5e-3)
    assert actual(name, pulse_rate_hz=2e8) == pytest.approx(2.0 * whole, rel=5e-3)
    share = "sat-micius-sifting-fraction"
    assert actual(share, basis_match_probability=0.82) == pytest.approx(0.82 / 0.5 * actual(share), rel=1e-4)
    assert actual("sat-micius-final-key-fraction", qber=0.05) < 0.5 * actual("sat-micius-final-key-fraction")


def test_the_satellite_relays_what_the_poorer_station_has() -> None:
    name = "sat-trusted-relay-xor"
    assert actual(name, key_station_a_bits=250_000, key_station_b_bits=300_939) == 250_000
    assert actual(name, key_station_a_bits=0) == 0
    assert actual(name, key_station_a_bits=4096, key_station_b_bits=4096) == 4096


def test_lengths_fall_with_loss_and_never_exceed_the_limit_of_long_blocks() -> None:
    finite, endless = "sat-satquma-skl-30db-400s-chernoff", "sat-satquma-skl-30db-400s-asymptotic"
    lengths = [actual(finite, loss_db=loss) for loss in (28, 30, 35, 40, 45)]
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[-1] == 0
    for loss in (28, 30, 35, 40):
        assert actual(finite, loss_db=loss) < actual(endless, loss_db=loss)
    assert actual(finite, tail_bound="Hoeffding") < actual(finite)


def test_the_orbit_and_the_loss_of_the_figure_count_as_many_as_the_track_of_the_figure() -> None:
    """The whole link, elements and loss table, against the published pass and against the case's own track."""
    p = CASES["sat-micius-pass-detections"].record["parameters"]
    upgrade, micius = micius_cases.MiciusUpgrade(), micius_cases.MiciusPass()
    detector = Detector(0.5, micius.dark_count_rate_hz, dead_time_s=micius.dead_time_s, gate_s=micius.window_s)
    receiver = Receiver(detector, 0.5, 0.0, 0.0)
    link = FreeSpaceLink(
        TwoLineElements(*upgrade.elements),
        GroundStation(*upgrade.station, 10.0),
        Epoch.parse(upgrade.start_utc),
        Transmitter(0.3, "flat", divergence_full_rad=10e-6),
        Telescope(1.0),
        Atmosphere(fading="none"),
        Sky(0.0, 0.0),
        receiver,
        micius.clock_hz,
        Pulse(848.6, 0.0, 0.0),
        loss_table=(p["loss_curve_km"], p["loss_curve_db"]),
    )
    best = max(link.passes(0.0, 3.0 * 3600.0), key=lambda one: one.maximum_elevation_deg)
    states = link.states(np.arange(best.rise_s + 0.5, best.set_s))
    assert states.range_km is not None
    near = states.range_km < 1200.0
    assert near.sum() == pytest.approx(273, abs=1)
    source = WeakCoherentSource(tuple(p["intensities"]), tuple(p["intensity_probabilities"]), micius.clock_hz)
    tallies = expected_tallies(
        click_tables(source, states, receiver), np.full(len(states), micius.clock_hz), detector, micius.clock_hz
    )
    detections = float(tallies.clicks[near].sum())
    assert detections == pytest.approx(actual("sat-micius-pass-detections"), rel=0.01)
    assert detections == pytest.approx(3_551_136, rel=0.03)
