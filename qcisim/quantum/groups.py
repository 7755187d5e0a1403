"""Qubits in groups: what is entangled is held together, what is not is held apart.

A register keeps one tensor per group. Groups merge at the first joint operation and split when a qubit is measured or
leaves, so the cost is 2^k of the largest group, not of the register.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from qcisim.errors import PhysicsError, require
from qcisim.quantum.states import Matrix


class CrowdedError(PhysicsError):
    """More qubits are entangled than the register holds together."""


class Group:
    """Qubits (their numbers) and their joint state: a ket (2^k,) or a density matrix (2^k, 2^k), first qubit slowest.

    A small mutable record; `Groups` owns it.
    """

    __slots__ = ("qubits", "state")

    def __init__(self, qubits: list[int], state: Matrix) -> None:
        self.qubits, self.state = qubits, state


class Groups:
    """The groups of a register.

    Args:
        fresh: state of a new qubit, (2,) or (2, 2).
        largest: how many qubits a group may have.
    """

    __slots__ = ("_fresh", "_next", "_of", "largest")

    def __init__(self, fresh: Matrix, largest: int) -> None:
        require(largest >= 2, f"largest group {largest}: a joint gate needs two qubits")
        self._fresh, self.largest = fresh, largest
        self._of: dict[int, Group] = {}
        self._next = 0

    def __len__(self) -> int:
        return len(self._of)

    def sizes(self) -> list[int]:
        """The number of qubits in each group, largest first."""
        return sorted((len(group.qubits) for group in {id(g): g for g in self._of.values()}.values()), reverse=True)

    def add(self, count: int) -> list[int]:
        """``count`` new qubits, each a group of its own; their numbers."""
        require(count >= 1, f"{count} new qubits: wanted at least one")
        numbers = list(range(self._next, self._next + count))
        self._next += count
        for number in numbers:
            self._of[number] = Group([number], self._fresh)
        return numbers

    def insert(self, state: Matrix) -> tuple[int, int]:
        """Two new qubits in one group with the joint state ``state``, which stays as it is; their numbers."""
        first = self._next
        self._next += 2
        group = Group([first, first + 1], state)
        self._of[first] = self._of[first + 1] = group
        return first, first + 1

    def find(self, qubit: int) -> Group:
        """The group of a qubit; raises `PhysicsError` for one that is not here."""
        require(qubit in self._of, f"qubit {qubit} is not in the register: it was never added, or has left")
        return self._of[qubit]

    def joined(self, qubits: Iterable[int]) -> Group:
        """One group that holds all ``qubits``; merges where they were apart."""
        order = list(qubits)
        require(len(set(order)) == len(order), f"qubits {order}: an operation needs different ones")
        groups = list({id(group): group for group in map(self.find, order)}.values())
        first = groups[0]
        size = sum(len(group.qubits) for group in groups)
        if size > self.largest:
            raise CrowdedError(f"a group of {size} entangled qubits: this register holds up to {self.largest} together")
        for other in groups[1:]:
            first.state = kron(first.state, other.state)
            first.qubits = first.qubits + other.qubits
            for qubit in other.qubits:
                self._of[qubit] = first
        return first

    def changed(self, change: Callable[[Matrix], Matrix], fresh: Matrix, largest: int) -> Groups:
        """The same groups of the same qubits, each state passed through ``change``; new qubits in ``fresh``."""
        other = Groups(fresh, largest)
        other._next = self._next
        for group in {id(group): group for group in self._of.values()}.values():
            kept = Group(list(group.qubits), change(group.state))
            other._of.update(dict.fromkeys(group.qubits, kept))
        return other

    def split(self, qubit: int, own: Matrix, rest: Matrix) -> None:
        """The qubit leaves its group with state ``own``; the others keep ``rest``."""
        group = self.find(qubit)
        if len(group.qubits) > 1:
            group.qubits = [other for other in group.qubits if other != qubit]
            group.state = rest
            self._of[qubit] = Group([qubit], own)
        else:
            group.state = own

    def drop(self, qubit: int, rest: Matrix | None) -> None:
        """The qubit leaves the register; the others of its group keep ``rest``."""
        group = self._of.pop(qubit)
        group.qubits = [other for other in group.qubits if other != qubit]
        if rest is not None:
            group.state = rest


def kron(left: Matrix, right: Matrix) -> Matrix:
    """The joint state, ``left`` slower."""
    joint: Matrix = np.asarray(np.kron(left, right), dtype=np.complex128)
    return joint


def on_rows(matrix: Matrix, state: Matrix, places: list[int], qubits: int) -> Matrix:
    """``matrix`` (2^m, 2^m) on the qubits at ``places`` of the row index of ``state`` (2^k, ...)."""
    count, tail = len(places), state.shape[1:]
    tensor = state.reshape((2,) * qubits + tail)
    moved = np.moveaxis(tensor, places, range(count))
    shape = moved.shape
    out = (matrix @ moved.reshape(2**count, -1)).reshape(shape)
    back: Matrix = np.moveaxis(out, range(count), places).reshape(state.shape)
    return back
