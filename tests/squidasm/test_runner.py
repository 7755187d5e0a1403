"""The command: its options, and what it says of programs, files and folders that are wrong. One clear error each."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from qcisim import squidasm
from qcisim.squidasm import runner
from qcisim.squidasm.session import Session, session
from qcisim.stack import current

CONFIG = """\
device: &device
  num_qubits: 2
  T1: 0
  T2: 0
stacks:
  - name: Alice
    qdevice_typ: generic
    qdevice_cfg:
      <<: *device
  - name: Bob
    qdevice_typ: generic
    qdevice_cfg:
      <<: *device
  - name: Charlie
    qdevice_typ: generic
    qdevice_cfg:
      <<: *device
links:
  - stack1: Alice
    stack2: Bob
    typ: perfect
"""

SCRIPT = """\
from netqasm.sdk.qubit import Qubit
from squidasm.run.stack.config import StackNetworkConfig
from squidasm.run.stack.run import run
from squidasm.sim.stack.program import Program, ProgramMeta


class Alice(Program):
    PEER = "Bob"

    @property
    def meta(self):
        return ProgramMeta("pairs", [self.PEER], [self.PEER], 2)

    def run(self, context):
        outcome = context.epr_sockets[self.PEER].create_keep()[0].measure()
        yield from context.connection.flush()
        return int(outcome)


class Bob(Alice):
    PEER = "Alice"

    def run(self, context):
        outcome = context.epr_sockets[self.PEER].recv_keep()[0].measure()
        yield from context.connection.flush()
        return int(outcome)


config, programs, times = StackNetworkConfig.from_file("config.yaml"), {"Alice": Alice(), "Bob": Bob()}, 8
"""

RUN = "print(run(config, programs, times))\n"


@dataclass(frozen=True)
class Said:
    code: object
    out: str
    err: str


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator[object]:
    """``command(*arguments)`` in a folder of its own, in this process."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "argv", list(sys.argv))
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    monkeypatch.setenv("NETQASM_SIMULATOR", "netsquid")
    before = {name: getattr(session, name) for name in Session.__slots__}

    def run(*arguments: str) -> Said:
        code: object = 0
        modules = set(sys.modules)
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            try:
                runner.main(arguments)
            except SystemExit as ended:
                code = ended.code
            finally:
                for name in set(sys.modules) - modules:
                    if name.startswith(("app_", "netqasm.sdk.external")):
                        del sys.modules[name]
        out, err = capfd.readouterr()
        return Said(code, out, err)

    yield run
    squidasm.uninstall()
    for name, value in before.items():
        setattr(session, name, value)
    current.set_machine(None)


@pytest.fixture
def script(command: Callable[..., Said], tmp_path: Path) -> Callable[..., Said]:
    """``script(lines between programs and run, *options, config=)``."""

    def run(change: str = "", *options: str, config: str = CONFIG) -> Said:
        (tmp_path / "config.yaml").write_text(config)
        (tmp_path / "script.py").write_text(SCRIPT + change + RUN)
        return command(*options, "script.py")

    return run


def program(*body: str) -> str:
    """Alice's program does this instead."""
    lines = "\n".join(f"        {line}" for line in body)
    return f"class Other(Alice):\n    def run(self, context):\n{lines}\nprograms['Alice'] = Other()\n"


FIRST = SCRIPT.count("\n") + 3
"""Line of what `program` puts first."""
LAST = "  at script.py:{}: print(run(config, programs, times))"


# ------------------------------------------------------------------------------------------------------- options


def test_results_do_not_depend_on_the_number_of_workers(script: Callable[..., Said]) -> None:
    one, two = (script("", "--seed", "3", "--workers", number) for number in "12")
    assert one.code == two.code == 0, one.err
    assert one.out == two.out != script("", "--seed", "4", "--workers", "1").out


@pytest.mark.parametrize("formalism", ["dm", "ket", "stabiliser"])
def test_pairs_agree_in_every_formalism(formalism: str, script: Callable[..., Said]) -> None:
    said = script("", "--seed", "3", "--formalism", formalism)
    alice, bob, _ = eval(said.out)
    assert alice == bob
    assert set(alice) == {0, 1}
    assert session.kept == formalism


