"""Which noise acted on which node's qubits in a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qcisim.stack.machine import Machine


@dataclass(frozen=True, slots=True)
class NoiseEntry:
    """One source of noise at one node or link.

    Args:
        place: name of the node, or "A-B" for a link.
        source: such as "two-qubit gates", "waiting", "pairs".
        count: how often it acted.
        total: sum of its strengths: depolarising probabilities, 1 - (1 + 2c + d)/4 for waiting, 1 - F for pairs.
    """

    place: str
    source: str
    count: int
    total: float


@dataclass(frozen=True, slots=True)
class NoiseBudget:
    """All sources, strongest first."""

    entries: tuple[NoiseEntry, ...] = ()

    @classmethod
    def of(cls, machine: Machine) -> NoiseBudget:
        """Of a run."""
        entries = [
            NoiseEntry(name, source, int(count), total)
            for name, node in machine.nodes.items()
            for source, (count, total) in node.budget.items()
        ]
        for (start, end), (count, total) in machine.stats.fidelities.items():
            lost = count - total
            entries.append(
                NoiseEntry(f"{start}-{end}", "pairs", int(count), lost if abs(lost) > 1e-12 * count else 0.0)
            )
        return cls(tuple(sorted(entries, key=lambda one: -one.total)))

    def plus(self, other: NoiseBudget) -> NoiseBudget:
        """Of two parts of a run."""
        sums: dict[tuple[str, str], tuple[int, float]] = {}
        for entry in (*self.entries, *other.entries):
            count, total = sums.get((entry.place, entry.source), (0, 0.0))
            sums[entry.place, entry.source] = (count + entry.count, total + entry.total)
        joined = [NoiseEntry(*where, *what) for where, what in sums.items()]
        return NoiseBudget(tuple(sorted(joined, key=lambda one: -one.total)))

    def __str__(self) -> str:
        """A table."""
        if not self.entries:
            return "no noise"
        width = max(len(f"{one.place}: {one.source}") for one in self.entries)
        rows = [
            f"{f'{one.place}: {one.source}':{width}}  {one.count:>8} x  sum {one.total:.4g}" for one in self.entries
        ]
        return "\n".join(rows)
