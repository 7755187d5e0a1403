"""What a run of the distributed CNOT shows, and what theory says of it."""

from typing import Any

from qcisim.programs import Formula, Links, Mean, Rate, mean, rate


def figures(rounds: list[Any]) -> dict[str, Mean | Rate]:
    """Fidelity of CNOT |+0> with Phi+; lines of the truth table that come out right."""
    tables = [{**one["alice"], **one["bob"]} for one in rounds]
    return {
        "fidelity": mean(one["fidelity"] for one in tables),
        "truth table": rate(
            one["control after"] == one["control"] and one["target after"] == one["target"] ^ one["control"]
            for one in tables
        ),
    }


def expected(links: Links) -> dict[str, Formula]:
    """A Pauli error of the pair becomes one of the qubits: X flips the target, Z the phase of the control, Y both."""
    w = links.werner("alice", "bob")
    return {"fidelity": Formula((1 + 3 * w) / 4, "F = (1 + 3w)/4"), "truth table": Formula((1 + w) / 2, "(1 + w)/2")}
