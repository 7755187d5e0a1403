"""Alice's and Bob's views of the clicks."""

from __future__ import annotations

import numpy as np
import pytest
from exact_regions import binomial_plausible

from qcisim.engine import stream
from qcisim.errors import PhysicsError
from qcisim.optics import Clicks, split


def all_cells(repeats: int) -> Clicks:
    cell = np.tile(np.arange(72, dtype=np.uint8), repeats)
    return Clicks(np.arange(len(cell)) * 3, cell, 3 * len(cell), 0, 3, 1e9)


def test_views_are_the_cells() -> None:
    clicks = all_cells(5)
    alice, bob = split(clicks, stream(1, "bob"))
    assert np.array_equal(alice.setting, clicks.setting)
    assert np.array_equal(alice.basis, clicks.alice_basis)
    assert np.array_equal(alice.bit, clicks.alice_bit)
    assert np.array_equal(bob.basis, clicks.bob_basis)
    assert np.array_equal(bob.double, clicks.outcome == 2)
    assert np.array_equal(bob.bit[~bob.double], clicks.outcome[~bob.double])
    assert set(np.unique(bob.bit)) == {0, 1}


def test_double_clicks_get_fair_bits_of_bobs_own_stream() -> None:
    clicks = all_cells(3000)
    _, bob = split(clicks, stream(1, "bob"))
    _, again = split(clicks, stream(1, "bob"))
    _, other = split(clicks, stream(2, "bob"))
    assert binomial_plausible(int(bob.bit[bob.double].sum()), int(bob.double.sum()), 0.5)
    assert np.array_equal(bob.bit, again.bit)
    assert not np.array_equal(bob.bit, other.bit)


def test_the_views_share_only_which_rounds_clicked_and_cannot_change_them() -> None:
    clicks = all_cells(2)
    alice, bob = split(clicks, stream(1, "bob"))
    hers = (alice.setting, alice.basis, alice.bit)
    his = (bob.basis, bob.bit, bob.double)
    assert not any(np.shares_memory(a, b) for a in hers for b in his)
    for record in (alice, bob):
        with pytest.raises(ValueError, match="read-only"):
            record.round[0] = 1


def test_alice_looks_up_the_rounds_bob_names() -> None:
    alice, bob = split(all_cells(2), stream(1, "bob"))
    assert alice.at(bob.round) is alice
    some = alice.at(bob.round[5:50:7])
    assert np.array_equal(some.round, alice.round[5:50:7])
    assert np.array_equal(some.bit, alice.bit[5:50:7])
    assert np.array_equal(some.setting, alice.setting[5:50:7])
    assert len(alice.at(np.empty(0, np.int64))) == 0
    with pytest.raises(PhysicsError, match="did not click"):
        alice.at(np.array([0, 1]))
    with pytest.raises(PhysicsError, match="did not click"):
        alice.at(np.array([10**9]))
