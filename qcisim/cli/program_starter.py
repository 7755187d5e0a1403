"""The texts of a program folder to start from. A test writes one, runs it, and runs its test."""

from __future__ import annotations

import re

from qcisim.errors import InputError

_DECLARATION = '''\
"""Two nodes measure a pair and find the same bit."""

requires = "netqasm"
stage = "entanglement distribution"  # of the quantum internet; all stages: from qcisim.programs import STAGES
source = "Einstein, Podolsky, Rosen, Phys. Rev. 47, 777 (1935)"
times = 200  # rounds of a run that is not told how many
'''

_PROGRAM = '''\
"""One program per node, as SquidASM has them: what crosses ``yield from`` takes simulated time."""

from collections.abc import Generator
from typing import Any

from qcisim.squidasm.sim.stack.program import Program, ProgramContext, ProgramMeta

Steps = Generator[Any, Any, dict[str, int]]


class Alice(Program):
    """Asks for a pair and measures her half."""

    def __init__(self, angle: float) -> None:
        self.angle = angle

    @property
    def meta(self) -> ProgramMeta:
        return ProgramMeta(name="alice", csockets=["bob"], epr_sockets=["bob"], max_qubits=1)

    def run(self, context: ProgramContext) -> Steps:
        qubit = context.epr_sockets["bob"].create_keep()[0]
        qubit.rot_Y(angle=self.angle)
        bit = qubit.measure()
        yield from context.connection.flush()

        context.csockets["bob"].send("measured")
        return {"bit": int(bit)}


class Bob(Program):
    """Measures the other half, once Alice has."""

    @property
    def meta(self) -> ProgramMeta:
        return ProgramMeta(name="bob", csockets=["alice"], epr_sockets=["alice"], max_qubits=1)

    def run(self, context: ProgramContext) -> Steps:
        qubit = context.epr_sockets["alice"].recv_keep()[0]
        yield from context.connection.flush()

        yield from context.csockets["alice"].recv()
        bit = qubit.measure()
        yield from context.connection.flush()
        return {"bit": int(bit)}


def programs(angle: float = 0.0) -> dict[str, Program]:
    """Programs by node. The parameters are the options of the program: --set angle=0.5

    Args:
        angle: by which Alice turns her qubit, in rad.
    """
    return {"alice": Alice(angle), "bob": Bob()}
'''

_EXPECTED = '''\
"""What a run shows, and what theory says of it."""

import math

from qcisim.programs import Formula, Links, Rate, rate


def figures(rounds: list[dict[str, dict[str, int]]], angle: float) -> dict[str, Rate]:
    """Each round holds what the program of each node returned. The noise budget is that of the first figure."""
    return {"same bit": rate(one["alice"]["bit"] == one["bob"]["bit"] for one in rounds)}


def expected(links: Links, angle: float) -> dict[str, Formula]:
    """Where only the links are noisy: the pair is w Phi+ + (1-w) 1/4, and Alice measures at an angle to Bob."""
    w = links.werner("alice", "bob")
    return {"same bit": Formula((1 + w * math.cos(angle)) / 2, "(1 + w cos(angle))/2")}
'''

_NETWORK = """\
# Two processors and a link between them. Times in ns.
device: &device
  num_qubits: 2
  T1: 1e10                               # relaxation and coherence of a waiting qubit
  T2: 1e8
  init_time: 1e4
  single_qubit_gate_time: 1e3
  two_qubit_gate_time: 1e5
  measure_time: 1e4
  single_qubit_gate_depolar_prob: 0.001
  two_qubit_gate_depolar_prob: 0.01

stacks:
  - {name: alice, qdevice_typ: generic, qdevice_cfg: *device}
  - {name: bob, qdevice_typ: generic, qdevice_cfg: *device}

links:
  - stack1: alice
    stack2: bob
    typ: depolarise                      # or perfect, heralded-single-click, heralded-double-click
    cfg: {fidelity: 0.95, prob_success: 0.1, t_cycle: 1e5}

clinks:
  - {stack1: alice, stack2: bob, typ: default, cfg: {delay: 5e4}}
"""

_README = """\
# @NAME@

**Idea.** Alice and Bob share a pair and measure it: both find the same bit, and nobody knows it beforehand.

**Run it.** `qcisim program run .` in this folder; `--set angle=0.5` turns Alice's measurement, `--network FILE` takes
another network, `--seed N` makes it repeatable.

**Expected.** With Werner pairs `w Phi+ + (1-w) 1/4` the bits are the same with probability `(1 + w cos(angle))/2`.

**Test.** `python -m pytest` in this folder.
"""

_TEST = '''\
"""The program gives what its formulas say, and exactly that without noise."""

from pathlib import Path

from qcisim.programs.run import run_program

FOLDER = Path(__file__).parent


def test_agrees_with_its_formulas() -> None:
    result = run_program(FOLDER, seed=1, budget=False)
    assert result.formulas
    assert result.disagreements() == []


def test_exact_without_noise() -> None:
    result = run_program(FOLDER, seed=2, times=50, budget=False)
    assert result.ideal["same bit"].value == 1.0
'''


def program_files(name: str) -> dict[str, str]:
    """File names and texts of a program folder called ``name``."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        hint = re.sub(r"[^a-z0-9_]+", "_", name.lower()).strip("_0123456789")
        meant = f"; did you mean '{hint}'?" if hint else ""
        raise InputError(f"'{name}': wanted a name of small letters, digits and _ that begins with a letter{meant}")
    return {
        "__init__.py": _DECLARATION,
        "program.py": _PROGRAM,
        "expected.py": _EXPECTED,
        "network.yaml": _NETWORK,
        "README.md": _README.replace("@NAME@", name),
        f"test_{name}.py": _TEST,
    }
