"""Elementary links: heralded pairs between neighbours of a chain."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qcisim.errors import require
from qcisim.quantum.bell_diagonal import BellDiagonal
from qcisim.quantum.entropy import shannon_entropy
from qcisim.quantum.pair_density import PairDensity
from qcisim.security.capacity import plob
from qcisim.units import GROUP_INDEX_G652_1550, SPEED_OF_LIGHT_M_PER_S

Floats = NDArray[np.float64]


class Heralded(Protocol):
    """What heralding gives; `qcisim.optics.heralding.Herald` is one."""

    @property
    def success_probability(self) -> float:
        """Of one attempt."""

    @property
    def attempt_s(self) -> float:
        """From one attempt to the next."""

    @property
    def wait_a_s(self) -> float:
        """From emission at a until the herald is back at a."""

    @property
    def wait_b_s(self) -> float:
        """The same at b."""

    @property
    def pair(self) -> PairDensity:
        """The heralded pair, near Phi+, before any waiting."""


@dataclass(frozen=True, slots=True, eq=False)
class ElementaryLink:
    """Attempts on a common clock until a herald: P(success at attempt k) = p (1-p)^(k-1).

    Both nodes send light in every tick in which their memory is free; the station in the middle tells after each tick
    whether a pair has been made. At the end of its attempt both nodes know.

    Args:
        length_km: of the fibre, for the delay of light and messages.
        success_probability: p of one attempt, in (0, 1].
        attempt_s: from one attempt to the next; not shorter than light needs along the link, there being a station at
            best halfway that must answer.
        weights: Bell weights (Phi+, Phi-, Psi+, Psi-) of the pair before any waiting, (4,).
        wait_s: how long the left and the right qubit have waited when the herald is known, at most ``attempt_s``; by
            default both as long as light needs along the link.
        group_index: of the fibre.
        transmittance: of light through the whole link, for ceilings; None where it is not known.
        hub: whether a station stands in the link, so that each light path is at most half of it.
        uses: modes of light that an attempt sends, such as the pulses of a train.
    """

    length_km: float
    success_probability: float
    attempt_s: float
    weights: Floats
    wait_s: tuple[float, float] | None = None
    group_index: float = GROUP_INDEX_G652_1550
    transmittance: float | None = None
    hub: bool = True
    uses: int = 1
    waited_s: tuple[float, float] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        good = self.length_km >= 0.0 and math.isfinite(self.length_km)
        require(good, f"length_km {self.length_km:g}: a length is finite and not negative")
        fast = f"group_index {self.group_index:g}: nothing is faster than light in vacuum"
        require(self.group_index >= 1.0 and math.isfinite(self.group_index), fast)
        p = self.success_probability
        require(0.0 < p <= 1.0, f"success probability {p:g}: lies in (0, 1], or the wait never ends")
        require(
            math.isfinite(self.attempt_s) and self.attempt_s >= 1e-12,
            f"attempt_s {self.attempt_s:g}: an attempt takes time, at least 1 ps",
        )
        require(
            self.attempt_s >= self.delay_s * (1.0 - 1e-12),
            f"attempt_s {self.attempt_s:g}: no herald before {self.delay_s:g} s, in which light reaches a station "
            f"halfway along {self.length_km:g} km and its answer comes back",
        )
        weights = BellDiagonal(self.weights).weights
        require(weights.shape == (4,), f"Bell weights of shape {weights.shape}: wanted (4,)")
        object.__setattr__(self, "weights", weights)
        waited = (self.delay_s, self.delay_s) if self.wait_s is None else self.wait_s
        waited = (min(waited[0], self.attempt_s), min(waited[1], self.attempt_s)) if self.wait_s is None else waited
        for value in waited:
            require(
                0.0 <= value <= self.attempt_s * (1.0 + 1e-12),
                f"wait_s {value:g}: a qubit waits for its herald from its emission on, at most one attempt",
            )
        object.__setattr__(self, "waited_s", waited)
        if self.transmittance is not None:
            eta = self.transmittance
            require(0.0 <= eta <= 1.0, f"transmittance {eta:g}: a passive link cannot amplify, wanted [0, 1]")
            made = p * max(0.0, 1.0 - shannon_entropy(weights))  # hashing: a rate that one could distil
            require(
                made <= self.ceiling_bits * (1.0 + 1e-9),
                f"success probability {p:g} with fidelity {weights[0]:g}: {made:.3g} secret bits per attempt, and "
                f"light of transmittance {eta:g} carries at most {self.ceiling_bits:.3g}",
            )

    @classmethod
    def of_herald(
        cls,
        herald: Heralded,
        length_km: float,
        *,
        group_index: float = GROUP_INDEX_G652_1550,
        transmittance: float,
        uses: int = 1,
    ) -> ElementaryLink:
        """The link that hardware makes; its pair is Pauli-twirled (fidelity and Bell weights are kept).

        Both nodes act when the later of them knows: a qubit waits (w + max w)/2.
        """
        waits = (herald.wait_a_s, herald.wait_b_s)
        known = tuple(0.5 * (wait + max(waits)) for wait in waits)
        weights = BellDiagonal.twirled(herald.pair.to_density()).weights
        return cls(
            length_km,
            herald.success_probability,
            herald.attempt_s,
            weights,
            (known[0], known[1]),
            group_index,
            transmittance,
            uses=uses,
        )

    @classmethod
    def werner(
        cls, length_km: float, success_probability: float, fidelity: ArrayLike, *, attempt_s: float | None = None
    ) -> ElementaryLink:
        """A link of Werner pairs; an attempt lasts as long as light along the link where not given."""
        delay = GROUP_INDEX_G652_1550 * length_km * 1e3 / SPEED_OF_LIGHT_M_PER_S
        period = max(delay, 1e-12) if attempt_s is None else attempt_s
        return cls(length_km, success_probability, period, BellDiagonal.werner(fidelity).weights)

    @property
    def delay_s(self) -> float:
        """t = n_g L / c."""
        return self.group_index * self.length_km * 1e3 / SPEED_OF_LIGHT_M_PER_S

    @property
    def fidelity(self) -> float:
        """<Phi+|rho|Phi+> before any waiting."""
        return float(self.weights[0])

    @property
    def ceiling_bits(self) -> float:
        """-log2(1 - eta) of the light path, of half the link with a hub in its middle, times the uses of an attempt."""
        if self.transmittance is None:
            return math.inf
        return self.uses * plob(math.sqrt(self.transmittance) if self.hub else self.transmittance)
