"""Anonymous entanglement: from a GHZ state of four parties, two keep a pair, and all four announce a random bit."""

import random
from collections.abc import Generator
from typing import Any

from netqasm.sdk import Qubit

from qcisim.squidasm.sim.stack.program import Program, ProgramContext, ProgramMeta
from qcisim.squidasm.util import get_qubit_state
from qcisim.squidasm.util.routines import create_ghz

Steps = Generator[Any, Any, Any]
LINE = ("alice", "bob", "charlie", "dave")


class Party(Program):
    """Any of the four; ``role`` is "sender", "receiver" or "bystander", and only the party itself knows it."""

    def __init__(self, name: str, role: str, lies: bool) -> None:
        self.name, self.role, self.lies = name, role, lies
        place = LINE.index(name)
        self.below = LINE[place - 1] if place else None
        self.above = LINE[place + 1] if place < 3 else None
        self.others = [other for other in LINE if other != name]

    @property
    def meta(self) -> ProgramMeta:
        beside = [name for name in (self.below, self.above) if name]
        return ProgramMeta(self.name, csockets=self.others, epr_sockets=beside, max_qubits=2)

    def run(self, context: ProgramContext) -> Steps:
        qubit = yield from self.ghz(context)
        mine = yield from self.own_bit(context, qubit)
        theirs = yield from self.announce(context, 1 - mine if self.lies else mine)
        if self.role == "receiver" and sum(theirs.values()) % 2:
            qubit.Z()  # the bits of all others together are the phase of the pair
        yield from context.connection.flush()

        fidelity = yield from self.looked(context, qubit)
        if self.role != "bystander":
            qubit.free()
            yield from context.connection.flush()
        return {"announced": 1 - mine if self.lies else mine, "fidelity": fidelity}

    def ghz(self, context: ProgramContext) -> Steps:
        """A qubit of |0000> + |1111>."""
        pairs, sockets = context.epr_sockets, context.csockets
        qubit, _ = yield from create_ghz(
            context.connection,
            down_epr_socket=pairs[self.below] if self.below else None,
            up_epr_socket=pairs[self.above] if self.above else None,
            down_socket=sockets[self.below] if self.below else None,
            up_socket=sockets[self.above] if self.above else None,
            do_corrections=True,
        )
        return qubit

    def own_bit(self, context: ProgramContext, qubit: Qubit) -> Steps:
        """Bystanders measure in X; the sender turns the phase at random; the receiver's bit means nothing."""
        if self.role == "bystander":
            qubit.H()
            result = qubit.measure()
            yield from context.connection.flush()
            return int(result)
        bit = random.randrange(2)
        if self.role == "sender" and bit:
            qubit.Z()
        yield from context.connection.flush()
        return bit

    def announce(self, context: ProgramContext, bit: object) -> Steps:
        """Tell everybody, hear everybody."""
        for other in self.others:
            context.csockets[other].send(bit)
        heard = {}
        for other in self.others:
            heard[other] = yield from context.csockets[other].recv()
        return heard

    def looked(self, context: ProgramContext, qubit: Qubit) -> Steps:
        """Fidelity of the pair with Phi+, which only a simulation can look at while everybody waits."""
        yield from self.announce(context, "done")
        fidelity = None
        if self.role == "sender":
            rho = get_qubit_state(qubit, self.name, full_state=True)
            fidelity = float((rho[0, 0] + rho[0, 3] + rho[3, 0] + rho[3, 3]).real / 2)
        yield from self.announce(context, "looked")
        return fidelity


def programs(sender: str = "alice", receiver: str = "charlie", liar: str = "nobody") -> dict[str, Program]:
    """Programs by node.

    Args:
        sender: alice, bob, charlie or dave.
        receiver: another of them; how the sender tells the receiver is not simulated.
        liar: a party that announces the wrong bit, but not the receiver, whose bit means nothing.
    """
    for what, name in (("sender", sender), ("receiver", receiver), ("liar", liar)):
        if name not in LINE and (what, name) != ("liar", "nobody"):
            raise ValueError(f"{what} '{name}': wanted one of {', '.join(LINE)}")
    if sender == receiver or liar == receiver:
        raise ValueError(f"receiver '{receiver}': wanted another party than the sender and the liar")
    roles = {sender: "sender", receiver: "receiver"}
    return {name: Party(name, roles.get(name, "bystander"), name == liar) for name in LINE}
