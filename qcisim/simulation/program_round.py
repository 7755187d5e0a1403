"""One round of a program: a run of the stack on the clock of the scenario, watched."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from qcisim.engine import AnyOf, Engine, Process, Signal, Steps, Wait
from qcisim.errors import AuthenticationError, QcisimError
from qcisim.simulation.program_keys import KeyShortage, KeySupply
from qcisim.simulation.program_messages import Lane, ProgramSocket, Traffic
from qcisim.stack import current
from qcisim.stack.connection import node_table
from qcisim.stack.deadlock import describe
from qcisim.stack.host import Host
from qcisim.stack.links.delivery import Delivery, NoPairError
from qcisim.stack.machine import Machine
from qcisim.stack.options import Options
from qcisim.stack.plain import plain
from qcisim.stack.request import PairTimeoutError
from qcisim.stack.spec import Network

if TYPE_CHECKING:
    from qcisim.simulation.program_spec import ProgramSpec
    from qcisim.stack.node import Node

MISFORTUNES = (NoPairError, PairTimeoutError, KeyShortage, AuthenticationError)
"""What a round may fail from without anybody having written something wrong."""


@dataclass(frozen=True, slots=True)
class PairMade:
    """A pair that came: between which roles, when it was asked for and when it was there, how good it was then."""

    roles: tuple[str, str]
    asked_s: float
    came_s: float
    fidelity: float


@dataclass(slots=True)
class Record:
    """What became of a round. ``ended``: "done", "failed" or "unfinished", with the reason."""

    number: int
    due_s: float
    start_s: float
    end_s: float = 0.0
    ended: str = "unfinished"
    reason: str = ""
    results: dict[str, Any] = field(default_factory=dict)
    pairs: list[PairMade] = field(default_factory=list)
    traffic: Traffic = field(default_factory=Traffic)


class WatchedMachine(Machine):
    """A machine on the clock of a scenario that notes each pair."""

    def __init__(
        self, network: Network, options: Options, seed: int, first: int, engine: Engine, record: Record
    ) -> None:
        super().__init__(network, options, seed, first=first, engine=engine)
        self._record, self._asked = record, dict[tuple[str, str], float]()

    def generate(self, creator: str, receiver: str, rng: np.random.Generator) -> Delivery:
        """The next pair of two roles."""
        self._asked[creator, receiver] = self.engine.now_s
        return super().generate(creator, receiver, rng)

    def count_pair(self, start: str, end: str, fidelity: float) -> None:
        """It is there."""
        super().count_pair(start, end, fidelity)
        asked_s = self._asked.get((start, end), self.engine.now_s)
        self._record.pairs.append(PairMade((start, end), asked_s, self.engine.now_s, fidelity))


class Round:
    """A round, from the start of its programs to their end.

    Args:
        spec: of the program.
        name: id of the program in the scenario.
        network: of its roles.
        programs: by role.
        supplies: of key, by the roles of sender and receiver; empty for plain messages.
        engine: the clock.
        seed: of its random numbers, the same for all rounds.
        record: where it is noted.
    """

    def __init__(
        self,
        spec: ProgramSpec,
        name: str,
        network: Network,
        programs: Mapping[str, Any],
        supplies: Mapping[tuple[str, str], KeySupply],
        engine: Engine,
        seed: int,
        record: Record,
    ) -> None:
        self._spec, self._name, self._engine, self.record = spec, name, engine, record
        self._supplies, self._lanes = supplies, dict[tuple[str, str], Lane]()
        self._over = Signal(f"the end of a round of {name}")
        self.machine = WatchedMachine(network, Options(), seed, record.number, engine, record)
        nodes = node_table(self.machine)
        self.hosts = {
            role: Host(self.machine.nodes[role], program, 1, nodes, self._socket) for role, program in programs.items()
        }
        self._processes: list[Process] = []
        self._left = len(self.hosts)
        self.error: Exception | None = None
        """What ended the round where somebody has written something wrong."""

    def steps(self) -> Steps:
        """Runs until all programs have ended, one has failed, or its time is over."""
        for role, host in self.hosts.items():
            steps = self._guarded(host)
            self._processes.append(self._engine.process(steps, f"{self._name}: {role}", background=True))
        try:
            if self._spec.timeout_s is None:
                outcome = yield self._over
            else:
                _, outcome = yield AnyOf(self._over, Wait(self._spec.timeout_s))
        finally:
            self.record.end_s = self._engine.now_s
            self.record.results = {role: plain(host.results[0]) for role, host in self.hosts.items() if host.results}
            if self._left:
                self.record.reason = self.waits()
            for process in (*self._processes, *(lane.process for lane in self._lanes.values())):
                if not process.running:
                    process.cancel()
            self._free()
        if outcome is None:  # its time is over
            self.record.ended = "failed"
            self.record.reason = f"not done within {self._spec.timeout_s:g} s: {self.record.reason}"
        elif isinstance(outcome, Exception):
            self.record.ended, self.record.reason = "failed", str(outcome)
            if not isinstance(outcome, MISFORTUNES):
                self.error = outcome
        else:
            self.record.ended, self.record.reason = "done", ""

    def waits(self) -> str:
        """What each program that is not done waits for."""
        lines = describe(self.machine, self.hosts).splitlines()[1:]
        return "; ".join(line.strip() for line in lines if not line.strip().startswith("nodes without"))

    def _guarded(self, host: Host) -> Steps:
        """The host's steps; the machine is the current one in each, and what is raised ends the round."""
        steps, value = host.steps(), None
        try:
            while True:
                current.set_machine(self.machine)
                wanted = steps.send(value)
                value = yield wanted
        except StopIteration:
            self._left -= 1
            if self._left == 0:
                self._over.fire("done")
        except Exception as error:
            self._over.fire(error)
        finally:
            _close(steps)

    def _socket(self, node: Node, peer: str, app_name: str) -> ProgramSocket:
        traffic, ends = self.record.traffic, (node.name, peer)
        lane = None if self._spec.messages == "plain" else partial(self._lane, ends)
        return ProgramSocket(node, peer, app_name, traffic, lane)

    def _lane(self, ends: tuple[str, str]) -> Lane:
        if ends not in self._lanes:
            context = f"{self._name}|{self.record.number}|{ends[0]}|{ends[1]}|".encode()
            hides, failed = self._spec.messages == "encrypted", self._failed
            supply, traffic = self._supplies[ends], self.record.traffic
            self._lanes[ends] = Lane(self._engine, supply, hides, self._spec.cipher, context, traffic, failed)
        return self._lanes[ends]

    def _failed(self, error: QcisimError) -> None:
        self._over.fire(error)

    def _free(self) -> None:
        """Give the qubits back; what is on its way finds nobody."""
        for node in self.machine.nodes.values():
            for app_id in list(node.apps):
                node.close_app(app_id)


def _close(steps: Generator[Any, Any, None]) -> None:
    if not getattr(steps, "gi_running", False):
        steps.close()
