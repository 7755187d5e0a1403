"""Processors of nodes as devices of the stack: the usual SquidASM device, or a memory preset, and what differs."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from qcisim import registry
from qcisim.quantum.memory import Memory
from qcisim.stack.spec import Device, GenericDevice, NVDevice

if TYPE_CHECKING:
    from qcisim.repeaters import MemoryDevice
    from qcisim.simulation.program_spec import Processor

_NS = 1e9
EFFICIENCY = 0.1
"""A photon gets into the fibre, where neither the scenario nor a preset says how likely."""


def memory_preset(spec: Processor) -> MemoryDevice | None:
    """The memory preset of a processor, where it names one."""
    if spec.preset is None:
        return None
    make = registry.get("memory", spec.preset).make
    assert make is not None  # memories are registered with their preset
    device: MemoryDevice = make()
    return device


def on_each_qubit(depolarising: float) -> float:
    """p' of two independent (1-p') rho + p' 1/2 with the entanglement fidelity of (1-p) rho + p 1/4.

    (1 - 3p'/4)^2 = 1 - 15p/16.
    """
    return 4.0 / 3.0 * (1.0 - math.sqrt(1.0 - 15.0 / 16.0 * depolarising))


def device_of(spec: Processor) -> Device:
    """The device. Raises `PhysicsError` for one that cannot exist."""
    preset = memory_preset(spec)
    return _nv(spec, preset) if spec.device == "nv" else _generic(spec, preset)


def _generic(spec: Processor, preset: MemoryDevice | None) -> GenericDevice:
    device = GenericDevice()
    if preset is not None:
        device = GenericDevice(
            num_qubits=preset.memories,
            t1_ns=_time_ns(preset.t1_s),
            t2_ns=_time_ns(preset.t2_s),
            init_ns=0.0,
            single_qubit_gate_ns=0.0,
            two_qubit_gate_ns=preset.gate_s * _NS,
            measure_ns=preset.readout_s * _NS,
            two_qubit_gate_depolar_prob=on_each_qubit(preset.gate_depolarising),
        )
    given: dict[str, Any] = {
        "num_qubits": spec.qubits,
        "t1_ns": _ns(spec.t1_s),
        "t2_ns": _ns(spec.t2_s),
        "init_ns": _ns(spec.init_s),
        "single_qubit_gate_ns": _ns(spec.single_qubit_gate_s),
        "two_qubit_gate_ns": _ns(spec.two_qubit_gate_s),
        "measure_ns": _ns(spec.measure_s),
        "single_qubit_gate_depolar_prob": spec.single_qubit_gate_depolarising,
        "two_qubit_gate_depolar_prob": spec.two_qubit_gate_depolarising,
    }
    return replace(device, **{name: value for name, value in given.items() if value is not None})


def _nv(spec: Processor, preset: MemoryDevice | None) -> NVDevice:
    device = NVDevice()
    if preset is not None:
        device = replace(
            device,
            num_qubits=max(2, preset.memories),
            carbon_t1_ns=_time_ns(preset.t1_s),
            carbon_t2_ns=_time_ns(preset.t2_s),
            ec_controlled_dir_x_ns=preset.gate_s * _NS,
            ec_controlled_dir_y_ns=preset.gate_s * _NS,
            measure_ns=preset.readout_s * _NS,
            ec_gate_depolar_prob=on_each_qubit(preset.gate_depolarising),
            prob_error_0=preset.readout_error_zero,
            prob_error_1=preset.readout_error_one,
        )
    gate_ns, single_ns, single = spec.two_qubit_gate_s, spec.single_qubit_gate_s, spec.single_qubit_gate_depolarising
    given: dict[str, Any] = {
        "num_qubits": spec.qubits,
        "carbon_t1_ns": _ns(spec.t1_s),
        "carbon_t2_ns": _ns(spec.t2_s),
        "electron_t1_ns": _ns(spec.electron_t1_s),
        "electron_t2_ns": _ns(spec.electron_t2_s),
        "carbon_init_ns": _ns(spec.init_s),
        **{f"carbon_rot_{axis}_ns": _ns(single_ns) for axis in "xyz"},
        **{f"ec_controlled_dir_{axis}_ns": _ns(gate_ns) for axis in "xy"},
        "measure_ns": _ns(spec.measure_s),
        "carbon_z_rot_depolar_prob": single,
        "electron_single_qubit_depolar_prob": single,
        "ec_gate_depolar_prob": spec.two_qubit_gate_depolarising,
        "prob_error_0": spec.readout_error_zero,
        "prob_error_1": spec.readout_error_one,
    }
    return replace(device, **{name: value for name, value in given.items() if value is not None})


def waiting_memory(spec: Processor) -> Memory:
    """In which a qubit waits for the herald of its pair: the electron of an NV centre, else any qubit."""
    device = device_of(spec)
    if isinstance(device, NVDevice):
        return Memory(_seconds(device.electron_t1_ns), _seconds(device.electron_t2_ns))
    return Memory(_seconds(device.t1_ns), _seconds(device.t2_ns))


def efficiency_of(spec: Processor) -> float:
    """A photon entangled with a qubit gets into the fibre."""
    if spec.efficiency is not None:
        return spec.efficiency
    preset = memory_preset(spec)
    return EFFICIENCY if preset is None else preset.efficiency


def device_assumption(node: str, spec: Processor) -> str:
    """What a processor leaves out, for people; empty where there is nothing to say."""
    preset = memory_preset(spec)
    if preset is None or spec.device == "nv":
        return ""
    if preset.readout_error_zero or preset.readout_error_one:
        return (
            f"processor of '{node}': a generic device reads without error; preset '{spec.preset}' misreads "
            f"{100.0 * preset.readout_error_zero:g} % and {100.0 * preset.readout_error_one:g} %"
        )
    return ""


def _ns(value_s: float | None) -> float | None:
    return None if value_s is None else value_s * _NS


def _time_ns(value_s: float) -> float:
    """A device says 0 for a time without end."""
    return 0.0 if math.isinf(value_s) else value_s * _NS


def _seconds(value_ns: float) -> float:
    return math.inf if value_ns == 0.0 else value_ns / _NS
