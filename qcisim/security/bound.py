"""What every finite-key or asymptotic bound is: a map from the counts of a block to a secret length."""

from __future__ import annotations

import math
from typing import Any, Protocol, cast, runtime_checkable

from qcisim.errors import require
from qcisim.registry import get
from qcisim.security.counts import BlockCounts
from qcisim.security.secret_length import Named, SecretLength


@runtime_checkable
class Bound(Protocol):
    """One verb: the secret length of a block with these counts and this leakage.

    Each bound takes its own kind of counts (`BlockCounts`, `ChshBlock`, `MdiCounts`) and refuses others.

    ``fixed_length_only`` is True where the theorem fixes its tolerances before the block (no adaptive use).
    """

    @property
    def name(self) -> str: ...
    @property
    def theorem(self) -> str: ...
    @property
    def fixed_length_only(self) -> bool: ...

    def epsilon_shares(self, epsilon_secret: float) -> Named: ...

    def secret_length(
        self,
        counts: Any,
        leak_bits: float,
        *,
        epsilon_secret: float,
        epsilon_correct: float,
        verification_bits: float = 0.0,
    ) -> SecretLength: ...


def bound(name: str) -> Bound:
    """The registered bound of that name; raises `InputError` with a suggestion where there is none."""
    entry = get("bound", name)
    if entry.make is None:
        raise TypeError(f"bound {name!r} is registered without a way to make it")
    return cast(Bound, entry.make())


def require_leak(leak_bits: float) -> None:
    """Leakage is a number of disclosed bits: finite and not negative."""
    require(math.isfinite(leak_bits) and leak_bits >= 0.0, f"leak_bits {leak_bits}: disclosed bits are finite and >= 0")


def require_decoys(counts: BlockCounts, settings: int, bound_name: str) -> None:
    """The door of a decoy bound: the number of settings, and mu1 > mu2 + mu3 (three) or mu1 > mu2 > 0 (two)."""
    mu = counts.intensities
    require(len(mu) == settings, f"{bound_name}: wanted {settings} intensities, got {len(mu)}")
    if settings == 3:
        require(mu[0] > mu[1] + mu[2], f"{bound_name}: intensities {mu}: wanted mu1 > mu2 + mu3")
    if settings == 2:
        require(mu[1] > 0.0, f"{bound_name}: intensities {mu}: wanted mu1 > mu2 > 0")


def require_key_errors(counts: BlockCounts, bound_name: str) -> tuple[float, ...]:
    """The errors of the key basis per setting, which one-decoy bounds need; known after verification."""
    require(counts.key_errors is not None, f"{bound_name}: needs key_errors, the corrected errors of the key basis")
    assert counts.key_errors is not None
    return counts.key_errors
