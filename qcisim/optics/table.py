"""The click table: Born probabilities of every cell of a round, computed once per link state and fading node."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qcisim.errors import require
from qcisim.optics.receiver import Receiver
from qcisim.optics.source import Floats, Source, mean_photon_number
from qcisim.optics.states import ArrayTerms, LinkState, LinkStates, Terms
from qcisim.quantum import Matrix, bb84_ket, bb84_povm, density

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


@dataclass(frozen=True, slots=True, eq=False)
class ClickTables:
    """The click tables of n time steps with m fading nodes each, flat: table i * m + j is node j of time step i.

    Args:
        probability: (n m, S, 2, 2, 2, 3), as in `ClickTable`.
        share: (n m,) share of the rounds of its time step, sum 1 per time step.
        nodes: m.
        setting_probability, alice_basis_probability, bob_basis_probability: shared by all tables.
        noise_per_gate: (name, (n m,) mean counts per gate and detector).
    """

    probability: Floats
    share: Floats
    nodes: int
    setting_probability: Floats
    alice_basis_probability: Floats
    bob_basis_probability: Floats
    noise_per_gate: ArrayTerms = ()

    def __post_init__(self) -> None:
        p = self.probability
        require(p.ndim == 6 and p.shape[2:] == (2, 2, 2, 3), f"tables of shape {p.shape}: wanted (n m, S, 2, 2, 2, 3)")
        require(
            self.nodes >= 1 and len(p) % self.nodes == 0 and self.share.shape == (len(p),),
            f"{len(p)} tables with {len(self.share)} shares at {self.nodes} fading nodes: wanted one share per table",
        )
        per_step = self.share.reshape(-1, self.nodes).sum(axis=1)
        proper = bool(np.all(self.share >= 0.0)) and float(np.abs(per_step - 1.0).max(initial=0.0)) < 1e-9
        require(proper, "shares of the rounds: not negative, sum 1 in each time step")

    def __len__(self) -> int:
        return len(self.probability)

    def __getitem__(self, index: int) -> ClickTable:
        """Table ``index`` of the n m."""
        return ClickTable(
            self.probability[index].copy(),
            self.setting_probability.copy(),
            self.alice_basis_probability.copy(),
            self.bob_basis_probability.copy(),
            tuple((name, float(mean[index])) for name, mean in self.noise_per_gate),
        )

    @classmethod
    def of(cls, table: ClickTable) -> ClickTables:
        """One table."""
        return cls(
            table.probability[None],
            np.ones(1),
            1,
            table.setting_probability,
            table.alice_basis_probability,
            table.bob_basis_probability,
        )

    @property
    def steps(self) -> int:
        """Time steps n."""
        return len(self) // self.nodes

    @property
    def prior(self) -> Floats:
        """Probability of the choices, (S, 2, 2, 2): setting x Alice's basis x fair bit x Bob's basis."""
        bit = np.array([0.5, 0.5])
        alice, bob = self.alice_basis_probability, self.bob_basis_probability
        prior: Floats = np.einsum("s,a,i,b->saib", self.setting_probability, alice, bit, bob)
        return prior

    @property
    def joint(self) -> Floats:
        """Probability of choices and outcome together, (n m, S, 2, 2, 2, 3)."""
        joint: Floats = self.probability * self.prior[..., None]
        return joint

    @property
    def click_probability(self) -> Floats:
        """Probability that a live receiver clicks in a round, (n m,)."""
        total: Floats = self.joint.reshape(len(self), 24 * self.probability.shape[1]).sum(axis=1)
        return total


def arrival_probabilities(state: LinkState) -> Floats:
    """q[Alice's basis, her bit, Bob's basis, bit] = tr(E_bit C(rho)) of a photon that arrives, (2, 2, 2, 2)."""
    first: Floats = _arrivals(state.channel.kraus[None])[0]
    return first


def _arrivals(kraus: Matrix) -> Floats:
    """tr(E C(rho)) of every state and effect for channels (n, k, 2, 2), (n, 2, 2, 2, 2).

    C(rho)_im = sum_jl X_ijml rho_jl with X = sum_k K (x) conj(K), so all of it is one product with rho (x) E.
    """
    flat = kraus.reshape(len(kraus), kraus.shape[1], 4)
    x = np.einsum("nka,nkb->nab", flat, flat.conj()).reshape(len(kraus), 16)
    q = (x @ _STATES_AND_EFFECTS).real.reshape(-1, 2, 2, 2, 2)
    clipped: Floats = np.clip(q, 0.0, 1.0)
    return clipped


def _states_and_effects() -> Matrix:
    """rho_jl E_mi over [i j m l] and [Alice's basis, bit, Bob's basis, bit], (16, 16)."""
    rho = np.array([[density(bb84_ket(basis, bit)) for bit in (0, 1)] for basis in (0, 1)])
    effects = np.array([bb84_povm(basis).effects for basis in (0, 1)])
    table: Matrix = np.einsum("asjl,btmi->ijmlasbt", rho, effects).reshape(16, 16)
    return table


_STATES_AND_EFFECTS = _states_and_effects()


def noise_terms(source: Source, states: LinkStates) -> ArrayTerms:
    """The noise of the link and the light of neighbouring pulses: mean counts per gate and detector, (n m,) each.

    A neighbouring pulse has any basis and bit, so its light is shared evenly by the detectors:
    <mu> eta r / 2, r the share of a pulse in foreign gates relative to its own.
    """
    terms = tuple((name, np.repeat(mean, states.nodes)) for name, mean in states.noise_per_gate)
    if not states.neighbour_share.any():
        return terms
    spill = (
        0.5 * mean_photon_number(source) * _node_transmittance(states) * np.repeat(states.neighbour_share, states.nodes)
    )
    return (*terms, ("neighbouring pulses", spill))


def _node_transmittance(states: LinkStates) -> Floats:
    """eta of every fading node, (n m,)."""
    eta: Floats = np.minimum(states.transmittance[:, None] * states.fading_factor, 1.0).ravel()
    return eta


def click_tables(source: Source, states: LinkStates, receiver: Receiver) -> ClickTables:
    """P(no click in the detectors A) = exp(-nu |A|) G(1 - eta sum_{d in A} q_d), by inclusion and exclusion.

    G is the generating function of the photon number, eta the transmittance of the fading node, q_d the probability
    that an arriving photon goes to detector d, nu the mean noise of a detector. Every photon of a pulse passes the
    channel on its own: exact for rotations and for single photons; a channel that acts on the whole pulse at once (Eve
    measuring it) is taken photon by photon. Click probabilities are computed from 1 - G, so that they keep their
    digits where they are tiny.

    Memory: 192 S bytes per table and a few times that on the way; cut a long run into passes.

    Source: for G = exp(-mu (1-x)) this is Ma, Qi, Zhao, Lo, Phys. Rev. A 72, 012326 (2005), Eqs. (8) to (11), with the
    double clicks kept apart.
    """
    noise = noise_terms(source, states)
    eta = _node_transmittance(states)
    nu = np.zeros(len(eta))
    for _, mean in noise:
        nu = nu + mean
    q = _arrivals(states.kraus)
    if len(q) > 1:
        q = np.repeat(q, states.nodes, axis=0)
    eta, nu = eta[:, None, None, None], nu[:, None, None, None]

    def clicks(detectors: int, arriving: Floats) -> Floats:
        """1 - exp(-nu |A|) G(1 - eta q_A), (S, n m, 2, 2, 2)."""
        from_light = source.detection(eta * arriving)
        from_noise = -np.expm1(-nu * detectors)
        both: Floats = from_light + from_noise * (1.0 - from_light)
        return both

    any_0, any_1, any_01 = clicks(1, q[..., 0]), clicks(1, q[..., 1]), clicks(2, q[..., 0] + q[..., 1])
    probability = np.empty((len(eta), source.settings, 2, 2, 2, 3))
    for outcome, values in enumerate((any_01 - any_1, any_01 - any_0, any_0 + any_1 - any_01)):
        np.clip(np.moveaxis(values, 0, 1), 0.0, 1.0, out=probability[..., outcome])
    return ClickTables(
        probability,
        np.tile(states.fading_weight, len(states)),
        states.nodes,
        np.asarray(source.probabilities, dtype=np.float64),
        _two(source.key_basis_probability),
        _two(receiver.key_basis_probability),
        noise,
    )


def click_table(source: Source, state: LinkState, receiver: Receiver) -> ClickTable:
    """The one table of one state, see `click_tables`."""
    return click_tables(source, LinkStates.of([state]), receiver)[0]


def _two(key_basis_probability: float) -> Floats:
    return np.array([key_basis_probability, 1.0 - key_basis_probability])
