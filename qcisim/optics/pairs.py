"""Entangled pairs through two links at once: coincidences, and the two-photon state behind them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qcisim.errors import require
from qcisim.optics.detector import live_share
from qcisim.optics.pair_source import BELL_STATES, ContinuousPairSource, PairEmission, coincidence_gain
from qcisim.optics.receiver import Receiver
from qcisim.optics.source import Floats
from qcisim.optics.states import LinkStates
from qcisim.quantum import PAULIS, Matrix, bell_state


@dataclass(frozen=True, slots=True, eq=False)
class PairStates:
    """What two stations share at n times.

    Args:
        t_s: (n,) time since the start of the run.
        coincidence_rate_hz: (n,) attempts in which both sides click.
        true_rate_hz: (n,) those that carry the correlation of one pair; the rest is chance.
        singles_a_hz, singles_b_hz: (n,) clicks of each side.
        rho: (n, 4, 4) density matrix of a coincidence, double clicks as a random bit.
        delay_a_s, delay_b_s: (n,) from the source.
    """

    t_s: Floats
    coincidence_rate_hz: Floats
    true_rate_hz: Floats
    singles_a_hz: Floats
    singles_b_hz: Floats
    rho: Matrix
    delay_a_s: Floats
    delay_b_s: Floats

    def __len__(self) -> int:
        return len(self.t_s)

    @property
    def accidental_rate_hz(self) -> Floats:
        """Coincidences of photons from different pairs, and of noise, (n,)."""
        accidental: Floats = np.maximum(self.coincidence_rate_hz - self.true_rate_hz, 0.0)
        return accidental

    @property
    def heralding_a(self) -> Floats:
        """P(A clicks | B clicked), (n,)."""
        return _ratio(self.coincidence_rate_hz, self.singles_b_hz)

    @property
    def heralding_b(self) -> Floats:
        """P(B clicks | A clicked), (n,)."""
        return _ratio(self.coincidence_rate_hz, self.singles_a_hz)

    def fidelity(self, bell: str = "phi_plus") -> Floats:
        """<B| rho |B>, (n,)."""
        require(bell in BELL_STATES, f"bell state '{bell}': wanted one of {', '.join(BELL_STATES)}")
        projector = bell_state(BELL_STATES.index(bell))
        overlap: Floats = np.einsum("nij,ji->n", self.rho, projector).real
        return overlap

    @property
    def correlations(self) -> Floats:
        """T_ij = tr(rho sigma_i (x) sigma_j), i, j over X, Y, Z, (n, 3, 3)."""
        pairs = np.einsum("iab,jcd->ijacbd", PAULIS[1:], PAULIS[1:]).reshape(3, 3, 4, 4)
        table: Floats = np.einsum("nab,ijba->nij", self.rho, pairs).real
        return table

    @property
    def chsh(self) -> Floats:
        """S = 2 sqrt(m1 + m2), m the two largest eigenvalues of T^T T: the best of all settings, (n,).

        Source: Horodecki, Horodecki, Horodecki, Phys. Lett. A 200, 340 (1995).
        """
        singular = np.linalg.svd(self.correlations, compute_uv=False)
        value: Floats = 2.0 * np.sqrt(singular[:, 0] ** 2 + singular[:, 1] ** 2)
        return value

    def qber(self, bell: str = "phi_plus") -> tuple[Floats, Floats]:
        """Error rates in the bases Z and X, bits compared as the Bell state correlates them, (n,) each."""
        require(bell in BELL_STATES, f"bell state '{bell}': wanted one of {', '.join(BELL_STATES)}")
        phi, plus = bell.startswith("phi"), bell.endswith("plus")
        table = self.correlations
        return 0.5 * (1.0 - (1 if phi else -1) * table[:, 2, 2]), 0.5 * (1.0 - (1 if plus else -1) * table[:, 0, 0])


def pair_states(
    source: PairEmission, states_a: LinkStates, states_b: LinkStates, receiver_a: Receiver, receiver_b: Receiver
) -> PairStates:
    """rho = w (C_a (x) C_b)(rho_pair) + (1 - w) rho_a (x) rho_b, w = W/Q.

    Q is the probability that both sides click in an attempt and W = exp(-nu_a - nu_b) E[s_a s_b] what one pair's
    correlation contributes (see `PairEmission.correlation`); the rest, photons of different pairs and noise, is
    uncorrelated: rho_a is C_a(1/2) where A saw light and 1/2 where it saw noise only, both white for unital channels.
    Both Q and W are averaged over the fading nodes of the two links, which fade independently of each other, before
    they are divided. Dead time lowers the rates of each side by its live share.

    Exact for bases in which the pair is perfectly correlated, multi-pair emission and double clicks included; in
    other bases to first order in mean_pairs eta_a eta_b. For pulses Q is Eq. (9) and (Q - W)/2 the error gain,
    Eq. (10), of Ma, Fung, Lo, Phys. Rev. A 76, 012307 (2007), where the noise is small.

    Args:
        source: of the pairs.
        states_a, states_b: of the two links at the same times, detectors included; their noise is that of one
            detector, and a side has two.
        receiver_a, receiver_b: the links' ends. Noise is counted per gate, so with a `ContinuousPairSource` their
            gate must be its window.

    Raises:
        PhysicsError: where the links' times differ, or gates do not fit the source.
    """
    same = states_a.t_s.shape == states_b.t_s.shape and bool(np.all(states_a.t_s == states_b.t_s))
    require(same, "two links at different times: a pair has both its photons at once")
    for name, receiver in (("first", receiver_a), ("second", receiver_b)):
        _check_gate(source, receiver.detector.gate_s, name)
    eta_a, click_a, nu_a, live_a = _side(source, states_a, receiver_a)
    eta_b, click_b, nu_b, live_b = _side(source, states_b, receiver_b)
    eta_b, nu_b, live_b = eta_b[:, None, :], nu_b[:, None, :], live_b[:, None, :]
    eta_a, nu_a, live_a = eta_a[:, :, None], nu_a[:, :, None], live_a[:, :, None]
    live = live_a * live_b
    both = coincidence_gain(source, eta_a, eta_b, -np.expm1(-2.0 * nu_a), -np.expm1(-2.0 * nu_b)) * live
    correlated = np.exp(-nu_a - nu_b) * source.correlation(eta_a, eta_b) * live

    def mean(values: Floats) -> Floats:
        """Over the nodes of both links, (n,)."""
        averaged: Floats = np.einsum("nij,i,j->n", values, states_a.fading_weight, states_b.fading_weight)
        return averaged

    rate = source.attempts_hz
    q, w = mean(both), mean(correlated)
    singles_a = (click_a * live_a[:, :, 0]) @ states_a.fading_weight
    singles_b = (click_b * live_b[:, 0, :]) @ states_b.fading_weight
    return PairStates(
        states_a.t_s,
        rate * q,
        rate * w,
        rate * singles_a,
        rate * singles_b,
        _two_photon(source, states_a, states_b, np.minimum(_ratio(w, q), 1.0)),
        states_a.delay_s,
        states_b.delay_s,
    )


def _check_gate(source: PairEmission, gate_s: float, name: str) -> None:
    window_s = 1.0 / source.attempts_hz
    if isinstance(source, ContinuousPairSource):
        fits = abs(gate_s - window_s) <= 1e-6 * window_s
        require(fits, f"gate_s {gate_s:g} of the {name} receiver: wanted the window of coincidence, {window_s:g} s")
    else:
        require(gate_s <= window_s * (1.0 + 1e-9), f"gate_s {gate_s:g} of the {name} receiver: longer than a round")


def _side(source: PairEmission, states: LinkStates, receiver: Receiver) -> tuple[Floats, Floats, Floats, Floats]:
    """One side by time and fading node, (n, m) each: transmittance, click probability, noise nu, live share.

    Light that misses its gate falls into others as noise, shared by the two detectors; so do afterpulses, spread
    evenly over the gates and over the detectors.
    """
    eta = np.minimum(states.transmittance[:, None] * states.fading_factor, 1.0)
    spill = 0.5 * source.mean_pairs * eta * states.neighbour_share[:, None]
    nu = states.noise[:, None] + spill
    click = -np.expm1(-2.0 * nu) + np.exp(-2.0 * nu) * source.seen(eta)
    if receiver.detector.afterpulse_probability > 0.0:
        nu = nu + 0.5 * receiver.detector.afterpulse_probability * click
        click = -np.expm1(-2.0 * nu) + np.exp(-2.0 * nu) * source.seen(eta)
    dead = np.full_like(click, float(receiver.detector.dead_rounds(source.attempts_hz)))
    return eta, click, nu, live_share(click, dead)


def _two_photon(source: PairEmission, states_a: LinkStates, states_b: LinkStates, weight: Floats) -> Matrix:
    """The weighted sum of correlated pairs and chance, (n, 4, 4)."""
    map_a, map_b = _transfer(states_a.kraus), _transfer(states_b.kraus)
    pair = source.rho.reshape(2, 2, 2, 2).transpose(0, 2, 1, 3).reshape(4, 4)  # [a a', b b']
    correlated = map_a @ pair @ map_b.transpose(0, 2, 1)
    chance = _noise_state(source, states_a, map_a)[:, :, None] * _noise_state(source, states_b, map_b)[:, None, :]
    mixed = weight[:, None, None] * correlated + (1.0 - weight)[:, None, None] * chance
    rho: Matrix = mixed.reshape(-1, 2, 2, 2, 2).transpose(0, 1, 3, 2, 4).reshape(-1, 4, 4)
    return rho


def _transfer(kraus: Matrix) -> Matrix:
    """C(rho)_xy = sum_ac M[x y, a c] rho_ac, (n, 4, 4)."""
    product = np.einsum("nkxa,nkyc->nxyac", kraus, kraus.conj())
    matrix: Matrix = product.reshape(-1, 4, 4)
    return matrix


def _noise_state(source: PairEmission, states: LinkStates, transfer: Matrix) -> Matrix:
    """State of a click that chance brought: 1/2 through the channel where it was light, 1/2 where it was noise."""
    white = np.array([0.5, 0.0, 0.0, 0.5], dtype=np.complex128)
    light = source.seen(states.transmittance)
    noise = -np.expm1(-2.0 * states.noise)
    share = _ratio(light, light + noise)[:, None]
    state: Matrix = share * (transfer @ white) + (1.0 - share) * white
    return state


def _ratio(part: Floats, whole: Floats) -> Floats:
    """part / whole, 0 where there is nothing."""
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0.0)
