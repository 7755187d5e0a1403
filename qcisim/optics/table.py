"""The click table: Born probabilities of every cell of a round, computed once per link state."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from qcisim.errors import require
from qcisim.optics.link import LinkState, Terms
from qcisim.optics.receiver import Receiver
from qcisim.optics.source import Floats, Source, mean_photon_number
from qcisim.quantum import bb84_ket, bb84_povm, density

ONLY_0, ONLY_1, BOTH = 0, 1, 2
"""Outcomes: only the detector of bit 0 clicked, only that of bit 1, both."""


@dataclass(frozen=True, slots=True, eq=False)
class ClickTable:
    """p[setting, Alice's basis, her bit, Bob's basis, outcome]: probability of the outcome given the choices.

    Args:
        probability: (S, 2, 2, 2, 3); what is missing to 1 over the outcomes is "no click".
        setting_probability: (S,).
        alice_basis_probability, bob_basis_probability: (2,).
        noise_per_gate: (name, mean counts per gate and detector) that went into it.
    """

    probability: Floats
    setting_probability: Floats
    alice_basis_probability: Floats
    bob_basis_probability: Floats
    noise_per_gate: Terms = ()

    def __post_init__(self) -> None:
        p = self.probability
        require(p.ndim == 5 and p.shape[1:] == (2, 2, 2, 3), f"click table of shape {p.shape}: wanted (S, 2, 2, 2, 3)")
        require(
            bool(np.all(p >= 0.0)) and bool(np.all(p.sum(axis=-1) <= 1.0 + 1e-12)),
            "click table: rows must sum to at most 1",
        )
        for prior in (self.setting_probability, self.alice_basis_probability, self.bob_basis_probability):
            require(
                abs(float(prior.sum()) - 1.0) < 1e-9 and bool(np.all(prior >= 0.0)),
                "priors: probabilities that sum to 1",
            )
        for array in (p, self.setting_probability, self.alice_basis_probability, self.bob_basis_probability):
            array.setflags(write=False)

    @property
    def prior(self) -> Floats:
        """Probability of the choices, (S, 2, 2, 2): setting x Alice's basis x fair bit x Bob's basis."""
        bit = np.array([0.5, 0.5])
        alice, bob = self.alice_basis_probability, self.bob_basis_probability
        prior: Floats = np.einsum("s,a,i,b->saib", self.setting_probability, alice, bit, bob)
        return prior

    @property
    def joint(self) -> Floats:
        """Probability of choices and outcome together, (S, 2, 2, 2, 3); sums to `click_probability`."""
        joint: Floats = self.probability * self.prior[..., None]
        return joint

    @property
    def click_probability(self) -> float:
        """Probability that a live receiver clicks in a round."""
        return float(self.joint.sum())

    @property
    def gain(self) -> Floats:
        """Q[setting, Alice's basis, Bob's basis]: click probability given the choices."""
        gain: Floats = self.probability.sum(axis=-1).mean(axis=2)
        return gain

    @property
    def error_gain(self) -> Floats:
        """E Q[setting, Alice's basis, Bob's basis]: wrong bit, a double click counting one half."""
        p = self.probability
        wrong = np.stack([p[:, :, 0, :, ONLY_1], p[:, :, 1, :, ONLY_0]], axis=2) + 0.5 * p[..., BOTH]
        error: Floats = wrong.mean(axis=2)
        return error


def arrival_probabilities(state: LinkState) -> Floats:
    """q[Alice's basis, her bit, Bob's basis, bit] = tr(E_bit C(rho)) of a photon that arrives, (2, 2, 2, 2)."""
    q = np.empty((2, 2, 2, 2))
    measurements = [bb84_povm(basis) for basis in (0, 1)]
    for basis in (0, 1):
        for bit in (0, 1):
            rho = state.channel.apply(density(bb84_ket(basis, bit)))
            for bob in (0, 1):
                q[basis, bit, bob] = measurements[bob].probabilities(rho)
    return q


def noise_terms(source: Source, state: LinkState) -> Terms:
    """The noise of the link and the light of neighbouring pulses: mean counts per gate and detector.

    A neighbouring pulse has any basis and bit, so its light is shared evenly by the detectors:
    <mu> eta r / 2, r the share of a pulse in foreign gates relative to its own.
    """
    if state.neighbour_share == 0.0:
        return state.noise_per_gate
    spill = 0.5 * mean_photon_number(source) * state.transmittance * state.neighbour_share
    return (*state.noise_per_gate, ("neighbouring pulses", spill))


def click_table(source: Source, state: LinkState, receiver: Receiver) -> ClickTable:
    """P(no click in the detectors A) = exp(-nu |A|) G(1 - eta sum_{d in A} q_d), by inclusion and exclusion.

    G is the generating function of the photon number, eta the transmittance, q_d the probability that an arriving
    photon goes to detector d, nu the mean noise of a detector. Every photon of a pulse passes the channel on its own:
    exact for rotations and for single photons; a channel that acts on the whole pulse at once (Eve measuring it) is
    taken photon by photon. Click probabilities are computed from 1 - G, so that they keep their digits where they are
    tiny.

    Source: for G = exp(-mu (1-x)) this is Ma, Qi, Zhao, Lo, Phys. Rev. A 72, 012326 (2005), Eqs. (8) to (11), with the
    double clicks kept apart.
    """
    q = arrival_probabilities(state)
    noise = noise_terms(source, state)
    nu = math.fsum(mean for _, mean in noise)
    eta = state.transmittance

    def clicks(detectors: int, arriving: Floats) -> Floats:
        """1 - exp(-nu |A|) G(1 - eta q_A), (S, 2, 2, 2)."""
        from_light = source.detection(eta * arriving)
        from_noise = -np.expm1(-nu * detectors)
        both: Floats = from_light + from_noise * (1.0 - from_light)
        return both

    any_0, any_1, any_01 = clicks(1, q[..., 0]), clicks(1, q[..., 1]), clicks(2, q[..., 0] + q[..., 1])
    outcomes = np.stack([any_01 - any_1, any_01 - any_0, any_0 + any_1 - any_01], axis=-1)
    return ClickTable(
        np.clip(outcomes, 0.0, 1.0),
        np.asarray(source.probabilities, dtype=np.float64),
        _two(source.key_basis_probability),
        _two(receiver.key_basis_probability),
        noise,
    )


def _two(key_basis_probability: float) -> Floats:
    return np.array([key_basis_probability, 1.0 - key_basis_probability])
