"""Entangled pairs from a source at a third node: coincidences over time and the state that the two nodes share."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qcisim.optics import FibreLink, Pulse, Receiver
from qcisim.simulation.build import build_fibre, build_receiver
from qcisim.simulation.free_space import epoch_of, free_space_link
from qcisim.simulation.pass_search import allowed, conditions, geometry_of, sight
from qcisim.simulation.space import Arm, Pairs

if TYPE_CHECKING:
    from qcisim.optics.pairs import PairStates
    from qcisim.simulation.scenario import Scenario

Floats: TypeAlias = NDArray[np.float64]
CURVE_POINTS = 121
LIGHT_PULSE = {"fwhm_s": 0.0, "linewidth_rms_nm": 0.0}


class _Arm:
    """One way from the source: its link, its receiver, and when it can be used."""

    def __init__(self, scenario: Scenario, spec: Arm, between: tuple[str, str], pairs: Pairs) -> None:
        receiver, window_s = build_receiver(spec.receiver), pairs.source.coincidence_window_s
        self.receiver: Receiver = replace(receiver, detector=replace(receiver.detector, gate_s=window_s))
        pulse, clock_hz = Pulse(wavelength_nm=pairs.source.wavelength_nm, **LIGHT_PULSE), 1.0 / window_s
        self.spec = spec
        if spec.free_space is not None:
            self.link: Any = free_space_link(scenario, between, spec.free_space, clock_hz, self.receiver, pulse)
        else:
            assert spec.fibre is not None  # the scenario refuses an arm without a medium
            self.link = FibreLink(build_fibre(spec.fibre), self.receiver, clock_hz, pulse)

    def windows(self, duration_s: float) -> Iterator[tuple[float, float]]:
        """When light can be sent."""
        if self.spec.free_space is None:
            yield 0.0, duration_s
            return
        for one in map(geometry_of, self.link.passes(0.0, duration_s)):
            parts = [(one.rise_s, one.set_s)]
            for _, allows in conditions(self.link, self.spec.free_space):
                parts = [smaller for part in parts for smaller in allowed(allows, *part)]
            yield from parts


def pair_windows(scenario: Scenario, name: str) -> list[tuple[float, float]]:
    """The times in which both nodes of ``name`` see their source, light allowed on both ways."""
    return list(_common(*(list(arm.windows(scenario.duration_s)) for arm in _arms(scenario, scenario.pairs[name]))))


def _arms(scenario: Scenario, spec: Pairs) -> list[_Arm]:
    ends = zip(spec.arms, spec.between, strict=True)
    return [_Arm(scenario, arm, (spec.source_node, node), spec) for arm, node in ends]


def pairs_result(scenario: Scenario, name: str) -> dict[str, Any]:
    """What the two nodes see of their source: rates along its best time, sums over all of them, the shared state.

    Clear skies are taken for granted. Curves and density matrix are those of the window with most coincidences.
    """
    spec = scenario.pairs[name]
    arms = _arms(scenario, spec)
    windows = list(_common(*(list(arm.windows(scenario.duration_s)) for arm in arms)))
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


def _window(
    arms: list[_Arm], spec: Pairs, window: tuple[float, float], step_s: float, scenario: Scenario
) -> dict[str, Any]:
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


def _loss_db(arms: list[_Arm], t_s: Floats) -> Floats:
    """Of both photons together, detectors included."""
    return sum((arm.link.states(t_s).loss_db for arm in arms), np.zeros(len(t_s)))


def _common(first: list[tuple[float, float]], second: list[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """The times that lie in a window of each list."""
    for a in first:
        for b in second:
            start_s, end_s = max(a[0], b[0]), min(a[1], b[1])
            if end_s - start_s > 1.0:
                yield start_s, end_s


def _states(arms: list[_Arm], spec: Pairs, t_s: Floats) -> PairStates:
    from qcisim.optics.pair_source import ContinuousPairSource
    from qcisim.optics.pairs import pair_states

    source = ContinuousPairSource(spec.source.pair_rate_hz, spec.source.coincidence_window_s, spec.source.fidelity)
    first, second = arms
    states = first.link.states(t_s), second.link.states(t_s)
    return pair_states(source, *states, first.receiver, second.receiver)


def _curves(arms: list[_Arm], spec: Pairs, window: tuple[float, float]) -> dict[str, Any]:
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
