"""Cascade: interactive reconciliation by parities. Two classes that share a public plan and bytes messages, no bits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qcisim.distill.cascade_layout import FAILED, FLIPS, STATUS, Known
from qcisim.distill.cascade_plan import CascadePlan
from qcisim.distill.disclosure import disclosed_bits, disclosure, parities
from qcisim.errors import ProtocolAbort, require


class CascadeReference:
    """Alice: answers questions about the parities of her string, and counts what she gives away.

    Args:
        bits: her string, 0/1, shape (plan.bits,).
        plan: the public plan, equal on both sides.
    """

    def __init__(self, bits: NDArray[np.uint8], plan: CascadePlan) -> None:
        self.plan = plan
        self._layout = plan.layout()
        self._words = _frames(bits, plan)
        slots = 1 + int(self._layout.slot.max())
        self._copies = np.zeros((plan.frames, slots, self._words.shape[1]), dtype=np.uint64)
        self._ready = np.zeros((plan.frames, slots), dtype=np.uint8)
        self._scratch = np.zeros(64 * self._words.shape[1], dtype=np.uint8)
        self.disclosed_bits = 0

    def answer(self, query: bytes) -> bytes:
        """The parities that ``query`` asks for; raises `ProtocolAbort` for a question that makes no sense."""
        if len(query) % 8:
            raise ProtocolAbort(f"Cascade query of {len(query)} bytes: wanted a multiple of 8")
        items = np.frombuffer(query, dtype="<u8").astype(np.uint64, copy=False)
        from qcisim.distill.cascade_parities import answer, count_answers  # numba comes in here, where something runs

        count = int(count_answers(items, self._layout))
        out = np.zeros(-(-max(count, 0) // 8), dtype=np.uint8)
        if count < 0 or count != answer(
            items, self._layout, self._words, self._copies, self._ready, self._scratch, out
        ):
            raise ProtocolAbort("Cascade query names a frame, pass or range that does not exist")
        self.disclosed_bits += count
        return disclosure(out, count)


class CascadeCorrector:
    """Bob: finds where his string differs by asking for parities. Every frame asks in the same message.

    Args:
        bits: his string, 0/1, shape (plan.bits,).
        plan: the public plan, equal on both sides.
    """

    def __init__(self, bits: NDArray[np.uint8], plan: CascadePlan) -> None:
        self.plan = plan
        self._layout = layout = plan.layout()
        words = _frames(bits, plan)
        frames, width, passes = plan.frames, words.shape[1], layout.kind.shape[1]
        slots = 1 + int(layout.slot.max())
        self._known = Known(
            words=words,
            copies=np.zeros((frames, slots, width), dtype=np.uint64),
            bounds=np.zeros((frames, passes, width), dtype=np.uint64),
            odd=np.zeros((frames, passes, width), dtype=np.uint64),
            blocks=np.zeros((1, 1, 1) if plan.sub_block_reuse else (frames, passes, width), dtype=np.uint64),
            counts=np.zeros((frames, passes), dtype=np.int64),
            singles=np.zeros((frames, 1 + slots, width), dtype=np.uint64),
            frame=np.zeros((frames, 4), dtype=np.int64),
            scratch=np.zeros(64 * width, dtype=np.uint8),
        )
        room = int((-(-layout.size[:, None] // layout.block)).max())
        self._query = np.arange(frames, dtype=np.uint64) << np.uint64(40)
        self._stops = np.zeros(frames, dtype=np.uint16)
        self._spare = (np.zeros(frames * room, np.uint64), np.zeros(frames * room, np.uint16))
        self._started = False
        self.rounds = 0
        self.leak_bits = 0

    def step(self, answer: bytes | None) -> bytes | None:
        """The next query, or None when every frame is done; ``answer`` is None on the first call."""
        if not self._started:
            require(answer is None, "the first step of Cascade takes no answer")
            self._started = True
        else:
            self._take(answer or b"")
        if not self._query.size:
            return None
        self.rounds += 1
        return self._query.astype("<u8", copy=False).tobytes()

    def _take(self, answer: bytes) -> None:
        from qcisim.distill.cascade_parities import count_answers
        from qcisim.distill.cascade_search import advance

        wanted = int(count_answers(self._query, self._layout))
        packed, count = parities(answer)
        if count != wanted:
            raise ProtocolAbort(f"Cascade answer holds {count} parities: wanted {wanted}")
        self.leak_bits += disclosed_bits(answer)
        query, stops = self._spare
        length = advance(packed, self._query, self._stops, self._layout, self._known, query, stops)
        self._query, self._stops = query[:length].copy(), stops[:length].copy()

    @property
    def bits(self) -> NDArray[np.uint8]:
        """His string as corrected so far, 0/1, shape (plan.bits,)."""
        length = self.plan.frame_length
        flat = np.unpackbits(self._known.words.view(np.uint8), axis=1, bitorder="little")[:, :length]
        return flat.reshape(-1)[: self.plan.bits].copy()

    @property
    def frames_failed(self) -> int:
        """Frames given up because the answers contradict each other; undetected errors are left to verification."""
        return int((self._known.frame[:, STATUS] == FAILED).sum())

    @property
    def corrected_errors(self) -> int:
        """Bits flipped so far."""
        return int(self._known.frame[:, FLIPS].sum())


def _frames(bits: NDArray[np.uint8], plan: CascadePlan) -> NDArray[np.uint64]:
    """The string cut into frames, 64 bits to a word, shape (frames, words)."""
    require(bits.shape == (plan.bits,), f"bits of shape {bits.shape}: wanted ({plan.bits},)")
    n, frames = plan.frame_length, plan.frames
    padded = np.zeros((frames, 64 * -(-n // 64)), dtype=np.uint8)
    whole = np.zeros(frames * n, dtype=np.uint8)
    whole[: plan.bits] = bits
    padded[:, :n] = whole.reshape(frames, n)
    return np.packbits(padded, axis=1, bitorder="little").view(np.uint64)
