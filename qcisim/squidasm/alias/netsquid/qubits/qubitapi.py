"""Functions on qubits: create, operate, assign, look at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qcisim.squidasm.alias.netsquid.qubits.qubit import QState, Qubit, as_density
from qcisim.squidasm.alias.refusal import refuse_unknown

__all__ = [
    "assign_qstate",
    "combine_qubits",
    "create_qubits",
    "exp_value",
    "fidelity",
    "operate",
    "reduced_dm",
]

Array = NDArray[np.complex128]


def create_qubits(num_qubits: int, system_name: str = "q", no_state: bool = False) -> list[Qubit]:
    """``num_qubits`` qubits in |0>, each with a state of its own."""
    return [Qubit(f"{system_name}-{number}") for number in range(num_qubits)]


def assign_qstate(qubits: Any, qrepr: ArrayLike, formalism: object = None) -> None:
    """Give ``qubits`` the joint state ``qrepr``, a ket or a density matrix."""
    chosen = _own(qubits)
    dm = as_density(qrepr)
    if dm.shape[0] != 2 ** len(chosen):
        raise ValueError(f"a state of {dm.shape[0].bit_length() - 1} qubits for {len(chosen)}")
    for one in chosen:
        left = [other for other in one.qstate.qubits if not any(other is mine for mine in chosen)]
        if left:
            rest = QState(left, _reduced(one.qstate, left))
            for other in left:
                other.qstate = rest
    state = QState(chosen, dm)
    for one in chosen:
        one.qstate = state


def combine_qubits(qubits: Any) -> None:
    """Let ``qubits`` share one state."""
    _joined(_own(qubits))


def operate(qubits: Any, operator: Any) -> None:
    """rho -> U rho U^dagger on ``qubits``, the first being the most significant of U."""
    chosen = _own(qubits)
    unitary = np.asarray(getattr(operator, "arr", operator), dtype=np.complex128)
    if unitary.shape != (2 ** len(chosen),) * 2:
        raise ValueError(f"an operator of shape {unitary.shape} on {len(chosen)} qubits")
    state = _joined(chosen)
    number, axes = state.num_qubits, [_position(state, one) for one in chosen]
    full = np.kron(unitary, np.eye(2 ** (number - len(axes))))
    order = axes + [axis for axis in range(number) if axis not in axes]
    back = np.argsort(order)
    shape, permutation = (2,) * (2 * number), [*back, *(number + back)]
    full = full.reshape(shape).transpose(permutation).reshape(2**number, 2**number)
    state.dm = full @ state.dm @ full.conj().T


def reduced_dm(qubits: Any) -> Array:
    """Density matrix of ``qubits`` in the order given; also of a ket or density matrix itself."""
    if isinstance(qubits, np.ndarray):
        return as_density(qubits)
    chosen = _listed(qubits)
    groups: list[tuple[Any, list[Any]]] = []
    for one in chosen:
        state = one.qstate
        for known, members in groups:
            if known is state or known == state:
                members.append(one)
                break
        else:
            groups.append((state, [one]))
    dm: Array = np.ones((1, 1), dtype=np.complex128)
    order: list[Any] = []
    for state, members in groups:
        dm = np.asarray(np.kron(dm, _reduced(state, members)), dtype=np.complex128)
        order += members
    number = len(chosen)
    axes = [next(i for i, member in enumerate(order) if member is one) for one in chosen]
    if axes != list(range(number)):
        dm = dm.reshape((2,) * (2 * number)).transpose([*axes, *(number + axis for axis in axes)])
    return np.array(dm.reshape(2**number, 2**number))


def fidelity(qubits: Any, reference_state: ArrayLike, squared: bool = False) -> float:
    """sqrt(<psi|rho|psi>), or its square; for a mixed reference tr sqrt(sqrt(rho) sigma sqrt(rho))."""
    return state_fidelity(reduced_dm(qubits), as_density(reference_state), squared)


def exp_value(qubits: Any, operator: Any) -> float:
    """tr(rho A)."""
    observable = np.asarray(getattr(operator, "arr", operator), dtype=np.complex128)
    return float(np.trace(reduced_dm(qubits) @ observable).real)


def state_fidelity(rho: Array, sigma: Array, squared: bool) -> float:
    """tr sqrt(sqrt(rho) sigma sqrt(rho)), or its square."""
    if rho.shape != sigma.shape:
        raise ValueError(f"states of shapes {rho.shape} and {sigma.shape}")
    values, vectors = np.linalg.eigh(sigma)
    if values[-1] > 1.0 - 1e-12:
        ket = vectors[:, -1]
        overlap = float((ket.conj() @ rho @ ket).real)
        root = float(np.sqrt(max(overlap, 0.0)))
    else:
        half = (vectors * np.sqrt(np.clip(values, 0.0, None))) @ vectors.conj().T
        root = float(np.sum(np.sqrt(np.clip(np.linalg.eigvalsh(half @ rho @ half), 0.0, None))))
    return root**2 if squared else root


def _listed(qubits: Any) -> list[Any]:
    chosen = list(qubits) if isinstance(qubits, Sequence) else [qubits]
    for one in chosen:
        if not hasattr(one, "qstate"):
            raise TypeError(f"wanted a qubit or a list of qubits, got {type(one).__name__}")
    return chosen


def _own(qubits: Any) -> list[Qubit]:
    chosen = _listed(qubits)
    for one in chosen:
        if not isinstance(one, Qubit):
            raise TypeError("a qubit of a running program can only be looked at; programs change it by instructions")
    return chosen


def _joined(qubits: list[Qubit]) -> QState:
    states: list[QState] = []
    for one in qubits:
        if not any(one.qstate is known for known in states):
            states.append(one.qstate)
    if len(states) == 1:
        return states[0]
    dm: Array = np.ones((1, 1), dtype=np.complex128)
    members: list[Qubit] = []
    for state in states:
        dm = np.asarray(np.kron(dm, state.dm), dtype=np.complex128)
        members += state.qubits
    joint = QState(members, dm)
    for one in members:
        one.qstate = joint
    return joint


def _position(state: Any, qubit: Any) -> int:
    for position, one in enumerate(state.qubits):
        if one is qubit or one == qubit:
            return position
    raise ValueError("the qubit is gone: it was measured or freed")


def _reduced(state: Any, keep: list[Any]) -> Array:
    """Density matrix of the qubits ``keep`` of one state, in that order."""
    dm = np.asarray(state.dm, dtype=np.complex128)
    number = len(state.qubits)
    axes = [_position(state, one) for one in keep]
    if axes == list(range(number)):
        return dm
    rest = [axis for axis in range(number) if axis not in axes]
    order = [*axes, *rest]
    dm = dm.reshape((2,) * (2 * number)).transpose([*order, *(number + axis for axis in order)])
    size, traced = 2 ** len(axes), 2 ** len(rest)
    return np.array(np.einsum("arbr->ab", dm.reshape(size, traced, size, traced)))


__getattr__ = refuse_unknown(__name__)
