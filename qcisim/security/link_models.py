"""Planning models of a link as the sources of the bounds print them: expected counts from a few parameters.

They are what published key rates were computed with, and what `optimise` may search on quickly. A simulated link uses
the click table of `qcisim.optics` instead; the tests compare the two. Dark-count conventions differ and are in the
names; `qcisim.security.conventions` converts them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

from qcisim.errors import require
from qcisim.security.counts import BlockCounts
from qcisim.security.entropy import binary_entropy
from qcisim.security.settings import SourceSettings


class PlanningModel(Protocol):
    """Detection and error probability per sent pulse of an intensity, both parties in the same basis."""

    def detection(self, intensity: float) -> float: ...
    def error(self, intensity: float) -> float: ...


@dataclass(frozen=True, slots=True)
class Lim2014Model:
    """D_k = 1 - (1-2 p_dc) e^(-eta k), R_k = D_k (1+p_ap), e_k = p_dc + e_mis (1-e^(-eta k)) + p_ap D_k/2.

    The system transmittance stands in both (the print has the bare channel transmittance in e_k).
    Source: Lim et al., PRA 89, 022307 (2014), with the misprint corrected.
    """

    transmittance: float
    dark_count_probability_per_detector: float
    afterpulse_probability: float
    misalignment_error: float

    def __post_init__(self) -> None:
        require(0.0 <= self.transmittance <= 1.0, f"transmittance {self.transmittance}: a passive link cannot amplify")

    def detection(self, intensity: float) -> float:
        return self._direct(intensity) * (1.0 + self.afterpulse_probability)

    def error(self, intensity: float) -> float:
        signal = -math.expm1(-self.transmittance * intensity)
        afterpulses = self.afterpulse_probability * self._direct(intensity) / 2.0
        return self.dark_count_probability_per_detector + self.misalignment_error * signal + afterpulses

    def _direct(self, intensity: float) -> float:
        dark = self.dark_count_probability_per_detector
        return 1.0 - (1.0 - 2.0 * dark) * math.exp(-self.transmittance * intensity)


@dataclass(frozen=True, slots=True)
class Rusca2018Model:
    """Click 1 - e^(-k eta) + p_dc, error (1-e^(-k eta)) e_mis + p_dc/2, no dead time; p_dc of the whole receiver.

    Source: Rusca et al., Appl. Phys. Lett. 112, 171104 (2018), App. B.
    """

    transmittance: float
    dark_count_probability_of_receiver: float
    misalignment_error: float

    def __post_init__(self) -> None:
        require(0.0 <= self.transmittance <= 1.0, f"transmittance {self.transmittance}: a passive link cannot amplify")

    def detection(self, intensity: float) -> float:
        return -math.expm1(-self.transmittance * intensity) + self.dark_count_probability_of_receiver

    def error(self, intensity: float) -> float:
        signal = -math.expm1(-self.transmittance * intensity)
        return signal * self.misalignment_error + self.dark_count_probability_of_receiver / 2.0


@dataclass(frozen=True, slots=True)
class Wiesemann2024Model:
    """Click 1 - e^(-k eta)(1-p_dc), error (1-e^(-k eta)) e_mis + p_dc/2; p_dc of the whole receiver, per clock.

    Source: Wiesemann et al., arXiv:2405.16578 (2024).
    """

    transmittance: float
    dark_count_probability_of_receiver: float
    misalignment_error: float

    def __post_init__(self) -> None:
        require(0.0 <= self.transmittance <= 1.0, f"transmittance {self.transmittance}: a passive link cannot amplify")

    def detection(self, intensity: float) -> float:
        return 1.0 - math.exp(-self.transmittance * intensity) * (1.0 - self.dark_count_probability_of_receiver)

    def error(self, intensity: float) -> float:
        signal = -math.expm1(-self.transmittance * intensity)
        return signal * self.misalignment_error + self.dark_count_probability_of_receiver / 2.0


def counts_after(model: PlanningModel, settings: SourceSettings, rounds: float) -> BlockCounts:
    """Expected sifted counts after ``rounds`` pulses: key share q^2, test share (1-q)^2. Real numbers, not rounded."""
    key_share = settings.key_basis_probability**2
    test_share = (1.0 - settings.key_basis_probability) ** 2
    detected = [p * model.detection(k) for k, p in zip(settings.intensities, settings.probabilities, strict=True)]
    wrong = [p * model.error(k) for k, p in zip(settings.intensities, settings.probabilities, strict=True)]
    return BlockCounts(
        settings.intensities,
        settings.probabilities,
        key=tuple(rounds * key_share * d for d in detected),
        test=tuple(rounds * test_share * d for d in detected),
        test_errors=tuple(rounds * test_share * e for e in wrong),
        key_errors=tuple(rounds * key_share * e for e in wrong),
        rounds=rounds,
    )


def counts_for_key_bits(model: PlanningModel, settings: SourceSettings, key_bits: float) -> BlockCounts:
    """Expected counts of a block that ends at ``key_bits`` sifted bits: N = n / (q^2 sum_k p_k R_k) pulses."""
    detected = math.fsum(
        p * model.detection(k) for k, p in zip(settings.intensities, settings.probabilities, strict=True)
    )
    return counts_after(model, settings, key_bits / (settings.key_basis_probability**2 * detected))


def counts_for_sifted_bits(model: PlanningModel, settings: SourceSettings, sifted_bits: float) -> BlockCounts:
    """Expected counts of a block that ends at ``sifted_bits`` of both bases together."""
    detected = math.fsum(
        p * model.detection(k) for k, p in zip(settings.intensities, settings.probabilities, strict=True)
    )
    q = settings.key_basis_probability
    return counts_after(model, settings, sifted_bits / ((q**2 + (1.0 - q) ** 2) * detected))


def single_photon_counts(key_bits: float, test_bits: float, qber: float) -> BlockCounts:
    """A block of single photons with error rate ``qber`` in both bases."""
    require(0.0 <= qber <= 1.0, f"qber {qber}: wanted [0, 1]")
    return BlockCounts(
        (1.0,),
        (1.0,),
        key=(key_bits,),
        test=(test_bits,),
        test_errors=(qber * test_bits,),
        key_errors=(qber * key_bits,),
    )


class KeyBasis(Protocol):
    """What counts of any kind say about the key basis."""

    @property
    def key_total(self) -> float: ...
    @property
    def key_qber(self) -> float: ...


def planned_leak_bits(counts: KeyBasis, efficiency: float) -> float:
    """f n h(Q) of the key basis: what reconciliation will disclose. Plans only; the transcript decides."""
    require(efficiency >= 1.0, f"reconciliation efficiency {efficiency}: below the Shannon limit, wanted >= 1")
    return efficiency * counts.key_total * binary_entropy(min(0.5, counts.key_qber))
