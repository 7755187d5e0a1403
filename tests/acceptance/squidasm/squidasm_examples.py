"""The example programs of squidasm 0.13.6, run as they are, and what each of them must show.

Nothing of squidasm is kept here: the source distribution comes from the package index when the tests run.
"""

from __future__ import annotations

import contextlib
import io
import math
import os
import random
import re
import runpy
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import binomtest

ALARM = 1e-9
"""Chance that a test of a rate fails although all is well, were the seed not fixed."""


def download(package: str, version: str, folder: Path) -> Path:
    """The unpacked source distribution of a package, from the package index."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--no-binary", ":all:", f"{package}=={version}", "--dest", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300.0)
    if done.returncode:
        raise RuntimeError(f"{package} {version} cannot be downloaded: {done.stderr.strip()[-500:]}")
    (archive,) = folder.glob(f"{package}-{version}.tar.*")
    with tarfile.open(archive) as files:
        files.extractall(folder, filter="data")
    return folder / f"{package}-{version}"


@dataclass(slots=True)
class Ran:
    """A script that ran to its end: its text, its names, how long it took."""

    script: Path
    text: str
    names: dict[str, Any]
    wall_s: float

    def ints(self, pattern: str) -> list[int]:
        """All numbers that ``pattern`` catches in the text."""
        return [int(found) for found in re.findall(pattern, self.text)]


@contextlib.contextmanager
def _surroundings(script: Path, arguments: Sequence[str]) -> Iterator[None]:
    folder, path, argv, modules = os.getcwd(), list(sys.path), sys.argv, set(sys.modules)
    os.chdir(script.parent)
    sys.path.insert(0, str(script.parent))
    sys.argv = [str(script), *arguments]
    try:
        yield
    finally:
        os.chdir(folder)
        sys.path[:], sys.argv = path, argv
        for name in set(sys.modules) - modules:
            if str(getattr(sys.modules[name], "__file__", None) or "").startswith(str(script.parent)):
                del sys.modules[name]


def run_script(script: Path, seed: int, arguments: Sequence[str] = ()) -> Ran:
    """Run ``script`` in this process as ``python -m qcisim.squidasm --seed`` does; the alias must be installed."""
    from qcisim.squidasm.session import session

    session.seed(seed)
    session.on_deadlock, session.formalism, session.asked = "warn", "auto", None
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002
    text, began = io.StringIO(), time.perf_counter()
    with _surroundings(script, arguments), contextlib.redirect_stdout(text):
        names = runpy.run_path(str(script), run_name="__main__")
    return Ran(script, text.getvalue(), names, time.perf_counter() - began)


def rate(count: int, total: int, expected: float) -> str:
    """Refuse a count that an exact binomial test at `ALARM` refuses."""
    count, total = int(count), int(total)
    if expected in (0.0, 1.0):
        assert count == expected * total, f"{count} of {total}, expected all or none"
    else:
        chance = binomtest(count, total, expected).pvalue
        assert chance > ALARM, f"{count} of {total}, expected a share of {expected:.4f}: chance {chance:.2g}"
    return f"{count} of {total}, expected {100 * expected:.4g} %"


@dataclass(frozen=True, slots=True)
class Share:
    """How often something came in a run; the runs of an example are counted together.

    Args:
        of: what was counted.
        expected: its probability.
    """

    of: str
    count: int
    total: int
    expected: float

    def text(self) -> str:
        """What came, if it may have come."""
        return f"{self.of}: {rate(self.count, self.total, self.expected)}"


def werner_error(fidelity: float) -> float:
    """2/3 (1-F): the two outcomes of a Werner pair differ, in Z or X."""
    return 2.0 / 3.0 * (1.0 - fidelity)


# ---------------------------------------------------------------------------------------------- what examples show


def _basics(ran: Ran) -> str:
    alice, bob = ran.ints(r"Alice measures local EPR qubit: (\d)"), ran.ints(r"Bob measures local EPR qubit: (\d)")
    (local,) = re.findall(r"Alice measures local qubits: (\d), (\d)", ran.text)
    assert alice == bob
    assert len(alice) == 1
    assert local[0] == local[1]
    return "outcomes equal"


def _language(ran: Ran) -> str:
    assert "create_epr" in ran.text
    return _equal_pair(ran)


def _equal_pair(ran: Ran) -> str:
    alice, bob = ran.ints(r"Alice measures local EPR qubit: (\d)"), ran.ints(r"Bob measures local EPR qubit: (\d)")
    assert len(alice) == len(bob) >= 1
    assert alice[-1] == bob[-1]
    return "outcomes equal"


def _output(ran: Ran) -> Share:
    errors, ones = ran.names["errors"], np.concatenate([ran.names["results_alice"], ran.names["results_bob"]])
    rate(int(sum(ran.names["results_alice"])), len(errors), 0.5)
    assert len(ones) == 2 * len(errors) == 400
    return Share("errors", sum(errors), len(errors), werner_error(0.9))


def _logging(ran: Ran) -> Share:
    log = (ran.script.parent / "info.log").read_text()
    assert re.search(r"INFO:[\d.]+ ns:Stack\.AliceProgram:Measured qubits: \d \d", log)
    assert "Finished, message received" in log
    wrong = ran.names["errors"]
    return Share("bits wrong", sum(wrong), len(wrong), werner_error(0.9))


def _plain_yaml(ran: Ran) -> str:
    assert "Basic Example" in ran.text
    assert "'vehicle-kilometers': 20000" in ran.text
    return "both files read"


NV_ERROR = 0.9803 * 0.0525 + 0.0197 * 0.9455
"""3_nv: two rotations of depolarising 0.01 for H on each side, then read-out errors 0.05 and 0.005 on both."""

CONFIGURATIONS = {
    "1_perfect.yaml": 0.0,
    "2_generic_qdevice.yaml": (1.0 - 0.99**2) / 2.0,
    "3_nv_qdevice.yaml": NV_ERROR,
    "4_depolarise_link.yaml": werner_error(0.9),
    "5_heralded_link.yaml": 0.0,
    "6_default.yaml": 0.0,
}


def _configurations(ran: Ran) -> str:
    found = re.findall(r"configuration file: (\S+)\naverage error rate: +([\d.]+)% using (\d+)", ran.text)
    assert [name for name, _, _ in found] == list(CONFIGURATIONS)
    for name, percent, total in found:
        rate(round(float(percent) / 100 * int(total)), int(total), CONFIGURATIONS[name])
    return ", ".join(f"{name.split('_')[0]}: {percent} %" for name, percent, _ in found)


def _multi_node(ran: Ran) -> str:
    outcomes = re.findall(r"([\d.]+) ns: (\w+) .*measures his qubit:? (\d)", ran.text)
    assert [name for _, name, _ in outcomes] == ["Bob", "Carlie"]
    assert outcomes[0][2] == outcomes[1][2]
    cycles = (float(outcomes[0][0]) - 2 * 5e3 - 1e4) / 1e5  # two messages, then attempts, then the measurement
    assert cycles == round(cycles) >= 1
    return "Bob's and Charlie's outcomes equal, times as attempts of 1e5 ns"


def _sweep(ran: Ran) -> str:
    for fidelity, percent in zip(ran.names["link_fidelity_list"], ran.names["error_rate_result_list"], strict=True):
        rate(round(percent * 2), 200, werner_error(float(fidelity)))
    assert (ran.script.parent / "output_error_vs_fid.png").stat().st_size > 1000
    return "errors 2/3 (1-F) at ten fidelities"


def _teleport(ran: Ran) -> str:
    (sender,), (receiver,) = ran.names["sender_result"], ran.names["receiver_result"]
    fidelity = float(np.trace(sender["original_dm"] @ receiver["final_dm"]).real)
    assert fidelity > 1.0 - 1e-6
    return f"fidelity {fidelity:.8f}"


def _distributed_gate(ran: Ran) -> str:
    (target,), (control,) = ran.names["target_result"], ran.names["controller_result"]
    assert control["final_dm"][1, 1].real > 1.0 - 1e-6
    assert target["final_dm"][0, 0].real > 1.0 - 1e-6
    return "control 1, target 0"


def _qkd(ran: Ran) -> Share:
    (alice,), (bob,) = ran.names["alice_results"], ran.names["bob_results"]
    one, other = list(alice["raw_key"]), list(bob["raw_key"])
    assert len(one) == len(other) > 0
    wrong = sum(int(a) != int(b) for a, b in zip(one, other, strict=True))
    return Share("bits that differ", wrong, len(one), 0.05)


def _chsh(ran: Ran) -> Share:
    assert ("won" in ran.text) != ("lost" in ran.text)
    return Share("games won", int("won" in ran.text), 1, math.cos(math.pi / 8) ** 2)


def _magic_square(ran: Ran) -> str:
    (one,), (other,) = ran.names["player1_result"], ran.names["player2_result"]
    row, column = ran.names["row"], ran.names["col"]
    assert sum(one["row"]) % 2 == 0
    assert sum(other["col"]) % 2 == 1
    first, second = other["square"][row][column].split("/")
    assert first == second
    return "shared cell equal"


def _bqc(ran: Ran) -> str:
    ((client,), (server,)) = ran.names["client_results"], ran.names["server_results"]
    assert client["m2"] == 0
    assert server["final_dm"][0, 0].real > 1.0 - 1e-6
    return "m2 = 0"


def _ghz(ran: Ran) -> str:
    assert len(set(ran.ints(r"measures: (\d)"))) == 1
    assert len(ran.ints(r"measures: (\d)")) == 6
    return "six outcomes equal"


READ_OUT = 0.05 * 0.95 + 0.005 * 0.995
"""Outcomes of equal qubits differ by the read-out errors of both sides: e0 (1-e0) for 0 and e1 (1-e1) for 1, twice,
each half of the time."""


def _link_layer(expected: float) -> Callable[[Ran], Share]:
    def check(ran: Ran) -> Share:
        (client,), (server,) = ran.names["client_results"], ran.names["server_results"]
        one, other = [int(bit) for bit in client], [int(bit) for bit in server]
        assert len(one) == len(other) == 10
        return Share("outcomes that differ", sum(a != b for a, b in zip(one, other, strict=True)), 10, expected)

    return check


def _single_node(ran: Ran) -> str:
    assert ran.names["results"] == [[{"m": 1}]]
    return "m = 1"


def _bqc_5_2(ran: Ran) -> str:
    """As shipped, with angles 0, the result is a toss: H|0> in Z. With pi/2 and pi/2 it is 0."""
    run, config = ran.names["run"], ran.names["cfg"]

    def ones(angle: float, times: int) -> int:
        programs = {"client": ran.names["ClientProgram"](angle, angle), "server": ran.names["ServerProgram"]()}
        return sum(result["m2"] for result in run(config, programs, times)[1])

    assert ran.names["results"][1][0]["m2"] in (0, 1)
    assert ones(math.pi / 2, 50) == 0
    return "m2 = 0 in 50 of 50 with pi/2; angles 0, as shipped: " + rate(ones(0.0, 400), 400, 0.5)


def _shares(*expected: float) -> Callable[[Ran], str]:
    def check(ran: Ran) -> str:
        zeros = [float(share) for share in re.findall(r"\(0, 1\) = \(([\d.]+),", ran.text)]
        total = ran.names["num_times"]
        assert len(zeros) == len(expected)
        for share, wanted in zip(zeros, expected, strict=True):
            rate(round(share * total), total, wanted)
        return f"shares of 0: {zeros}"

    return check


def _fails(expected: float) -> Callable[[Ran], Share]:
    def check(ran: Ran) -> Share:
        (share,) = re.findall(r"fail rate: ([\d.]+)", ran.text)
        total = ran.names["num_times"]
        return Share("traps that fail", round(float(share) * total), total, expected)

    return check


def _ends(ran: Ran) -> str:
    return "it does"


@dataclass(frozen=True, slots=True)
class Example:
    """A script under ``examples/``.

    Args:
        expects: in words.
        check: refuses, or says what came.
        acceptance: its number in the acceptance set; "" for the others.
        seeds: the runs of `make test`.
    """

    script: str
    expects: str
    check: Callable[[Ran], str | Share]
    acceptance: str = ""
    seeds: Sequence[int] = field(default=(1,))
    arguments: Sequence[str] = ()

    def shown(self, examples: Path) -> str:
        """Run it with each seed and say what came. Raises `AssertionError` where that must not come."""
        found = [self.check(run_script(examples / self.script, seed, self.arguments)) for seed in self.seeds]
        shares = [one for one in found if isinstance(one, Share)]
        if shares:
            first = shares[0]
            together = (sum(one.count for one in shares), sum(one.total for one in shares))
            found = [Share(first.of, *together, first.expected).text()]
        runs = len(self.seeds)
        return str(found[-1]) + (
            "" if runs == 1 else f" (all {runs} runs together)" if shares else f" (in {runs} runs)"
        )


TUTORIAL, APPLICATIONS, ADVANCED = "tutorial", "applications", "advanced"
EXAMPLES = [
    Example(f"{TUTORIAL}/1_Basics/run_simulation.py", "both outcomes equal", _basics, "A1", range(20)),
    Example(f"{TUTORIAL}/2.1_NetQASM-language/run_simulation.py", "create_epr printed", _language, "A1", range(10)),
    Example(f"{TUTORIAL}/2.2_Future-objects/run_simulation.py", "outcomes equal", _equal_pair, "A1", range(10)),
    Example(f"{TUTORIAL}/3.1_output/run_simulation.py", "errors 6.67 %", _output, "A2", range(5)),
    Example(f"{TUTORIAL}/3.2_logging/run_simulation.py", "bits wrong 6.67 %", _logging, "", (1,), ("--test_run",)),
    Example(f"{TUTORIAL}/4.1_YAML/run.py", "prints two files", _plain_yaml, "A1"),
    Example(f"{TUTORIAL}/4.2_network-configuration/run_simulation.py", "errors per file", _configurations, "A2", (1,)),
    Example(f"{TUTORIAL}/4.3_multi-node/run_simulation.py", "outcomes equal", _multi_node, "A1", range(20)),
    Example(f"{TUTORIAL}/4.4_parameter-sweeping/run_simulation.py", "errors 2/3 (1-F)", _sweep, "A2"),
    Example(f"{APPLICATIONS}/teleport/example_teleport.py", "fidelity 1", _teleport, "A3", range(8)),
    Example(f"{APPLICATIONS}/teleport/example_use_teleport.py", "fidelity 1", _teleport, "A3", range(8)),
    Example(
        f"{APPLICATIONS}/distributed_gate/example_distributed_cnot.py",
        "control 1, target 0",
        _distributed_gate,
        "A4",
        range(8),
    ),
    Example(
        f"{APPLICATIONS}/distributed_gate/example_use_distributed_cnot.py",
        "control 1, target 0",
        _distributed_gate,
        "A4",
        range(8),
    ),
    Example(f"{APPLICATIONS}/qkd/example_qkd.py", "keys differ by 5 %", _qkd, "A5", range(5)),
    Example(f"{APPLICATIONS}/qkd/example_use_qkd.py", "keys differ by 5 %", _qkd, "A5", (1,), ("--test_run",)),
    Example(f"{APPLICATIONS}/chsh_game/example_chsh_game.py", "won in 85.36 %", _chsh, "A6", range(100)),
    Example(
        f"{APPLICATIONS}/magic_square/example_magic_square.py", "shared cell equal", _magic_square, "A7", range(12)
    ),
    Example(f"{APPLICATIONS}/bqc/example_bqc.py", "m2 = 0", _bqc, "A8", range(20)),
    Example(f"{ADVANCED}/ghz/example_ghz.py", "six outcomes equal", _ghz, "A9", range(10)),
    Example(
        f"{ADVANCED}/link_layer/example_link_layer_ck.py",
        "differ by read-out errors",
        _link_layer(READ_OUT),
        "A9",
        range(20),
    ),
    Example(f"{ADVANCED}/link_layer/example_link_layer_md.py", "outcomes equal", _link_layer(0.0), "A9", range(5)),
    Example(f"{ADVANCED}/single_node/example_single_node.py", "m = 1", _single_node, "A9"),
    Example(f"{ADVANCED}/partial_bqc/example_bqc_5_2.py", "m2 = 0 for angles pi/2", _bqc_5_2, "A9"),
    Example(f"{ADVANCED}/partial_bqc/example_bqc_5_3.py", "runs to its end", _ends),
    Example(f"{ADVANCED}/partial_bqc/example_bqc_5_4.py", "shares of 0: 1, 0, 1/2", _shares(1.0, 0.0, 0.5), "A9"),
    Example(f"{ADVANCED}/precompilation/example_bqc_5_4_precompiled.py", "share of 0: 1", _shares(1.0)),
    Example(f"{ADVANCED}/bqc/example_bqc.py", "runs to its end", _ends),
    Example(f"{ADVANCED}/bqc/example_bqc_nv.py", "no trap fails", _fails(0.0)),
    Example(f"{ADVANCED}/fidelity_constraint/example_fidelity.py", "runs to its end", _ends),
    Example(f"{ADVANCED}/fidelity_constraint/example_bqc_nv_constraint.py", "runs to its end", _ends),
    Example(f"{ADVANCED}/link_layer_custom_subrt/example_ll_custom_subrt.py", "runs to its end", _ends),
]

RAW = ["advanced/raw_subroutines/example_bqc_subrt.py", "advanced/raw_subroutines/example_ll_subrt.py"]
"""Scripts that build networks from NetSquid's own parts: they end with the name of what is missing."""
