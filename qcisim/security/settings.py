"""What a sender may choose before the first round: intensities, how often each, and the bias of the basis."""

from __future__ import annotations

from dataclasses import dataclass

from qcisim.errors import require


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """Mean photon numbers strongest first, their probabilities, and the probability of the key basis (both parties)."""

    intensities: tuple[float, ...]
    probabilities: tuple[float, ...]
    key_basis_probability: float

    def __post_init__(self) -> None:
        require(len(self.intensities) == len(self.probabilities), "one probability per intensity")
        require(all(p > 0.0 for p in self.probabilities), f"probabilities {self.probabilities}: wanted all > 0")
        require(abs(sum(self.probabilities) - 1.0) < 1e-9, f"probabilities {self.probabilities}: wanted sum 1")
        q = self.key_basis_probability
        require(0.0 < q < 1.0, f"key_basis_probability {q}: wanted in (0, 1), both bases are needed")
