"""The state of qubits of a blocking program."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from netqasm.sdk.qubit import Qubit
from numpy.typing import NDArray

from qcisim.errors import InputError

__all__ = ["get_qubit_state"]


def get_qubit_state(qubit: Qubit | Sequence[Qubit], reduced_dm: bool = True) -> NDArray[np.complex128]:
    """Density matrix of a qubit, or of several qubits of one connection in their order.

    What the program has asked for but not flushed has not happened yet.

    Args:
        reduced_dm: False, for one qubit: of all the qubits it is entangled with, in an order of its own.
    """
    qubits = [qubit] if isinstance(qubit, Qubit) else list(qubit)
    if not reduced_dm and len(qubits) != 1:
        raise InputError("get_qubit_state: reduced_dm=False takes one qubit, not several")
    frames = {id(one._conn.frame): one._conn.frame for one in qubits}
    if not frames:
        raise InputError("get_qubit_state: no qubit given")
    numbers = []
    for one in qubits:
        frame = one._conn.frame
        frame.node.resume()
        number = frame.memory.qubit[frame.touched(int(one.qubit_id))]
        if number is None:
            raise InputError(f"get_qubit_state: qubit {one.qubit_id} of {frame.node.name} is on its way")
        numbers.append(number)
    (frame, *_) = frames.values()
    if not reduced_dm:
        numbers = frame.register.together(numbers[0])
    return np.asarray(frame.register.to_density(*numbers), dtype=np.complex128)
