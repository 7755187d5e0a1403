"""Routines that several programs need: teleportation, gates between nodes, GHZ states, preparation from afar.

The generators are used with ``yield from``; the others only add to what the next ``flush`` sends.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from netqasm.sdk.classical_communication.socket import Socket
from netqasm.sdk.connection import BaseNetQASMConnection
from netqasm.sdk.epr_socket import EPRSocket
from netqasm.sdk.futures import Future, RegFuture
from netqasm.sdk.qubit import Qubit

from qcisim.errors import InputError
from qcisim.squidasm.sim.stack.program import ProgramContext

__all__ = [
    "create_ghz",
    "distributed_CNOT_control",
    "distributed_CNOT_target",
    "distributed_CPhase_control",
    "distributed_CPhase_target",
    "measXY",
    "recv_float",
    "recv_int",
    "recv_remote_state_preparation",
    "remote_state_preparation",
    "send_float",
    "send_int",
    "teleport_recv",
    "teleport_send",
]


def measXY(q: Qubit, angle: float) -> Future | RegFuture:
    """Rz(angle), H, measurement: outcome 0 for (|0> + e^(-i angle) |1>)/sqrt 2."""
    q.rot_Z(angle=angle)
    q.H()
    return q.measure()


def remote_state_preparation(epr_socket: EPRSocket, theta: float) -> Future | RegFuture:
    """Measure one half of a pair so that the peer holds Rz(theta + m pi) |+>; returns m."""
    return measXY(epr_socket.create_keep()[0], theta)


def recv_remote_state_preparation(epr_socket: EPRSocket) -> Qubit:
    """The qubit that the peer prepares with `remote_state_preparation`."""
    return epr_socket.recv_keep()[0]


def send_float(socket: Socket, phi: float) -> None:
    """Send a number as text."""
    socket.send(str(phi))


def send_int(socket: Socket, outcome: int) -> None:
    """Send a whole number as text."""
    socket.send(str(outcome))


def recv_float(socket: Socket) -> Generator[Any, Any, float]:
    """A number that was sent as text."""
    return float((yield from socket.recv()))


def recv_int(socket: Socket) -> Generator[Any, Any, int]:
    """A whole number that was sent as text."""
    return int((yield from socket.recv()))


def teleport_send(q: Qubit, context: ProgramContext, peer_name: str) -> Generator[Any, Any, None]:
    """Teleport ``q``, which is measured, to the peer, who runs `teleport_recv`."""
    half = context.epr_sockets[peer_name].create_keep()[0]
    q.cnot(half)
    q.H()
    m1, m2 = q.measure(), half.measure()
    yield from context.connection.flush()
    context.csockets[peer_name].send(f"{int(m1)},{int(m2)}")


def teleport_recv(context: ProgramContext, peer_name: str) -> Generator[Any, Any, Qubit]:
    """The qubit that the peer teleports with `teleport_send`: X^m2, then Z^m1 on half of a pair."""
    half = context.epr_sockets[peer_name].recv_keep()[0]
    yield from context.connection.flush()
    m1, m2 = (yield from context.csockets[peer_name].recv()).split(",")
    if m2 == "1":
        half.X()
    if m1 == "1":
        half.Z()
    yield from context.connection.flush()
    return half


def distributed_CNOT_control(context: ProgramContext, peer_name: str, ctrl_qubit: Qubit) -> Generator[Any, Any, None]:
    """The control's part of a CNOT whose target is at the peer."""
    return _gate_control(context, peer_name, ctrl_qubit)


def distributed_CPhase_control(context: ProgramContext, peer_name: str, ctrl_qubit: Qubit) -> Generator[Any, Any, None]:
    """The control's part of a controlled phase whose target is at the peer."""
    return _gate_control(context, peer_name, ctrl_qubit)


def distributed_CNOT_target(context: ProgramContext, peer_name: str, target_qubit: Qubit) -> Generator[Any, Any, None]:
    """The target's part of a CNOT whose control is at the peer."""
    return _gate_target(context, peer_name, target_qubit, "cnot")


def distributed_CPhase_target(
    context: ProgramContext, peer_name: str, target_qubit: Qubit
) -> Generator[Any, Any, None]:
    """The target's part of a controlled phase whose control is at the peer."""
    return _gate_target(context, peer_name, target_qubit, "cphase")


def _gate_control(context: ProgramContext, peer_name: str, qubit: Qubit) -> Generator[Any, Any, None]:
    """Share the control as a|00> + b|11> with the peer, take the copy back by its measurement in X."""
    socket, connection = context.csockets[peer_name], context.connection
    half = context.epr_sockets[peer_name].create_keep()[0]
    qubit.cnot(half)
    outcome = half.measure()
    yield from connection.flush()
    socket.send(str(outcome))
    if (yield from socket.recv()) == "1":
        qubit.Z()
    yield from connection.flush()


def _gate_target(context: ProgramContext, peer_name: str, qubit: Qubit, gate: str) -> Generator[Any, Any, None]:
    socket, connection = context.csockets[peer_name], context.connection
    half = context.epr_sockets[peer_name].recv_keep()[0]
    yield from connection.flush()
    if (yield from socket.recv()) == "1":
        half.X()
    getattr(half, gate)(qubit)
    half.H()
    outcome = half.measure()
    yield from connection.flush()
    socket.send(str(outcome))


def create_ghz(
    connection: BaseNetQASMConnection,
    down_epr_socket: EPRSocket | None = None,
    up_epr_socket: EPRSocket | None = None,
    down_socket: Socket | None = None,
    up_socket: Socket | None = None,
    do_corrections: bool = False,
) -> Generator[Any, Any, tuple[Qubit, int]]:
    """A qubit of (|0...0> + |1...1>)/sqrt 2 along a line of nodes.

    Pairs join neighbours; every node between fuses its two by half a Bell measurement. Which sockets are given decides
    whether a node starts the line (only up), stands in it (both), or ends it (only down). A node tells the one below it
    when it is ready, so the classical sockets are needed too.

    Args:
        do_corrections: apply the corrections, which run up the line; otherwise the state is GHZ up to the outcomes.

    Returns:
        (qubit, m): m is the outcome of the fusion where a node made one and corrections are off, else 0; m = 1 says
        that the nodes above are flipped.
    """
    if down_epr_socket is None and up_epr_socket is None:
        raise TypeError("create_ghz: give down_epr_socket, up_epr_socket, or both")
    if (down_epr_socket is not None and down_socket is None) or (up_epr_socket is not None and up_socket is None):
        raise InputError("create_ghz: every EPR socket needs the classical socket of the same direction beside it")
    outcome: Any = 0
    qubit: Qubit | None = None
    if down_epr_socket is not None and down_socket is not None:
        down_socket.send("")
        qubit = down_epr_socket.recv_keep()[0]
    if up_epr_socket is not None and up_socket is not None:
        yield from up_socket.recv()
        above = up_epr_socket.create_keep()[0]
        if qubit is None:
            qubit = above
        else:
            qubit.cnot(above)
            outcome = above.measure()
    assert qubit is not None
    yield from connection.flush()
    outcome = int(outcome)
    if not do_corrections:
        return qubit, outcome
    flipped = 0
    if down_socket is not None:
        flipped = int((yield from down_socket.recv()))
        if flipped:
            qubit.X()
    if up_socket is not None:
        up_socket.send(str((flipped + outcome) % 2))
    yield from connection.flush()
    return qubit, 0