def test_the_formalism_of_the_command_goes_first(script: Callable[..., Said]) -> None:
    asks = "import netsquid\nnetsquid.set_qstate_formalism(netsquid.QFormalism.KET)\n"
    assert script(asks, "--formalism", "dm").code == 0
    assert session.kept == "dm"
    assert script(asks).code == 0
    assert session.kept == "ket"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--seed", "-1"], "argument --seed: wanted a whole number from 0, got '-1'"),
        (["--seed", "1e3"], "argument --seed: wanted a whole number from 0, got '1e3'"),
        (["--workers", "0"], "argument --workers: wanted a whole number from 1, got '0'"),
        (["--formalism", "kets"], "argument --formalism: invalid choice: 'kets'"),
        (["--on-deadlock", "hang"], "argument --on-deadlock: invalid choice: 'hang'"),
        (["--pythonpath", "nowhere"], "argument --pythonpath: 'nowhere' is no folder"),
        (["--sed", "3"], "unrecognized arguments: --sed"),
    ],
)
def test_wrong_options(options: list[str], says: str, script: Callable[..., Said]) -> None:
    said = script("", *options)
    assert said.code == 2
    assert says in said.err


DEADLOCK = program("yield from context.csockets['Bob'].recv()")


def test_a_deadlock_is_a_warning_or_an_error_or_nothing(script: Callable[..., Said]) -> None:
    text = f"Alice (iteration 0) at script.py:{FIRST}: waits for a message from Bob"
    warned = script(DEADLOCK)
    assert warned.code == 0
    assert warned.err.startswith("qcisim.squidasm: warning: nothing is left to happen")
    assert text in warned.err
    for options in (["--strict"], ["--on-deadlock", "raise"]):
        refused = script(DEADLOCK, *options)
        assert refused.code == 1
        assert text in refused.err
        assert "Traceback" not in refused.err
    silent = script(DEADLOCK, "--on-deadlock", "return")
    assert (silent.code, silent.err) == (0, "")
    assert silent.out == "[[], [], []]\n"


def test_flush_without_yield_from(script: Callable[..., Said]) -> None:
    forgets = program("context.connection.flush()", "return 1", "yield")
    call = f"script.py:{FIRST}"
    warned = script(forgets, "--on-deadlock", "return")
    assert warned.code == 0
    assert f"warning: flush() not awaited on node Alice: {call}: write 'yield from" in warned.err
    for options in (["--strict"], ["--strict", "--on-deadlock", "return"], ["--strict", "--workers", "1"]):
        refused = script(forgets, *options)
        assert refused.code == 2
        assert f"qcisim.squidasm: flush() not awaited on node Alice: {call}: write 'yield from" in refused.err


# ------------------------------------------------------------------------------------------------ wrong programs


@pytest.mark.parametrize(
    ("change", "code", "lines"),
    [
        (
            "del programs['Bob']\n",
            1,
            ["waits for 1 pair with Bob: Bob has not asked", "  nodes without a program: Bob, Charlie"],
        ),
        ("programs['Bop'] = programs.pop('Bob')\n", 2, ["a program for node 'Bop', which", "(did you mean 'Bob'?)"]),
        ("programs = [Alice(), Bob()]\n", 2, ["programs: wanted a mapping from node to program, got a list"]),
        ("programs['Alice'] = Alice\n", 2, ["program of Alice is the class Alice: wanted a program, Alice(...)"]),
        ("times = '3'\n", 2, ["num_times '3': wanted a whole number from 0"]),
        ("config = 'config.yaml'\n", 2, ["wanted a StackNetworkConfig or NetworkConfig, got str"]),
        ("Alice.PEER = 'Dave'\n", 2, ["Dave", "Alice"]),
        ("Alice.PEER = 'Charlie'\n", 2, ["no link of pairs between 'Alice' and 'Charlie'; 'Alice' has pairs with Bob"]),
        (
            program("context.csockets['Bobb'].send('x')", "yield"),
            2,
            ["there is no classical socket with 'Bobb'", f"at script.py:{FIRST}: "],
        ),
        (
            program("qubits = [Qubit(context.connection) for _ in range(3)]", "yield from context.connection.flush()"),
            2,
            [
                "Alice has 2 qubits and all are in use",
                f"in the program of Alice, iteration 0, at 20000 ns, script.py:{FIRST + 1}",
            ],
        ),
        (
            program("yield context.connection.flush()"),
            2,
            [f"script.py:{FIRST}: program of Alice yielded flush() at script.py:{FIRST}: write 'yield from'"],
        ),
    ],
)
def test_wrong_programs(change: str, code: int, lines: list[str], script: Callable[..., Said]) -> None:
    said = script(change)
    assert said.code == code
    assert said.err.startswith("qcisim.squidasm: ")
    assert "Traceback" not in said.err
    for line in lines:
        assert line in said.err
    assert "\n  at script.py:" in said.err


