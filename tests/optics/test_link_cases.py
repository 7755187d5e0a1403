"""The link cases of kinds fibre, raman, detector, satellite and repeater, as shipped."""

from __future__ import annotations

import pytest

from qcisim.testing import run_case, shipped_cases
from qcisim.testing.link_cases import ADAPTERS

KINDS = ("fibre", "raman", "detector", "satellite", "repeater")
CASES = {case.id: case for case in shipped_cases() if case.schema == "link" and case.record["kind"] in KINDS}
OTHER_PROTOCOLS = {  # twin-field and coherent one-way have no program yet
    "fibre-tfqkd-202km-rate",
    "fibre-korzh2014-rate",
    "fibre-walenta2014-25km",
}
NOT_FIXED_BY_ITS_INPUTS = {"raman-mao2018-order", "rep-oxford-ion-link", "rep-ion-photon-canteri"}


def test_every_case_has_an_adapter_and_every_adapter_a_case() -> None:
    assert set(ADAPTERS) == set(CASES) - OTHER_PROTOCOLS


@pytest.mark.parametrize("name", sorted(ADAPTERS))
def test_case(name: str) -> None:
    result = run_case(CASES[name])
    wanted = "unsupported" if name in NOT_FIXED_BY_ITS_INPUTS else "pass"
    assert result.status == wanted, f"{result.actual} for {result.expected}: {result.message}"
