"""The quantum memory of a node: positions, what stands in them, and since when they have been idle."""

from __future__ import annotations

import math
from collections.abc import Callable

from qcisim.quantum import Qubits
from qcisim.stack.spec import Device, GenericDevice


class QuantumMemory:
    """Positions of one device.

    A position is free, reserved (for a pair that is on its way) or holds a qubit of the register. Decoherence of an
    idle qubit is applied when it is next touched; operations touch their qubits first and set the clock to their end.

    Args:
        device: of the node.
        on_idle: told (position, idle time in ns, population kept, coherence kept) where decoherence is applied.
    """

    __slots__ = ("_on_idle", "_rates", "clock_ps", "device", "qubit", "reserved", "single", "size", "waiting")

    def __init__(self, device: Device, on_idle: Callable[[int, float, float, float], None]) -> None:
        self.device, self.size = device, device.num_qubits
        self.single = not isinstance(device, GenericDevice)
        """Only position 0 can hold half of a new pair."""
        self.qubit: list[int | None] = [None] * self.size
        self.reserved = [False] * self.size
        self.clock_ps = [0] * self.size
        self.waiting: list[Callable[[], None]] = []
        """Called when a position becomes free."""
        self._on_idle = on_idle
        self._rates = [_rates(device, position) for position in range(self.size)]

    def free_position(self) -> int | None:
        """The first free position, reserved now; None where there is none."""
        return self._take(0, self.size)

    def free_for_pair(self) -> int | None:
        """A free position that can hold half of a pair, reserved now; None where there is none."""
        return self._take(0, 1 if self.single else self.size)

    def free_for_memory(self) -> int | None:
        """A free position that is no communication qubit, reserved now; None where there is none."""
        return self._take(1 if self.single else 0, self.size)

    def _take(self, start: int, stop: int) -> int | None:
        for position in range(start, stop):
            if not self.reserved[position]:
                self.reserved[position] = True
                return position
        return None

    def release(self, position: int, register: Qubits) -> None:
        """The position is free again, and its qubit leaves the register."""
        number = self.qubit[position]
        if number is not None:
            register.discard(number)
            self.qubit[position] = None
        self.reserved[position] = False
        if self.waiting:
            waiting, self.waiting = self.waiting, []
            for retry in waiting:
                retry()

    def touch(self, position: int, now_ps: int, register: Qubits) -> int:
        """The qubit at a position after the decoherence of its idle time; its number in the register."""
        number = self.qubit[position]
        if number is None:
            number = self.qubit[position] = register.add()[0]
            self.clock_ps[position] = now_ps
            return number
        idle_ps = now_ps - self.clock_ps[position]
        if idle_ps > 0:
            self.clock_ps[position] = now_ps
            self.relax(position, number, idle_ps, register)
        return number

    def relax(self, position: int, number: int, idle_ps: int, register: Qubits) -> None:
        """The decoherence of qubit ``number`` of the register after ``idle_ps`` at a position."""
        rates = self._rates[position]
        if rates is not None and idle_ps > 0:
            population, coherence = math.exp(-idle_ps * rates[0]), math.exp(-idle_ps * rates[1])
            register.relax(number, population, coherence)
            self._on_idle(position, idle_ps / 1000.0, population, coherence)

    def put(self, position: int, number: int, now_ps: int) -> None:
        """A qubit of the register stands at a position from now on."""
        self.qubit[position], self.clock_ps[position] = number, now_ps
        self.reserved[position] = True


def _rates(device: Device, position: int) -> tuple[float, float] | None:
    """1/T1 and 1/T2 of a position per ps; T = 0 switches a process off. None where nothing decays."""
    if isinstance(device, GenericDevice):
        t1_ns, t2_ns = device.t1_ns, device.t2_ns
    elif position == 0:
        t1_ns, t2_ns = device.electron_t1_ns, device.electron_t2_ns
    else:
        t1_ns, t2_ns = device.carbon_t1_ns, device.carbon_t2_ns
    relaxing = 0.0 if t1_ns == 0.0 else 1e-3 / t1_ns
    dephasing = 0.5 * relaxing if t2_ns == 0.0 else 1e-3 / t2_ns
    return None if relaxing == dephasing == 0.0 else (relaxing, dephasing)
