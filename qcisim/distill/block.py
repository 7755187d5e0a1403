"""A block on its way from sifted bits to key. Leakage only grows, length only shrinks, stages only go right."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from qcisim.errors import require
from qcisim.security import BlockCounts


class Stage(IntEnum):
    """Stages of a block, in the only order there is."""

    SIFTED = 0
    ESTIMATED = 1
    RECONCILED = 2
    VERIFIED = 3
    AMPLIFIED = 4


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """One party's block.

    Args:
        bits: 0/1, shape (n,); kept as a read-only view.
        leak_bits: bits about the block that the transcript has disclosed so far.
        stage: how far it has come.
        tally: the counts that the key length is computed from; the block only carries them.
    """

    bits: NDArray[np.uint8]
    leak_bits: int = 0
    stage: Stage = Stage.SIFTED
    tally: BlockCounts | None = None

    def __post_init__(self) -> None:
        require(self.bits.ndim == 1, f"bits of shape {self.bits.shape}: wanted (n,)")
        require(self.leak_bits >= 0, f"leak_bits {self.leak_bits}: wanted >= 0")
        view = self.bits.view()
        view.setflags(write=False)
        object.__setattr__(self, "bits", view)

    def __len__(self) -> int:
        return int(self.bits.size)

    @property
    def packed(self) -> bytes:
        """The bits, eight to a byte, highest first."""
        return np.packbits(self.bits).tobytes()

    def to(
        self,
        stage: Stage,
        *,
        bits: NDArray[np.uint8] | None = None,
        disclosed_bits: int = 0,
        tally: BlockCounts | None = None,
    ) -> Block:
        """The block one or more stages further; raises `PhysicsError` against the laws above.

        Only verified bits may be amplified, and verification changes none of them.
        """
        new = self.bits if bits is None else bits
        require(stage > self.stage, f"stage {stage.name.lower()}: the block is {self.stage.name.lower()} already")
        require(new.size <= self.bits.size, f"{new.size} bits from {self.bits.size}: a block never grows")
        require(disclosed_bits >= 0, f"disclosed_bits {disclosed_bits}: leakage never shrinks")
        if stage is Stage.AMPLIFIED:
            require(self.stage is Stage.VERIFIED, f"amplify a block that is only {self.stage.name.lower()}")
        if stage is Stage.VERIFIED:
            require(self.stage is Stage.RECONCILED, f"verify a block that is only {self.stage.name.lower()}")
            require(bits is None, "verification changes no bit")
        return replace(
            self,
            bits=new,
            leak_bits=self.leak_bits + disclosed_bits,
            stage=stage,
            tally=self.tally if tally is None else tally,
        )
