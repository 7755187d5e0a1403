"""Configurations read what SquidASM programs write, and say where something is wrong."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path

import numpy as np
import pytest

from qcisim.errors import InputError, ScenarioError
from qcisim.squidasm.run.stack import placed
from qcisim.squidasm.run.stack.config import (
    CLinkConfig,
    DefaultCLinkConfig,
    DepolariseLinkConfig,
    GenericQDeviceConfig,
    HeraldedLinkConfig,
    LinkConfig,
    NVQDeviceConfig,
    StackConfig,
    StackNetworkConfig,
)
from qcisim.stack.spec import GenericDevice, NVDevice

TWO = """\
device: &device
  T1: 5e8
  num_qubits: "3"
  init_time: "1_000"
  single_qubit_gate_time: 20_000
  host_qnos_latency: 7
stacks:
  - name: Alice
    qdevice_typ: generic
    qdevice_cfg:
      <<: *device
      T2: 3.5e8
  - name: Bob
    qdevice_typ: nv
    qdevice_cfg:
      dummy: null
links:
  - stack1: Alice
    stack2: Bob
    typ: depolarise
    cfg: {fidelity: 0.9, prob_success: "0.5", t_cycle: 1e5}
clinks:
  - {stack1: Alice, stack2: Bob, typ: default, cfg: {length: 20}}
