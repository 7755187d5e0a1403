"""What a device does for gates, rotations and initialisations: how long it takes, and with which noise."""

from __future__ import annotations

from qcisim.quantum import Gate
from qcisim.stack.physical import Physical, Step, controlled_steps, physical
from qcisim.stack.spec import Device, GenericDevice, NVDevice


class Repertoire:
    """Operations of a device.

    Args:
        device: whose times and noise.
        merged: whether gates and noise become one channel each.
    """

    def __init__(self, device: Device, *, merged: bool) -> None:
        self.device, self.merged = device, merged

    def turn(self, steps: tuple[Step, ...], axis: str, position: int) -> Physical:
        """A gate or rotation on the qubit at ``position``."""
        device = self.device
        if isinstance(device, GenericDevice):
            noises = ((0, device.single_qubit_gate_depolar_prob),)
            duration, source = device.single_qubit_gate_ns, "one-qubit gates"
        elif position == 0:
            noises = ((0, device.electron_single_qubit_depolar_prob),)
            duration, source = float(getattr(device, f"electron_rot_{axis}_ns")), "rotations of electrons"
        else:
            noises = ((0, device.carbon_z_rot_depolar_prob),)
            duration, source = float(getattr(device, f"carbon_rot_{axis}_ns")), "rotations of carbons"
        return physical(duration, steps, noises, source, merged=self.merged)

    def joint(self, gates: tuple[Gate, ...]) -> Physical:
        """A two-qubit gate of a device of equal qubits."""
        device = self.device
        assert isinstance(device, GenericDevice)
        p = device.two_qubit_gate_depolar_prob
        steps = tuple((gate, (0, 1)) for gate in gates)
        noises = ((0, p), (1, p))
        return physical(device.two_qubit_gate_ns, steps, noises, "two-qubit gates", merged=self.merged)

    def controlled(self, axis: str, n: int, d: int) -> Physical:
        """A rotation of a carbon whose direction the electron controls."""
        device = self.nv
        duration = device.ec_controlled_dir_x_ns if axis == "x" else device.ec_controlled_dir_y_ns
        p = device.ec_gate_depolar_prob
        noises = ((0, p), (1, p))
        return physical(duration, controlled_steps(axis, n, d), noises, "electron-carbon gates", merged=self.merged)

    def initialisation(self, position: int) -> Physical:
        """What follows on a new |0>."""
        device = self.device
        if isinstance(device, GenericDevice):
            return physical(device.init_ns, (), (), "", merged=self.merged)
        electron = position == 0
        p = device.electron_init_depolar_prob if electron else device.carbon_init_depolar_prob
        duration = device.electron_init_ns if electron else device.carbon_init_ns
        return physical(duration, (), ((0, p),), "initialisations", merged=self.merged)

    @property
    def nv(self) -> NVDevice:
        """The device, an NV centre."""
        assert isinstance(self.device, NVDevice)
        return self.device
