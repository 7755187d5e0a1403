"""Programs on the SquidASM stack, one core. Prints one JSON line for each figure; medians of five, CPU seconds.

rounds       flush-per-pair rounds/s: both ends keep half of a pair, measure it and flush, on a perfect link
uncached     the same where every subroutine is compiled anew
loop         classical NetQASM instructions/s: a loop that counts to 1e6
chsh         seconds for 10000 rounds of the CHSH game on a link of F = 0.95, one flush per round
measured     seconds for 1000 measured pairs in one request
workers      how much faster 2 workers are than 1 (wall time; needs two cores), and that the results are the same

    python benchmarks/squidasm.py             all of them
    python benchmarks/squidasm.py rounds      one of them
    python benchmarks/squidasm.py --profile rounds      where the time goes, by part of the stack and by function
"""

from __future__ import annotations

import cProfile
import json
import math
import os
import pstats
import random
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from netqasm.lang.parsing.text import parse_text_protosubroutine

from qcisim.stack import compiler
from qcisim.stack.links import depolarising_link, perfect_link
from qcisim.stack.program import Program, ProgramContext, ProgramMeta
from qcisim.stack.run import run
from qcisim.stack.spec import GenericDevice, Network, PairLink

ROUNDS, CHSH_ROUNDS, PAIRS, COUNT, SHARED = 3000, 10_000, 1000, 1_000_000, 200
Steps = Iterator[Any]
NODES = {"Alice": GenericDevice.perfect(4), "Bob": GenericDevice.perfect(4)}
PERFECT = Network(NODES, (PairLink("Alice", "Bob", perfect_link()),))
NOISY = Network(NODES, (PairLink("Alice", "Bob", depolarising_link(0.95, 1.0, 1000.0)),))


class Script(Program):
    """Both ends run ``steps(context, peer, first)``."""

    def __init__(self, steps: Callable[[ProgramContext, str, bool], Any], first: bool) -> None:
        self._steps, self._first, self._peer = steps, first, "Bob" if first else "Alice"

    @property
    def meta(self) -> ProgramMeta:
        return ProgramMeta("benchmark", [self._peer], [self._peer], 4)

    def run(self, context: ProgramContext) -> Any:
        return self._steps(context, self._peer, self._first)


def duo(steps: Callable[[ProgramContext, str, bool], Any]) -> dict[str, Script]:
    """The same steps at both ends."""
    return {"Alice": Script(steps, True), "Bob": Script(steps, False)}


def rounds() -> dict[str, float]:
    """Flush-per-pair rounds."""

    def steps(context: ProgramContext, peer: str, first: bool) -> Steps:
        socket, results = context.epr_sockets[peer], []
        for _ in range(ROUNDS):
            (qubit,) = socket.create_keep() if first else socket.recv_keep()
            result = qubit.measure()
            yield from context.connection.flush()
            results.append(int(result))
        return results

    began = time.process_time()
    alice, bob = run(PERFECT, duo(steps), seed=1)
    spent = time.process_time() - began
    assert alice == bob
    return {"rounds_per_s": ROUNDS / spent}


def uncached() -> dict[str, float]:
    """Flush-per-pair rounds without the cache of subroutines."""
    kept, compiler._KEPT = compiler._KEPT, 0
    try:
        return rounds()
    finally:
        compiler._KEPT = kept


LOOP = f"""
# NETQASM 1.0
# APPID 0
set R0 0
set R1 {COUNT}
set R2 1
LOOP:
beq R0 R1 EXIT
add R0 R0 R2
jmp LOOP
EXIT:
"""


def loop() -> dict[str, float]:
    """Classical instructions."""

    def steps(context: ProgramContext, peer: str, first: bool) -> Steps:
        if first:
            yield from context.connection.commit_protosubroutine(parse_text_protosubroutine(LOOP))

    began = time.process_time()
    result = run(PERFECT, duo(steps), seed=1)
    return {"instructions_per_s": result.stats.instructions / (time.process_time() - began)}


