"""Heralded links in the parameters of SquidASM configurations: two nodes, two fibres, a station between them.

Qubits are ordered a, b; the station heralds Psi+ or Psi-, by which of its ports click. `qcisim.optics.heralding` has
the same schemes from hardware; both agree where they describe the same thing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from qcisim.errors import require
from qcisim.optics.heralding import Arm, Station, single_click
from qcisim.quantum import Matrix
from qcisim.stack.links.attempts import AttemptLink
from qcisim.stack.links.delivery import PSI_MINUS, PSI_PLUS, PairState

_PHASE_FLIP = np.diag([1.0, -1.0, 1.0, -1.0]).astype(np.complex128)


def _probability(name: str, value: float) -> None:
    require(0.0 <= value <= 1.0, f"{name} {value:g}: a probability lies in [0, 1]")


@dataclass(frozen=True, slots=True)
class Side:
    """A node and its fibre to the station.

    Args:
        length_km: of the fibre.
        loss_probability: that a photon is lost on its way into the fibre.
        attenuation_db_per_km: of the fibre.
        speed_km_per_s: of light in it.
        emission_fidelity: of memory and photon with a Bell state; the rest is white.
        emission_ns: before the photon is on its way.
        collection_efficiency: that the photon comes out of the node.
    """

    length_km: float
    loss_probability: float = 0.0
    attenuation_db_per_km: float = 0.25
    speed_km_per_s: float = 200_000.0
    emission_fidelity: float = 1.0
    emission_ns: float = 0.0
    collection_efficiency: float = 1.0

    def __post_init__(self) -> None:
        for name in ("length_km", "attenuation_db_per_km", "emission_ns"):
            value = getattr(self, name)
            require(value >= 0.0 and math.isfinite(value), f"{name} {value:g}: finite and not negative")
        for name in ("loss_probability", "collection_efficiency"):
            _probability(name, getattr(self, name))
        speed, fidelity = self.speed_km_per_s, self.emission_fidelity
        require(speed > 0.0, f"speed of light {speed:g} km/s: wanted above 0")
        require(0.25 <= fidelity <= 1.0, f"emission_fidelity {fidelity:g}: lies in [0.25, 1]; 0.25 is white noise")

    @property
    def transmittance(self) -> float:
        """(1 - p_init) 10^(-a L/10), collection included."""
        fibre = math.pow(10.0, -0.1 * self.attenuation_db_per_km * self.length_km)
        return (1.0 - self.loss_probability) * fibre * self.collection_efficiency

    @property
    def attempt_ns(self) -> float:
        """Emit, to the station and back."""
        return self.emission_ns + 2.0 * self.length_km / self.speed_km_per_s * 1e9

    @property
    def purity(self) -> float:
        """(4F - 1)/3 of the emission."""
        return (4.0 * self.emission_fidelity - 1.0) / 3.0


@dataclass(frozen=True, slots=True)
class Midpoint:
    """The station.

    Args:
        dark_count_probability: of one detector in one attempt.
        detector_efficiency: a photon that arrives is seen.
        visibility: V, of the Hong-Ou-Mandel dip.
        num_resolving: a detector tells two photons from one.
    """

    dark_count_probability: float = 0.0
    detector_efficiency: float = 1.0
    visibility: float = 1.0
    num_resolving: bool = False

    def __post_init__(self) -> None:
        for name in ("dark_count_probability", "detector_efficiency", "visibility"):
            _probability(name, getattr(self, name))


@dataclass(frozen=True, slots=True)
class Coincidence:
    """P(two clicks fall into one coincidence window), for two photons, a photon and a dark count, two dark counts."""

    photons: float = 1.0
    photon_and_dark: float = 1.0
    darks: float = 1.0

    def __post_init__(self) -> None:
        for name in ("photons", "photon_and_dark", "darks"):
            _probability(f"coincidence probability of {name}", getattr(self, name))


def double_click_pair(
    side_a: Side, side_b: Side, station: Midpoint = Midpoint(), coincidence: Coincidence = Coincidence()
) -> tuple[float, Matrix]:
    """Success probability and heralded state near Psi+, for photons with the qubit in two modes.

    Weights, d dark counts per detector, p_X = transmittance x detector efficiency:

    - both photons seen in different modes, p_a p_b/2 (1-d)^2: V |Psi><Psi| + (1-V)/2 (|01><01| + |10><10|);
    - both in one mode and at one port, and a dark count, p_a p_b/2 (1+V)/2 2d (1-d)^2: (|00><00| + |11><11|)/2;
    - one seen and a dark count, (p_a (1-p_b) + p_b (1-p_a)) 2d (1-d)^2: 1/4;
    - none seen and two dark counts, (1-p_a)(1-p_b) 4d^2 (1-d)^2: 1/4.

    Detectors that resolve numbers count a photon and a dark count as two: a factor 1-d for each photon seen, and no
    second line. White emissions make a white pair.

    Source: the model of Avis et al., npj Quantum Information 9, 100 (2023), arXiv:2207.10579.
    """
    p_a, p_b = (side.transmittance * station.detector_efficiency for side in (side_a, side_b))
    dark, v = station.dark_count_probability, station.visibility
    alone = 1.0 - dark if station.num_resolving else 1.0
    quiet = (1.0 - dark) ** 2
    true = 0.5 * p_a * p_b * quiet * alone**2 * coincidence.photons
    same = 0.0 if station.num_resolving else 0.5 * p_a * p_b * 0.5 * (1.0 + v) * 2.0 * dark * quiet
    one = (p_a * (1.0 - p_b) + p_b * (1.0 - p_a)) * 2.0 * dark * quiet * alone
    none = (1.0 - p_a) * (1.0 - p_b) * 4.0 * dark**2 * quiet * coincidence.darks
    same, one = same * coincidence.photon_and_dark, one * coincidence.photon_and_dark
    photons = np.diag([0.5 * same, 0.5 * true, 0.5 * true, 0.5 * same]).astype(np.complex128)
    photons[1, 2] = photons[2, 1] = 0.5 * v * true
    white = np.eye(4, dtype=np.complex128) / 4.0
    pure = side_a.purity * side_b.purity
    total = true + same + one + none
    require(total > 0.0, "no click ever: neither light nor dark counts reach the detectors")
    rho: Matrix = (pure * photons + ((1.0 - pure) * (true + same) + one + none) * white) / total
    return total, rho


def single_click_pair(
    side_a: Side, side_b: Side, station: Midpoint = Midpoint(), *, bright: float = 0.01
) -> tuple[float, Matrix]:
    """Success probability and heralded state near Psi+, each qubit in sqrt(1-alpha)|0> + sqrt(alpha)|1>, |1> emits.

    Without noise F is about 1 - alpha and p = 2 alpha p_X. White emissions make a white pair.

    Args:
        bright: alpha, of both sides.

    Source: Cabrillo, Cirac, Garcia-Fernandez, Zoller, Phys. Rev. A 59, 1025 (1999).
    """
    arms = [Arm(side.transmittance * station.detector_efficiency) for side in (side_a, side_b)]
    seen = Station(station.visibility, station.dark_count_probability, 0.0, station.num_resolving)
    herald = single_click(arms[0], arms[1], bright, bright, seen)
    pure = side_a.purity * side_b.purity
    rho: Matrix = pure * herald.rho + (1.0 - pure) * np.eye(4) / 4.0
    return herald.success_probability, rho


def heralded_link(probability: float, rho: Matrix, attempt_ns: float, *, modes: int = 1) -> AttemptLink:
    """A link of pairs near Psi+ and Psi-, as often the one as the other.

    Args:
        probability: of one mode in one attempt.
        rho: near Psi+.
        modes: tried in one attempt: p = 1 - (1-p_1)^m.
    """
    require(modes >= 1, f"{modes} modes of multiplexing: wanted at least one")
    any_mode = probability if modes == 1 or probability >= 1.0 else -math.expm1(modes * math.log1p(-probability))
    minus: Matrix = _PHASE_FLIP @ rho @ _PHASE_FLIP
    return AttemptLink((PairState(rho, PSI_PLUS), PairState(minus, PSI_MINUS)), attempt_ns, any_mode)


def double_click_link(
    side_a: Side,
    side_b: Side,
    station: Midpoint = Midpoint(),
    coincidence: Coincidence = Coincidence(),
    *,
    modes: int = 1,
) -> AttemptLink:
    """Attempts of two clicks; one lasts as long as the slower side needs to the station and back."""
    probability, rho = double_click_pair(side_a, side_b, station, coincidence)
    return heralded_link(probability, rho, max(side_a.attempt_ns, side_b.attempt_ns), modes=modes)


def single_click_link(
    side_a: Side, side_b: Side, station: Midpoint = Midpoint(), *, bright: float = 0.01, attempt_ns: float | None = None
) -> AttemptLink:
    """Attempts of one click; one lasts ``attempt_ns``, or as long as the slower side needs to the station and back."""
    probability, rho = single_click_pair(side_a, side_b, station, bright=bright)
    return heralded_link(
        probability, rho, max(side_a.attempt_ns, side_b.attempt_ns) if attempt_ns is None else attempt_ns
    )
