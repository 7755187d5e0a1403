"""What an untrusted hub makes of the light of its two arms: losses, noise, misalignment, the law of its outcomes."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from qcisim.optics import Receiver
from qcisim.optics.hub import HubTable, SenderLight, hub_table
from qcisim.optics.link import FibreLink
from qcisim.quantum import PAULIS
from qcisim.security import ArmSettings, Hub

NO_NOISE = 1e-30  # counts per gate: nothing in the life of any detector


@dataclass(frozen=True)
class HubReceiver:
    """What the hub makes of the light of both arms: the optics of a link, without the senders' settings.

    ``clock_hz`` is that of the pulses; a link that shares its hub has a part of them.
    """

    arms: tuple[FibreLink, FibreLink]
    receiver: Receiver
    clock_hz: float
    mode_overlap: float

    @cached_property
    def transmittances(self) -> tuple[float, float]:
        """Of the arms, hub and detectors included."""
        a, b = (float(arm.at(0.0).transmittance) for arm in self.arms)
        return a, b

    @cached_property
    def misalignment_error(self) -> float:
        """(1 - (1-2 e_hub)(1-2 e_a)(1-2 e_b))/2: e of an arm is the bit error of its fibre, the mean of both bases."""
        kept = 1.0 - 2.0 * self.receiver.misalignment_error
        for arm in self.arms:
            aligned = replace(arm, receiver=replace(arm.receiver, misalignment_error=0.0), rng=None)
            kept *= 1.0 - 2.0 * _bit_error(aligned)
        return max(0.0, (1.0 - kept) / 2.0)

    def noise(self, senders: tuple[ArmSettings, ArmSettings]) -> dict[str, float]:
        """Mean counts per gate and detector by name. The light of an arm is shared by four detectors."""
        detector = self.receiver.detector
        terms = {"dark counts": detector.dark_counts_per_gate}
        for name, arm, sender in zip(("first arm", "second arm"), self.arms, senders, strict=True):
            state = arm.at(0.0)
            raman = math.fsum(mean for term, mean in state.noise_per_gate if term != "dark counts") / 2.0
            light = _mean_photons(sender) * state.transmittance
            terms |= {f"Raman, {name}": raman, f"neighbouring pulses, {name}": state.neighbour_share * light / 4.0}
        if detector.afterpulse_probability > 0.0:
            clicks = math.fsum(terms.values()) + math.fsum(
                _mean_photons(s) * eta / 4.0 for s, eta in zip(senders, self.transmittances, strict=True)
            )
            terms["afterpulses"] = detector.afterpulse_probability * -math.expm1(-4.0 * clicks) / 4.0
        return {name: mean for name, mean in terms.items() if mean > NO_NOISE}

    def hub(self, senders: tuple[ArmSettings, ArmSettings]) -> Hub:
        """The closed forms of the same hub."""
        dark = -math.expm1(-math.fsum(self.noise(senders).values()))
        return Hub(*self.transmittances, dark, self.misalignment_error, self.mode_overlap)

    def table(self, senders: tuple[ArmSettings, ArmSettings], lies: float = 0.0) -> HubTable:
        """The joint law of settings, bits and announced outcomes; ``lies`` is the share of rounds made up."""
        alice, bob = (
            SenderLight((s.signal, *s.decoys), (s.signal_probability, *s.test_probabilities), eta)
            for s, eta in zip(senders, self.transmittances, strict=True)
        )
        return hub_table(
            alice,
            bob,
            noise_per_detector=math.fsum(self.noise(senders).values()),
            misalignment_error=self.misalignment_error,
            mode_overlap=self.mode_overlap,
            dead_rounds=self.receiver.detector.dead_rounds(self.clock_hz),
            announced_at_random=lies,
        )


def _mean_photons(sender: ArmSettings) -> float:
    tests = zip(sender.decoys, sender.test_probabilities, strict=True)
    return sender.signal_probability * sender.signal + math.fsum(mu * p for mu, p in tests)


def _bit_error(arm: FibreLink) -> float:
    """Error rate of a perfect photon in the channel of ``arm``, the mean over both bases."""
    kraus = arm.at(0.0).channel.kraus
    contrast = [
        float(np.real(np.einsum("kij,jl,kml,mi->", kraus, PAULIS[axis], kraus.conj(), PAULIS[axis]))) / 2.0
        for axis in (3, 1)
    ]
    return max(0.0, (1.0 - sum(contrast) / 2.0) / 2.0)
