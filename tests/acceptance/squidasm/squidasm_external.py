"""Programs of others, run as they are from checkouts under the folder that QCISIM_EXTERNAL names (A11 to A14).

Nothing of them is kept here. Each check refuses what must not come, or says what came.
"""

from __future__ import annotations

import contextlib
import io
import math
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import binom
from squidasm_examples import rate, run_script, werner_error


def _teleportation(folder: Path) -> str:
    """The exercise as its README asks for it, with its own preparation and fidelity: F = 1 - X and Z errors of p/2."""
    ran = run_script(folder / "run_simulation.py", 1)
    assert "Alice prepares a qubit in state" in ran.text
    from squidasm.run.stack.config import GenericQDeviceConfig, StackConfig
    from squidasm.run.stack.run import run
    from squidasm.util import get_qubit_state

    given = ran.names["AliceProgram"].run.__globals__

    class Alice(ran.names["AliceProgram"]):  # type: ignore[misc,name-defined]
        def run(self, context: Any) -> Any:
            qubit = given["prepare_teleportation_qubit"](context.connection, self.theta, self.phi)
            pair = context.epr_sockets["Bob"].create_keep()[0]
            qubit.cnot(pair)
            qubit.H()
            outcomes = qubit.measure(), pair.measure()
            yield from context.connection.flush()
            context.csockets["Bob"].send(",".join(str(int(one)) for one in outcomes))

    class Bob(ran.names["BobProgram"]):  # type: ignore[misc,name-defined]
        def __init__(self, theta: float, phi: float) -> None:
            self.theta, self.phi = theta, phi

        def run(self, context: Any) -> Any:
            pair = context.epr_sockets["Alice"].recv_keep()[0]
            yield from context.connection.flush()
            first, second = (yield from context.csockets["Alice"].recv()).split(",")
            if second == "1":
                pair.X()
            if first == "1":
                pair.Z()
            yield from context.connection.flush()
            return given["calculate_fidelity_qubit"](get_qubit_state(pair, node_name="Bob"), self.theta, self.phi)

    config, theta = ran.names["cfg"], 1.1
    found = []
    for noise in np.arange(0.0, 0.26, 0.025):
        device = GenericQDeviceConfig.perfect_config()
        device.two_qubit_gate_depolar_prob = noise
        config.stacks = [StackConfig(name=name, qdevice_typ="generic", qdevice_cfg=device) for name in ("Alice", "Bob")]
        (fidelity,) = run(config=config, programs={"Alice": Alice(theta, 0.0), "Bob": Bob(theta, 0.0)}, num_times=1)[1]
        half = noise / 2  # of X, which |psi> is an eigenstate of with sin^2 theta, and of Z with cos^2 theta
        expected = (1 - half) ** 2 + half * (1 - half) * (math.sin(theta) ** 2 + math.cos(theta) ** 2)
        assert abs(fidelity - expected) < 1e-9, f"gate noise {noise:g}: fidelity {fidelity}, expected {expected}"
        found.append(fidelity)
    assert found == sorted(found, reverse=True)
    return f"fidelity {found[0]:.6f} without noise, falling to {found[-1]:.6f} at gate noise 0.25, as in closed form"


def _bbm92(folder: Path) -> str:
    """Errors of 2/3 (1-F) as shipped, with F = 0.9; none on a perfect link."""
    ran = run_script(folder / "BBM92" / "run_simulation.py", 1)
    from squidasm.run.stack.run import run

    def errors(runs: int) -> tuple[int, int]:
        text = io.StringIO()
        with contextlib.redirect_stdout(text):
            run(ran.names["cfg"], ran.names["programs"], num_times=runs)
        found = re.findall(r"QBER detected by Alice: ([\d.]+)%", text.getvalue())
        return text.getvalue().count("Alert!") // 2, len(found)

    wrong, runs = errors(20)
    assert runs == 20
    shipped = rate(wrong, 20 * 25, werner_error(0.9))  # half of half of 100 pairs are compared, give or take
    ran.names["cfg"].links[0].cfg["fidelity"] = 1
    assert errors(5) == (0, 5)
    return f"errors as shipped: {shipped}; none in 5 runs on a perfect link"


