"""What a link produced over a run: sums over its blocks, and the mapping that goes into the result."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from qcisim.security import SecretLength, binary_entropy, qber_interval


@dataclass(frozen=True, slots=True)
class BlockReport:
    """One finished block of a link, as the network sees it.

    Counts in rounds and bits; ``errors`` of the key basis among ``errors_out_of`` (of the test basis where nothing was
    reconciled, 0 of 0 where the errors of test rounds say nothing of those of the key, as in a CHSH test); ``key_bits``
    what is left after the authentication pool took ``authentication_bits``; ``epsilon`` of the key including
    authentication; ``passes`` the satellite passes whose light is in it.
    """

    start_s: float
    rounds: int
    clicks: float
    sifted_bits: float
    test_bits: float
    errors: float
    errors_out_of: float
    corrected_bits: float
    leak_bits: float
    length: SecretLength
    key_bits: int
    epsilon: float
    authentication_bits: int
    passes: tuple[str, ...] = ()


@dataclass(slots=True)
class LinkTotals:
    """Running sums of one link."""

    blocks: int = 0
    accepted: int = 0
    rounds: int = 0
    clicks: float = 0.0
    sifted_bits: float = 0.0
    test_bits: float = 0.0
    errors: float = 0.0
    errors_out_of: float = 0.0
    corrected_bits: float = 0.0
    leak_bits: float = 0.0
    secret_bits: int = 0
    epsilon: float = 0.0
    authentication_bits: int = 0
    terms: dict[str, float] = field(default_factory=dict)
    last: SecretLength | None = None
    first_reason: str = ""
    stopped: str = ""

    def add(self, block: BlockReport) -> None:
        """Count ``block``."""
        self.blocks += 1
        self.rounds += block.rounds
        self.clicks += block.clicks
        self.sifted_bits += block.sifted_bits
        self.test_bits += block.test_bits
        self.errors += block.errors
        self.errors_out_of += block.errors_out_of
        self.corrected_bits += block.corrected_bits
        self.leak_bits += block.leak_bits
        self.authentication_bits += block.authentication_bits
        self.secret_bits += block.length.bits
        if block.length.bits:
            self.accepted += 1
            self.epsilon += block.epsilon
            for name, bits in block.length.terms:
                self.terms[name] = self.terms.get(name, 0.0) + bits
        elif not self.first_reason:
            self.first_reason = block.length.reason
        if self.last is None or block.length.bits or not self.accepted:
            self.last = block.length

    @property
    def qber(self) -> float:
        """Error rate of the sifted key basis over all blocks; 0 where nothing was sifted."""
        return self.errors / self.errors_out_of if self.errors_out_of else 0.0

    def _reason(self) -> str:
        """Why there is less key than blocks: why the link stopped, and why the first block without key has none."""
        lost = self.blocks - self.accepted
        parts = [self.stopped] if self.stopped else []
        if lost and self.blocks == 1:
            parts.append(self.first_reason)
        elif lost:
            first = "" if lost == 1 else "the first: "
            parts.append(f"{lost} of {self.blocks} blocks without key, {first}{self.first_reason}")
        return "; ".join(parts)

    def _efficiency(self) -> float | None:
        """f = leak / (n h(Q)) of the reconciled bits; None where there is nothing to compare with."""
        entropy = self.corrected_bits * binary_entropy(min(0.5, self.qber))
        return self.leak_bits / entropy if entropy > 0.0 else None

    def summary(self, duration_s: float) -> dict[str, Any]:
        """The link's counted part of ``result.json``; the QBER interval is Clopper-Pearson at 95 %."""
        interval = None
        if self.errors_out_of:
            interval = list(qber_interval(round(self.errors), round(self.errors_out_of), 0.95))
        return {
            "rounds": self.rounds,
            "clicks": round(self.clicks),
            "sifted_bits": round(self.sifted_bits),
            "test_bits": round(self.test_bits),
            "qber": self.qber if self.errors_out_of else None,
            "qber_interval": interval,
            "corrected_bits": round(self.corrected_bits),
            "leak_bits": round(self.leak_bits),
            "f_ec": self._efficiency(),
            "secret_bits": self.secret_bits,
            "secret_bits_per_s": self.secret_bits / duration_s if duration_s else 0.0,
            "epsilon": self.epsilon,
            "theorem": self.last.theorem if self.last else "",
            "reason": self._reason(),
            "blocks": self.blocks,
            "blocks_accepted": self.accepted,
            "terms": dict(self.terms if self.accepted or not self.last else self.last.terms),
            "bounds": dict(self.last.bounds) if self.last else {},
            "authentication_bits": self.authentication_bits,
        }
