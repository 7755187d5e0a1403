"""Entangled pairs from a source at a third node: coincidences over time and the state that the two nodes share."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qcisim.simulation.free_space import epoch_of
from qcisim.simulation.pair_arms import PairArm, pair_arms
from qcisim.simulation.pair_passes import common_windows
from qcisim.simulation.pass_search import sight

if TYPE_CHECKING:
    from qcisim.optics.pairs import PairStates
    from qcisim.simulation.scenario import Scenario
    from qcisim.simulation.space import Pairs

Floats: TypeAlias = NDArray[np.float64]
Arms: TypeAlias = tuple[PairArm, PairArm]
CURVE_POINTS = 121
SHORTEST_S = 1.0


def pair_windows(scenario: Scenario, name: str) -> list[tuple[float, float]]:
    """The times in which both nodes of ``name`` see their source, light allowed on both ways."""
    return _windows(_arms(scenario, name), scenario.duration_s)


def _arms(scenario: Scenario, name: str) -> Arms:
    spec = scenario.pairs[name]
    return pair_arms(scenario, f"pairs/{name}", spec.arms, spec.between, spec.source_node, spec.source)


def _windows(arms: Arms, duration_s: float) -> list[tuple[float, float]]:
    return [one for one in common_windows(arms, 0.0, duration_s) if one[1] - one[0] > SHORTEST_S]


def pairs_result(scenario: Scenario, name: str) -> dict[str, Any]:
    """What the two nodes see of their source: rates along its best time, sums over all of them, the shared state.

    Clear skies are taken for granted. Curves and density matrix are those of the window with most coincidences.
    """
    spec = scenario.pairs[name]
    arms = _arms(scenario, name)
    windows = _windows(arms, scenario.duration_s)
    found: dict[str, Any] = {"between": list(spec.between), "source_node": spec.source_node, "windows": len(windows)}
    if not windows:
        return found | {"coincidences": 0.0, "accidentals": 0.0, "reason": "both nodes never see the source at once"}
    step_s = scenario.pass_planning.step_s
    table = [_window(arms, spec, window, step_s, scenario) for window in windows]
    best = max(range(len(windows)), key=lambda i: table[i]["coincidences"])
    total, seconds = (math.fsum(row[key] for row in table) for key in ("coincidences", "duration_s"))
    found |= {
        "coincidences": total,
        "accidentals": math.fsum(row["accidentals"] for row in table),
        "seconds": seconds,
        "mean_coincidences_per_s": total / seconds,
        "minimum_loss_db": min(row["minimum_loss_db"] for row in table),
        "maximum_loss_db": max(row["maximum_loss_db"] for row in table),
        "table": table,
    }
    for key in ("fidelity", "chsh_s"):
        weighted = math.fsum(row["coincidences"] * row[key] for row in table)
        found[f"mean_{key}"] = weighted / total if total else 0.0
    return found | _curves(arms, spec, windows[best])


def _window(arms: Arms, spec: Pairs, window: tuple[float, float], step_s: float, scenario: Scenario) -> dict[str, Any]:
    """One time of common sight, summed over its steps; fidelity and S are means over its coincidences."""
    start_s, end_s = window
    count = max(1, math.ceil((end_s - start_s) / step_s))
    t_s = start_s + (end_s - start_s) * (np.arange(count) + 0.5) / count
    states, loss_db = _states(arms, spec, t_s), _loss_db(arms, t_s)
    coincidences = states.coincidence_rate_hz * (end_s - start_s) / count
    accidentals = states.accidental_rate_hz * (end_s - start_s) / count
    weights = np.maximum(coincidences, 1e-300)
    return {
        "start_utc": epoch_of(scenario).plus(start_s).text if scenario.start_utc else "",
        "start_s": start_s,
        "duration_s": end_s - start_s,
        "coincidences": math.fsum(coincidences),
        "accidentals": math.fsum(accidentals),
        "fidelity": float(np.average(states.fidelity(), weights=weights)),
        "chsh_s": float(np.average(states.chsh, weights=weights)),
        "minimum_loss_db": float(loss_db.min()),
        "maximum_loss_db": float(loss_db.max()),
    }


def _loss_db(arms: Arms, t_s: Floats) -> Floats:
    """Of both photons together, detectors included."""
    return sum((arm.link.states(t_s).loss_db for arm in arms), np.zeros(len(t_s)))


def _states(arms: Arms, spec: Pairs, t_s: Floats) -> PairStates:
    from qcisim.optics.pair_source import ContinuousPairSource
    from qcisim.optics.pairs import pair_states

    source = ContinuousPairSource(spec.source.pair_rate_hz, spec.source.coincidence_window_s, spec.source.fidelity)
    first, second = arms
    states = first.states(t_s), second.states(t_s)
    return pair_states(source, *states, first.receiver, second.receiver)


def _curves(arms: Arms, spec: Pairs, window: tuple[float, float]) -> dict[str, Any]:
    t_s = np.linspace(*window, CURVE_POINTS)
    states = _states(arms, spec, t_s)
    loss_db = _loss_db(arms, t_s)
    top = int(np.argmax(states.coincidence_rate_hz))
    rho = states.rho[top]
    return {
        "t_s": t_s.tolist(),
        "coincidences_per_s": states.coincidence_rate_hz.tolist(),
        "accidentals_per_s": states.accidental_rate_hz.tolist(),
        "loss_db": loss_db.tolist(),
        "fidelity": states.fidelity().tolist(),
        "chsh_s": states.chsh.tolist(),
        "rho": {"t_s": float(t_s[top]), "real": rho.real.tolist(), "imag": rho.imag.tolist()},
        "range_km": [[] if arm.spec.free_space is None else sight(arm.link, t_s).range_km.tolist() for arm in arms],
        "reason": "",
    }
