"""Attacks as channels, and what they tell Eve: the information in the environment of a channel."""

from __future__ import annotations

import math

import numpy as np

from qcisim.errors import require
from qcisim.quantum import Channel, Matrix, bb84_ket, identity, mixture, pauli, von_neumann_entropy


def intercept_resend(fraction: float, bases: int = 2) -> Channel:
    """Eve measures a share p of the signals in one of b mutually unbiased bases and resends what she found.

    rho -> (1-p) rho + p/b sum_bases pinching; QBER p (b-1)/(2b), information p/b per sifted bit. b is 2 (BB84) or 3.
    """
    require(0.0 <= fraction <= 1.0, f"fraction {fraction}: wanted [0, 1]")
    require(bases in (2, 3), f"bases {bases}: a qubit has 2 (BB84) or 3 (six-state) bases to choose from")
    pinchings = [pauli(0.0, 0.0, 0.5), pauli(0.5, 0.0, 0.0), pauli(0.0, 0.5, 0.0)][:bases]
    weights = [1.0 - fraction, *(fraction / bases for _ in pinchings)]
    return mixture(weights, [identity(), *pinchings])


def measure_resend(fraction: float, angle_bloch_rad: float) -> Channel:
    """Eve measures a share p along one axis of the Z-X plane, at this angle from Z on the Bloch sphere, and resends."""
    require(0.0 <= fraction <= 1.0, f"fraction {fraction}: wanted [0, 1]")
    half = angle_bloch_rad / 2.0
    kets = np.array([[math.cos(half), math.sin(half)], [-math.sin(half), math.cos(half)]], dtype=np.complex128)
    projectors = np.einsum("ki,kj->kij", kets, kets.conj())
    return mixture([1.0 - fraction, fraction], [identity(), Channel(projectors)])


def breidbart(fraction: float = 1.0) -> Channel:
    """Intercept-resend halfway between the two bases: QBER p/4, Eve guesses a sifted bit with cos^2(pi/8) at p = 1.

    Source: Bennett, Bessette, Brassard, Salvail, Smolin, J. Cryptol. 5, 3 (1992), Sec. 4.
    """
    return measure_resend(fraction, math.pi / 4.0)


def best_collective(qber: float) -> Channel:
    """Pauli weights ((1-Q)^2, Q(1-Q), Q^2, Q(1-Q)) of (1, X, Y, Z): error Q in both bases, information h(Q) exactly."""
    require(0.0 <= qber <= 0.5, f"qber {qber}: wanted [0, 1/2]")
    return pauli(qber * (1.0 - qber), qber * qber, qber * (1.0 - qber))


def error_rate(channel: Channel, basis: int) -> float:
    """Bit error rate of a qubit channel in basis 0 (Z) or 1 (X), both bits equally likely."""
    errors = 0.0
    for bit in (0, 1):
        sent, wrong = bb84_ket(basis, bit), bb84_ket(basis, 1 - bit)
        received = channel.apply(np.outer(sent, sent.conj()))
        errors += float((wrong.conj() @ received @ wrong).real) / 2.0
    return min(max(errors, 0.0), 1.0)


def environment_state(channel: Channel, ket: Matrix) -> Matrix:
    """(rho_E)_ij = <a| K_j^dagger K_i |a>: what the environment of the channel holds for the input |a>."""
    images = np.einsum("kij,j->ki", channel.kraus, ket)
    state: Matrix = np.einsum("ki,li->kl", images, images.conj())
    return state


def environment_information(channel: Channel, basis: int = 0) -> float:
    """I_E = S(mean_a rho_E^a) - mean_a S(rho_E^a) on Alice's uniform bit of ``basis``, in bits per sifted bit."""
    states = [environment_state(channel, bb84_ket(basis, bit)) for bit in (0, 1)]
    mean = (states[0] + states[1]) / 2.0
    entropy = von_neumann_entropy(mean) - sum(von_neumann_entropy(s) for s in states) / 2.0
    return max(0.0, float(entropy))


def guessing_probability(channel: Channel, basis: int = 0) -> float:
    """Helstrom: 1/2 + ||rho_E^0 - rho_E^1||_1 / 4, Eve's best guess of Alice's bit of ``basis``."""
    difference = environment_state(channel, bb84_ket(basis, 0)) - environment_state(channel, bb84_ket(basis, 1))
    return 0.5 + float(np.abs(np.linalg.eigvalsh(difference)).sum()) / 4.0


def intercept_resend_information(fraction: float, bases: int = 2) -> float:
    """p/b: bits per sifted bit that intercept-resend knows once the bases are announced (classical strategy)."""
    require(0.0 <= fraction <= 1.0, f"fraction {fraction}: wanted [0, 1]")
    return fraction / bases
