"""Configurations of quantum devices; times in ns."""

from __future__ import annotations

from qcisim.squidasm.run.stack.loadable import Integer, Number, YamlLoadable
from qcisim.stack.spec import GenericDevice, NVDevice


class IQDeviceConfig(YamlLoadable):
    """Base of the configurations of devices."""


class GenericQDeviceConfig(IQDeviceConfig):
    """A processor of equal qubits. T1 = 0 or T2 = 0 means no such decay; depolarising acts on each qubit of a gate."""

    num_qubits: Integer = 2
    num_comm_qubits: Integer = 2
    """Has no effect."""
    T1: Number = 1e10
    T2: Number = 1e9
    init_time: Number = 1e4
    single_qubit_gate_time: Number = 1e3
    two_qubit_gate_time: Number = 1e5
    measure_time: Number = 1e4
    single_qubit_gate_depolar_prob: Number = 0.0
    two_qubit_gate_depolar_prob: Number = 0.01

    @classmethod
    def perfect_config(cls, num_qubits: int = 100) -> GenericQDeviceConfig:
        """A device without noise whose operations take no time."""
        nothing = {name: 0.0 for name in cls.model_fields if name not in ("num_qubits", "num_comm_qubits")}
        return cls(num_qubits=num_qubits, **nothing)

    def to_device(self) -> GenericDevice:
        """As `qcisim.stack` wants it."""
        return GenericDevice(
            num_qubits=self.num_qubits,
            t1_ns=self.T1,
            t2_ns=self.T2,
            init_ns=self.init_time,
            single_qubit_gate_ns=self.single_qubit_gate_time,
            two_qubit_gate_ns=self.two_qubit_gate_time,
            measure_ns=self.measure_time,
            single_qubit_gate_depolar_prob=self.single_qubit_gate_depolar_prob,
            two_qubit_gate_depolar_prob=self.two_qubit_gate_depolar_prob,
        )


class NVQDeviceConfig(IQDeviceConfig):
    """A nitrogen-vacancy centre: electron (position 0) and carbons. ``prob_error_0``: a 0 is read as 1."""

    num_qubits: Integer = 2
    electron_init_depolar_prob: Number = 0.05
    electron_single_qubit_depolar_prob: Number = 0.0
    prob_error_0: Number = 0.05
    prob_error_1: Number = 0.005
    carbon_init_depolar_prob: Number = 0.05
    carbon_z_rot_depolar_prob: Number = 0.001
    """After every rotation of a carbon, about any axis."""
    ec_gate_depolar_prob: Number = 0.008
    electron_T1: Number = 1e9
    electron_T2: Number = 3e8
    carbon_T1: Number = 1.5e11
    carbon_T2: Number = 1.5e9
    carbon_init: Number = 310_000.0
    carbon_rot_x: Number = 5e5
    carbon_rot_y: Number = 5e5
    carbon_rot_z: Number = 5e5
    electron_init: Number = 2000.0
    electron_rot_x: Number = 5.0
    electron_rot_y: Number = 5.0
    electron_rot_z: Number = 5.0
    ec_controlled_dir_x: Number = 5e5
    ec_controlled_dir_y: Number = 5e5
    measure: Number = 3700.0

    @classmethod
    def perfect_config(cls, num_qubits: int = 100) -> NVQDeviceConfig:
        """A device without noise whose operations take no time."""
        nothing = {name: 0.0 for name in cls.model_fields if name != "num_qubits"}
        return cls(num_qubits=num_qubits, **nothing)

    def to_device(self) -> NVDevice:
        """As `qcisim.stack` wants it."""
        values = {name: getattr(self, name) for name in type(self).model_fields}
        known = NVDevice.__dataclass_fields__
        return NVDevice(**{_spelled(name): value for name, value in values.items() if _spelled(name) in known})


def _spelled(name: str) -> str:
    if name == "num_qubits" or "prob" in name:
        return name
    return f"{name.lower()}_ns"