def _anonymous_byte(folder: Path) -> str:
    """A byte with three-fold repetition arrives in 85 to 98 of 100 runs as shipped, always without noise."""
    ran = run_script(folder / "run_simulation.py", 1)
    (percent,) = ran.ints(r"Average success probability = (\d+) %")
    assert 85 <= percent <= 98
    from squidasm.run.stack.run import run

    config = ran.names["cfg"]
    for stack in config.stacks:
        stack.qdevice_cfg.update(T1=0, T2=0, single_qubit_gate_depolar_prob=0, two_qubit_gate_depolar_prob=0)
    for link in config.links:
        link.cfg["fidelity"] = 1
    programs = {node: ran.names[f"{node.lower()}_program"] for node in ran.names["nodes"]}
    for node in run(config, programs, num_times=20):
        assert {result["msg"] for result in node} == {ran.names["message"]}
    return f"{percent} of 100 bytes as shipped; 20 of 20 with the noise off"


def _weak_broadcast(folder: Path) -> str:
    """Without faulty nodes it fails where fewer than ceil(0.272 m) of m tosses of 1/3 succeed."""
    ran = run_script(folder / "no_faulty" / "application.py", 1)
    from squidasm.run.stack.config import StackNetworkConfig
    from squidasm.run.stack.run import run

    times, told = 300, []
    for m, failure in ((20, 0.2972), (40, 0.1714)):
        assert abs(binom.cdf(np.ceil(0.272 * m) - 1, m, 1 / 3) - failure) < 5e-5
        programs = {
            "Node1": ran.names["Node1Program"](m=m, mu=0.272, lam=0.94),
            "Node2": ran.names["Node2Program"](m=m, mu=0.272, lam=0.94),
            "Sender": ran.names["SenderProgram"](m=m),
        }
        config = StackNetworkConfig.from_file(str(folder / "config.yaml"))
        sender, one, two = run(config, programs, num_times=times)
        assert len(sender) == times
        failures = sum(a["y0"] != b["y1"] or a["y0"] is None for a, b in zip(one, two, strict=True))
        told.append(f"m = {m}: {rate(failures, times, failure)}")
    return "failures, " + "; ".join(told)


@dataclass(frozen=True, slots=True)
class External:
    """A repository of somebody.

    Args:
        acceptance: its number in the acceptance set.
        repository: owner and name.
        commit: that was run.
        expects: in words.
        shown: takes the checkout; refuses, or says what came.
        slow: takes more than a few seconds.
    """

    acceptance: str
    repository: str
    commit: str
    expects: str
    shown: Callable[[Path], str]
    slow: bool = False

    def checkout(self) -> Path | None:
        """Where it is; None where it is not."""
        root = os.environ.get("QCISIM_EXTERNAL")
        path = Path(root or "") / self.repository.partition("/")[2]
        return path if root and path.is_dir() else None


EXTERNALS = [
    External(
        "A11",
        "QuTech-Delft/squidasm-exercises",
        "cbbddbd",
        "fidelity 1 at zero noise, falling with gate noise",
        _teleportation,
    ),
    External("A12", "Knitrot/QIA-Hackathon-2025", "200845b", "no errors on a perfect link", _bbm92),
    External(
        "A13",
        "mplavala/QIA-foundation-challenge-2024",
        "eab1089",
        "all without noise; 85 to 98 % of 100 bytes as shipped",
        _anonymous_byte,
        slow=True,
    ),
    External(
        "A14",
        "jrzwrz/TUDelft-CSE-research-project",
        "3bc8ee3",
        "failures 29.72 % (m = 20), 17.14 % (m = 40) without faulty nodes",
        _weak_broadcast,
        slow=True,
    ),
]