def test_an_exception_of_a_program_shows_the_program_alone(script: Callable[..., Said]) -> None:
    said = script(program("yield from context.connection.flush()", "return {}['lost']"))
    assert said.code == 1
    frames = [line for line in said.err.splitlines() if line.startswith("  File")]
    assert all('File "script.py"' in frame for frame in frames)
    assert len(frames) == 2
    assert f"KeyError: 'lost'\nin the program of Alice, iteration 0, at 0 ns, script.py:{FIRST + 1}\n" in said.err


@pytest.mark.parametrize(
    ("line", "missing"),
    [
        ("from squidasm.sim.stack.program import Progam", "squidasm.sim.stack.program.Progam"),
        ("import netsquid; netsquid.sim_tme()", "netsquid.sim_tme"),
        ("import netsquid.quibts", "netsquid.quibts"),
    ],
)
def test_a_name_that_is_missing_is_one_line_with_the_nearest(
    line: str, missing: str, script: Callable[..., Said]
) -> None:
    said = script(line + "\n")
    assert said.code == 2
    nearest = {"Progam": "Program", "sim_tme": "sim_time", "quibts": "qubits"}[missing.rpartition(".")[2]]
    why = f"{missing} is not part of the qcisim subset (did you mean '{nearest}'?); see docs/squidasm.md"
    (told,) = [one for one in said.err.split("qcisim.squidasm: ") if one]
    assert told.startswith(why)
    assert f"at script.py:{FIRST - 2}: {line}" in told


def test_an_exception_in_a_worker_shows_the_program_alone(script: Callable[..., Said]) -> None:
    said = script(program("yield from context.connection.flush()", "return {}['lost']"), "--workers", "2")
    assert said.code == 1
    frames = [line for line in said.err.splitlines() if line.startswith("  File")]
    assert all('File "script.py"' in frame for frame in frames)
    assert said.err.count("KeyError: 'lost'") == 1
    assert f"\nin the program of Alice, iteration 0, at 0 ns, script.py:{FIRST + 1}\n" in said.err


def test_errors_of_helpers_name_the_line_of_the_program(script: Callable[..., Said]) -> None:
    body = "from squidasm.util import get_qubit_state", "get_qubit_state(Qubit(context.connection), 'Alce')"
    said = script(program(*body))
    assert said.code == 2
    where = f"in the program of Alice, iteration 0, at 0 ns, script.py:{FIRST + 1}\n"
    assert f"no node 'Alce'; nodes: Alice, Bob, Charlie\n  {where}" in said.err


def test_a_program_without_meta_is_one_line(script: Callable[..., Said]) -> None:
    said = script("class Bare(Program):\n    pass\nrun(config, {'Alice': Bare()})\n")
    assert said.code == 2
    assert "Bare" in said.err
    assert "has no property 'meta': wanted one that gives a ProgramMeta" in said.err
    assert "Traceback" not in said.err


def test_a_message_that_was_not_awaited_says_so_where_it_is_used(script: Callable[..., Said]) -> None:
    said = script(program("message = context.csockets['Bob'].recv()", "first, second = message.split()"))
    assert said.code == 2
    where = f"script.py:{FIRST}"
    assert f"recv() not awaited on node Alice: {where}: write 'yield from ...recv()'" in said.err
    assert "what came of it is used: .split" in said.err
    assert said.err.count("not awaited") == 1


def test_an_interrupt_tells_where_the_programs_were(script: Callable[..., Said]) -> None:
    said = script(program("yield from context.sleep(20.0)", "raise KeyboardInterrupt"))
    assert said.code == 130
    assert f"interrupted\n  in the program of Alice, iteration 0, at 20 ns, script.py:{FIRST + 1}\n" in said.err
    assert "Traceback" not in said.err


def test_more_entangled_qubits_than_a_density_matrix_holds(script: Callable[..., Said]) -> None:
    chain = program(
        "qubits = [Qubit(context.connection) for _ in range(12)]",
        "qubits[0].H()",
        "[one.cnot(other) for one, other in zip(qubits, qubits[1:])]",
        "outcomes = [one.measure() for one in qubits]",
        "yield from context.connection.flush()",
        "return [int(one) for one in outcomes]",
    )
    alone = chain + "del programs['Bob']\ntimes = 1\n"
    config = CONFIG.replace("num_qubits: 2", "num_qubits: 12")
    said = script(alone, "--formalism", "dm", config=config)
    assert said.code == 2
    assert "a group of 11 entangled qubits" in said.err
    assert said.err.count("--formalism auto") == said.err.count("--formalism ket") == 1
    for formalism, warned in (("ket", False), ("auto", True)):
        kets = script(alone, "--formalism", formalism, config=config)
        (outcomes,), *_ = eval(kets.out)
        assert len(set(outcomes)) == 1
        assert ("warning: more than 10 qubits are entangled: from here on states are kets" in kets.err) == warned


