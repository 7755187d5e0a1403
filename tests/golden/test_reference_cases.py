"""Every shipped QKD reference case, by id. What is not run is listed here with its reason, and nothing else may be."""

from __future__ import annotations

import fnmatch

import pytest

from qcisim.testing import Case, run_case, shipped_cases
from qcisim.testing.verdict import has_own_value

LATER = {
    "numerical security proofs": ("sdp.*", "qpsk.sdp.*"),
    "more levels": ("hd3.*", "hd5.*"),
    "twin-field": ("cal.*", "sns.*"),
    "continuous variables": ("cv.*", "psk.*", "qpsk.loss.*"),
}
QKD = [case for case in shipped_cases() if case.schema == "qkd"]


def reason_of(case: Case) -> str:
    return next((why for why, globs in LATER.items() if any(fnmatch.fnmatch(case.id, g) for g in globs)), "")


RUN = [case for case in QKD if case.gating and not reason_of(case)]


@pytest.mark.parametrize("case", RUN, ids=[case.id for case in RUN])
def test_case(case: Case) -> None:
    result = run_case(case)
    assert result.status == "pass", f"{case.id}: {result.actual} against {result.expected}; {result.message}"


@pytest.mark.parametrize("case", [c for c in QKD if reason_of(c)], ids=lambda c: f"{c.id} ({reason_of(c)})")
def test_a_case_is_left_out_only_while_it_has_no_function(case: Case) -> None:
    assert run_case(case).status == "unsupported"


def test_the_families_this_release_is_about_are_complete() -> None:
    families = {
        "BB84",
        "decoy BB84",
        "one-decoy BB84",
        "BB84 single photon",
        "statistics",
        "Cascade",
        "reconciliation",
        "privacy amplification",
        "authentication",
        "bound",
        "entanglement",
        "entanglement purification",
        "entanglement swapping",
        "repeater",
        "teleportation",
        "BBM92",
        "E91",
        "DI-QKD",
        "MDI-QKD",
        "six-state",
    }
    allowed = {"numerical security proofs"}
    left_out = {case.id: reason_of(case) for case in QKD if case.field in families and reason_of(case)}
    assert set(left_out.values()) <= allowed
    assert len(RUN) >= 204


def test_printed_numbers_are_held_to_their_recomputed_value() -> None:
    assert sum(has_own_value(case.record) for case in RUN) >= 9
