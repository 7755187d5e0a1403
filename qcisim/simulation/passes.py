"""The plan of passes: which there are, what key each would make, which are taken, and which the clouds leave."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count, takewhile
from typing import TYPE_CHECKING, Literal, TypeAlias

from qcisim.network.schedule import Schedule, Window
from qcisim.simulation.link_model import AnySource, Block, Stretch
from qcisim.simulation.pass_search import Candidate, Geometry, Unused, candidates
from qcisim.simulation.sky import HOUR_S, LONGEST_S, CloudsAbove

if TYPE_CHECKING:
    from qcisim.optics import Receiver
    from qcisim.simulation.link_model import LinkModel
    from qcisim.simulation.scenario import Scenario

Status: TypeAlias = Literal["taken", "clouded out", "not scheduled", "no key expected"] | Unused


@dataclass(frozen=True, slots=True)
class PlannedPass:
    """One pass of a link through free space: its geometry, what is expected of it, and what becomes of it.

    ``start_s``, ``end_s``: the part that is used, where sun, shadow and range allow light. ``key_bits_if_clear``: the
    length that the rule of the block fixes (its share of a block of several passes). ``clear_probability``: no cloud
    over the stations at its ends.
    """

    id: str
    link_id: str
    satellite: str
    station: str
    geometry: Geometry
    start_s: float
    end_s: float
    status: Status
    reason: str = ""
    key_bits_if_clear: int = 0
    clear_probability: float = 1.0
    clear: bool = True
    source: AnySource | None = None
    receiver: Receiver | None = None

    @property
    def middle_s(self) -> float:
        """Culmination, or the time of use that is nearest to it."""
        return min(max(self.geometry.culmination_s, self.start_s), self.end_s)

    @property
    def expected_key_bits(self) -> float:
        """Key when clear times the probability that it is: a planning number."""
        return self.clear_probability * self.key_bits_if_clear if self.status in ("taken", "clouded out") else 0.0


class Timetable:
    """The passes of all links through free space, planned window by window, each window on what was planned before.

    ``weather_seed`` draws the clouds; that of the scenario where nothing is said.
    """

    def __init__(self, scenario: Scenario, *, weather_seed: int | None = None) -> None:
        self._scenario, self._planning = scenario, scenario.pass_planning
        self._weather_seed = scenario.seed if weather_seed is None else weather_seed
        self._models: dict[str, LinkModel] = {}
        self._windows: list[tuple[PlannedPass, ...]] = []
        self._numbers: dict[str, int] = {}
        self._clouds: CloudsAbove | None = None
        nodes = {f"node:{name}": node for name, node in scenario.nodes.items()}
        satellites = {name: node.satellite for name, node in nodes.items() if node.satellite is not None}
        telescopes = {name: node.station.telescopes for name, node in nodes.items() if node.station is not None}
        self._schedule = Schedule(
            capacity={name: satellite.terminals for name, satellite in satellites.items()} | telescopes,
            slew_s=max((satellite.slew_s for satellite in satellites.values()), default=0.0),
            fair=scenario.pass_planning.policy == "fair",
        )

    def add(self, model: LinkModel) -> None:
        """Plan for the link of ``model``, too; all links are added before the first look at the plan."""
        self._models[model.link_id] = model

    @property
    def impossible_clouds(self) -> tuple[str, ...]:
        """Correlations of clouds that their fractions do not allow, and what was used instead."""
        return self._clouds.limits if self._clouds is not None else ()

    @property
    def clouds(self) -> CloudsAbove:
        """The clouds above the stations, the same for all links."""
        if self._clouds is None:
            self._clouds = CloudsAbove(self._scenario, self._weather_seed)
        return self._clouds

    def model(self, link_id: str) -> LinkModel:
        """The link of a pass."""
        return self._models[link_id]

    def passes(self, duration_s: float) -> Iterator[PlannedPass]:
        """All passes that culminate before ``duration_s``, by window and culmination."""
        for index in self._indices(duration_s):
            yield from self._window(index)

    def _indices(self, duration_s: float) -> Iterator[int]:
        """Numbers of the windows that start before ``duration_s``."""
        return takewhile(lambda index: index * self._window_s < duration_s, count())

    @property
    def _window_s(self) -> float:
        return self._planning.window_h * HOUR_S

    def blocks(self, link_id: str, duration_s: float) -> Iterator[Block]:
        """The blocks of a link: its passes that are taken and clear, so many to a block as the protocol says.

        With the length fixed beforehand, the passes of a block are those that are scheduled next when its first light
        is sent: where a cloud takes one of them the block makes no key, because whoever makes clouds must not choose
        among lengths after light was sent. With the variable-length rule a block gathers clear passes. Passes that do
        not fill a block at the end make none. The settings of a block are those of its first pass. A link that has had
        no pass for a year has no more blocks: a run without an end must not look for ever.
        """
        model, gathered, latest_s = self._models[link_id], list[PlannedPass](), 0.0
        protocol = model.spec.protocol
        for index in self._indices(duration_s):
            if index * self._window_s - latest_s > LONGEST_S:
                return
            for one in self._window(index):
                scheduled = one.status == "taken" or (one.status == "clouded out" and protocol.length_rule == "fixed")
                if one.link_id != link_id or not scheduled:
                    continue
                latest_s = one.end_s
                gathered.append(one)
                if len(gathered) == protocol.passes_per_block:
                    if all(part.status == "taken" for part in gathered):
                        yield self._block(gathered)
                    gathered = []

    @staticmethod
    def _block(passes: list[PlannedPass]) -> Block:
        first = passes[0]
        assert first.source is not None  # a pass that is taken has its settings
        assert first.receiver is not None
        stretches = tuple(Stretch(one.start_s, one.end_s - one.start_s) for one in passes)
        return Block(stretches, first.source, first.receiver, tuple(one.id for one in passes))

    def _window(self, index: int) -> tuple[PlannedPass, ...]:
        while len(self._windows) <= index:
            self._windows.append(self._plan(len(self._windows)))
        return self._windows[index]

    def _plan(self, index: int) -> tuple[PlannedPass, ...]:
        """The passes that culminate in one window: found, weighed, scheduled, and met by the clouds."""
        start_s = index * self._window_s
        length_s = min(self._window_s, self._scenario.duration_s - start_s)
        passes = [self._weigh(one) for one in candidates(self._scenario, self._models, start_s, start_s + length_s)]
        passes.sort(key=lambda one: (one.geometry.culmination_s, one.link_id, one.start_s))
        passes = [replace(one, id=f"{one.link_id}#{self._number(one.link_id)}") for one in passes]
        windows = [self._as_window(one) for one in passes if one.status == "taken"]
        taken = set(self._schedule.take(windows))
        rivals = [window for window in windows if window.id in taken]
        return tuple(self._decide(one, taken, rivals) for one in passes)

    def _number(self, link_id: str) -> int:
        self._numbers[link_id] = self._numbers.get(link_id, 0) + 1
        return self._numbers[link_id]

    def _weigh(self, one: Candidate) -> PlannedPass:
        """With the key that its rule would fix, and the clouds above it."""
        planned = PlannedPass(
            "", one.link_id, one.satellite, one.station, one.geometry, one.start_s, one.end_s, one.status, one.reason
        )
        if one.status != "taken":
            return planned
        model = self._models[one.link_id]
        stretch = Stretch(one.start_s, one.end_s - one.start_s)
        source, receiver = model.settings_for(stretch)
        block = Block((stretch,) * model.spec.protocol.passes_per_block, source, receiver)
        bits, reason = model.planned_length(block)
        clear_probability, clear = self._sky(one)
        return replace(
            planned,
            status="taken" if bits else "no key expected",
            reason=reason,
            key_bits_if_clear=bits // len(block.stretches),
            clear_probability=clear_probability,
            clear=clear,
            source=source,
            receiver=receiver,
        )

    def _sky(self, one: Candidate) -> tuple[float, bool]:
        """Probability that no cloud is in the way, and whether there is none."""
        clouds, t_s = self.clouds, one.geometry.culmination_s
        ends = [node for node in self._models[one.link_id].spec.between if node in clouds.stations]
        clear = math.prod((1.0 - clouds.fraction(node, t_s) for node in ends), start=1.0)
        return clear, not any(clouds.cloudy(node, t_s) for node in ends)

    def _as_window(self, one: PlannedPass) -> Window:
        known = self._planning.knows_clouds
        value = one.key_bits_if_clear * (float(one.clear) if known else one.clear_probability)
        resources = frozenset(f"node:{node}" for node in self._models[one.link_id].spec.between)
        return Window(one.id, one.start_s, one.end_s, resources, value, owner=one.station)

    def _decide(self, one: PlannedPass, taken: set[str], rivals: Sequence[Window]) -> PlannedPass:
        if one.status != "taken":
            return one
        if one.id in taken:
            return one if one.clear else replace(one, status="clouded out")
        if self._planning.knows_clouds and not one.clear:
            return replace(one, status="not scheduled", reason="clouds above it, known before")
        mine = self._as_window(one)
        against = [other.id for other in rivals if self._schedule.collide(mine, other)]
        reason = f"{', '.join(against)} has the terminal" if against else "a pass before has the terminal"
        return replace(one, status="not scheduled", reason=reason)