# --------------------------------------------------------------------------------------------------- wrong files


DEPOLARISE = "typ: depolarise\n    cfg: "


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("typ: perfect", "typ: perfekt", "config.yaml:21: error: link Alice-Bob: wanted a type of link, got 'perfekt'"),
        ("typ: perfect", "typ: depolarise", "config.yaml:21: error: link Alice-Bob.fidelity: wanted a value"),
        (
            "typ: perfect",
            DEPOLARISE + "{fidelity: x, prob_success: 1}",
            "config.yaml:22: error: link Alice-Bob.fidelity",
        ),
        (
            "typ: perfect",
            DEPOLARISE + "{fidelity: 2, prob_success: 1, t_cycle: 9}",
            "config.yaml:22: error: link Alice",
        ),
        (
            "typ: perfect",
            DEPOLARISE + "[1]",
            "config.yaml:21: error: link Alice-Bob: wanted a DepolariseQLinkConfig or",
        ),
        ("qdevice_typ: generic", "qdevice_typ: genric", "config.yaml:7: error: stack 'Alice': wanted a type of device"),
        ("qdevice_typ: generic", "qdevice_type: nv", "qdevice_typ: wanted a value, got nothing (is it 'qdevice_type'"),
        ("num_qubits: 2", "num_qubits: two", "config.yaml:2: error: stack 'Alice'.num_qubits: wanted a whole number"),
        ("num_qubits: 2", "num_qubits: [2]", "config.yaml:2: error: stack 'Alice'.num_qubits: wanted a whole number"),
        ("T1: 0", "T1: -1", "config.yaml:9: error: stack 'Alice': t1_ns -1: a time is not negative"),
        ("stack2: Bob", "stack2: Bobb", "config.yaml:20: error: link Alice-Bobb: stack2: wanted one of Alice, Bob"),
        (
            "stack2: Bob",
            "stack2: Alice",
            "config.yaml:19: error: link Alice-Alice: wanted two nodes, got 'Alice' twice",
        ),
        ("name: Bob", "name: 3", "config.yaml:10: error: stacks[1].name: wanted text, got 3"),
        ("name: Bob", "name: Alice", "config.yaml:10: error: stack 'Alice': wanted a name of its own for every stack"),
        ("links:", "link:", "config.yaml:1: error: links: wanted a value, got nothing (is it 'link', which"),
        ("stacks:", "stacks: 3\nx:", "config.yaml:5: error: stacks: wanted a list, got 3"),
        ("<<: *device", "<<: *devise", "config.yaml:9:11: error: wanted YAML, got found undefined alias"),
        (
            "links:",
            "clinks:\n  - {stack1: Alice, stack2: Bob, typ: default, cfg: {delay: -5}}\nlinks:",
            "config.yaml:19: error: clink Alice-Bob: delay -5 ns: finite and not negative",
        ),
        (
            "links:",
            "clinks:\n  - {stack1: Alice, stack2: Bob, typ: fast}\nlinks:",
            "config.yaml:19: error: clink Alice-Bob: wanted a type of classical link, got 'fast'",
        ),
    ],
)
def test_wrong_configurations(old: str, new: str, says: str, script: Callable[..., Said]) -> None:
    said = script(config=CONFIG.replace(old, new, 1))
    assert said.code == 2
    assert said.err.startswith("qcisim.squidasm: config.yaml:")
    assert says in said.err
    assert len(said.err.splitlines()) == 2
    assert "\n  at script.py:" in said.err


# ------------------------------------------------------------------------------------------------- wrong folders

SENDER = """
from netqasm.sdk import EPRSocket
from netqasm.sdk.external import NetQASMConnection

def main(app_config=None, wanted=1):
    socket = EPRSocket("{}")
    with NetQASMConnection("{}", epr_sockets=[socket]):
        outcome = socket.{}_keep()[0].measure()
    return int(outcome)
"""
NODE = "{{name: {}, hardware: Generic, gate_fidelity: 1.0, qubits: [{{id: 0, t1: 0, t2: 0}}]}}"
NETWORK = f"""\
nodes:
  - {NODE.format("delft")}
  - {NODE.format("leiden")}
links:
  - {{name: l, node_name1: delft, node_name2: leiden, noise_type: NoNoise, fidelity: 1.0}}
"""
FILES = {
    "app_alice.py": SENDER.format("bob", "alice", "create"),
    "app_bob.py": SENDER.format("alice", "bob", "recv"),
    "roles.yaml": "alice: delft\nbob: leiden\n",
    "network.yaml": NETWORK,
    "alice.yaml": "wanted: 1\n",
}


