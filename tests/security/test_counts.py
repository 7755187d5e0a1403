"""The counts of a block, and the tally they come from."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from numpy.typing import NDArray

from qcisim.errors import PhysicsError
from qcisim.security import BlockCounts


@dataclass
class Tally:
    detections: NDArray[np.float64]
    errors: NDArray[np.float64]
    rounds: float


@dataclass
class Source:
    intensities: tuple[float, ...]
    probabilities: tuple[float, ...]


SOURCE = Source((0.0, 0.5, 0.1), (0.1, 0.7, 0.2))


def tally(scale: float = 1.0) -> Tally:
    detections = np.arange(12, dtype=float).reshape(3, 2, 2) * scale
    return Tally(detections, detections // 3, 100.0)


def test_settings_are_sorted_strongest_first_and_bases_kept_apart() -> None:
    counts = BlockCounts.of(tally(), SOURCE)
    assert counts.intensities == (0.5, 0.1, 0.0)
    assert counts.probabilities == (0.7, 0.2, 0.1)
    assert counts.key == (4.0, 8.0, 0.0)
    assert counts.test == (7.0, 11.0, 3.0)
    assert counts.test_errors == (2.0, 3.0, 1.0)
    assert counts.key_errors == (1.0, 2.0, 0.0)
    assert (counts.key_total, counts.test_total, counts.test_error_total, counts.rounds) == (12.0, 21.0, 6.0, 100.0)
    assert counts.key_qber == pytest.approx(0.25)


def test_whole_counts_are_observed_and_expectations_are_not() -> None:
    assert BlockCounts.of(tally(), SOURCE).observed
    assert not BlockCounts.of(tally(0.37), SOURCE).observed
    assert not BlockCounts.of(tally(0.0), SOURCE).observed
    assert not BlockCounts.of(tally(), SOURCE, observed=False).observed


def test_photon_number_distribution() -> None:
    counts = BlockCounts.of(tally(), SOURCE)
    assert sum(counts.tau(n) for n in range(40)) == pytest.approx(1.0, abs=1e-12)
    assert sum(n * counts.tau(n) for n in range(40)) == pytest.approx(0.7 * 0.5 + 0.2 * 0.1, abs=1e-12)


def test_key_errors_are_added_after_verification() -> None:
    counts = replace(BlockCounts.of(tally(), SOURCE), key_errors=None)
    with pytest.raises(PhysicsError, match="not known"):
        _ = counts.key_qber
    assert counts.with_key_errors((1.0, 1.0, 0.0)).key_errors == (1.0, 1.0, 0.0)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"intensities": (0.1, 0.5, 0.0)}, "strictly falling"),
        ({"intensities": (0.5, 0.5, 0.0)}, "strictly falling"),
        ({"intensities": (0.5, 0.1, -0.1)}, ">= 0"),
        ({"probabilities": (0.7, 0.2, 0.2)}, "sum 1"),
        ({"probabilities": (0.9, 0.1, 0.0)}, "> 0"),
        ({"key": (4.0, 8.0)}, "3 values"),
        ({"test": (7.0, float("nan"), 3.0)}, "finite"),
        ({"test_errors": (8.0, 0.0, 0.0)}, "errors among"),
        ({"key_errors": (5.0, 0.0, 0.0)}, "errors among"),
        ({"key": (-1.0, 8.0, 0.0)}, ">= 0"),
    ],
)
def test_counts_that_cannot_be_are_refused(change: dict[str, object], text: str) -> None:
    with pytest.raises(PhysicsError, match=text):
        replace(BlockCounts.of(tally(), SOURCE), **change)  # type: ignore[arg-type]
