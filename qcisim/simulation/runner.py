"""Running a scenario: links distil, key managers store and relay, demands draw; everything on one clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

import qcisim
from qcisim.engine import Engine, Process, Steps, Wait, stream
from qcisim.keys import KeyNetwork
from qcisim.network import Link as NetworkLink
from qcisim.network import Network
from qcisim.network import Node as NetworkNode
from qcisim.simulation.assumptions import assumptions_of, link_assumptions
from qcisim.simulation.build import build_links
from qcisim.simulation.ceilings import ceilings_of, uses_per_s
from qcisim.simulation.chain_facts import chain_ceilings, chain_facts
from qcisim.simulation.chain_links import ChainLinkModel
from qcisim.simulation.compare import comparisons_of
from qcisim.simulation.contacts import Contacts
from qcisim.simulation.demands import DemandRuns
from qcisim.simulation.entanglement_results import entanglement_result
from qcisim.simulation.link_model import SampledLink
from qcisim.simulation.links import start_link
from qcisim.simulation.load import load_scenario
from qcisim.simulation.pairs import pairs_result
from qcisim.simulation.pass_results import PassLog, pass_results
from qcisim.simulation.published import published_of
from qcisim.simulation.result import Book, LinkResult, PassResult, Result, Series
from qcisim.simulation.scenario import Scenario
from qcisim.simulation.service import service_of
from qcisim.simulation.totals import BlockReport, LinkTotals
from qcisim.simulation.without import without as left_out

if TYPE_CHECKING:
    from qcisim.simulation.program_runs import ProgramRuns

SERIES_POINTS = 288
Progress = Callable[[float, str], None]


class RunInterrupted(KeyboardInterrupt):
    """A run was interrupted; ``result`` holds what was finished by then."""

    def __init__(self, result: Result) -> None:
        super().__init__("the run was interrupted")
        self.result = result


class ScenarioRun:
    """One run of a scenario: its engine, its links, its key network, and the result so far."""

    def __init__(self, scenario: Scenario, progress: Progress | None, stores: Path | None) -> None:
        self.scenario, self.engine = scenario, Engine()
        self._progress = progress or (lambda fraction, text: None)
        self.network = network_of(scenario)
        self.models, self.plan = build_links(scenario)
        self.keys = KeyNetwork(
            nodes=list(scenario.nodes),
            links={link_id: link.between for link_id, link in scenario.key_links.items()},
            capacity_bits=scenario.key_managers.max_key_count * scenario.key_managers.default_key_bits // 2,
            node_capacity_bits={
                name: node.satellite.storage_bits for name, node in scenario.nodes.items() if node.satellite is not None
            },
            relayed_links=[
                link_id for link_id, link in scenario.links.items() if link.fibre and link.fibre.trusted_relays
            ],
            directory=stores,
        )
        satellites = [name for name, node in scenario.nodes.items() if node.satellite is not None]
        self.contacts = Contacts(satellites, self.plan.passes(scenario.duration_s))
        self.pass_log = PassLog()
        self.totals = {link_id: LinkTotals() for link_id in self.models}
        self.demands = DemandRuns(scenario, self.network, self.keys, self.contacts)
        self.programs = self._programs()
        self._times: list[float] = []
        self._stored: dict[str, list[float]] = {link_id: [] for link_id in scenario.key_links}
        self._served: dict[str, list[float]] = {demand_id: [] for demand_id in scenario.key_demands}

    def _programs(self) -> ProgramRuns | None:
        """The programs, where there are any: only they need netqasm."""
        if not self.scenario.programs:
            return None
        from qcisim.simulation.program_runs import ProgramRuns

        return ProgramRuns(self.scenario, self.engine, self.keys, self.network, self.contacts, self.models, self.plan)

    def start(self) -> None:
        """Start every process: links, demands, the recorder of the series."""
        for link_id, link in self.scenario.links.items():
            if link.initial_keys:
                self._store_initial(link_id, link.initial_keys)
        links = [process for model in self.models.values() for process in self._start_link(model)]
        demands = self.engine.process(self.demands.steps(self.engine, links), "demands")
        if self.programs is not None:
            self.programs.start()
        self.engine.process(self._record([*links, demands]), "recorder")

    def _start_link(self, model: SampledLink) -> Sequence[Process]:
        scenario, link_id = self.scenario, model.link_id
        totals, draws = self.totals[link_id], stream(scenario.seed, f"link/{link_id}/key")

        def report(block: BlockReport, key: bytes | None) -> None:
            totals.add(block)
            self.pass_log.add(block)
            usable = block.key_bits // 8
            if key is None:  # counts and rates: random bits stand for the key, drawn only where there is room for them
                key = draws.bytes(min(usable, self.keys.free_bits(link_id) // 8))
            self.keys.deposit(
                link_id,
                key[:usable],
                epsilon=block.epsilon,
                theorem=block.length.theorem,
                discarded_bits=block.key_bits - 8 * len(key[:usable]),
                authentication_bits=block.authentication_bits,
            )
            if self.programs is not None:
                self.programs.stored.fire()

        def stop(reason: str) -> None:
            totals.stopped = reason

        return start_link(
            model,
            self.engine,
            resolution=scenario.resolution_of(link_id),
            duration_s=scenario.duration_s,
            seed=scenario.seed,
            report=report,
            stop=stop,
        )

    def _store_initial(self, link_id: str, keys: int) -> None:
        size = self.scenario.key_managers.default_key_bits // 8
        draws = stream(self.scenario.seed, f"link/{link_id}/initial keys")
        claim = self.scenario.links[link_id].protocol
        epsilon = claim.epsilon_secret + claim.epsilon_correct
        self.keys.deposit(link_id, draws.bytes(2 * keys * size), epsilon=epsilon, theorem="stored at the start")

    def _record(self, processes: Sequence[Process]) -> Steps:
        """Sample the stores at equal times, the last time when all ``processes`` are done; tell how far the run is."""
        step_s = self.scenario.duration_s / SERIES_POINTS
        size = self.scenario.key_managers.default_key_bits
        for i in range(SERIES_POINTS + 1):
            if i:
                yield Wait(step_s * i - self.engine.now_s)
            if i == SERIES_POINTS:
                self._progress((i - 1) / SERIES_POINTS, "distilling the last blocks; a first run also compiles")
                yield from processes
            self._times.append(self.engine.now_s)
            for link_id, levels in self._stored.items():
                levels.append(float(self.keys.stored_bits(link_id) // size))
            for demand_id, served in self._served.items():
                served.append(float(self.demands.runs[demand_id].delivered))
            self._progress(i / SERIES_POINTS, f"{self.engine.now_s:,.0f} s simulated")

    def result(self, *, interrupted: bool = False) -> Result:
        """What the run found so far."""
        scenario = self.scenario
        provenance: dict[str, Any] = {"qcisim": qcisim.__version__, "command": scenario.command}
        provenance["settings"] = {link_id: model.settings() for link_id, model in self.models.items()}
        if interrupted:
            provenance["interrupted_at_s"] = self.engine.now_s
        if interrupted and self.programs is not None:
            self.programs.stop()
        told = {} if self.programs is None else self.programs.told()
        result = Result(
            scenario=scenario.name,
            title=scenario.title,
            description=scenario.description,
            hash=scenario.hash,
            seed=scenario.seed,
            resolution=scenario.resolution,
            duration_s=scenario.duration_s,
            nodes={k: node.model_dump() for k, node in scenario.nodes.items()},
            links={link_id: self._link_result(link_id) for link_id in scenario.key_links},
            demands={demand_id: demand.result() for demand_id, demand in self.demands.runs.items()}
            | told.pop("demands", {}),
            books={link_id: Book(**self.keys.book(link_id)) for link_id in scenario.key_links},
            series=Series(
                t_s=np.array(self._times), stored_keys=_arrays(self._stored), delivered_keys=_arrays(self._served)
            ),
            assumptions=assumptions_of(scenario, self.models, self.plan) + told.pop("assumptions", ()),
            provenance=provenance,
            start_utc=scenario.start_utc,
            passes=self._passes(),
            pairs={} if interrupted else self._pairs(),
            entanglement={} if interrupted else entanglement_result(scenario),
            **told,
        )
        return replace(
            result,
            service=service_of(result, scenario),
            published=published_of(result, scenario),
            comparisons=comparisons_of(result, scenario),
        )

    def _passes(self) -> tuple[PassResult, ...]:
        return pass_results(self.scenario, self.plan, self.pass_log, self.engine.now_s)

    def _pairs(self) -> dict[str, Any]:
        return {name: pairs_result(self.scenario, name) for name in self.scenario.pairs}

    def _link_result(self, link_id: str) -> LinkResult:
        spec = self.scenario.links[link_id]
        if link_id not in self.models:
            return LinkResult(
                between=spec.between, protocol="none", resolution="stored", reason="keys stored at the start"
            )
        model, totals = self.models[link_id], self.totals[link_id]
        summary: dict[str, Any] = totals.summary(min(self.scenario.duration_s, max(self.engine.now_s, 1e-12)))
        attack = spec.attack
        return LinkResult(
            between=spec.between,
            protocol=spec.protocol.name,
            resolution=self.scenario.resolution_of(link_id),
            status=spec.status,
            attack=f"{attack.name}, {attack.fraction * 100.0:g} % of the rounds" if attack else "",
            assumptions=link_assumptions(model),
            only_compared=spec.only_compared,
            **(summary | self._medium(model)),
        )

    def _medium(self, model: SampledLink) -> dict[str, Any]:
        """What the light of a link meets: always the same in a fibre, at the culmination of its best pass in space."""
        fibre = model.spec.fibre
        at_s = 0.0
        found: dict[str, Any] = {}
        if fibre is not None:
            found = {
                "fibre_length_km": fibre.length_km,
                "fibre_length_status": fibre.status,
                "trusted_relays": fibre.trusted_relays,
            }
        elif isinstance(model, ChainLinkModel):
            facts: dict[str, Any] = {"medium": "chain", "chain": chain_facts(model), "ceilings": chain_ceilings(model)}
            facts |= {"fibre_length_km": model.chain.length_km, "detected": "pairs"}
            return facts | {"fibre_length_status": model.spec.status} | model.budget(at_s)
        elif model.spec.arms is not None:
            detected = "announcements" if model.spec.hub is not None else "coincidences"
            found = {"medium": "arms", "middle": model.spec.middle or "", "arms": model.spec.arm_facts}
            found["detected"] = detected
        else:
            until_s = min(self.scenario.duration_s, self.engine.now_s)
            passes = [one for one in self.plan.passes(self.scenario.duration_s) if one.link_id == model.link_id]
            mine = [one for one in passes if one.geometry.culmination_s <= until_s]
            taken = [one for one in mine if one.status == "taken"]
            found = {"medium": "free space", "passes": len(mine), "passes_taken": len(taken)}
            if not mine:
                return found | {"reason": "no pass so far" if passes else "no pass in this time"}
            if not taken:
                statuses = Counter(one.status for one in mine)
                why = ", ".join(f"{number} {status}" for status, number in statuses.items())
                found["reason"] = f"no light was sent: {why}"
            at_s = max(mine, key=lambda one: (one.key_bits_if_clear, -one.geometry.minimum_range_km)).middle_s
        found |= model.budget(at_s)
        return found | {"ceilings": ceilings_of(found["losses_db"], uses_per_s(model.spec))}


def run(
    scenario: Scenario | str | Path,
    *,
    overrides: Sequence[str] = (),
    without: Sequence[str] = (),
    progress: Progress | None = None,
    stores: Path | str | None = None,
) -> Result:
    """Run a scenario (a `Scenario`, a shipped name, a file, or YAML text) and return its `Result`.

    ``overrides`` are those of ``--set``, ``without`` those of ``--without``; ``progress`` is called with the fraction
    done and a text; with ``stores`` the key stores are written to that directory, sealed, so that `qcisim serve --dir`
    can serve them. Raises `RunInterrupted`, with what is finished, where the run is interrupted (Ctrl-C).
    """
    loaded = left_out(scenario if isinstance(scenario, Scenario) else load_scenario(scenario, overrides), without)
    this = ScenarioRun(loaded, progress, None if stores is None else Path(stores))
    try:
        this.start()
        try:
            this.engine.run()
        except KeyboardInterrupt:
            raise RunInterrupted(this.result(interrupted=True)) from None
        return this.result()
    finally:
        this.engine.close()
        this.keys.close()
        if this.programs is not None:
            this.programs.close()


def _arrays(levels: dict[str, list[float]]) -> dict[str, NDArray[np.float64]]:
    return {name: np.array(values) for name, values in levels.items()}


def network_of(scenario: Scenario) -> Network:
    """The graph of ``scenario``."""
    return Network(
        [
            NetworkNode(
                id=k, name=n.name or k, lat_deg=n.lat, lon_deg=n.lon, country=n.country, role=n.role, domain=n.domain
            )
            for k, n in scenario.nodes.items()
        ],
        [
            NetworkLink(id=k, between=link.between)
            if (fibre := link.fibre) is None
            else NetworkLink(k, link.between, fibre.length_km, fibre.status, fibre.group_index, fibre.trusted_relays)
            for k, link in scenario.key_links.items()
            if not link.only_compared
        ],
    )
