"""What the counts of a block have in common, whatever the protocol."""

from __future__ import annotations

from typing import Protocol, TypeVar

T = TypeVar("T", bound="Counts")


class Counts(Protocol):
    """Counts of one block, as a bound takes them: `BlockCounts`, `ChshBlock`, `MdiCounts` are such.

    ``key`` sifted bits by group (a setting of the source, or a pair of settings of two stations), ``test`` test rounds
    by group, ``test_errors`` among them.
    """

    @property
    def key(self) -> tuple[float, ...]: ...
    @property
    def test(self) -> tuple[float, ...]: ...
    @property
    def test_errors(self) -> tuple[float, ...]: ...
    @property
    def key_total(self) -> float: ...
    @property
    def test_total(self) -> float: ...
    @property
    def key_qber(self) -> float: ...
    def with_key_errors(self: T, key_errors: tuple[float, ...], /) -> T: ...
