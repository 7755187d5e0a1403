"""Reconciliation by rate-adaptive LDPC codes: one syndrome per frame, then more bits for the frames that need them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qcisim.distill.disclosure import disclosed_bits, disclosure, parities
from qcisim.distill.ldpc_plan import LdpcPlan
from qcisim.errors import ProtocolAbort, require

_SYNDROMES, _REVEAL = b"S", b"R"
_CERTAIN = 30.0
_ROUNDS, _PATIENCE = 80, 8


class LdpcReference:
    """Alice: sends the syndrome of each frame, then single bits that Bob asks for.

    Args:
        bits: her string, 0/1, shape (plan.bits,).
        plan: the public plan, equal on both sides.
        rng: her private randomness, for the bits in the punctured positions.
    """

    def __init__(self, bits: NDArray[np.uint8], plan: LdpcPlan, rng: np.random.Generator) -> None:
        self.plan = plan
        self._words = _frames(bits, plan)
        punctured, _ = plan.positions()
        self._words[:, punctured] = rng.integers(0, 2, (plan.frames, punctured.size), dtype=np.uint8)
        self._revealed = np.zeros(self._words.shape, dtype=np.bool_)
        self.disclosed_bits = 0

    def answer(self, query: bytes) -> bytes:
        """Syndromes or single bits; raises `ProtocolAbort` for a question that makes no sense."""
        if query == _SYNDROMES:
            message = self._syndromes()
        elif query[:1] == _REVEAL and len(query) % 8 == 1:
            message = self._reveal(np.frombuffer(query, dtype="<u8", offset=1))
        else:
            raise ProtocolAbort(f"LDPC query of {len(query)} bytes is neither for syndromes nor for bits")
        self.disclosed_bits += disclosed_bits(message)
        return message

    def _syndromes(self) -> bytes:
        if self.disclosed_bits:
            raise ProtocolAbort("LDPC syndromes were asked for twice")
        syndromes = np.stack([_syndrome(self.plan, word) for word in self._words])
        hidden = self.plan.frames * self.plan.punctured
        return disclosure(np.packbits(syndromes, bitorder="little"), syndromes.size, hidden)

    def _reveal(self, items: NDArray[np.uint64]) -> bytes:
        frame, position = (items >> np.uint64(32)).astype(np.int64), (items & np.uint64(0xFFFFFFFF)).astype(np.int64)
        frames, length = self._words.shape
        if not self.disclosed_bits or (frame >= frames).any() or (position >= length).any():
            raise ProtocolAbort("LDPC query names a frame or position that does not exist")
        if self._revealed[frame, position].any() or np.unique(items).size != items.size:
            raise ProtocolAbort("LDPC query asks for a bit twice")
        self._revealed[frame, position] = True
        return disclosure(np.packbits(self._words[frame, position], bitorder="little"), items.size)


class LdpcCorrector:
    """Bob: decodes the error pattern of each frame from the difference of the syndromes.

    Args:
        bits: his string, 0/1, shape (plan.bits,).
        plan: the public plan, equal on both sides.
    """

    def __init__(self, bits: NDArray[np.uint8], plan: LdpcPlan) -> None:
        self.plan = plan
        self._words = _frames(bits, plan)
        self._errors = np.zeros(self._words.shape, dtype=np.uint8)
        mother, (punctured, key) = plan.code, plan.positions()
        qber = min(max(plan.qber, 1e-4), 0.4)
        prior = np.full(mother.length, _CERTAIN, dtype=np.float32)
        prior[punctured], prior[key] = 0.0, np.log((1 - qber) / qber)
        self._priors = np.tile(prior, (plan.frames, 1))
        last = plan.bits - (plan.frames - 1) * plan.key_bits
        self._priors[-1, key[last:]] = _CERTAIN
        self._checks = np.zeros((plan.frames, mother.checks), dtype=np.uint8)
        self._open = np.arange(plan.frames)
        self._asked: NDArray[np.uint64] | None = None
        self._attempt = 0
        self.rounds = 0
        self.leak_bits = 0

    def step(self, answer: bytes | None) -> bytes | None:
        """The next query, or None when every frame is decoded or given up; ``answer`` is None on the first call."""
        if self._attempt == 0 and answer is None:
            self.rounds += 1
            return _SYNDROMES
        packed, count = parities(answer or b"")
        if self._asked is None:
            self._take_syndromes(packed, count)
        else:
            self._take_bits(packed, count)
        self.leak_bits += disclosed_bits(answer or b"")
        self._attempt += 1
        uncertain = [self._decode(int(f)) for f in self._open]
        failed = [i for i, where in enumerate(uncertain) if where is not None]
        self._open = self._open[failed]
        if not failed or self._attempt >= self.plan.attempts:
            return None
        frames = np.repeat(self._open.astype(np.uint64), [len(uncertain[i] or ()) for i in failed])
        positions = np.concatenate([np.asarray(uncertain[i], dtype=np.uint64) for i in failed])
        self._asked = frames << np.uint64(32) | positions
        self.rounds += 1
        return _REVEAL + self._asked.astype("<u8", copy=False).tobytes()

    def _take_syndromes(self, packed: NDArray[np.uint8], count: int) -> None:
        if count != self._checks.size:
            raise ProtocolAbort(f"LDPC answer holds {count} syndrome bits: wanted {self._checks.size}")
        theirs = np.unpackbits(packed, count=count, bitorder="little").reshape(self._checks.shape)
        for f, word in enumerate(self._words):
            self._checks[f] = theirs[f] ^ _syndrome(self.plan, word)

    def _take_bits(self, packed: NDArray[np.uint8], count: int) -> None:
        assert self._asked is not None
        if count != self._asked.size:
            raise ProtocolAbort(f"LDPC answer holds {count} bits: wanted {self._asked.size}")
        bits = np.unpackbits(packed, count=count, bitorder="little")
        frame, position = self._asked >> np.uint64(32), self._asked & np.uint64(0xFFFFFFFF)
        wrong = bits ^ self._words[frame, position]
        self._priors[frame, position] = np.where(wrong, -_CERTAIN, _CERTAIN)

    def _decode(self, f: int) -> list[int] | None:
        """Decode frame ``f``; None where it fits, else the positions that would help most."""
        from qcisim.distill.ldpc_kernels import decode  # numba comes in here, where something runs

        mother = self.plan.code
        belief = self._priors[f].copy()
        message = np.zeros((mother.column.size, mother.lift), dtype=np.float32)
        widest = int(np.diff(mother.start).max())
        work, wrong = np.zeros((2, widest + 1, mother.lift), np.float32), np.zeros(mother.lift, np.uint8)
        rounds = decode(
            mother.start, mother.column, mother.shift, mother.lift, self._checks[f], belief, message, work, wrong,
            _ROUNDS, _PATIENCE,
        )  # fmt: skip
        self._errors[f] = belief < 0
        if rounds > 0:
            return None
        doubt = np.where(np.abs(self._priors[f]) >= _CERTAIN, np.inf, np.abs(belief))
        size = max(1, round(self.plan.reveal_share * (mother.checks - self.plan.punctured)))
        size = min(size, int(np.isfinite(doubt).sum()))
        return [int(i) for i in np.argpartition(doubt, size - 1)[:size]] if size else []

    @property
    def bits(self) -> NDArray[np.uint8]:
        """His string, corrected where its frame was decoded; 0/1, shape (plan.bits,)."""
        _, key = self.plan.positions()
        corrected = self._words ^ self._errors
        corrected[self._open] = self._words[self._open]
        return corrected[:, key].reshape(-1)[: self.plan.bits].copy()

    @property
    def frames_failed(self) -> int:
        """Frames not decoded (yet); what they disclosed stays in ``leak_bits``."""
        return int(self._open.size)


def _frames(bits: NDArray[np.uint8], plan: LdpcPlan) -> NDArray[np.uint8]:
    """The string laid out in frames of n positions, zeros in those without a key bit; shape (frames, n)."""
    require(bits.shape == (plan.bits,), f"bits of shape {bits.shape}: wanted ({plan.bits},)")
    words = np.zeros((plan.frames, plan.code.length), dtype=np.uint8)
    padded = np.zeros(plan.frames * plan.key_bits, dtype=np.uint8)
    padded[: plan.bits] = bits
    _, key = plan.positions()
    words[:, key] = padded.reshape(plan.frames, plan.key_bits)
    return words


def _syndrome(plan: LdpcPlan, word: NDArray[np.uint8]) -> NDArray[np.uint8]:
    from qcisim.distill.ldpc_kernels import syndrome

    mother = plan.code
    out = np.zeros(mother.checks, dtype=np.uint8)
    syndrome(mother.start, mother.column, mother.shift, mother.lift, np.ascontiguousarray(word), out)
    return out