"""


def read(tmp_path: Path, text: str) -> StackNetworkConfig:
    path = tmp_path / "config.yaml"
    path.write_text(text)
    return StackNetworkConfig.from_file(str(path))


def test_a_file_becomes_a_network(tmp_path: Path) -> None:
    network = read(tmp_path, TWO).to_network()
    alice, bob = network.nodes["Alice"], network.nodes["Bob"]
    assert list(network.nodes) == ["Alice", "Bob"]
    assert isinstance(alice, GenericDevice)
    assert (alice.num_qubits, alice.t1_ns, alice.t2_ns) == (3, 5e8, 3.5e8)
    assert (alice.init_ns, alice.single_qubit_gate_ns, alice.measure_ns) == (1000.0, 20_000.0, 1e4)
    assert bob == NVDevice()
    assert network.classical is not None
    assert network.classical[0].delay_ns == pytest.approx(1e5)
    assert network.links[0].model.mean_fidelity == pytest.approx(0.9)
    assert network.links[0].model.mean_duration_ns == pytest.approx(2e5)


def test_defaults_are_those_of_the_devices() -> None:
    assert GenericQDeviceConfig().to_device() == GenericDevice()
    assert NVQDeviceConfig().to_device() == NVDevice()
    assert GenericQDeviceConfig.perfect_config().to_device() == GenericDevice.perfect()
    assert NVQDeviceConfig.perfect_config(4).to_device() == NVDevice.perfect(4)


def test_configurations_change_after_loading(tmp_path: Path) -> None:
    config = read(tmp_path, TWO)
    assert type(config.stacks[0].qdevice_cfg["T1"]) is str  # YAML 1.1: 5e8 is text until it is used
    config.stacks[0].qdevice_cfg["T1"] = "7e8"
    config.stacks[1].qdevice_cfg["carbon_T2"] = 2e9
    link = DepolariseLinkConfig(fidelity=0.5, prob_success=1, t_cycle="10.")
    config.links = [LinkConfig(stack1="Alice", stack2="Bob", typ="depolarise", cfg=link)]
    link.fidelity = np.float64(0.75)
    config.clinks = None
    network = config.to_network()
    assert network.classical is None
    assert network.nodes["Alice"].t1_ns == 7e8  # type: ignore[union-attr]
    assert network.nodes["Bob"].carbon_t2_ns == 2e9  # type: ignore[union-attr]
    assert network.links[0].model.mean_fidelity == pytest.approx(0.75)
    assert network.links[0].model.mean_duration_ns == pytest.approx(10.0)


def test_a_shared_mapping_stays_shared(tmp_path: Path) -> None:
    config = read(
        tmp_path, TWO.replace("      <<: *device\n      T2: 3.5e8\n", "").replace("cfg:\n  -", "cfg: *device\n  -")
    )
    assert config.stacks[0].qdevice_cfg["T1"] == "5e8"


def test_objects_and_mappings_say_the_same() -> None:
    def network(cfg: object) -> object:
        link = LinkConfig(stack1="a", stack2="b", typ="heralded", cfg=cfg)
        stacks = [StackConfig.perfect_generic_config(name) for name in "ab"]
        clink = CLinkConfig(stack1="a", stack2="b", typ="default", cfg=DefaultCLinkConfig(delay=5))
        return (
            StackNetworkConfig(stacks=stacks, links=[link], clinks=[clink]).to_network().links[0].model.mean_duration_ns
        )

    assert network(HeraldedLinkConfig(length=2, p_loss_init=0.5)) == network(
        {"length": "2", "p_loss_init": 0.5, "x": 1}
    )


def test_older_files_call_nv_centres_nv_vanilla() -> None:
    new, old = (
        StackNetworkConfig(stacks=[StackConfig(name="a", qdevice_typ=typ, qdevice_cfg={"num_qubits": 3})], links=[])
        for typ in ("nv", "nv_vanilla")
    )
    assert old.to_network().nodes["a"] == new.to_network().nodes["a"] == NVDevice(num_qubits=3)


def test_perfect_links_need_no_configuration() -> None:
    stacks = [StackConfig.perfect_generic_config(name) for name in "ab"]
    model = StackNetworkConfig(stacks=stacks, links=[LinkConfig.perfect_config("a", "b")]).to_network().links[0].model
    assert model.mean_duration_ns == 1000.0
    assert CLinkConfig.perfect_config("a", "b").typ == "instant"


def test_values_travel(tmp_path: Path) -> None:
    config = read(tmp_path, TWO)
    for other in (copy.deepcopy(config), pickle.loads(pickle.dumps(config)), config.model_copy(deep=True)):
        assert other == config
        assert other.to_network().nodes == config.to_network().nodes


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("typ: depolarise", "typ: depolarize", 19, "did you mean 'depolarise'?"),
        ("qdevice_typ: nv", "qdevice_typ: transmon", 13, "known: generic, nv, nv_vanilla"),
        ("stack2: Bob\n    typ", "stack2: Rob\n    typ", 18, "did you mean 'Bob'?"),
        ("T1: 5e8", "T1: long", 2, "stack 'Alice'.T1: wanted a number, got 'long'"),
        ("fidelity: 0.9, ", "", 20, "fidelity: wanted a value, got nothing"),
        ("fidelity: 0.9", "fidelity: 1.9", 20, "fidelity"),
        ('num_qubits: "3"', "num_qubits: 2.5", 3, "wanted a whole number"),
        ("T2: 3.5e8", "T2: [1, 2]", 12, "wanted a number, got a list"),
        ("name: Alice", "name: 7", 8, "stacks[0].name: wanted text, got 7"),
        ("- name: Bob", "- name: Alice", 12, "a name of its own"),
        ("t_cycle: 1e5", "t_cycle: 1e5, length: 3", 20, "t_cycle"),
        ("length: 20", "length: 20, delay: 3", 22, "delay or length"),
        ("stacks:\n", "stacks: [\n", 0, "YAML"),
        ("dummy: null", "dummy: !!python/object:os.system x", 15, "without a tag"),
    ],
)
def test_one_error_with_its_line(tmp_path: Path, old: str, new: str, line: int, words: str) -> None:
    assert old in TWO
    with pytest.raises(InputError) as caught:
        read(tmp_path, TWO.replace(old, new, 1)).to_network()
    text = str(caught.value)
    assert words in text
    assert "\n" not in text
    assert text.startswith(f"{tmp_path / 'config.yaml'}:")
    if line:
        assert abs(int(text[len(f"{tmp_path / 'config.yaml'}:") :].split(":")[0]) - line) <= 1


def test_the_wrong_object_for_a_type() -> None:
    stacks = [StackConfig(name="a", qdevice_typ="nv", qdevice_cfg=GenericQDeviceConfig())]
    with pytest.raises(
        ScenarioError, match="wanted a NVQDeviceConfig or a mapping for the type 'nv', got GenericQDevice"
    ):
        StackNetworkConfig(stacks=stacks, links=[]).to_network()


def test_files_that_are_no_mapping(tmp_path: Path) -> None:
    for text, got in (("", "nothing"), ("- 1", "something else")):
        with pytest.raises(ScenarioError, match=got):
            read(tmp_path, text)
    with pytest.raises(FileNotFoundError, match=r"none\.yaml: error: no such file"):
        StackNetworkConfig.from_file(str(tmp_path / "none.yaml"))
    with pytest.raises(InputError, match="wanted a YAML file, got is a directory"):
        StackNetworkConfig.from_file(str(tmp_path))
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="wanted YAML in UTF-8"):
        StackNetworkConfig.from_file(str(tmp_path / "bytes.yaml"))


def test_aliases_do_not_expand_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    with pytest.raises(ScenarioError, match="aliases that expand"):
        read(tmp_path, "\n".join(lines))
    monkeypatch.setattr(placed, "MAX_VALUES", 30)
    with pytest.raises(ScenarioError, match="at most 30 values"):
        read(tmp_path, TWO)
