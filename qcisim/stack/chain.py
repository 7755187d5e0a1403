"""A pair over several links: every link makes one, and the nodes between swap as soon as they hold two."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from qcisim.quantum.gate import CNOT, H, X, Z
from qcisim.stack.links.delivery import PairState
from qcisim.stack.physical import physical, picoseconds_of
from qcisim.stack.spec import GenericDevice

if TYPE_CHECKING:
    from qcisim.stack.machine import Hop, Machine, Route
    from qcisim.stack.node import Node


class Chain:
    """One end-to-end pair by swapping at once (swap as soon as possible).

    All links of the route start together when every node between has two free positions. A swap takes a two-qubit
    gate, a one-qubit gate and a measurement of the node's device, with their noise; the pair counts when the results
    of all swaps have reached both ends over the classical links, and its Pauli frame is corrected there.
    """

    def __init__(
        self, machine: Machine, route: Route, rng: np.random.Generator, done: Callable[[int, int, int], None]
    ) -> None:
        self._machine, self._route, self._rng, self._done = machine, route, rng, done
        self._between: list[Node] = [machine.nodes[hop.end] for hop in route[:-1]]
        self._held: list[tuple[int, int] | None] = [None] * len(route)
        self._made_ps: list[tuple[int, int]] = [(0, 0)] * len(route)
        self._positions: list[list[int]] = [[] for _ in self._between]
        self._swapped = 0
        self._known_ps = 0
        self._over = False
        self._begun = False

    def abort(self) -> None:
        """Drop everything."""
        self._over = True
        register = self._machine.register
        for pair in {pair for pair in self._held if pair is not None}:
            register.discard(*pair)
        for node, positions in zip(self._between, self._positions, strict=True):
            for position in positions:
                node.memory.release(position, register)

    def begin(self) -> None:
        """Start all links once the nodes between have room."""
        if self._over or self._begun:
            return
        for node, positions in zip(self._between, self._positions, strict=True):
            while len(positions) < 2:
                position = node.memory.free_position()
                if position is None:
                    if node.memory.size < 2:
                        raise node.full(f"swapping at {node.name} takes two qubits")
                    node.memory.waiting.append(self.begin)
                    return
                positions.append(position)
        self._begun = True
        machine = self._machine
        for index, hop in enumerate(self._route):
            delivery, after_ps = machine.generate(hop, self._rng)
            machine.stats.attempts += delivery.attempts
            machine.engine.schedule(after_ps, self._arrival(index, hop, delivery.state))

    def _arrival(self, index: int, hop: Hop, state: PairState) -> Callable[[], None]:
        def arrived() -> None:
            if self._over:
                return
            machine = self._machine
            machine.count_pair(hop.start, hop.end, state.fidelity)
            machine.register.rng = self._rng
            numbers = machine.register.insert(state.phi_plus)
            self._held[index] = numbers[::-1] if hop.flipped else numbers
            now = machine.engine.now_ps
            self._made_ps[index] = (now, now)
            for middle in (index - 1, index):
                if 0 <= middle < len(self._between) and self._held[middle] and self._held[middle + 1]:
                    self._swap(middle)

        return arrived

    def _swap(self, middle: int) -> None:
        """The node between links ``middle`` and ``middle + 1`` holds two halves: it swaps."""
        machine, node = self._machine, self._between[middle]
        device = node.device
        if isinstance(device, GenericDevice):
            duration_ns = device.two_qubit_gate_ns + device.single_qubit_gate_ns + device.measure_ns
        else:
            duration_ns = device.ec_controlled_dir_x_ns + device.electron_rot_y_ns + device.measure_ns
        self._wait_at(middle)
        machine.engine.schedule(picoseconds_of(duration_ns), lambda: self._joined(middle))

    def _wait_at(self, middle: int) -> None:
        """Decoherence of both halves while they waited for each other."""
        machine, node = self._machine, self._between[middle]
        machine.register.rng = self._rng
        now = machine.engine.now_ps
        for index, side in ((middle, 1), (middle + 1, 0)):
            pair = self._held[index]
            assert pair is not None
            node.memory.relax(
                self._positions[middle][1 - side], pair[side], now - self._made_ps[index][side], machine.register
            )

    def _joined(self, middle: int) -> None:
        if self._over:
            return
        machine, node = self._machine, self._between[middle]
        register, device = machine.register, node.device
        register.rng = self._rng
        left, right = self._held[middle], self._held[middle + 1]
        assert left is not None
        assert right is not None
        (start, near), (far, end) = left, right
        if isinstance(device, GenericDevice):
            two, one = device.two_qubit_gate_depolar_prob, device.single_qubit_gate_depolar_prob
            errors = (0.0, 0.0)
        else:
            two, one = device.ec_gate_depolar_prob, device.electron_single_qubit_depolar_prob
            errors = (device.prob_error_0, device.prob_error_1)
        physical(0.0, ((CNOT, (0, 1)),), ((0, two), (1, two)), "", merged=False).act(register, (near, far))
        physical(0.0, ((H, (0,)),), ((0, one),), "", merged=False).act(register, (near,))
        flip, phase = register.read(far, *errors), register.read(near, *errors)
        register.discard(near, far)
        if flip:
            register.apply(X, end)
        if phase:
            register.apply(Z, end)
        joined = (start, end)
        ends = self._route[0].start, self._route[-1].end
        reach = max(machine.delay_ps(node.name, name) for name in ends)
        self._known_ps = max(self._known_ps, machine.engine.now_ps + reach)
        made = (self._made_of(left)[0], self._made_of(right)[1])
        for index, pair in enumerate(self._held):
            if pair in (left, right):
                self._held[index], self._made_ps[index] = joined, made
        positions, self._positions[middle] = self._positions[middle], []
        for position in positions:
            node.memory.release(position, register)
        self._swapped += 1
        if self._swapped == len(self._between):
            machine.engine.schedule(self._known_ps - machine.engine.now_ps, self._known)

    def _made_of(self, pair: tuple[int, int]) -> tuple[int, int]:
        return self._made_ps[self._held.index(pair)]

    def _known(self) -> None:
        """Both ends know the results of all swaps."""
        if self._over:
            return
        machine, pair = self._machine, self._held[0]
        assert pair is not None
        machine.register.rng = self._rng
        now = machine.engine.now_ps
        ends = (self._route[0].start, self._route[-1].end)
        for number, name, made in zip(pair, ends, self._made_ps[0], strict=True):
            machine.nodes[name].memory.relax(0, number, now - made, machine.register)
        self._over = True
        self._done(pair[0], pair[1], 0)
