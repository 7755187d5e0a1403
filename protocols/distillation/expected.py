"""What a run of distillation shows, and the recurrence of Bell weights."""

from typing import Any

from qcisim.programs import Formula, Links, Mean, Rate, mean, rate


def figures(rounds: list[Any], levels: int) -> dict[str, Mean | Rate]:
    """The fidelity of the pairs that are kept, and how often there is one."""
    ends = [one["alice"] for one in rounds]
    return {
        "fidelity": mean(one["fidelity"] for one in ends if one["success"]),
        "success": rate(one["success"] for one in ends),
    }


def expected(links: Links, levels: int) -> dict[str, Formula]:
    """Of Werner pairs; a level succeeds with N and needs two pairs of the level below."""
    w = links.werner("alice", "bob")
    white = (1 - w) / 4
    a, b, c, d = w + white, white, white, white  # weights of Phi+, Psi-, Psi+, Phi-
    success = 1.0
    for _ in range(levels):
        n = (a + b) ** 2 + (c + d) ** 2
        a, b, c, d = (a * a + b * b) / n, 2 * c * d / n, (c * c + d * d) / n, 2 * a * b / n
        success = success**2 * n
    return {
        "fidelity": Formula(a, "(F² + ((1-F)/3)²)/N" if levels == 1 else "recurrence"),
        "success": Formula(success, "N" if levels == 1 else "product of the levels"),
    }
