"""The cases about shared pairs: what the adapters answer beyond pass and fail, and what they must not do."""

from __future__ import annotations

import copy
import inspect
from typing import Any

import pytest

from qcisim.testing import Case, run_case, shipped_cases
from qcisim.testing import entanglement_cases as pairs

LINKS = {case.id: case for case in shipped_cases() if case.schema == "link" and case.record["kind"] == "repeater"}
PROTOCOLS = {"entanglement", "entanglement purification", "entanglement swapping", "repeater", "teleportation"}
QKD = {case.id: case for case in shipped_cases() if case.schema == "qkd" and case.field in PROTOCOLS}


def actual(name: str, **changes: Any) -> float:
    case = {**LINKS, **QKD}[name]
    record = copy.deepcopy(dict(case.record))
    record["parameters" if case.schema == "link" else "params"].update(changes)
    result = run_case(Case(case.schema, case.id, case.topic, case.field, case.gating, case.expected, record))
    assert isinstance(result.actual, int | float), result.message
    return float(result.actual)


def test_every_case_has_an_adapter() -> None:
    assert len(LINKS) == 15
    assert set(pairs.LINK_ADAPTERS) == set(LINKS)
    assert len(QKD) == 18
    assert all(run_case(case).status == "pass" for case in QKD.values())


def test_no_adapter_looks_at_what_is_expected() -> None:
    source = inspect.getsource(pairs)
    assert 'expected"' not in source
    assert ".record" not in source
    for case in LINKS.values():
        value = case.record["expected"].get("value")
        assert value in (39, 0.9, 10.0, 17, 5e-07, 0.92, None) or f"{value}" not in source


@pytest.mark.parametrize("name", ["rep-oxford-ion-link", "rep-ion-photon-canteri"])
def test_what_the_inputs_do_not_fix_is_said(name: str) -> None:
    result = run_case(LINKS[name])
    assert result.status == "unsupported"
    assert "the only input" in result.message


def test_heralded_links_follow_their_inputs() -> None:
    rate = actual("rep-humphreys-rate-max")
    assert actual("rep-humphreys-rate-max", attempt_time_us=11.0) == pytest.approx(rate / 2.0, rel=1e-12)
    assert actual("rep-humphreys-rate-max", bright_state_population=0.15) == pytest.approx(rate / 2.0, rel=1e-3)
    far = actual("rep-delft-hague-rate", fibre_km=50)
    assert far < actual("rep-delft-hague-rate") / 4.0
    assert actual("rep-vanleent-33km", fibre_km=0) == pytest.approx(pairs.Assumed().atom_fidelity, abs=1e-12)
    lengths = [actual("rep-vanleent-33km", fibre_km=km) for km in (0, 6, 11, 23, 33, 100)]
    assert lengths == sorted(lengths, reverse=True)
    assert actual("rep-single-repeater-scaling", extra_length_km=50) == pytest.approx(5.0, abs=1e-3)


def test_pairs_follow_their_inputs() -> None:
    assert actual("swap.depth.bell", input_fidelity=0.7) == 0
    assert actual("swap.depth.bell", input_fidelity=0.79) == 1
    assert actual("swap.2.0.95", input_fidelities=[0.95]) == pytest.approx(0.95, abs=1e-12)
    assert actual("rep-bbm92-threshold", error_correction_f=1.16) > actual("rep-bbm92-threshold")
    assert actual("rep-memory-dephasing", storage_time_s=0.0) == 1.0
    assert actual("wait.0.1.2", links=1) == pytest.approx(10.0, rel=1e-12)
