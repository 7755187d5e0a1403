"""What a run of teleportation shows, and what theory says of it."""

from typing import Any

from qcisim.programs import Formula, Links, Mean, Rate, mean, rate


def figures(rounds: list[Any], **options: float) -> dict[str, Mean | Rate]:
    """The fidelity of Bob's qubit with Alice's; Alice's bits, which do not depend on her state."""
    return {
        "fidelity": mean(one["bob"]["fidelity"] for one in rounds),
        "m1 = 1": rate(one["alice"]["m1"] for one in rounds),
        "m2 = 1": rate(one["alice"]["m2"] for one in rounds),
    }


def expected(links: Links, **options: float) -> dict[str, Formula]:
    """A Werner pair w Phi+ + (1-w) 1/4 teleports psi to w psi + (1-w) 1/2, whatever psi is."""
    w = links.werner("alice", "bob")
    return {
        "fidelity": Formula((1 + w) / 2, "(1 + w)/2"),
        "m1 = 1": Formula(0.5, "1/2"),
        "m2 = 1": Formula(0.5, "1/2"),
    }
