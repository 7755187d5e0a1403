"""The key of a satellite pass: how fast it is evaluated and optimised, one core.

usage: pass_key.py [--repeat 5] [--satquma FOLDER]
Prints JSON lines, medians of CPU seconds. With a checkout of SatQuMA 2.0 (https://github.com/cnqo-qcomms/SatQuMA, MIT)
in FOLDER, its key length function and optimiser do the same work on the same losses in the same run, and the keys are
compared: same link model, same bound, leakage f n h(Q).
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize

from qcisim.optics import Detector
from qcisim.optics.orbit.spherical import overhead_pass_elevation_deg, slant_range_km
from qcisim.security import Objective, PassCells, PassModel, SourceSettings, bound, optimise, optimise_pass
from qcisim.security.satquma import SatqumaModel

CLOCK_HZ = 1e8
BOUND = bound("lim2014_chernoff_capped")
EPS = {"epsilon_secret": 1e-9, "epsilon_correct": 1e-15}
START = SourceSettings((0.8, 0.3, 0.0), (0.7, 0.1, 0.2), 0.5)
FIXED = SourceSettings((0.7921, 0.1707, 0.0), (0.7501, 0.1749, 0.075), 0.7611)
HALF_WIDTH_S = 221
EXTRANEOUS, AFTERPULSES, ERROR = 5e-7, 0.001, 0.005


def overpass(system_loss_db: float) -> tuple[np.ndarray, np.ndarray]:
    """Transmittance and elevation by second of a zenith pass at 500 km: inverse square and 1/sin e."""
    elevation = overhead_pass_elevation_deg(500.0, np.arange(-HALF_WIDTH_S, HALF_WIDTH_S + 1.0))
    spread = (500.0 / slant_range_km(500.0, elevation)) ** 2
    air = 0.9 ** (1.0 / np.sin(np.radians(elevation)) - 1.0)
    return 10.0 ** (-system_loss_db / 10.0) * spread * air, elevation


def cpu_s(work: Callable[[], object], repeats: int, calls: int = 1) -> float:
    """Median CPU seconds of one call, after one that warms up."""
    work()
    times = []
    for _ in range(repeats):
        begin = time.process_time()
        for _ in range(calls):
            work()
        times.append((time.process_time() - begin) / calls)
    return statistics.median(times)


def report(**record: Any) -> None:
    print(json.dumps({"benchmark": "pass_key", **record}))


def faded(system_loss_db: float, nodes: int) -> PassModel:
    """The pass with log-normal fading of variance 0.2, every second in ``nodes`` cells, and a dead time of 50 ns."""
    eta, elevation = overpass(system_loss_db)
    x, weight = np.polynomial.hermite_e.hermegauss(nodes)
    weight = weight / weight.sum()
    factor = np.exp(np.sqrt(0.2) * x)
    cells = PassCells.of(
        np.outer(eta, factor / (weight @ factor)).ravel(),
        np.outer(np.full(eta.size, CLOCK_HZ), weight).ravel(),
        noise_per_gate=EXTRANEOUS,
        misalignment_error=ERROR,
        elevation_deg=np.repeat(elevation, nodes),
    )
    return PassModel(cells, Detector(0.5, 25.0, dead_time_s=50e-9), CLOCK_HZ)


def ours(repeats: int) -> None:
    """The planner on a pass with fading and dead time."""
    model = faded(33.0, 7)
    objective = Objective(BOUND, **EPS)
    report(
        what="counts of all cells",
        cells=len(model.cells),
        cpu_ms=1e3 * cpu_s(lambda: model(FIXED), repeats, 50),
    )
    few = model.with_cells(model.cells.compressed())
    report(
        what="key length, compressed",
        cells=len(few.cells),
        cpu_ms=1e3 * cpu_s(lambda: objective.bits(few(FIXED)), repeats, 50),
        deviation=objective.bits(few(FIXED)) / objective.bits(model(FIXED)) - 1.0,
    )
    for loss_db in (27.0, 33.0, 39.0, 43.0):
        link = faded(loss_db, 7)

        def plan(link: PassModel = link) -> Any:
            return optimise_pass(link, BOUND, START, **EPS, minimum_elevations_deg=tuple(range(10, 65, 5)))

        found = plan()
        report(
            what="optimise_pass",
            system_loss_db=loss_db,
            cpu_s=cpu_s(plan, repeats),
            bits=round(found.bits),
            minimum_elevation_deg=found.minimum_elevation_deg,
        )


def like_satquma(repeats: int, folder: Path | None) -> None:
    """SatQuMA's work: key length of 443 time slots, and its optimum over five settings."""
    eta, _ = overpass(33.0)
    model = SatqumaModel(eta, CLOCK_HZ, EXTRANEOUS, AFTERPULSES, ERROR)
    objective = Objective(BOUND, **EPS)
    single = cpu_s(lambda: objective.bits(model(FIXED)), repeats, 100)

    def search() -> SourceSettings:
        return optimise(model, BOUND, START, **EPS, keep_weakest=True)

    whole = cpu_s(search, repeats)
    fixed_bits, best_bits = objective.bits(model(FIXED)), objective.bits(model(search()))
    report(what="SatQuMA's model here", evaluations_per_s=1.0 / single, optimise_s=whole, bits=best_bits)
    if folder is None:
        report(what="SatQuMA", skipped="no checkout given (--satquma)")
        return
    key_length, once, shipped, arguments = theirs(folder, eta)
    x = np.array([FIXED.key_basis_probability, *FIXED.probabilities[:2], *FIXED.intensities[:2]])
    single_theirs = cpu_s(lambda: key_length(x, arguments), repeats, 100)
    one_run = cpu_s(once, repeats)
    bits_theirs = once()
    report(
        what="SatQuMA",
        evaluations_per_s=1.0 / single_theirs,
        optimise_once_s=one_run,
        optimise_as_shipped_s=cpu_s(shipped, 1),
        bits=bits_theirs,
        same_key_deviation=key_length(x, arguments)[0] / fixed_bits - 1.0,
    )
    report(
        what="ratio",
        evaluations=single_theirs / single,
        optimise_once=one_run / whole,
        key=best_bits / bits_theirs,
    )


