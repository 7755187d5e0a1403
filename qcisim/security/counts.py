"""The counts of one block: what a bound is allowed to look at."""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from qcisim.errors import PhysicsError, require


class TallyLike(Protocol):
    """Counts [setting, alice_basis, bob_basis] of a block; basis 0 is the key basis."""

    @property
    def detections(self) -> NDArray[Any]: ...
    @property
    def errors(self) -> NDArray[Any]: ...
    @property
    def rounds(self) -> float: ...


class SourceLike(Protocol):
    """The settings of a source: mean photon numbers and the probabilities to send them."""

    @property
    def intensities(self) -> tuple[float, ...]: ...
    @property
    def probabilities(self) -> tuple[float, ...]: ...


@dataclass(frozen=True, slots=True)
class BlockCounts:
    """Sifted detections and errors of one block, per setting, strongest setting first.

    Arguments: ``intensities`` mean photon numbers, strictly falling; ``probabilities`` with which they were sent;
    ``key`` and ``test`` sifted detections per setting in the key and in the test basis; ``test_errors`` among ``test``;
    ``key_errors`` among ``key``, known after verification (None where the bound does not need them); ``rounds`` sent in
    all (0 = not known); ``observed`` True for counted data, False for expectations of a model, which are real numbers.
    Raises `PhysicsError` for counts that cannot have come from a block.
    """

    intensities: tuple[float, ...]
    probabilities: tuple[float, ...]
    key: tuple[float, ...]
    test: tuple[float, ...]
    test_errors: tuple[float, ...]
    key_errors: tuple[float, ...] | None = None
    rounds: float = 0.0
    observed: bool = False

    def __post_init__(self) -> None:
        fault = self._fault()
        if fault:
            raise PhysicsError(fault)

    def _fault(self) -> str:
        """What cannot have come from a block, in words; empty where nothing is wrong. Texts are made when needed."""
        mu, p, size = self.intensities, self.probabilities, len(self.intensities)
        if size == 0:
            return "a block needs at least one setting"
        for name in ("probabilities", "key", "test", "test_errors", "key_errors"):
            values = getattr(self, name)
            if values is None:
                continue
            if len(values) != size:
                return f"{name}: wanted {size} values, one per intensity, got {len(values)}"
            if not all(map(math.isfinite, values)) or min(values) < 0.0:
                return f"{name} {values}: wanted finite and >= 0"
        if not all(map(operator.gt, mu, mu[1:])):
            return f"intensities {mu}: wanted strictly falling, strongest first"
        if not mu[-1] >= 0.0:
            return f"intensities {mu}: a mean photon number is >= 0"
        if min(p) <= 0.0:
            return f"probabilities {p}: wanted all > 0"
        if not abs(math.fsum(p) - 1.0) < 1e-6:
            return f"probabilities {p}: wanted sum 1, got {math.fsum(p)}"
        for errors, of, name in ((self.test_errors, self.test, "test"), (self.key_errors, self.key, "key")):
            for m, n in zip(errors or (), of, strict=False):
                if m > n * (1.0 + 1e-12) + 1e-9:
                    return f"{name} basis: {errors} errors among {of} detections"
        return ""

    @classmethod
    def of(cls, tally: TallyLike, source: SourceLike, *, observed: bool | None = None) -> BlockCounts:
        """The counts of a tally, settings sorted strongest first.

        Where ``observed`` is not said, a tally of whole numbers counts as observed: expectations are not whole.
        """
        order = sorted(range(len(source.intensities)), key=lambda i: -source.intensities[i])
        detections, errors = np.asarray(tally.detections), np.asarray(tally.errors)

        def row(values: NDArray[Any], basis: int) -> tuple[float, ...]:
            return tuple(float(values[i, basis, basis]) for i in order)

        return cls(
            intensities=tuple(float(source.intensities[i]) for i in order),
            probabilities=tuple(float(source.probabilities[i]) for i in order),
            key=row(detections, 0),
            test=row(detections, 1),
            test_errors=row(errors, 1),
            key_errors=row(errors, 0),
            rounds=float(tally.rounds),
            observed=bool(detections.any() and np.all(detections == np.rint(detections)))
            if observed is None
            else observed,
        )

    def with_key_errors(self, key_errors: tuple[float, ...]) -> BlockCounts:
        """The same counts with the errors of the key basis per setting, known after verification."""
        return replace(self, key_errors=key_errors)

    @property
    def key_total(self) -> float:
        """n: sifted bits of the key basis, all settings."""
        return math.fsum(self.key)

    @property
    def test_total(self) -> float:
        """k: sifted bits of the test basis, all settings."""
        return math.fsum(self.test)

    @property
    def test_error_total(self) -> float:
        """m: errors of the test basis, all settings."""
        return math.fsum(self.test_errors)

    @property
    def key_qber(self) -> float:
        """Bit error rate of the key basis; raises where the key errors are not known."""
        require(self.key_errors is not None, "the key-basis errors of this block are not known")
        assert self.key_errors is not None
        return math.fsum(self.key_errors) / self.key_total if self.key_total > 0.0 else 0.0

    def tau(self, photons: int) -> float:
        """tau_j = sum_k p_k e^-k k^j / j!: probability that a pulse has j photons, over all settings."""
        return math.fsum(
            p * math.exp(-k) * k**photons / math.factorial(photons)
            for k, p in zip(self.intensities, self.probabilities, strict=True)
        )
