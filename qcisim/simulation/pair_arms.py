"""The two ways from a source of pairs to its stations: what a photon meets on each, and when each can be used."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qcisim.engine import stream
from qcisim.optics import ClassicalChannel, FibreLink, LinkStates, Pulse, Receiver
from qcisim.quantum import PAULIS, Channel

if TYPE_CHECKING:
    from qcisim.simulation.scenario import Scenario
    from qcisim.simulation.space import Arm, PairSource

Floats: TypeAlias = NDArray[np.float64]
LIGHT_PULSE = {"fwhm_s": 0.0, "linewidth_rms_nm": 0.0}  # the window of coincidence is the gate


@dataclass(frozen=True)
class PairArm:
    """One way from the source: to which node, through what, into which receiver, whose gate is the window.

    ``link`` has an aligned receiver: what misalignment does follows in `states`.
    """

    node: str
    spec: Arm
    link: Any
    receiver: Receiver
    misalignment_error: float

    def states(self, t_s: Floats) -> LinkStates:
        """The arm at the times ``t_s`` (n,), with a misalignment of unknown sense.

        The two stations' axes are turned against each other by an unknown angle, not each against the source by a
        known one: in Phi+ equal turns on both sides would cancel. So a photon meets the wrong detector with probability
        e in every basis of the Z-X plane, rho -> (1 - e) rho + e Y rho Y.
        """
        states: LinkStates = self.link.states(t_s)
        e = self.misalignment_error
        kraus = np.concatenate([math.sqrt(1.0 - e) * states.kraus, math.sqrt(e) * PAULIS[2] @ states.kraus], axis=1)
        return replace(states, kraus=kraus) if e else states

    def planned(self, t_s: Floats, start_s: float) -> LinkStates:
        """The arm as its owners plan with it in a block from ``start_s`` on: a drifting polarisation as it is then."""
        if isinstance(self.link, FibreLink) and self.link.walk is not None:
            return replace(self.states(np.full_like(t_s, start_s)), t_s=t_s)
        return self.states(t_s)

    @property
    def in_space(self) -> bool:
        """Whether it can be used during passes only."""
        return self.spec.free_space is not None

    @property
    def is_constant(self) -> bool:
        """Whether it never changes."""
        return isinstance(self.link, FibreLink) and self.link.walk is None

    def windows(self, begin_s: float, end_s: float) -> Iterator[tuple[float, float]]:
        """When its light can be used, clouds apart."""
        if self.spec.free_space is None:
            yield begin_s, end_s
            return
        from qcisim.simulation.pass_search import allowed, conditions, geometry_of

        for one in map(geometry_of, self.link.passes(begin_s, end_s)):
            parts = [(one.rise_s, one.set_s)]
            for _, allows in conditions(self.link, self.spec.free_space):
                parts = [smaller for part in parts for smaller in allowed(allows, *part)]
            yield from parts


def pair_arms(
    scenario: Scenario,
    name: str,
    specs: tuple[Arm, Arm],
    between: tuple[str, str],
    node: str,
    source: PairSource,
    eve: Channel | None = None,
) -> tuple[PairArm, PairArm]:
    """Both arms from a source at ``node``; Eve, where there is one, sits on the second. ``name`` is that of streams."""
    from qcisim.simulation.build import build_fibre, build_receiver
    from qcisim.simulation.free_space import free_space_link

    clock_hz = 1.0 / source.coincidence_window_s
    pulse = Pulse(wavelength_nm=source.wavelength_nm, **LIGHT_PULSE)
    arms = []
    for spec, end, attack in zip(specs, between, (None, eve), strict=True):
        made = build_receiver(spec.receiver)
        gated = replace(made.detector, gate_s=source.coincidence_window_s)
        receiver = replace(made, detector=gated, misalignment_error=0.0)
        way: Any
        if spec.free_space is not None:
            way = free_space_link(scenario, (node, end), spec.free_space, clock_hz, receiver, pulse, attack)
        else:
            assert spec.fibre is not None  # the scenario refuses an arm without a medium
            classical = tuple(ClassicalChannel(**channel.model_dump()) for channel in spec.fibre.classical_channels)
            rng = stream(scenario.seed, f"{name}/polarisation/{end}")
            way = FibreLink(build_fibre(spec.fibre), receiver, clock_hz, pulse, classical, attack=attack, rng=rng)
        arms.append(PairArm(end, spec, way, receiver, made.misalignment_error))
    return arms[0], arms[1]
