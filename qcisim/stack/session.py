"""Two matched requests, and the pairs that serve them one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qcisim.errors import InputError, QcisimError
from qcisim.quantum.states import Matrix
from qcisim.stack.links.delivery import NoPairError, PairState
from qcisim.stack.outcomes import Outcome, in_frame, measured_pair, measured_qubit
from qcisim.stack.physical import picoseconds_of
from qcisim.stack.request import MEASURE, PREPARE, RESULT_LENGTH, Request

if TYPE_CHECKING:
    from qcisim.stack.machine import Machine


class Session:
    """A creator's and a receiver's request, from their match to the last pair.

    Results are written per pair for requests that keep qubits, at the end for those that measure.
    """

    __slots__ = (
        "_collected",
        "_generating",
        "_index",
        "_machine",
        "_over",
        "creator",
        "receiver",
        "waits",
    )

    def __init__(self, machine: Machine, creator: Request, receiver: Request) -> None:
        self._machine, self.creator, self.receiver = machine, creator, receiver
        creator.session = receiver.session = self
        self._index = 0
        self._over = self._generating = False
        self._collected: tuple[list[int], list[int]] = ([], [])
        self.waits = ""
        """Node that has no free communication qubit."""

    def begin(self) -> None:
        """The creator knows that the receiver is ready."""
        if self._over:
            return
        self.creator.began_ps = self.receiver.began_ps = self._machine.engine.now_ps
        self._next()

    def abort(self) -> None:
        """Stop; what is on its way is lost."""
        if self._over:
            return
        self._over = True
        for end in (self.creator, self.receiver):
            self._give_back(end)
            end.node.netstack.finished(end)

    def _give_back(self, end: Request) -> None:
        if end.position is not None:
            end.node.memory.release(end.position, self._machine.register)
            end.position = None

    def _next(self) -> None:
        """The next pair begins as soon as both ends have a free communication qubit."""
        if self._over or self._generating:
            return
        self.waits = ""
        for end in (self.creator, self.receiver):
            if end.position is None:
                memory = end.node.memory
                end.position = memory.free_for_pair()
                if end.position is None:
                    memory.waiting.append(self._next)
                    self.waits = end.node.name
        if self.waits:
            return
        self._generating = True
        machine, creator, receiver = self._machine, self.creator, self.receiver
        rng = machine.pair_stream(creator.node.name, receiver.node.name, creator.iteration)
        try:
            delivery = machine.generate(creator.node.name, receiver.node.name, rng)
        except NoPairError as error:
            self.fail(error)
            return
        state = delivery.state
        machine.engine.schedule(picoseconds_of(delivery.duration_ns), lambda: self._arrived(state))

    def fail(self, error: QcisimError) -> None:
        """No pair will come: both programs hear of it where they wait."""
        self.abort()
        for end in (self.creator, self.receiver):
            end.fail(error)

    def _arrived(self, state: PairState) -> None:
        """A pair, its first qubit at the creator."""
        if self._over:
            return
        machine, creator, receiver = self._machine, self.creator, self.receiver
        wanted = creator.wanted
        assert wanted is not None
        rho, bell = self._framed(state)
        rng = machine.pair_stream(creator.node.name, receiver.node.name, creator.iteration)
        machine.count_pair(creator.node.name, receiver.node.name, state.fidelity)
        if wanted.kind == MEASURE:
            first, second = measured_pair(rho, wanted.local, wanted.remote, rng)
            self._measured(first, second, bell)
            return
        machine.register.rng = rng
        mine, theirs = machine.register.insert(rho)
        self._joined(mine, theirs, bell)

    def _framed(self, state: PairState) -> tuple[Matrix, int]:
        """The state that is delivered, and the Bell state that is reported."""
        frame = self.receiver.frame
        if frame is None or self._machine.options.bell_frame == "sdk":
            return state.rho, state.bell
        return in_frame(state, frame), frame

    def _measured(self, first: Outcome, second: Outcome, bell: int) -> None:
        """Both ends were measured."""
        for end, (outcome, basis), collected in zip(
            (self.creator, self.receiver), (first, second), self._collected, strict=True
        ):
            collected += self._row(end, outcome, basis, bell, measured=True)
            self._give_back(end)
        self._done_with_one()

    def _joined(self, mine: int, theirs: int, bell: int) -> None:
        """Both ends hold a qubit of a pair."""
        machine, creator = self._machine, self.creator
        wanted = creator.wanted
        assert wanted is not None
        if wanted.kind == PREPARE:
            outcome, basis = measured_qubit(machine.register, mine, wanted.local, machine.register.rng)
            machine.register.discard(mine)
            self._collected[0].extend(self._row(creator, outcome, basis, bell, measured=True))
            self._give_back(creator)
        else:
            self._hold(creator, mine, bell)
        self._hold(self.receiver, theirs, bell)
        self._done_with_one()

    def _hold(self, end: Request, number: int, bell: int) -> None:
        """An end keeps its qubit, and the program sees it."""
        memory, app, position = end.node.memory, end.app, end.position
        assert position is not None
        memory.put(position, number, self._machine.engine.now_ps)
        end.position = None
        if app.app_id not in end.node.apps:  # the program has ended
            memory.release(position, self._machine.register)
            return
        virtual = None if end.qubits is None else end.qubits[self._index]
        if virtual is None:
            raise InputError(f"{end.node.name}: {end.text}: no qubit is named to keep pair {self._index} in")
        if virtual in app.virtual:
            raise InputError(f"{end.node.name}: a pair arrives for qubit {virtual}, which exists already")
        app.virtual[virtual] = position
        start = self._index * RESULT_LENGTH
        self._write(end, start, self._row(end, virtual, 0, bell, measured=False))

    def _row(self, end: Request, value: int, basis: int, bell: int, *, measured: bool) -> list[int]:
        """What the netstack reports of a pair."""
        machine = self._machine
        creator, peer = self.creator, machine.nodes[end.peer]
        assert creator.wanted is not None
        sequence = machine.sequence(creator.node.name, self.receiver.node.name, creator.channel)
        now = machine.engine.now_ps
        direction = int(end is not creator)
        goodness = (now - end.began_ps) // 1_000_000
        kind = creator.wanted.kind
        if measured:
            return [kind, creator.create_id, value, basis, direction, sequence, end.socket, peer.number, goodness, bell]
        clock = now // 1_000_000
        return [kind, creator.create_id, value, direction, sequence, end.socket, peer.number, goodness, clock, bell]

    def _write(self, end: Request, start: int, values: list[int]) -> None:
        stop = start + len(values)
        if stop > len(end.results):
            raise InputError(f"{end.node.name}: {end.text}: {stop} results for an array of {len(end.results)}")
        end.results[start:stop] = values
        end.app.written.fire()

    def _done_with_one(self) -> None:
        """On to the next pair, or both requests are over."""
        creator = self.creator
        assert creator.wanted is not None
        self._machine.advance(creator.node.name, self.receiver.node.name, creator.channel)
        self._index += 1
        self._generating = False
        if self._index < creator.wanted.number:
            self._next()
            return
        self._over = True
        for end, collected in zip((creator, self.receiver), self._collected, strict=True):
            if collected:
                self._write(end, 0, collected)
        for end in (creator, self.receiver):
            end.node.netstack.finished(end)
