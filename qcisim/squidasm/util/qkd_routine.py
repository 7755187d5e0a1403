"""BBM92: keys from pairs that both nodes measure in Z or X, chosen at random."""

from __future__ import annotations

import random
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

from bitarray import bitarray
from netqasm.sdk.classical_communication.message import StructuredMessage

from qcisim.squidasm.sim.stack.program import ProgramContext

__all__ = ["QKDRoutine"]


@dataclass(slots=True)
class _Round:
    x_basis: bool
    outcome: int


class QKDRoutine:
    """Raw key and error rate of two nodes; both call `run`, one of them with ``is_init``."""

    @classmethod
    def run(
        cls,
        context: ProgramContext,
        peer_name: str,
        is_init: bool,
        num_epr: int,
        num_test_bits: int | None = None,
    ) -> Generator[Any, Any, tuple[bitarray, float]]:
        """Measure ``num_epr`` pairs, keep those of equal bases, spend some on an estimate of the error rate.

        Args:
            is_init: True at one of the two nodes: it creates the pairs and picks the test bits.
            num_test_bits: a quarter of the pairs where none is given.

        Returns:
            (raw key without the test bits, num_epr/2 - num_test_bits bits on average; errors / num_test_bits, also
            where fewer pairs than num_test_bits had equal bases).
        """
        tests = num_epr // 4 if num_test_bits is None else num_test_bits
        rounds = yield from cls._measure(context, peer_name, is_init, num_epr)
        theirs = yield from cls._exchange(context, peer_name, "Bases", [int(one.x_basis) for one in rounds])
        equal = [index for index, one in enumerate(rounds) if int(one.x_basis) == theirs[index]]
        socket = context.csockets[peer_name]
        if is_init:
            chosen = random.sample(equal, min(tests, len(equal)))
            socket.send_structured(StructuredMessage("Test indices", chosen))
        else:
            chosen = list((yield from socket.recv_structured()).payload)
        mine = [rounds[index].outcome for index in chosen]
        told = yield from cls._exchange(context, peer_name, "Test outcomes", mine)
        errors = sum(one != other for one, other in zip(mine, told, strict=True))
        spent = set(chosen)
        key = bitarray([rounds[index].outcome for index in equal if index not in spent])
        return key, errors / tests if tests else 0.0

    @staticmethod
    def _measure(
        context: ProgramContext, peer_name: str, is_init: bool, num_epr: int
    ) -> Generator[Any, Any, list[_Round]]:
        socket, rounds = context.epr_sockets[peer_name], []
        for _ in range(num_epr):
            qubit = (socket.create_keep() if is_init else socket.recv_keep())[0]
            x_basis = random.random() < 0.5
            if x_basis:
                qubit.H()
            outcome = qubit.measure()
            yield from context.connection.flush()
            rounds.append(_Round(x_basis, int(outcome)))
        return rounds

    @staticmethod
    def _exchange(
        context: ProgramContext, peer_name: str, header: str, mine: list[int]
    ) -> Generator[Any, Any, list[int]]:
        socket = context.csockets[peer_name]
        socket.send_structured(StructuredMessage(header, mine))
        return list((yield from socket.recv_structured()).payload)
