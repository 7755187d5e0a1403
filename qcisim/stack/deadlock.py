"""What everyone waits for when nothing is left to happen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from qcisim.errors import QcisimError
from qcisim.stack.source import waiting_line

if TYPE_CHECKING:
    from qcisim.stack.host import Host
    from qcisim.stack.machine import Machine
    from qcisim.stack.request import Request


class DeadlockError(QcisimError):
    """Programs wait for each other forever; the text names for each node what it waits for, from whom, and where."""


def describe(machine: Machine, hosts: Mapping[str, Host]) -> str:
    """One line per node that is not done."""
    return _told(machine, hosts, f"nothing is left to happen at {machine.now_ns:g} ns, but programs still wait:")


def describe_interrupted(machine: Machine, hosts: Mapping[str, Host]) -> str:
    """Where the nodes were when somebody pressed Ctrl-C; of that whose turn it was, the exception tells."""
    waiting = {name: host for name, host in hosts.items() if _line(host)}
    did = f"{machine.stats.instructions} instructions, {machine.stats.pairs} pairs"
    heading = f"at {machine.now_ns:g} ns of simulated time, after {did}"
    return _told(machine, waiting, f"{heading}:", "is at work") if waiting else heading


def _told(machine: Machine, hosts: Mapping[str, Host], heading: str, otherwise: str = "") -> str:
    lines = [heading]
    for name, host in hosts.items():
        done = len(host.results)
        if done == host.times:
            continue
        where = _line(host)
        at = f" at {where}" if where else ""
        lines.append(f"  {name} (iteration {machine.first + done}){at}: {_wanted(machine, host, otherwise)}")
    busy = {host.node.name for host in hosts.values()}
    idle = [name for name in machine.network.nodes if name not in busy]
    if idle and not otherwise:
        lines.append(f"  nodes without a program: {', '.join(idle)}")
    return "\n".join(lines)


def _line(host: Host) -> str:
    """Where its program stands."""
    return getattr(host, "line", "") or waiting_line(host.running)


def lacks_a_program(hosts: Mapping[str, Host]) -> bool:
    """Whether somebody waits for a node that runs no program, so that waiting was in vain from the start."""
    waiting = [host for host in hosts.values() if len(host.results) < host.times]
    senders = {getattr(_last(host.running), "sender", "") for host in waiting}
    peers = {request.peer for host in waiting for request in host.node.netstack.pending()}
    idle = {name for host in waiting for name in host.node.machine.nodes} - {host.node.name for host in hosts.values()}
    return bool((senders | peers) & idle)


def _wanted(machine: Machine, host: Host, otherwise: str) -> str:
    """What a node waits for; ``otherwise`` where that is nothing that is known."""
    node = host.node
    running = [frame for frame in node.frames.values() if frame.waiting]
    if not running:
        signal = _last(host.running)
        sender = getattr(signal, "sender", None)
        return f"waits for a message from {sender}" if sender else otherwise or "waits for something that never comes"
    pending = node.netstack.pending()
    if not pending:
        return "waits for pairs, but it has no request for any (was the array asked for?)"
    return "waits for " + "; ".join(_request(machine, request) for request in pending)


def _last(generator: Any) -> Any:
    """The inbox that a program reads, where it does."""
    while generator is not None:
        frame = getattr(generator, "gi_frame", None)
        if frame is not None and "here" in frame.f_locals:
            return frame.f_locals["here"]
        generator = getattr(generator, "gi_yieldfrom", None)
    return None


def _request(machine: Machine, request: Request) -> str:
    session = request.session
    if session is not None:
        if session.waits:
            memory = machine.nodes[session.waits].memory
            lacks = "no free electron for it" if memory.single else "no free qubit for it"
            return f"{request.text}: {session.waits} has {lacks} (its device has {memory.size} qubits)"
        return f"{request.text}, which is under way"
    if not request.started:
        return f"{request.text}, behind an earlier request"
    peer = machine.nodes[request.peer]
    theirs = [one for one in peer.netstack.pending() if one.peer == request.node.name]
    other = "create" if not request.creates else "receive"
    if not theirs:
        return f"{request.text}: {request.peer} has not asked to {other} them"
    if all(one.creates == request.creates for one in theirs):
        both = "create" if request.creates else "receive"
        return f"{request.text}: both ends ask to {both} them"
    busy = [one for one in peer.netstack.pending() if one.started and one.peer != request.node.name]
    if busy:
        return f"{request.text}: {request.peer} first serves its request for {busy[0].text}"
    return f"{request.text}: {request.peer} waits on another socket"
