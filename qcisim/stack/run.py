"""Runs of programs on a network."""

from __future__ import annotations

import inspect
import secrets
import time
import warnings
from collections.abc import Mapping
from typing import Any

from qcisim.engine import DeadlockError as EngineDeadlock
from qcisim.errors import InputError, did_you_mean
from qcisim.stack import current
from qcisim.stack.awaited import watching
from qcisim.stack.budget import NoiseBudget
from qcisim.stack.connection import node_table
from qcisim.stack.deadlock import DeadlockError, describe, describe_interrupted, lacks_a_program
from qcisim.stack.host import Host
from qcisim.stack.logs import get_stack_logger
from qcisim.stack.machine import Machine
from qcisim.stack.options import Options
from qcisim.stack.results import RunResult
from qcisim.stack.source import waiting_line
from qcisim.stack.spec import Network


class DeadlockWarning(UserWarning):
    """A run ended because its programs waited for each other forever."""


def run(
    network: Network,
    programs: Mapping[str, Any],
    num_times: int = 1,
    *,
    seed: int | None = None,
    options: Options | None = None,
    workers: int | None = None,
) -> RunResult:
    """Run programs on their nodes, ``num_times`` times in a row, without waiting for each other in between.

    Args:
        network: nodes and links.
        programs: objects with ``meta`` and ``run(context)`` by the name of their node.
        num_times: iterations.
        seed: of all random numbers; None: fresh ones.
        options: how states are kept, and more.
        workers: None: one simulation in this process, iterations follow one another on one clock. A number: every
            iteration is a simulation of its own from time 0 with a fresh copy of the programs, shared among as many
            processes; the results do not depend on how many.

    Raises:
        InputError: a program for a node that does not exist, or one that asks for what is not there.
        DeadlockError: programs wait for each other forever.
        Exception: whatever a program raises, with a note that names node, iteration and simulated time.
    """
    chosen = options or Options()
    check(network, programs, num_times)
    entropy = secrets.randbits(63) if seed is None else seed
    if workers is not None:
        from qcisim.stack.workers import run_shared

        return run_shared(network, programs, num_times, entropy, chosen, workers)
    return run_once(network, programs, num_times, entropy, chosen, first=0)


def _explain_yield(error: TypeError, hosts: Mapping[str, Host]) -> None:
    """A program has yielded what nobody can wait for: name the line."""
    for name, host in hosts.items():
        yielded, _, _ = str(error).partition(": wanted")
        if yielded.startswith(f"program of {name} yielded"):
            raise InputError(f"{waiting_line(host.running)}: {yielded}: write 'yield from'") from None


def check(network: Network, programs: Mapping[str, Any], num_times: int) -> None:
    """Refuse what cannot run."""
    if not isinstance(num_times, int) or num_times < 0:
        raise InputError(f"num_times {num_times!r}: wanted a whole number from 0")
    if not isinstance(programs, Mapping):
        raise InputError(f"programs: wanted a mapping from node to program, got a {type(programs).__name__}")
    for name, program in programs.items():
        if name not in network.nodes:
            hint = did_you_mean(name, network.nodes) or f"nodes: {', '.join(network.nodes)}"
            raise InputError(f"a program for node '{name}', which the network does not have ({hint})")
        if isinstance(program, type):
            raise InputError(
                f"program of {name} is the class {program.__name__}: wanted a program, {program.__name__}(...)"
            )
        for part in ("meta", "run"):
            if inspect.getattr_static(program, part, None) is None:
                raise InputError(f"program of {name}: a {type(program).__name__} has no '{part}'")


def run_once(
    network: Network, programs: Mapping[str, Any], times: int, seed: int, options: Options, *, first: int
) -> RunResult:
    """Iterations ``first`` to ``first + times - 1`` on one clock."""
    machine = Machine(network, options, seed, first=first)
    nodes = node_table(machine)
    hosts = {
        name: Host(machine.nodes[name], programs[name], times, nodes) for name in network.nodes if name in programs
    }
    with watching(options.strict):
        return carry_out(machine, hosts)


def carry_out(machine: Machine, hosts: Mapping[str, Host]) -> RunResult:
    """Run hosts to their end."""
    began = time.perf_counter()
    current.set_machine(machine)
    for name, host in hosts.items():
        machine.engine.process(host.steps(), f"program of {name}")
    try:
        machine.engine.run()
    except KeyboardInterrupt as interrupt:
        interrupt.add_note(describe_interrupted(machine, hosts))
        raise
    except TypeError as error:
        _explain_yield(error, hosts)
        raise
    except EngineDeadlock:
        text = describe(machine, hosts)
        warn = machine.options.on_deadlock == "warn"
        if machine.options.on_deadlock == "raise" or (warn and lacks_a_program(hosts)):
            raise DeadlockError(text) from None
        if warn:
            warnings.warn(text, DeadlockWarning, stacklevel=3)
        machine.engine.close()
    stats = machine.stats
    stats.wall_s = time.perf_counter() - began
    stats.sim_time_ns = machine.now_ns
    stats.events = machine.engine._order
    names = list(machine.network.nodes)
    budget = NoiseBudget.of(machine)
    logger = get_stack_logger()
    if logger.isEnabledFor(20):
        logger.info("noise budget:\n%s", budget)
    results = [hosts[name].results if name in hosts else [] for name in names]
    return RunResult(names, results, stats, budget)
