"""The settings of two senders of MDI-QKD, and the counts of one block."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import product

from qcisim.errors import require
from qcisim.security.mdi_decoy import Intensities, require_decoys
from qcisim.security.mdi_hub import Hub, PairGain


@dataclass(frozen=True, slots=True)
class ArmSettings:
    """What one sender does: key rounds of one intensity in Z, decoys of three intensities in X.

    Args:
        signal: mean photon number of key rounds.
        decoys: mu > nu > omega >= 0 of the test rounds.
        signal_probability: of a key round.
        decoy_probabilities: of each decoy, given a test round; they sum to 1.

    Source: Zhou, Yu, Wang, Phys. Rev. A 93, 042324 (2016); with settings of each arm: Wang, Xu, Lo, Phys. Rev. X 9,
    041012 (2019).
    """

    signal: float
    decoys: Intensities
    signal_probability: float
    decoy_probabilities: tuple[float, float, float]

    def __post_init__(self) -> None:
        require(self.signal > 0.0 and math.isfinite(self.signal), f"signal {self.signal}: wanted above 0")
        require_decoys(self.decoys, "a sender of MDI-QKD")
        p = self.signal_probability
        require(0.0 < p < 1.0, f"signal_probability {p}: wanted in (0, 1), key and test rounds are both needed")
        parts = self.decoy_probabilities
        require(min(parts) > 0.0, f"decoy_probabilities {parts}: wanted all > 0")
        require(abs(math.fsum(parts) - 1.0) < 1e-9, f"decoy_probabilities {parts}: wanted sum 1")

    @property
    def test_probabilities(self) -> tuple[float, ...]:
        """Of each decoy, per round."""
        return tuple((1.0 - self.signal_probability) * p for p in self.decoy_probabilities)

    @property
    def single_photon_signals(self) -> float:
        """p_Z s e^-s: probability per round of a key round with one photon."""
        return self.signal_probability * self.signal * math.exp(-self.signal)

    @property
    def single_photon_tests(self) -> float:
        """sum_k p_k k e^-k: probability per round of a test round with one photon."""
        return math.fsum(p * k * math.exp(-k) for p, k in zip(self.test_probabilities, self.decoys, strict=True))


@dataclass(frozen=True, slots=True)
class MdiCounts:
    """Announced successes of one block in which both senders used the same basis, and the errors among them.

    Args:
        alice, bob: the senders' settings.
        key: successes of key rounds, one value; both Bell results together, bits flipped as announced.
        test, test_errors: successes of test rounds by pair of decoys, (mu,mu), (mu,nu), (mu,omega), (nu,mu) ...: nine.
        key_errors: errors among ``key``, known after verification, or None.
        rounds: pulse pairs sent in all (0 = not known).
        observed: True for counted data, False for expectations of a model.

    The fields are those of `BlockCounts`, so that length rules and planning take both.
    """

    alice: ArmSettings
    bob: ArmSettings
    key: tuple[float, ...]
    test: tuple[float, ...]
    test_errors: tuple[float, ...]
    key_errors: tuple[float, ...] | None = None
    rounds: float = 0.0
    observed: bool = False

    def __post_init__(self) -> None:
        for name, size in (("key", 1), ("test", 9), ("test_errors", 9), ("key_errors", 1)):
            values = getattr(self, name)
            if values is None:
                continue
            require(len(values) == size, f"{name}: wanted {size} values, got {len(values)}")
            require(all(math.isfinite(v) and v >= 0.0 for v in values), f"{name} {values}: wanted finite and >= 0")
        for wrong, of, name in ((self.test_errors, self.test, "test"), (self.key_errors, self.key, "key")):
            fine = all(m <= n * (1.0 + 1e-12) + 1e-9 for m, n in zip(wrong or (), of, strict=False))
            require(fine, f"{name}: {wrong} errors among {of} successes")

    def with_key_errors(self, key_errors: tuple[float, ...]) -> MdiCounts:
        """The same counts with the errors of the key basis, known after verification."""
        return replace(self, key_errors=key_errors)

    @property
    def intensities(self) -> tuple[float, ...]:
        """All intensities, Alice's first: what must not change between planning and the block."""
        return (self.alice.signal, *self.alice.decoys, self.bob.signal, *self.bob.decoys)

    @property
    def probabilities(self) -> tuple[float, ...]:
        """Of the intensities, per round, in the same order."""
        return tuple(p for arm in (self.alice, self.bob) for p in (arm.signal_probability, *arm.test_probabilities))

    @property
    def key_total(self) -> float:
        """n: sifted bits of the key basis."""
        return math.fsum(self.key)

    @property
    def test_total(self) -> float:
        """Successes of test rounds."""
        return math.fsum(self.test)

    @property
    def key_qber(self) -> float:
        """Bit error rate of the key basis; raises where the key errors are not known."""
        require(self.key_errors is not None, "the key-basis errors of this block are not known")
        assert self.key_errors is not None
        return math.fsum(self.key_errors) / self.key_total if self.key_total > 0.0 else 0.0


def expected_mdi_counts(hub: Hub, alice: ArmSettings, bob: ArmSettings, rounds: float) -> MdiCounts:
    """Expected counts of ``rounds`` pulse pairs through a hub. Real numbers, not rounded."""
    signal = hub.key_basis(alice.signal, bob.signal)
    both = rounds * alice.signal_probability * bob.signal_probability
    tests: list[tuple[float, PairGain]] = []
    for (a, p_a), (b, p_b) in product(
        zip(alice.decoys, alice.test_probabilities, strict=True), zip(bob.decoys, bob.test_probabilities, strict=True)
    ):
        tests.append((rounds * p_a * p_b, hub.test_basis(a, b)))
    return MdiCounts(
        alice,
        bob,
        key=(both * signal.gain,),
        test=tuple(n * seen.gain for n, seen in tests),
        test_errors=tuple(n * seen.error_gain for n, seen in tests),
        key_errors=(both * signal.error_gain,),
        rounds=rounds,
    )
