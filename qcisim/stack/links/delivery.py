"""What a link of pairs gives the link layer: a two-qubit state, and when.

A netstack calls ``model.sample(rng, now_ns)`` once per pair. States are built once and shared: a `PairState` is the
same object for every delivery of the same state, so whatever a register makes of it may be kept by identity.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike

from qcisim.errors import QcisimError, require
from qcisim.quantum import Matrix, check_density
from qcisim.quantum.bell import BELL_KETS

PHI_PLUS, PSI_PLUS, PSI_MINUS, PHI_MINUS = 0, 1, 2, 3
"""Bell states as NetQASM numbers them."""

BELL_ORDER = (0, 2, 3, 1)
"""Row of `qcisim.quantum.bell.BELL_KETS` of each NetQASM Bell index."""

_PAULI_ON_B = tuple(
    np.kron(np.eye(2), np.array(frame, dtype=np.complex128))
    for frame in ([[1, 0], [0, 1]], [[0, 1], [1, 0]], [[0, -1], [1, 0]], [[1, 0], [0, -1]])
)
"""1, X, XZ, Z on qubit b: takes each Bell state (NetQASM order) to Phi+, up to a phase."""


class NoPairError(QcisimError):
    """The link will never make a pair again, and says why."""


@dataclass(frozen=True, slots=True, eq=False)
class PairState:
    """A state of two qubits, first qubit at ``node_a``, and the Bell state it is meant to be.

    Args:
        rho: (4, 4), read-only.
        bell: NetQASM index: Phi+ 0, Psi+ 1, Psi- 2, Phi- 3.
        phi_plus: rho after the Pauli on qubit b that makes ``bell`` Phi+, (4, 4), read-only.
        bell_weights: <B|rho|B> for B in NetQASM order.
    """

    rho: Matrix
    bell: int = PHI_PLUS
    phi_plus: Matrix = field(init=False, repr=False)
    bell_weights: tuple[float, float, float, float] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        rho = check_density(self.rho)
        require(rho.shape == (4, 4), f"pair state of shape {rho.shape}: wanted (4, 4)")
        require(self.bell in range(4), f"Bell state {self.bell}: there are four, 0 to 3")
        pauli = _PAULI_ON_B[self.bell]
        kets = BELL_KETS[list(BELL_ORDER)]
        weights = np.einsum("ki,ij,kj->k", kets.conj(), rho, kets).real
        for name, value in (("rho", rho), ("phi_plus", pauli @ rho @ pauli.conj().T)):
            matrix = np.array(value, dtype=np.complex128)
            matrix.setflags(write=False)
            object.__setattr__(self, name, matrix)
        object.__setattr__(self, "bell_weights", tuple(float(w) for w in weights))

    @classmethod
    def made(cls, rho: Matrix) -> PairState:
        """A state near Phi+ that a calculation has made: not checked, and the caller gives ``rho`` away."""
        state = object.__new__(cls)
        rho.setflags(write=False)
        object.__setattr__(state, "rho", rho)
        object.__setattr__(state, "phi_plus", rho)
        object.__setattr__(state, "bell", PHI_PLUS)
        z, x, y = (rho[0, 0] + rho[3, 3]).real, (rho[0, 3] + rho[3, 0]).real, (rho[1, 2] + rho[2, 1]).real
        weights = 0.5 * (z + x), 0.5 * (1.0 - z + y), 0.5 * (1.0 - z - y), 0.5 * (z - x)
        object.__setattr__(state, "bell_weights", weights)
        return state

    @property
    def fidelity(self) -> float:
        """<B|rho|B> with B the Bell state it is meant to be."""
        return self.bell_weights[self.bell]

    def flipped(self) -> PairState:
        """The same pair with the qubits exchanged; itself where that changes nothing."""
        order = [0, 2, 1, 3]
        exchanged = self.rho[np.ix_(order, order)]
        return self if np.array_equal(exchanged, self.rho) else PairState(exchanged, self.bell)


class Delivery(NamedTuple):
    """One pair: both qubits are in their memories ``duration_ns`` after the request for it began.

    ``attempts`` is how many attempts it took; 1 where a link does not count.
    """

    duration_ns: float
    state: PairState
    attempts: int = 1

    @property
    def rho(self) -> Matrix:
        """(4, 4), first qubit at ``node_a``."""
        return self.state.rho

    @property
    def bell(self) -> int:
        """NetQASM index of the Bell state it is meant to be."""
        return self.state.bell


class LinkModel(Protocol):
    """A link that makes pairs one after the other."""

    def sample(self, rng: np.random.Generator, now_ns: float = 0.0) -> Delivery:
        """The pair whose generation begins at ``now_ns``. Raises `NoPairError` where none will ever come."""

    @property
    def mean_fidelity(self) -> float:
        """Of the pairs with the Bell states they are meant to be; nan where it is not known beforehand."""

    @property
    def mean_duration_ns(self) -> float:
        """Of a generation that finds the link free; nan where it is not known beforehand."""


def werner_pair(fidelity: float, bell: int = PHI_PLUS) -> PairState:
    """(1-p) |B><B| + p 1/4 with p = 4 (1-F)/3, for F in [0, 1]."""
    require(0.0 <= fidelity <= 1.0, f"fidelity {fidelity:g}: lies in [0, 1]")
    ket = BELL_KETS[BELL_ORDER[bell]]
    mixed = 4.0 * (1.0 - fidelity) / 3.0
    white = np.eye(4, dtype=np.complex128) / 4.0
    return PairState((1.0 - mixed) * np.outer(ket, ket.conj()) + mixed * white, bell)


def pair_state(rho: ArrayLike, bell: int = PHI_PLUS) -> PairState:
    """`PairState` of anything that is a (4, 4) density matrix."""
    return PairState(np.asarray(rho, dtype=np.complex128), bell)
