"""Sifting against its definition, and its refusals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qcisim.distill import per_setting, sift
from qcisim.errors import PhysicsError


@settings(deadline=None)  # the first example compiles
@given(st.integers(0, 200), st.integers(0, 2**32 - 1))
def test_sift_keeps_equal_bases_in_order(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b, bit, setting = (rng.integers(0, k, n).astype(np.uint8) for k in (2, 2, 2, 3))
    got = sift(a, b, bit, setting)
    key, test = np.flatnonzero((a == 0) & (b == 0)), np.flatnonzero((a == 1) & (b == 1))
    for found, wanted in zip(got, (bit[key], setting[key], bit[test], setting[test]), strict=True):
        assert (found == wanted).all()
    assert (per_setting(setting, 3) == np.bincount(setting, minlength=3)).all()


def test_sift_refuses_arrays_of_different_length_and_unknown_settings() -> None:
    ones = np.ones(3, np.uint8)
    with pytest.raises(PhysicsError, match="equally many"):
        sift(ones, ones, ones, ones[:2])
    with pytest.raises(PhysicsError, match="setting 3 was announced"):
        per_setting(np.array([0, 3], np.uint8), 3)
