"""What a protocol is: one program per party, and the entry that its folder exports."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from qcisim.engine import Steps
from qcisim.sdk.context import Context
from qcisim.sdk.pairs import PairSifting


class Program(Protocol):
    """One party of a protocol: ``run`` is a generator that ends when the port has no more blocks."""

    def run(self, ctx: Context) -> Steps:
        """The program of this party."""


@dataclass(frozen=True, slots=True)
class ProtocolEntry:
    """What a protocol folder exports as ``PROTOCOL``; the texts are what `qcisim explain` prints.

    ``pairs``: of protocols in which both parties measure entangled pairs, their settings.
    """

    name: str
    summary: str
    alice: Callable[[], Program]
    bob: Callable[[], Program]
    models: str
    ignores: str
    domain: str
    source: str
    assumptions: Sequence[str]
    bounds: Sequence[str]
    source_kinds: Sequence[str]
    pairs: PairSifting | None = None