def theirs(folder: Path, eta: np.ndarray) -> tuple[Callable[..., Any], Callable[[], float], Callable[[], None], Any]:
    """SatQuMA's key length function, one run of its optimiser, all runs it makes as shipped, and their arguments."""
    sys.path.insert(0, str(folder))
    from key.get_key import optimise_loop  # type: ignore[import-not-found]
    from key.protocols.key_efficient_BB84 import key_length, key_length_inv, set_params  # type: ignore[import-not-found]
    from optimize.optimiser import set_constraints  # type: ignore[import-not-found]

    arguments = set_params(
        EXTRANEOUS, ERROR, 0.0, HALF_WIDTH_S, 0.0, HALF_WIDTH_S, AFTERPULSES, eta, CLOCK_HZ, "Chernoff",
        EPS["epsilon_correct"], EPS["epsilon_secret"], 1e-10, "block", 1.16, 1,
    )  # fmt: skip
    starts = {"Px": (0.5, 0.3, 1.0), "P1": (0.7, 0.6, 0.9999), "P2": (0.1, 0.0, 0.4)}
    starts |= {"mu1": (0.8, 0.3, 1.0), "mu2": (0.3, 0.1, 0.5)}
    search_options = {"method": "COBYLA", "Nmax": 1200, "NoptMin": 10, "ctol": 1e-12, "rhobeg": 0.002}
    search_options |= {"tStopZero": True, "tStopBetter": False}
    asked = {"tOptimise": True, "Nopt": 5} | {name: [True, True, *values] for name, values in starts.items()}
    bounds, constraints, options, x, ends = set_constraints(asked, {"mu3": 0.0}, search_options, "aBB84-WCP")

    def once() -> float:
        found = minimize(
            key_length_inv, x, args=(arguments,), method="COBYLA", constraints=constraints, options=options
        )
        return float(1.0 / found.fun)

    def shipped() -> None:
        """Ten runs or more from random starts; what it returns is the last of them, which may be without key."""
        np.random.seed(1)  # noqa: NPY002 - its restarts are drawn from the global state
        optimise_loop(
            True, x, x.reshape(5, 1, 1, 1, 1, 1), np.zeros(5, dtype=np.int16), 0.0, ends, arguments,
            bounds, constraints, options, search_options,
        )  # fmt: skip

    return key_length, once, shipped, arguments


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--satquma", type=Path)
    options = parser.parse_args()
    ours(options.repeat)
    like_satquma(options.repeat, options.satquma)


if __name__ == "__main__":
    main()
