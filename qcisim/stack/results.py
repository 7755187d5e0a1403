"""What a run gives back."""

from __future__ import annotations

from typing import Any

from qcisim.stack.budget import NoiseBudget
from qcisim.stack.machine import Stats


class RunResult(list[list[Any]]):
    """Results of the programs: one list per node in the order of the network, in it one result per iteration.

    Args:
        names: of the nodes.
        results: in their order.
        stats: what the run did.
        budget: which noise acted where.
    """

    def __init__(self, names: list[str], results: list[list[Any]], stats: Stats, budget: NoiseBudget) -> None:
        super().__init__(results)
        self._names, self.stats, self.noise_budget = names, stats, budget

    @property
    def by_node(self) -> dict[str, list[Any]]:
        """Results by the name of the node."""
        return dict(zip(self._names, self, strict=True))

    @property
    def sim_time(self) -> float:
        """Simulated time at the end in ns; with workers the longest iteration."""
        return self.stats.sim_time_ns
