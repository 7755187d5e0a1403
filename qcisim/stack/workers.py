"""Iterations as simulations of their own, shared among processes."""

from __future__ import annotations

import copy
import itertools
import multiprocessing
import os
import pickle
import random
import time
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import numpy as np

from qcisim.engine import stream
from qcisim.errors import InputError
from qcisim.stack.budget import NoiseBudget
from qcisim.stack.machine import Stats
from qcisim.stack.options import Options
from qcisim.stack.plain import plain
from qcisim.stack.results import RunResult
from qcisim.stack.spec import Network

_work: tuple[Network, Mapping[str, Any], int, Options] | None = None
"""What the processes of a pool work on; they inherit it, so that programs need not be pickled."""

_CHUNKS = 256
"""Parts that the iterations are cut into, whatever the number of workers: sums of floats agree to the last bit."""

Part = tuple[list[list[Any]], Stats, NoiseBudget]


def run_shared(
    network: Network, programs: Mapping[str, Any], times: int, seed: int, options: Options, workers: int
) -> RunResult:
    """Every iteration from time 0 with a copy of the programs as they were given.

    Programs that draw from the modules ``random`` and ``numpy.random`` find them seeded by the iteration.
    """
    if not isinstance(workers, int) or workers < 1:
        raise InputError(f"workers {workers!r}: wanted a whole number from 1")
    began = time.perf_counter()
    names = list(network.nodes)
    global _work
    _work = (network, programs, seed, options)
    try:
        count = min(workers, max(1, times))
        bounds = [times * part // _CHUNKS for part in range(_CHUNKS + 1)]
        chunks = [(start, stop) for start, stop in itertools.pairwise(bounds) if stop > start]
        if count == 1:
            parts = [_iterations(start, stop) for start, stop in chunks]
        else:
            parts = _in_processes(chunks, count)
    finally:
        _work = None
    results: list[list[Any]] = [[] for _ in names]
    stats, budget = Stats(), NoiseBudget()
    for found, some, spent in parts:
        for mine, theirs in zip(results, found, strict=True):
            mine += theirs
        stats.add(some)
        budget = budget.plus(spent)
    stats.wall_s = time.perf_counter() - began
    return RunResult(names, results, stats, budget)


def _in_processes(chunks: list[tuple[int, int]], count: int) -> list[Part]:
    if "fork" not in multiprocessing.get_all_start_methods():
        raise InputError("workers: this system cannot fork processes; run with workers=1")
    context = multiprocessing.get_context("fork")
    threads = {name: os.environ.get(name) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
    os.environ.update(dict.fromkeys(threads, "1"))
    try:
        with ProcessPoolExecutor(count, mp_context=context) as pool:
            return [pickle.loads(part) for part in pool.map(_packed, chunks)]
    finally:
        for name, value in threads.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _packed(chunk: tuple[int, int]) -> bytes:
    """Iterations in a process of a pool; results travel as plain values."""
    return pickle.dumps(_iterations(*chunk))


def _iterations(start: int, stop: int) -> Part:
    from qcisim.stack.run import run_once

    assert _work is not None
    network, programs, seed, options = _work
    results: list[list[Any]] = [[] for _ in network.nodes]
    stats, budget = Stats(), NoiseBudget()
    kept = random.getstate(), np.random.get_state()  # noqa: NPY002 -- programs may draw from the module's own stream
    try:
        for iteration in range(start, stop):
            draw = stream(seed, f"programs/{iteration}")
            random.seed(int(draw.integers(2**63)))
            np.random.seed(int(draw.integers(2**32)))  # noqa: NPY002 -- as above
            found = run_once(network, copy.deepcopy(dict(programs)), 1, seed, options, first=iteration)
            for mine, theirs in zip(results, found, strict=True):
                mine += [plain(one) for one in theirs]
            stats.add(found.stats)
            budget = budget.plus(found.noise_budget)
    finally:
        random.setstate(kept[0])
        np.random.set_state(kept[1])  # noqa: NPY002 -- as above
    return results, stats, budget
