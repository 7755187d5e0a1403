"""Programs of a scenario on its clock: processors that serve one program at a time, links in turns, rounds in a row."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from qcisim.engine import Engine, Process, Signal, Steps, Wait, stream
from qcisim.errors import InputError
from qcisim.programs import Declaration
from qcisim.programs.folder import ProgramFolder, load, told
from qcisim.simulation.demands import demand_routes
from qcisim.simulation.program_assumptions import assumptions_of
from qcisim.simulation.program_devices import device_of
from qcisim.simulation.program_finding import declared, options_of
from qcisim.simulation.program_keys import KeySupply
from qcisim.simulation.program_links import kind_of, program_link, sights_of
from qcisim.simulation.program_results import program_result
from qcisim.simulation.program_round import Record, Round
from qcisim.simulation.program_ways import Ways
from qcisim.stack.links.delivery import LinkModel
from qcisim.stack.spec import ClassicalLink, Network, PairLink
from qcisim.stack.topology import Routes

if TYPE_CHECKING:
    from qcisim.keys import KeyNetwork
    from qcisim.network import Network as Graph
    from qcisim.simulation.contacts import Contacts
    from qcisim.simulation.link_model import SampledLink
    from qcisim.simulation.passes import Timetable
    from qcisim.simulation.program_spec import ProgramSpec
    from qcisim.simulation.result import DemandResult
    from qcisim.simulation.scenario import Link, Scenario


@dataclass(slots=True)
class _Ticket:
    nodes: frozenset[str]
    granted: Signal
    held: bool = False


class Processors:
    """Which nodes are busy: a processor serves one program at a time, first come, first served."""

    def __init__(self) -> None:
        self._busy: set[str] = set()
        self._queue: list[_Ticket] = []

    def take(self, nodes: Sequence[str]) -> Steps:
        """``ticket = yield from take(nodes)``: all of them, at once."""
        ticket = _Ticket(frozenset(nodes), Signal(f"the processors of {', '.join(nodes)}"))
        self._queue.append(ticket)
        self._grant()
        if not ticket.held:
            yield ticket.granted
        return ticket

    def give(self, ticket: _Ticket) -> None:
        """Give them back."""
        self._busy -= ticket.nodes
        self._grant()

    def _grant(self) -> None:
        taken, left = set(self._busy), []
        for ticket in self._queue:
            if ticket.nodes.isdisjoint(taken):
                self._busy |= ticket.nodes
                ticket.held = True
                ticket.granted.fire()
            else:
                left.append(ticket)
            taken |= ticket.nodes  # who came earlier is served earlier
        self._queue = left


class Application:
    """One program of a scenario, from its first round to its last."""

    def __init__(
        self,
        name: str,
        spec: ProgramSpec,
        folder: ProgramFolder,
        network: Network,
        links: Mapping[frozenset[str], str],
        supplies: Mapping[tuple[str, str], KeySupply],
        runs: ProgramRuns,
    ) -> None:
        self.name, self.spec, self.folder, self.network, self.links = name, spec, folder, network, links
        self.supplies, self._runs = supplies, runs
        self.options = options_of(folder.declaration, spec)
        self.programs = folder.programs(self.options)
        self.records: list[Record] = []
        self.noise: dict[tuple[str, str], list[float]] = {}
        self.impossible = self._impossible()
        seed = stream(runs.scenario.seed, f"program/{name}").integers(2**63)
        self._seed = int(seed)

    @property
    def declaration(self) -> Declaration:
        """Of its folder."""
        return self.folder.declaration

    def _impossible(self) -> str:
        """Why it cannot run: two of its roles have no link of pairs left, as a part of the scenario was taken out."""
        routes, at = Routes(self.network), self.spec.roles
        for role, program in self.programs.items():
            for peer in program.meta.epr_sockets:
                if routes.path(role, peer) is None:
                    return f"no link of pairs between {at[role]} ({role}) and {at[peer]} ({peer})"
        return ""

    def steps(self) -> Steps:
        """The process: round after round."""
        if self.impossible:
            return
        engine, spec, processors = self._runs.engine, self.spec, self._runs.processors
        nodes = [*spec.roles.values(), *spec.swap_at]
        for number in range(spec.times):
            due_s = engine.now_s
            if number == 0 or spec.period_s is not None:
                due_s = spec.start_s + number * (spec.period_s or 0.0)
            if due_s > engine.now_s:
                yield Wait(due_s - engine.now_s)
            if engine.now_s >= self._runs.scenario.duration_s:
                return
            ticket = yield from processors.take(nodes)
            record = Record(number, due_s, engine.now_s)
            self.records.append(record)
            one = Round(spec, self.name, self.network, self.programs, self.supplies, engine, self._seed, record)
            try:
                yield from one.steps()
            finally:
                self._note(one)
                processors.give(ticket)
            if one.error is not None:
                raise self._fault(one.error) from one.error

    def _note(self, one: Round) -> None:
        from qcisim.stack.budget import NoiseBudget

        for entry in NoiseBudget.of(one.machine).entries:
            sums = self.noise.setdefault((entry.place, entry.source), [0, 0.0])
            sums[0] += entry.count
            sums[1] += entry.total

    def _fault(self, error: Exception) -> InputError:
        return InputError(f"programs.{self.name}: {told(error, self.declaration.folder)}")

    def demands(self) -> Iterator[tuple[str, DemandResult]]:
        """Key that its messages asked for, as demands by id."""
        how = "authenticated" if self.spec.messages == "authenticated" else "encrypted and authenticated"
        for (start, end), supply in self.supplies.items():
            if supply.requested:
                yield f"{self.name}-{start}-{end}", supply.demand(f"messages of program {self.name}, {how}")


class ProgramRuns:
    """All programs of a scenario.

    Args:
        scenario: with at least one program.
        engine: the clock.
        keys: the key managers.
        graph: on which key is relayed.
        contacts: of satellites.
        models: of the links that make key, by id.
        plan: of satellite passes.
    """

    def __init__(
        self,
        scenario: Scenario,
        engine: Engine,
        keys: KeyNetwork,
        graph: Graph,
        contacts: Contacts,
        models: Mapping[str, SampledLink],
        plan: Timetable,
    ) -> None:
        self.scenario, self.engine = scenario, engine
        self.processors, self.stored = Processors(), Signal("key in a store")
        self._keys, self._graph, self._contacts = keys, graph, contacts
        self._ways = Ways(scenario)
        wanted = {link_id for spec in scenario.programs.values() for link_id in links_of(scenario, spec)}
        self.links: dict[str, LinkModel] = {
            link_id: program_link(scenario, link_id, models, plan) for link_id in scenario.links if link_id in wanted
        }
        self._states = random.getstate(), np.random.get_state()  # noqa: NPY002 -- programs may draw from the modules
        draw = stream(scenario.seed, "programs")
        random.seed(int(draw.integers(2**63)))
        np.random.seed(int(draw.integers(2**32)))  # noqa: NPY002 -- as above
        self.applications = {name: self._application(name, spec) for name, spec in scenario.programs.items()}
        self._processes: list[Process] = []

    def _application(self, name: str, spec: ProgramSpec) -> Application:
        roles = {node: role for role, node in spec.roles.items()}
        inner = {node: node for node in spec.swap_at}
        named = roles | inner
        joins = {link_id: self.scenario.links[link_id].between for link_id in links_of(self.scenario, spec)}
        pairs = [PairLink(named[a], named[b], self.links[link_id]) for link_id, (a, b) in joins.items()]
        places = list(named.items())
        wires = [
            ClassicalLink(x, y, self._ways.delay_s(a, b) * 1e9)
            for number, (a, x) in enumerate(places)
            for b, y in places[number + 1 :]
        ]
        devices = {}
        for node, label in named.items():
            processor = self.scenario.nodes[node].processor
            assert processor is not None  # the scenario refuses a program there
            devices[label] = device_of(processor)
        network = Network(
            {role: devices[role] for role in roles.values()},
            tuple(pairs),
            tuple(wires),
            {node: devices[node] for node in inner},
        )
        links = {frozenset((named[a], named[b])): link_id for link_id, (a, b) in joins.items()}
        folder = load(declared(spec.program))
        application = Application(name, spec, folder, network, links, {}, self)
        if spec.messages != "plain":
            application.supplies = dict(self._supplies(spec, application.programs))
        return application

    def _supplies(self, spec: ProgramSpec, programs: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], KeySupply]]:
        size = self.scenario.key_managers.default_key_bits
        for role, program in programs.items():
            for peer in program.meta.csockets:
                if role in spec.roles and peer in spec.roles:
                    ends = spec.roles[role], spec.roles[peer]
                    routes = demand_routes(self._graph, *ends, self._contacts.satellites)
                    along, limit_s = self._ways.along_s, spec.max_key_wait_s
                    parts = (self._keys, self._contacts, self.engine, size, self.stored, along, limit_s)
                    yield (role, peer), KeySupply(ends, routes, *parts)

    def start(self) -> None:
        """Start every program, and what ends them with the run."""
        for name, application in self.applications.items():
            process = self.engine.process(application.steps(), f"program {name}", background=True)
            self._processes.append(process)
        self.engine.process(self._closing(), "the end of all programs")

    def _closing(self) -> Steps:
        yield Wait(self.scenario.duration_s)
        self.stop()

    def stop(self) -> None:
        """End what still runs: its rounds are unfinished."""
        for process in self._processes:
            process.cancel()

    def close(self) -> None:
        """Give the modules `random` and `numpy.random` back as they were."""
        random.setstate(self._states[0])
        np.random.set_state(self._states[1])  # noqa: NPY002 -- as above

    def told(self) -> dict[str, Any]:
        """Fields of the result: programs and their links, demands for key, and what to assume."""
        return {
            "programs": {name: program_result(one) for name, one in self.applications.items()},
            "program_links": self._link_facts(),
            "demands": {key: found for one in self.applications.values() for key, found in one.demands()},
            "assumptions": assumptions_of(self.scenario),
        }

    def _link_facts(self) -> dict[str, dict[str, Any]]:
        """What programs had of each link."""
        found = {}
        for link_id, model in self.links.items():
            link = self.scenario.links[link_id]
            assert link.programs is not None  # `links_of` names no others
            sights = [list(one) for one in sights_of(model)]
            found[link_id] = {
                "between": list(link.between),
                "way": [link.between[0], *_between(link), link.between[1]],
                "kind": kind_of(link),
                "share": link.programs.share,
                "makes_key": link.key_source == "qkd",
                "sights_s": sights,
            }
        return found


def links_of(scenario: Scenario, spec: ProgramSpec) -> tuple[str, ...]:
    """Ids of the links whose pairs a program uses: those it names, or all that join its nodes and make pairs for it."""
    if spec.links:
        return spec.links
    nodes = {*spec.roles.values(), *spec.swap_at}
    return tuple(
        k for k, link in scenario.links.items() if link.programs is not None and nodes.issuperset(link.between)
    )


def _between(link: Link) -> tuple[str, ...]:
    """Nodes on the way of a link's pairs."""
    if link.chain is not None:
        return link.chain.repeaters
    return () if link.middle is None or link.middle in link.between else (link.middle,)
