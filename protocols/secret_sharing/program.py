"""Secret sharing: Alice deals a bit to Bob and Charlie; all three measure a GHZ state in X or Y."""

import random
from collections.abc import Generator
from typing import Any

from netqasm.sdk import Qubit

from qcisim.squidasm.sim.stack.program import Program, ProgramContext, ProgramMeta
from qcisim.squidasm.util.routines import create_ghz

Steps = Generator[Any, Any, Any]
NAMES = ("alice", "bob", "charlie")


def measured(qubit: Qubit, basis: str) -> Any:
    """The result in X or Y."""
    if basis == "Y":
        qubit.rot_Z(n=3, d=1)  # S dagger
    qubit.H()
    return qubit.measure()


class Player(Program):
    """Measures in a random basis, and announces the basis once all have measured."""

    def __init__(self, name: str, beside: list[str]) -> None:
        self.name, self.beside = name, beside
        self.others = [other for other in NAMES if other != name]

    @property
    def meta(self) -> ProgramMeta:
        return ProgramMeta(self.name, csockets=self.others, epr_sockets=self.beside, max_qubits=2)

    def run(self, context: ProgramContext) -> Steps:
        qubit = yield from self.ghz(context)
        basis = random.choice("XY")
        bit = measured(qubit, basis)
        yield from context.connection.flush()

        yield from self.announce(context, "measured")
        bases = {self.name: basis, **(yield from self.announce(context, basis))}
        result = {"basis": basis, "bit": int(bit)}
        turned = list(bases.values()).count("Y")
        if turned % 2:
            return {**result, "used": 0, "guess": None}  # the three results are independent: thrown away
        # The product of the three is +1 for XXX and -1 for XYY, YXY, YYX.
        return {**result, "used": 1, "odd": turned // 2, "guess": self.guess(int(bit), turned // 2)}

    def ghz(self, context: ProgramContext) -> Steps:
        """A qubit of |000> + |111>; Bob, in the middle, fuses two pairs."""
        pairs, sockets = context.epr_sockets, context.csockets
        below = {"bob": "alice", "charlie": "bob"}.get(self.name, "")
        above = {"alice": "bob", "bob": "charlie"}.get(self.name, "")
        qubit, _ = yield from create_ghz(
            context.connection,
            down_epr_socket=pairs[below] if below else None,
            up_epr_socket=pairs[above] if above else None,
            down_socket=sockets[below] if below else None,
            up_socket=sockets[above] if above else None,
            do_corrections=True,
        )
        return qubit

    def guess(self, bit: int, odd: int) -> int:
        """What this player alone would say that the dealer's bit is."""
        return bit ^ odd

    def announce(self, context: ProgramContext, what: str) -> Steps:
        """Tell both others, hear both."""
        for other in self.others:
            context.csockets[other].send(what)
        heard = {}
        for other in self.others:
            heard[other] = yield from context.csockets[other].recv()
        return heard


class DishonestBob(Player):
    """Takes Charlie's place: measures what Charlie should get in a random basis, and gives him what he found."""

    found = 0

    def ghz(self, context: ProgramContext) -> Steps:
        alice, charlie = context.csockets["alice"], context.csockets["charlie"]
        alice.send("")
        qubit = context.epr_sockets["alice"].recv_keep()[0]
        yield from charlie.recv()
        half = context.epr_sockets["charlie"].create_keep()[0]
        basis = random.choice("XY")
        result = measured(half, basis)
        yield from context.connection.flush()

        # Phi+ has equal results in X and opposite ones in Y: this is what Charlie finds in the same basis.
        self.found = int(result) if basis == "X" else 1 - int(result)
        # What Alice and Bob would hold if Charlie had found this in a GHZ state.
        if basis == "Y":
            qubit.rot_Z(n=3, d=1)
        if self.found:
            qubit.Z()
        yield from context.connection.flush()
        yield from alice.recv()
        charlie.send("0")
        return qubit

    def guess(self, bit: int, odd: int) -> int:
        return bit ^ self.found ^ odd


def programs(dishonest: bool = False) -> dict[str, Program]:
    """Programs by node.

    Args:
        dishonest: whether Bob tries to learn the dealer's bit alone.
    """
    bob = DishonestBob if dishonest else Player
    return {
        "alice": Player("alice", ["bob"]),
        "bob": bob("bob", ["alice", "charlie"]),
        "charlie": Player("charlie", ["bob"]),
    }
