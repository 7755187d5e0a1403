"""What a run of the clocks shows, and what theory says of it."""

import math
from typing import Any

from qcisim.programs import Formula, Links, Rate, rate

CLOCKS = ("alice", "bob", "charlie")


def figures(rounds: list[Any], phase_deg: float, entangled: bool) -> dict[str, Rate]:
    """How often the parity of the results is even; of one clock alone, its result."""
    parity = rate(sum(one[name]["bit"] for name in CLOCKS) % 2 == 0 for one in rounds)
    return {
        "parity even": parity,
        **{f"{name} finds 0": rate(not one[name]["bit"] for one in rounds) for name in CLOCKS},
    }


def expected(links: Links, phase_deg: float, entangled: bool) -> dict[str, Formula]:
    """The GHZ state turns by n phi, and only together do the clocks see it; alone each turns by phi."""
    n, phi = len(CLOCKS), math.radians(phase_deg)
    if entangled:
        werner = links.werner("alice", "bob") * links.werner("bob", "charlie")
        even, alone = Formula((1 + werner * math.cos(n * phi)) / 2, "(1 + W cos(nφ))/2"), Formula(0.5, "1/2")
    else:
        even = Formula((1 + math.cos(phi) ** n) / 2, "(1 + cos(φ)^n)/2")
        alone = Formula((1 + math.cos(phi)) / 2, "(1 + cos φ)/2")
    return {"parity even": even, **{f"{name} finds 0": alone for name in CLOCKS}}


def information(phi: float, visibility: float, n: int) -> float:
    """Fisher information about phi of a parity that is even with (1 + V cos(n phi))/2: n² at most."""
    p = (1 + visibility * math.cos(n * phi)) / 2
    slope = -visibility * n * math.sin(n * phi) / 2
    return slope**2 / (p * (1 - p))
