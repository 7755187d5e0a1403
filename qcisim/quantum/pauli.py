"""The Pauli basis: transfer matrices of channels, Pauli weights, the twirl.

Every operator on n qubits is a combination of the 4^n products of 1, X, Y, Z. A density matrix has real coefficients
r_a = tr(rho P_a), rho = sum_a r_a P_a / 2^n; a channel is a real matrix L_ab = tr(P_a C(P_b)) / 2^n on them, r' = L r.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qcisim.errors import require
from qcisim.quantum.channel import PAULIS, Channel
from qcisim.quantum.states import TOLERANCE, Matrix

Floats = NDArray[np.float64]


@lru_cache(maxsize=4)
def pauli_products(qubits: int) -> Matrix:
    """1, X, Y, Z on each of ``qubits`` qubits in Kronecker order, the last fastest, (4^n, 2^n, 2^n)."""
    products = PAULIS
    for _ in range(qubits - 1):
        size = products.shape[1]
        products = np.einsum("aij,bkl->abikjl", products, PAULIS).reshape(-1, 2 * size, 2 * size)
    products = products.copy()
    products.setflags(write=False)
    return products


def qubits_of(channel: Channel) -> int:
    """The number of qubits a channel acts on; raises `PhysicsError` where it maps anything else."""
    out, into = channel.shape
    count = into.bit_length() - 1
    require(out == into == 2**count and count >= 1, f"a channel from {into} to {out} levels: wanted one on qubits")
    return count


def transfer_matrix(channel: Channel) -> Floats:
    """L_ab = tr(P_a C(P_b)) / 2^n, (4^n, 4^n)."""
    products = pauli_products(qubits_of(channel))
    images = np.einsum("kij,bjl,kml->bim", channel.kraus, products, channel.kraus.conj(), optimize=True)
    matrix: Floats = np.einsum("aij,bji->ab", products, images).real / products.shape[1]
    return matrix


def _pauli_process(channel: Channel) -> Matrix:
    """chi with C(rho) = sum_ab chi_ab P_a rho P_b, (4^n, 4^n)."""
    products = pauli_products(qubits_of(channel))
    parts = np.einsum("aij,kji->ka", products, channel.kraus) / products.shape[1]
    matrix: Matrix = np.einsum("ka,kb->ab", parts, parts.conj())
    return matrix


def pauli_weights(channel: Channel) -> Floats:
    """q with C(rho) = sum_a q_a P_a rho P_a, (4^n,).

    Raises `PhysicsError` where the channel is not a mixture of Pauli operators; `twirled` makes the nearest one.
    """
    process = _pauli_process(channel)
    off = float(np.abs(process - np.diag(process.diagonal())).max())
    require(off < TOLERANCE, f"a channel {off:.3g} off a mixture of Paulis: `twirled` names that approximation")
    return _probabilities(process)


def twirled(channel: Channel) -> Channel:
    """The Pauli twirl, an approximation: C averaged over P C(P rho P) P; keeps the diagonal of chi, drops the rest.

    Exact for mixtures of Paulis; the fidelity with which the channel keeps a Bell state is unchanged.
    Source: Dankert, Cleve, Emerson, Livine, Phys. Rev. A 80, 012304 (2009).
    """
    return pauli_mixture(_probabilities(_pauli_process(channel)))


def pauli_mixture(weights: ArrayLike) -> Channel:
    """C(rho) = sum_a q_a P_a rho P_a for weights (4^n,) that sum to 1."""
    q = np.asarray(weights, dtype=np.float64)
    qubits = (q.size.bit_length() - 1) // 2
    require(q.shape == (4**qubits,) and qubits >= 1, f"Pauli weights of shape {q.shape}: wanted (4,) or (16,)")
    require(bool(np.all(q >= 0.0)) and abs(float(q.sum()) - 1.0) < TOLERANCE, "Pauli weights that do not sum to 1")
    kept = q > 0.0
    return Channel(np.sqrt(q[kept])[:, None, None] * pauli_products(qubits)[kept])


def two_qubit_depolarising(probability: float) -> Channel:
    """C(rho) = (1-p) rho + p 1/4 on two qubits."""
    require(0.0 <= probability <= 1.0, f"depolarising probability {probability:g}: a probability lies in [0, 1]")
    weights = np.full(16, probability / 16.0)
    weights[0] += 1.0 - probability
    return pauli_mixture(weights)


@lru_cache(maxsize=16)
def _bases(qubits: int) -> tuple[Matrix, Matrix]:
    """Density matrix to coefficients and back, on flattened rows, (4^n, 4^n) each."""
    products = pauli_products(qubits)
    there = np.ascontiguousarray(products.transpose(0, 2, 1).reshape(len(products), -1).T)
    back = np.ascontiguousarray(products.reshape(len(products), -1) / products.shape[1])
    return there, back


def bloch(rho: Matrix) -> Floats:
    """r_a = tr(rho P_a), (..., 4^n), for density matrices (..., 2^n, 2^n)."""
    there, _ = _bases(rho.shape[-1].bit_length() - 1)
    coefficients: Floats = np.ascontiguousarray((rho.reshape(*rho.shape[:-2], -1) @ there).real)
    return coefficients


def density_of(coefficients: Floats) -> Matrix:
    """rho = sum_a r_a P_a / 2^n, (..., 2^n, 2^n), for coefficients (..., 4^n)."""
    qubits = (coefficients.shape[-1].bit_length() - 1) // 2
    rho: Matrix = (coefficients @ _bases(qubits)[1]).reshape(*coefficients.shape[:-1], 2**qubits, 2**qubits)
    return rho


def _probabilities(process: Matrix) -> Floats:
    weights = np.clip(process.diagonal().real, 0.0, None)
    normalised: Floats = weights / weights.sum()
    return normalised
