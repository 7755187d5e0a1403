"""Looking at the states of all nodes."""

from __future__ import annotations

from typing import Any

from qcisim.errors import InputError
from qcisim.squidasm.sim.stack.network import LiveQubit, StackNetwork
from qcisim.stack import current

__all__ = ["GlobalSimData"]


class GlobalSimData:
    """The network of the run that is going on, or was last."""

    _network: StackNetwork | None = None

    @classmethod
    def set_network(cls, network: StackNetwork | None) -> None:
        """The network to look at."""
        cls._network = network

    @classmethod
    def get_network(cls) -> StackNetwork | None:
        """The network to look at; None before the first run."""
        machine = current.machine()
        if machine is not None and (cls._network is None or cls._network.machine is not machine):
            cls._network = StackNetwork(machine)
        return cls._network

    @classmethod
    def get_quantum_state(cls, save: bool = False) -> dict[str, dict[int, LiveQubit]]:
        """Qubits by node and position; idle decoherence that is not applied yet is left out.

        ``save`` keeps their density matrices for `get_last_breakpoint_state`.
        """
        network = cls.get_network()
        if network is None:
            raise InputError("get_quantum_state: nothing runs, so there is no state to look at")
        machine = network.machine
        found = {
            name: {position: LiveQubit(machine, number) for position, number in qubits.items()}
            for name, qubits in machine.states(skip_noise=True).items()
        }
        if save:
            density = machine.register.to_density
            machine.breakpoints.append(
                {name: {at: density(one.number) for at, one in qubits.items()} for name, qubits in found.items()}
            )
        return found

    @classmethod
    def get_last_breakpoint_state(cls) -> Any:
        """Density matrices by node and position at the last breakpoint."""
        network = cls.get_network()
        kept = [] if network is None else network.machine.breakpoints
        if not kept:
            raise InputError("get_last_breakpoint_state: there was no breakpoint")
        return kept[-1]