def chsh() -> dict[str, float]:
    """CHSH: Alice measures Z or X, Bob between them."""

    def steps(context: ProgramContext, peer: str, first: bool) -> Steps:
        socket, results, draw = context.epr_sockets[peer], [], random.Random(first)
        for _ in range(CHSH_ROUNDS):
            setting = draw.getrandbits(1)
            (qubit,) = socket.create_keep() if first else socket.recv_keep()
            if not first:
                qubit.rot_Y(angle=math.pi / 4 if setting else -math.pi / 4)
            elif setting:
                qubit.H()
            result = qubit.measure()
            yield from context.connection.flush()
            results.append((setting, int(result)))
        return results

    began = time.process_time()
    alice, bob = run(NOISY, duo(steps), seed=1)
    spent = time.process_time() - began
    won = sum((a ^ b) == (x & y) for (x, a), (y, b) in zip(alice[0], bob[0], strict=True))
    return {"seconds": spent, "won": won / CHSH_ROUNDS}


def measured() -> dict[str, float]:
    """One request for pairs that are measured at once."""

    def steps(context: ProgramContext, peer: str, first: bool) -> Steps:
        socket = context.epr_sockets[peer]
        results = (socket.create_measure if first else socket.recv_measure)(number=PAIRS)
        yield from context.connection.flush()
        return [int(one.measurement_outcome) for one in results]

    began = time.process_time()
    alice, bob = run(PERFECT, duo(steps), seed=1)
    spent = time.process_time() - began
    assert alice == bob
    return {"seconds": spent}


def workers() -> dict[str, float]:
    """Iterations of 50 rounds each, shared among processes."""

    def steps(context: ProgramContext, peer: str, first: bool) -> Steps:
        socket, results = context.epr_sockets[peer], []
        for _ in range(50):
            (qubit,) = socket.create_keep() if first else socket.recv_keep()
            result = qubit.measure()
            yield from context.connection.flush()
            results.append(int(result))
        return results

    walls, spent, found = [], [], []
    for count in (1, 2):
        began, used = time.perf_counter(), _cpu_s()
        found.append(run(NOISY, duo(steps), SHARED, seed=1, workers=count))
        walls.append(time.perf_counter() - began)
        spent.append(_cpu_s() - used)
    assert list(found[0]) == list(found[1])
    return {
        "one_s": walls[0],
        "two_s": walls[1],
        "times_faster": walls[0] / walls[1],
        "cpu_one_s": spent[0],
        "cpu_two_s": spent[1],
        "times_faster_on_free_cores_at_most": 2.0 * spent[0] / spent[1],
    }


def _cpu_s() -> float:
    """CPU seconds of this process and of its children that have ended."""
    mine, theirs = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return mine.ru_utime + mine.ru_stime + theirs.ru_utime + theirs.ru_stime


BENCHMARKS = {one.__name__: one for one in (rounds, uncached, loop, chsh, measured, workers)}

PARTS = {
    "writing the subroutine (netqasm)": ("netqasm", "stack/builder"),
    "finding it in the cache, or compiling": ("stack/listing", "stack/compiler"),
    "instructions": ("stack/processor", "stack/instructions", "stack/classical", "stack/physical"),
    "requests and pairs": ("stack/netstack", "stack/session", "stack/request", "stack/links", "stack/outcomes"),
    "states": ("qcisim/quantum", "stack/memory", "numpy"),
    "hosts, clock, program": ("qcisim/", "benchmarks/"),
}
"""Parts of the stack by what stands in the path of their code."""


def profiled(name: str) -> None:
    """Print where the time goes."""
    profile = cProfile.Profile()
    profile.runcall(BENCHMARKS[name])
    stats = pstats.Stats(profile)
    spent = dict.fromkeys([*PARTS, "built-ins"], 0.0)
    for (path, _, _), (_, _, own, _, _) in stats.stats.items():  # type: ignore[attr-defined]
        place = path.replace(os.sep, "/")
        part = next((part for part, words in PARTS.items() if any(word in place for word in words)), "built-ins")
        spent[part] += own
    total = sum(spent.values())
    for part, seconds in sorted(spent.items(), key=lambda one: -one[1]):
        print(f"{100 * seconds / total:5.1f} %  {part}")
    stats.sort_stats("tottime").print_stats(25)


def main() -> None:
    names = [one for one in sys.argv[1:] if one in BENCHMARKS] or list(BENCHMARKS)
    for name in names:
        BENCHMARKS[name]()  # compiled, cached, imported
        if "--profile" in sys.argv:
            profiled(name)
            continue
        found = [BENCHMARKS[name]() for _ in range(5)]
        middle = {key: statistics.median(one[key] for one in found) for key in found[0]}
        print(json.dumps({"benchmark": f"squidasm {name}", **middle}), flush=True)


if __name__ == "__main__":
    main()
