"""The processor of a node: runs compiled subroutines of one application on its memory."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Generator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from qcisim.engine import Signal, Wait
from qcisim.errors import InputError, QcisimError
from qcisim.quantum import CrowdedError
from qcisim.stack.app_memory import AppMemory, Value
from qcisim.stack.classical import OUT, Operation, Registers
from qcisim.stack.compiler import Compiled
from qcisim.stack.moves import Work
from qcisim.stack.physical import Physical, pause_of

if TYPE_CHECKING:
    from qcisim.stack.node import Node

Steps = Generator[Any, Any, Any]


LONGEST = 100_000_000
"""Instructions that a subroutine may carry out without waiting; those of an endless loop are noticed after seconds."""
MANY = 20_000
"""Subroutines that a program may run in one instant before it is warned of."""
_AT_ONCE = range(1, LONGEST + 1)


class StuckWarning(UserWarning):
    """A program runs one subroutine after the other while the clock stands still."""


class SubroutineError(InputError):
    """An instruction of a subroutine could not be carried out."""


class Frame:
    """What closures of instructions work on: one application at one node."""

    __slots__ = (
        "_addresses",
        "_here",
        "_since_ps",
        "arrays",
        "budget",
        "compiled",
        "engine",
        "instructions",
        "memory",
        "mine",
        "node",
        "pause",
        "register",
        "registers",
        "running",
        "scanned",
        "then",
        "virtual",
        "waiting",
    )

    def __init__(self, node: Node, mine: AppMemory) -> None:
        self.node, self.mine = node, mine
        self.memory, self.engine, self.register = node.memory, node.engine, node.register
        self.registers: list[Any] = mine.registers
        self.virtual = mine.virtual
        self.budget = node.budget
        self.arrays: Any = mine.arrays
        self._addresses: Sequence[int] | None = None
        self.pause: Wait | Signal | None = None
        self.then: Operation = _nowhere
        self.scanned = 0
        self.instructions = 0
        self._since_ps, self._here = -1, 0
        self.compiled: Compiled | None = None
        self.running = False
        self.waiting = False
        """Whether it waits for results of requests for pairs."""

    def execute(self, compiled: Compiled, addresses: Sequence[int] | None = None) -> Steps:
        """Run a subroutine to its end; ``addresses`` of its arrays where it numbers them."""
        self._addresses, self.compiled = addresses, compiled
        if addresses is None:
            self.arrays = self.mine.arrays
        else:
            kept = self.mine.arrays
            self.arrays = [kept.get(address) for address in addresses]
        operations, registers, node = compiled.operations, self.registers, self.node
        if self._since_ps == self.engine.now_ps:
            self._here += 1
            if self._here == MANY:
                _say_stuck(node)
        else:
            self._since_ps, self._here = self.engine.now_ps, 0
        each = node.instruction_pause
        at = pc = count = 0
        self.running = True
        try:
            node.resume()
            while True:
                if each is None:
                    if pc >= 0:
                        for done in _AT_ONCE:  # noqa: B007 -- how many were carried out
                            at = pc
                            pc = operations[at](registers, self)
                            if pc < 0:
                                break
                        else:
                            raise _endless(node.name, compiled.where(at))
                        count += done
                else:
                    while pc >= 0:
                        count += 1
                        at = pc
                        pc = operations[at](registers, self)
                        if pc >= 0:
                            yield each
                            node.resume()
                pause = self.pause
                if pause is None:
                    break
                self.pause = None
                yield pause
                node.resume()
                pc = self.then(registers, self)
        except (TypeError, KeyError, IndexError, ZeroDivisionError) as error:
            undefined = isinstance(error, TypeError) and "NoneType" in str(error)
            why = "a register or array that nothing was written to" if undefined else f"{type(error).__name__}: {error}"
            raise SubroutineError(f"{node.name}: {compiled.where(at)}: {why}") from error
        except QcisimError as error:
            if isinstance(error, InputError) and not isinstance(error, SubroutineError):
                error.add_note(f"in {compiled.where(at)} of a subroutine of {node.name}")
                if isinstance(error, CrowdedError):
                    error.add_note(_MORE[node.machine.options.formalism])
            raise
        except KeyboardInterrupt as interrupt:
            interrupt.add_note(f"{node.name} was at {compiled.where(at)} of a subroutine")
            raise
        finally:
            self.running = self.waiting = False
            count = max(0, count - 1)
            self.instructions += count
            node.machine.stats.instructions += count

    # leaving the loop

    def end(self) -> int:
        """The subroutine is over."""
        self.pause = None
        return OUT

    def leave(self, pause: Wait | Signal, then: Operation) -> int:
        """Wait, then go on with ``then``."""
        self.pause, self.then = pause, then
        return OUT

    def wait_for_results(self, check: Operation) -> int:
        """Wait until something is written to an array, then look again."""
        self.waiting = True

        def again(r: Registers, x: Frame) -> int:
            self.waiting = False
            failure = self.mine.failure
            if failure is not None:
                self.mine.failure = None
                raise failure
            return check(r, x)

        return self.leave(self.mine.written, again)

    def work_through(self, work: Sequence[Work], after: int, last: Operation | None = None) -> int:
        """Do parts of an instruction one after the other, then ``last``."""
        rest = iter(work)

        def step(finish: Callable[[], None] | None, r: Registers, x: Frame) -> int:
            if finish is not None:
                finish()
            part = next(rest, None)
            if part is None:
                return after if last is None else last(r, x)
            pause, finished = part(self)
            return self.leave(pause, partial(step, finished))

        return step(None, self.registers, self)

    # arrays

    def new_array(self, slot: int, length: int) -> None:
        """Make the array of a slot."""
        if self._addresses is None:
            self.mine.init_new_array(slot, length)
        else:
            self.arrays[slot] = self.mine.init_new_array(self._addresses[slot], length)

    def _array(self, slot: int) -> list[Value]:
        array: list[Value] | None = self.arrays[slot] if self._addresses is not None else self.arrays.get(slot)
        if array is None:
            raise InputError(f"array @{self._address(slot)} does not exist")
        return array

    def _address(self, slot: int) -> int:
        return slot if self._addresses is None else self._addresses[slot]

    def put(self, slot: int, index: int, value: Value) -> None:
        """Write an entry."""
        array = self.arrays[slot]
        if not 0 <= index < len(array):
            raise InputError(f"entry {index} of array @{self._address(slot)}, which has {len(array)}")
        if value is None:
            raise InputError("a register that nothing was written to")
        array[index] = value

    def get(self, slot: int, index: int) -> int:
        """Read an entry."""
        array = self.arrays[slot]
        if not 0 <= index < len(array):
            raise InputError(f"entry {index} of array @{self._address(slot)}, which has {len(array)}")
        value: Value = array[index]
        if value is None:
            raise InputError(f"entry {index} of array @{self._address(slot)}: nothing was written to it")
        return value

    # requests for pairs

    def create(self, remote: int, socket: int, qubits: Value, arguments: int, results: int) -> None:
        """Ask for pairs."""
        wanted = None if qubits is None or self._none(qubits) else self._array(qubits)
        self.node.netstack.create(
            self.mine, remote, socket, wanted, self._array(arguments), self._array(results), self._address(results)
        )

    def receive(self, remote: int, socket: int, qubits: Value, results: int) -> None:
        """Be ready for pairs."""
        wanted = None if qubits is None or self._none(qubits) else self._array(qubits)
        self.node.netstack.receive(self.mine, remote, socket, wanted, self._array(results), self._address(results))

    def _none(self, slot: int) -> bool:
        return slot not in self.arrays if self._addresses is None else not 0 <= slot < len(self._addresses)

    def breakpoint(self, action: int, role: int) -> None:
        """Note the states of all nodes, or nothing."""
        self.node.machine.breakpoint(self.node, action, role)

    # qubits

    def position(self, virtual: int) -> int:
        """Where a virtual qubit is."""
        position = self.virtual.get(virtual)
        if position is None:
            known = ", ".join(map(str, sorted(self.virtual))) or "none"
            why = "it was measured or freed, or never made"
            raise InputError(f"qubit {virtual} does not exist at {self.node.name}: {why} (there are: {known})")
        return position

    def touched(self, virtual: int) -> int:
        """Where a virtual qubit is, after the decoherence of its idle time."""
        position = self.position(virtual)
        self.memory.touch(position, self.engine.now_ps, self.register)
        return position

    def now_at(self, virtual: int) -> int:
        """The number of a virtual qubit in the register at the end of an operation on it."""
        memory = self.memory
        position = self.virtual[virtual]
        memory.clock_ps[position] = self.engine.now_ps
        number = memory.qubit[position]
        assert number is not None
        return number

    def allocate(self, virtual: int) -> None:
        """A position for a virtual qubit."""
        if virtual is None:
            raise InputError("qalloc of a register that nothing was written to")
        if virtual in self.virtual:
            raise InputError(f"qubit {virtual} exists already at {self.node.name}")
        memory = self.memory
        if not memory.single:
            position = memory.free_position()
        else:
            position = memory.free_for_pair() if virtual == 0 else memory.free_for_memory()
        if position is None:
            raise self.node.full()
        self.virtual[virtual] = position

    def free(self, virtual: int) -> None:
        """Give the position of a virtual qubit back."""
        position = self.position(virtual)
        del self.virtual[virtual]
        self.memory.release(position, self.register)

    def spend(self, source: str, amount: float) -> None:
        """Add to the noise budget."""
        entry = self.budget.get(source)
        if entry is None:
            self.budget[source] = [1, amount]
        else:
            entry[0] += 1
            entry[1] += amount

    def finish(self, done: Physical, positions: tuple[int, ...]) -> None:
        """The end of an operation on qubits at these positions."""
        memory, now = self.memory, self.engine.now_ps
        numbers = []
        for position in positions:
            memory.clock_ps[position] = now
            number = memory.qubit[position]
            assert number is not None
            numbers.append(number)
        done.act(self.register, tuple(numbers))
        if done.source:
            self.spend(done.source, done.spent)

    def perform(self, done: Physical, positions: tuple[int, ...], after: int) -> int:
        """An operation on touched qubits at these positions."""
        if done.duration_ps == 0:
            self.finish(done, positions)
            return after

        def finish(r: Registers, x: Frame) -> int:
            self.finish(done, positions)
            return after

        return self.leave(pause_of(done.duration_ps), finish)

    def initialise(self, done: Physical, position: int, after: int) -> int:
        """A new |0> at a position."""
        if done.duration_ps == 0:
            self.start(done, position)
            return after

        def finish(r: Registers, x: Frame) -> int:
            self.start(done, position)
            return after

        return self.leave(pause_of(done.duration_ps), finish)

    def start(self, done: Physical, position: int) -> None:
        """A new |0> is at a position."""
        memory = self.memory
        number = memory.qubit[position]
        if number is not None:
            self.register.discard(number)
        memory.put(position, self.register.add()[0], self.engine.now_ps)
        if done.steps:
            self.finish(done, (position,))

    def measure(self, virtual: int) -> int:
        """The result in Z at the end of a measurement."""
        return self.register.measure(self.now_at(virtual))

    def report(self, virtual: int, error_zero: float, error_one: float) -> int:
        """What a device with these errors reports at the end of a measurement in Z."""
        if error_zero == error_one == 0.0:
            return self.measure(virtual)
        self.spend("read-out", 0.5 * (error_zero + error_one))
        return self.register.read(self.now_at(virtual), error_zero, error_one)


def _say_stuck(node: Node) -> None:
    """A program that goes round without ever waiting."""
    text = (
        f"{node.name}: {MANY} subroutines of one round of its program, all at {node.machine.now_ns:g} ns: "
        "does a loop of the program never end? (Ctrl-C tells where it is)"
    )
    warnings.warn(text, StuckWarning, stacklevel=2)


def _endless(node: str, where: str) -> SubroutineError:
    """A subroutine that goes round without ever waiting."""
    return SubroutineError(
        f"{node}: {LONGEST} instructions without a moment of simulated time, the last of them {where}: "
        "does a loop of this subroutine never end?"
    )


_KETS = "or kets, which hold up to 22 with noise sampled: --formalism ket, set_qstate_formalism(KET)"
_STABILISERS = "stabilisers hold thousands, for Clifford gates: --formalism stabiliser, or formalism='stabiliser'"
_MORE = {
    "dm": f"leave the choice to qcisim (--formalism auto, or formalism='auto' of the options), {_KETS}",
    "auto": _STABILISERS,
    "ket": _STABILISERS,
}
"""What holds more than a formalism does."""


def _nowhere(r: Registers, x: Frame) -> int:
    return OUT