@pytest.mark.parametrize(
    ("name", "old", "new", "code", "says"),
    [
        ("roles.yaml", "bob", "bobb", 2, "roles.yaml:2: error: wanted roles with a program: alice, bob, got 'bobb'"),
        ("roles.yaml", "bob: leiden", "", 2, "wanted a node for each role; app_bob.py has, got none"),
        ("roles.yaml", "leiden", "leidn", 2, "role bob: there is no node 'leidn' (did you mean 'leiden'?)"),
        (
            "network.yaml",
            "links:",
            "link:",
            2,
            "network.yaml:1: error: links: wanted a list, got nothing (is it 'link'?)",
        ),
        ("network.yaml", "nodes:", "nodes: 3\nx:", 2, "network.yaml:1: error: nodes: wanted a list, got 3"),
        ("network.yaml", "node_name2", "name2", 2, "network.yaml:5: error: links[0].node_name2: wanted a value"),
        (
            "network.yaml",
            "node_name2: leiden",
            "node_name2: leidn",
            2,
            "link l: there is no node 'leidn' (did you mean",
        ),
        ("network.yaml", "NoNoise", "Nonoise", 2, "link l: unknown noise_type 'Nonoise' (did you mean 'NoNoise'?)"),
        ("network.yaml", "NoNoise, fidelity: 1.0", "Depolarise, fidelity: 7", 2, "link l: fidelity 7: wanted a number"),
        ("network.yaml", "Generic", "generic", 2, "node delft: unknown hardware 'generic' (did you mean 'Generic'?)"),
        (
            "network.yaml",
            "gate_fidelity: 1.0",
            "gate_fidelity: 1.2",
            2,
            "node delft: gate_fidelity 1.2: wanted a number",
        ),
        ("alice.yaml", "wanted: 1", "wanted: [1", 2, "alice.yaml:2:1: error: wanted YAML"),
        ("alice.yaml", "wanted", "wnted", 1, "unexpected keyword argument 'wnted'\nin role alice on delft, at 0 ns"),
        ("app_alice.py", "def main", "def mian", 2, "module 'app_alice' has no attribute 'main'"),
        (
            "app_alice.py",
            "return int(outcome)",
            "return 1 / 0",
            1,
            "ZeroDivisionError: division by zero\nin role alice on",
        ),
        ("app_alice.py", '("bob")', '("eve")', 2, "there is no role 'eve' (roles: alice, bob)"),
        ("app_bob.py", "recv", "create", 1, "alice (iteration 0) at "),
    ],
)
def test_wrong_folders(
    name: str, old: str, new: str, code: int, says: str, command: Callable[..., Said], tmp_path: Path
) -> None:
    folder = tmp_path / "app"
    folder.mkdir()
    for file, text in FILES.items():
        changed = text.replace(old, new, 1) if file == name else text
        assert file != name or changed != text
        (folder / file).write_text(changed)
    said = command("app", "--log-to-files", "false")
    assert said.code == code, said.err
    assert says in said.err
    assert f"{os.sep}qcisim{os.sep}" not in said.err


def test_a_right_folder_and_one_without_programs(command: Callable[..., Said], tmp_path: Path) -> None:
    folder = tmp_path / "app"
    folder.mkdir()
    empty = command("app")
    assert (empty.code, empty.err) == (2, "qcisim.squidasm: app: a folder without programs app_<role>.py\n")
    for file, text in FILES.items():
        (folder / file).write_text(text)
    assert command("--seed", "1", "app", "--log-to-files", "false", "--num", "3").code == 0
    negative = command("app", "--log-to-files", "false", "--num", "-3")
    assert (negative.code, negative.err) == (2, "qcisim.squidasm: -3 rounds: wanted a whole number from 0\n")
    assert command("--formalism", "dm", "app", "--log-to-files", "false").code == 0
    machine = current.machine()
    assert machine is not None
    assert machine.options.formalism == "dm"
    assert "a folder runs in one process" in command("--workers", "2", "app").err
    assert "No such option '--bogus'" in command("app", "--bogus").err


def test_netqasm_is_an_extra(command: Callable[..., Said], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "script.py").write_text("")
    monkeypatch.delitem(sys.modules, "qcisim.squidasm.extra", raising=False)
    monkeypatch.setitem(sys.modules, "netqasm", None)  # as where it is not installed
    said = command("script.py")
    assert said.code == 2
    says = "SquidASM programs need the package netqasm, an extra of qcisim: pip install 'qcisim[netqasm]'"
    assert said.err == f"qcisim.squidasm: {says}\n"
