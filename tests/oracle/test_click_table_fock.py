"""The click table against a truncated-Fock model in qutip.

A weak coherent pulse with random phase is a mixture of Fock states in one polarisation mode; rotation and loss are a
beam-splitter network on two modes, detectors are projections on vacuum. Nothing here uses generating functions.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
import qutip

from qcisim.optics import Detector, LinkState, Receiver, SinglePhotonSource, WeakCoherentSource, click_table
from qcisim.quantum import Channel, depolarising, rotation
from qcisim.units import db_from_transmittance

LEVELS = 11  # up to 10 photons; a Poisson mean of 0.6 has 1e-10 beyond


def mixed_unitary(u: np.ndarray, a: qutip.Qobj, b: qutip.Qobj) -> qutip.Qobj:
    """Two-mode unitary that carries the single-photon unitary ``u``: exp(sum_ij (log u)_ij m_i^dag m_j)."""
    w, v = np.linalg.eig(u)
    log = v @ np.diag(np.log(w.astype(complex))) @ np.linalg.inv(v)
    modes = (a, b)
    generator = sum(complex(log[i, j]) * modes[i].dag() * modes[j] for i in range(2) for j in range(2))
    return generator.expm()


def lossy(rho: qutip.Qobj, transmittance: float) -> qutip.Qobj:
    """Loss Kraus operators sqrt(C(n,k) eta^(n-k) (1-eta)^k) |n-k><n| on both modes."""
    kraus = []
    for k in range(LEVELS):
        matrix = np.zeros((LEVELS, LEVELS))
        for n in range(k, LEVELS):
            matrix[n - k, n] = math.sqrt(math.comb(n, k) * transmittance ** (n - k) * (1 - transmittance) ** k)
        kraus.append(qutip.Qobj(matrix))
    eye = qutip.qeye(LEVELS)
    for place in (0, 1):
        operators = [qutip.tensor(k, eye) if place == 0 else qutip.tensor(eye, k) for k in kraus]
        rho = sum(operator * rho * operator.dag() for operator in operators)
    return rho


def fock_outcomes(
    photons: np.ndarray, alice: tuple[int, int], unitary: np.ndarray, bob: int, eta: float, nu: float
) -> list[float]:
    """P(only 0), P(only 1), P(both) for photon-number probabilities ``photons`` (n,)."""
    a, b = (
        qutip.tensor(qutip.destroy(LEVELS), qutip.qeye(LEVELS)),
        qutip.tensor(qutip.qeye(LEVELS), qutip.destroy(LEVELS)),
    )
    hadamard = np.array([[1, 1], [1, -1]]) / math.sqrt(2)
    prepare = np.linalg.matrix_power(hadamard, alice[0]) @ (np.eye(2) if alice[1] == 0 else np.array([[0, 1], [1, 0]]))
    measure = np.linalg.matrix_power(hadamard, bob)
    whole = mixed_unitary(measure @ unitary @ prepare, a, b)
    rho = sum(
        float(p) * qutip.ket2dm(qutip.tensor(qutip.basis(LEVELS, n), qutip.basis(LEVELS, 0)))
        for n, p in enumerate(photons)
    )
    rho = lossy(whole * rho * whole.dag(), eta)
    dark = qutip.ket2dm(qutip.basis(LEVELS, 0))
    eye = qutip.qeye(LEVELS)
    none_0 = math.exp(-nu) * qutip.expect(qutip.tensor(dark, eye), rho)
    none_1 = math.exp(-nu) * qutip.expect(qutip.tensor(eye, dark), rho)
    none = math.exp(-2 * nu) * qutip.expect(qutip.tensor(dark, dark), rho)
    return [none_1 - none, none_0 - none, 1 - none_0 - none_1 + none]


def poisson(mu: float) -> np.ndarray:
    return np.array([math.exp(-mu) * mu**n / math.factorial(n) for n in range(LEVELS)])


def ours(source: WeakCoherentSource | SinglePhotonSource, channel: Channel, eta: float, nu: float) -> np.ndarray:
    state = LinkState(0.0, (("all", db_from_transmittance(eta)),), channel, (("dark", nu),), 0.0)
    return click_table(source, state, Receiver(Detector(1.0, 0.0))).probability


@pytest.mark.parametrize("eta", [0.03, 0.6, 1.0])
@pytest.mark.parametrize("mu", [0.6, 0.1, 0.0])
def test_weak_coherent_pulse(mu: float, eta: float) -> None:
    nu, channel = 1e-3, rotation(0.2, 0.5, -0.3)
    table = ours(WeakCoherentSource((mu,), (1.0,)), channel, eta, nu)
    for alice in ((0, 0), (1, 1)):
        for bob in (0, 1):
            expected = fock_outcomes(poisson(mu), alice, channel.kraus[0], bob, eta, nu)
            assert table[0, alice[0], alice[1], bob] == pytest.approx(expected, abs=1e-9)


def test_every_preparation_and_measurement() -> None:
    mu, eta, nu, channel = 0.5, 0.4, 1e-4, rotation(0.0, 0.2, 0.0)
    table = ours(WeakCoherentSource((mu,), (1.0,)), channel, eta, nu)
    for basis in (0, 1):
        for bit in (0, 1):
            for bob in (0, 1):
                expected = fock_outcomes(poisson(mu), (basis, bit), channel.kraus[0], bob, eta, nu)
                assert table[0, basis, bit, bob] == pytest.approx(expected, abs=1e-9)


def test_single_photon() -> None:
    channel = rotation(0.1, 0.4, 0.2)
    table = ours(SinglePhotonSource(efficiency=0.7), channel, 0.5, 1e-3)
    photons = np.array([0.3, 0.7])
    for bob in (0, 1):
        expected = fock_outcomes(photons, (0, 0), channel.kraus[0], bob, 0.5, 1e-3)
        assert table[0, 0, 0, bob] == pytest.approx(expected, abs=1e-12)


def test_a_channel_that_mixes_acts_photon_by_photon() -> None:
    """What the docstring of click_table says about channels that are not unitary: two photons, each on its own."""
    p, eta = 0.3, 0.8
    table = ours(WeakCoherentSource((1e-3,), (1.0,)), depolarising(p), eta, 0.0)
    one = eta * (1 - p / 2), eta * p / 2
    single = poisson(1e-3)[1]
    assert table[0, 0, 0, 0, :2] == pytest.approx([single * one[0], single * one[1]], rel=2e-3)
    assert table[0, 0, 0, 0, 2] == pytest.approx(1e-6 * one[0] * one[1], rel=2e-3)
