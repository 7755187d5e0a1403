"""Link: what the graph knows of a link between two nodes. Its light is `qcisim.optics`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

from qcisim.errors import require
from qcisim.units import GROUP_INDEX_G652_1550, SPEED_OF_LIGHT_M_PER_S

LengthStatus: TypeAlias = Literal["measured", "announced", "derived", "estimated", "illustrative"]
LENGTH_STATUSES: tuple[LengthStatus, ...] = ("measured", "announced", "derived", "estimated", "illustrative")


@dataclass(frozen=True, slots=True)
class Link:
    """An edge of the graph. Two nodes may be joined by several links, told apart by ``id``.

    ``fibre_length_km`` is 0 for two nodes in one room; ``status`` says how the length is known; ``trusted_relays``
    stand on the way and read every key of the link.
    """

    id: str
    between: tuple[str, str]
    fibre_length_km: float = 0.0
    status: LengthStatus = "illustrative"
    group_index: float = GROUP_INDEX_G652_1550
    trusted_relays: int = 0

    def __post_init__(self) -> None:
        require(bool(self.id), "a link needs an id")
        require(len(self.between) == 2, f"link {self.id}: joins {len(self.between)} nodes: a link joins two")
        require(self.between[0] != self.between[1], f"link {self.id}: both ends at {self.between[0]}: a link joins two")
        require(
            math.isfinite(self.fibre_length_km) and self.fibre_length_km >= 0.0,
            f"link {self.id}: fibre length {self.fibre_length_km} km: a length is finite and not negative",
        )
        require(
            math.isfinite(self.group_index) and self.group_index >= 1.0,
            f"link {self.id}: group index {self.group_index}: nothing is faster than light in vacuum",
        )
        require(self.trusted_relays >= 0, f"link {self.id}: {self.trusted_relays} trusted relays: none or more")
        require(
            self.status in LENGTH_STATUSES,
            f"link {self.id}: status {self.status!r}: wanted one of {', '.join(LENGTH_STATUSES)}",
        )

    @property
    def delay_s(self) -> float:
        """Group delay t = n_g L / c, in s: no message along this fibre arrives earlier."""
        return self.group_index * self.fibre_length_km * 1e3 / SPEED_OF_LIGHT_M_PER_S

    def other(self, node: str) -> str:
        """The end that is not ``node``."""
        first, second = self.between
        require(node in self.between, f"link {self.id} joins {first} and {second}, not {node}")
        return second if node == first else first
