"""What a run of blind computing shows, and what theory says of it."""

import math
from typing import Any

from qcisim.programs import Formula, Links, Rate, rate


def figures(rounds: list[Any], **options: Any) -> dict[str, Rate]:
    """Answers of the computation, traps that were sprung, and an angle as the server sees it."""
    client = [one["client"] for one in rounds]
    return {
        "answer 0": rate(one["answer"] == 0 for one in client if not one["test"]),
        "trap sprung": rate(one["sprung"] for one in client if one["test"]),
        "first angle below 180": rate(one["server"]["first angle"] < 180 for one in rounds),
        "second angle below 180": rate(one["server"]["second angle"] < 180 for one in rounds),
    }


def expected(links: Links, phi1_deg: int, phi2_deg: int, attack: str, **options: Any) -> dict[str, Formula]:
    """Each preparation errs by a phase (a dummy by a flip) with (1-w)/2, and each such error inverts a result."""
    w = links.werner("client", "server")
    signal = w**2 * math.sin(math.radians(phi1_deg)) * math.sin(math.radians(phi2_deg))
    answer, trap = {
        "none": (Formula((1 + signal) / 2, "(1 + w² sin φ1 sin φ2)/2"), Formula((1 - w**2) / 2, "(1 - w²)/2")),
        "flip": (Formula((1 - signal) / 2, "(1 - w² sin φ1 sin φ2)/2"), Formula(0.5, "1/2")),
        "guess": (Formula(0.5, "1/2"), Formula(0.5, "1/2")),
    }[attack]
    half = Formula(0.5, "1/2")
    return {"answer 0": answer, "trap sprung": trap, "first angle below 180": half, "second angle below 180": half}
