"""``run(config, programs, num_times)``: programs on a configured network."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

import qcisim.squidasm.extra  # noqa: F401 -- first: says how to install netqasm where it is missing
from qcisim.engine import DeadlockError as EngineDeadlock
from qcisim.errors import InputError
from qcisim.squidasm.session import session
from qcisim.squidasm.sim.stack.globals import GlobalSimData
from qcisim.squidasm.sim.stack.network import StackNetwork
from qcisim.squidasm.sim.stack.processor import Processor
from qcisim.stack import current
from qcisim.stack.deadlock import DeadlockError
from qcisim.stack.machine import Machine
from qcisim.stack.options import Options
from qcisim.stack.results import RunResult
from qcisim.stack.run import run as run_stack
from qcisim.stack.spec import Network

__all__ = ["run"]


def run(
    config: Any,
    programs: Mapping[str, Any],
    num_times: int = 1,
    *,
    seed: int | None = None,
    workers: int | None = None,
    options: Options | None = None,
) -> RunResult:
    """Run programs on the nodes of a network, each ``num_times`` times in a row.

    Args:
        config: `StackNetworkConfig`, netbuilder's `NetworkConfig`, or a `qcisim.stack.spec.Network`.
        programs: programs by the name of their node.
        num_times: iterations.
        seed: of all random numbers; None: what the session says.
        workers: see `qcisim.stack.run.run`; None: what the session says.
        options: see `qcisim.stack.options.Options`; None: what the session says.

    Returns:
        Results by node, in the order of the configuration, and iteration; with ``.by_node``, ``.sim_time`` (ns),
        ``.stats`` and ``.noise_budget``.
    """
    network = network_of(config)
    chosen_seed = session.seed_of_next_run() if seed is None else seed
    shared = session.workers if workers is None else workers
    chosen = options or _options()
    return run_stack(network, programs, num_times, seed=chosen_seed, options=chosen, workers=shared or None)


def network_of(config: Any) -> Network:
    """The network that a configuration describes."""
    if isinstance(config, Network):
        return config
    make = getattr(config, "to_network", None)
    if make is None:
        raise InputError(f"run: wanted a StackNetworkConfig or NetworkConfig, got {type(config).__name__}")
    network = make()
    assert isinstance(network, Network)
    return network


def _options() -> Options:
    return Options(formalism=session.kept, on_deadlock=session.on_deadlock, strict=session.strict)


def _setup_network(config: Any) -> StackNetwork:
    """A network whose hosts can be exchanged before `_run`."""
    seed = session.seed_of_next_run()
    machine = Machine(network_of(config), _options(), secrets.randbits(63) if seed is None else seed, lingers=True)
    current.set_machine(machine)
    network = StackNetwork(machine)
    GlobalSimData.set_network(network)
    return network


def _run(network: StackNetwork) -> list[list[Any]]:
    """Run the hosts of a network to their end."""
    engine = network.machine.engine
    for name, stack in network.stacks.items():
        host = stack.host
        if host is not None:
            engine.process(host.serve(), f"processor of {name}", background=True)
            engine.process(host.run(), f"program of {name}")
        for part in (stack.qnos.processor, stack.qnos.handler):
            if isinstance(part, Processor):
                engine.process(part.run(), f"what the processor of {name} is given")
    try:
        engine.run()
    except EngineDeadlock as deadlock:
        raise DeadlockError(str(deadlock)) from None
    return [[] if stack.host is None else stack.host.get_results() for stack in network.stacks.values()]
