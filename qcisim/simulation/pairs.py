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
from qcisim.simulation.free_space import free_space_link
from qcisim.simulation.pass_search import conditions, geometry_of, longest, sight
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
            part: tuple[float, float] | None = (one.rise_s, one.set_s)
            for _, allows in conditions(self.link, self.spec.free_space):
                part = None if part is None else longest(allows, *part)
            if part is not None:
                yield part


def pairs_result(scenario: Scenario, name: str) -> dict[str, Any]:
    """What the two nodes see of their source: rates along its best time, sums over all of them, the shared state.

    Clear skies are taken for granted. Curves and density matrix are those of the window with most coincidences.
    """
    spec = scenario.pairs[name]
    arms = [
        _Arm(scenario, arm, (spec.source_node, node), spec) for arm, node in zip(spec.arms, spec.between, strict=True)
    ]
    windows = list(_common(*(list(arm.windows(scenario.duration_s)) for arm in arms)))
    found: dict[str, Any] = {"between": list(spec.between), "source_node": spec.source_node, "windows": len(windows)}
    if not windows:
        return found | {"coincidences": 0.0, "accidentals": 0.0, "reason": "both nodes never see the source at once"}
    step_s = scenario.pass_planning.step_s
    sums = []
    for start_s, end_s in windows:
        count = max(1, math.ceil((end_s - start_s) / step_s))
        t_s = start_s + (end_s - start_s) * (np.arange(count) + 0.5) / count
        states = _states(arms, spec, t_s)
        weight = (end_s - start_s) / count
        coincidences, accidentals = states.coincidence_rate_hz * weight, states.accidental_rate_hz * weight
        fidelity = float(np.average(states.fidelity(), weights=np.maximum(coincidences, 1e-300)))
        sums.append((math.fsum(coincidences), math.fsum(accidentals), fidelity))
    best = max(range(len(windows)), key=lambda i: sums[i][0])
    total = math.fsum(one[0] for one in sums)
    mean_fidelity = math.fsum(one[0] * one[2] for one in sums) / total if total else 0.0
    found |= {"coincidences": total, "accidentals": math.fsum(one[1] for one in sums), "mean_fidelity": mean_fidelity}
    return found | {"seconds": math.fsum(end - start for start, end in windows)} | _curves(arms, spec, windows[best])


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
    loss_db = sum((arm.link.states(t_s).loss_db for arm in arms), np.zeros(len(t_s)))
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
