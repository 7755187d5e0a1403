"""The parts that free-space links share: from named efficiencies, fading and noise to link states."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qcisim.errors import require
from qcisim.optics.freespace.arrays import Floats
from qcisim.optics.pulse_shape import neighbour_share, window_share
from qcisim.optics.receiver import Receiver
from qcisim.optics.source import Pulse
from qcisim.optics.states import ArrayTerms, LinkStates
from qcisim.quantum import Matrix

GATE = "share of the arrival times, pulse and detector jitter, inside the gate: erf(sqrt(ln 2) T/FWHM)"
DETECTOR = "efficiency of the receiver's detectors"
RECEIVER = "insertion_loss_db of the receiver"
DARK = "dark_count_rate_hz x gate_s, per detector"
RANGE = "range over c; its change along the pass is followed"


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """An efficiency (n,) or number with its name and where it comes from."""

    name: str
    efficiency: Floats | float
    source: str


def check_clock(receiver: Receiver, clock_hz: float) -> None:
    """Refuse a clock that does not tick, and gates longer than a round."""
    require(clock_hz > 0.0, f"clock_hz {clock_hz:g}: wanted above 0")
    gate_s = receiver.detector.gate_s
    fits = gate_s * clock_hz <= 1.0 + 1e-9
    require(fits, f"gate_s {gate_s:g} at {clock_hz:g} Hz: the gate is longer than a round")


def detection(receiver: Receiver, pulse: Pulse, clock_hz: float) -> tuple[tuple[Term, ...], float]:
    """Gate and detector as terms, and the share of light in other rounds' gates relative to the own."""
    detector = receiver.detector
    fwhm_s = float(np.hypot(pulse.fwhm_s, detector.jitter_fwhm_s))
    inside = window_share(fwhm_s, detector.gate_s)
    outside = neighbour_share(fwhm_s, min(detector.gate_s, 1.0 / clock_hz), 1.0 / clock_hz)
    terms = (Term("outside the gate", inside, GATE), Term("detector efficiency", detector.efficiency, DETECTOR))
    return terms, outside / inside


def assemble(
    t_s: Floats,
    terms: tuple[Term, ...],
    fading: tuple[Floats, Floats],
    kraus: Matrix,
    noise: tuple[tuple[str, Floats | float, str], ...],
    delay_s: Floats,
    neighbours: float,
    cut: str,
    *,
    range_km: Floats,
    elevation_deg: Floats | None = None,
    azimuth_deg: Floats | None = None,
) -> LinkStates:
    """Link states from terms. A fading law that passes transmittance 1 is cut; the loss goes to the term ``cut``."""
    factor, weight = fading
    eta = np.ones_like(t_s)
    for term in terms:
        eta = eta * term.efficiency
    factor, kept = _cut(eta, factor, weight)
    losses: ArrayTerms = tuple(
        (term.name, _db(np.broadcast_to(term.efficiency * kept if term.name == cut else term.efficiency, t_s.shape)))
        for term in terms
    )
    return LinkStates(
        t_s,
        losses,
        kraus,
        tuple((name, np.array(np.broadcast_to(mean, t_s.shape))) for name, mean, _ in noise),
        delay_s,
        np.full(t_s.shape, neighbours),
        factor,
        weight,
        range_km,
        elevation_deg,
        azimuth_deg,
        tuple((term.name, term.source) for term in terms) + tuple((name, source) for name, _, source in noise),
    )


def _cut(eta: Floats, factor: Floats, weight: Floats) -> tuple[Floats, Floats | float]:
    """min(f, 1/eta) with its mean taken out: the factors, and that mean."""
    if eta.size == 0 or float((eta * factor.max(axis=1)).max()) <= 1.0:
        return factor, 1.0
    highest = 1.0 / np.maximum(eta, 1e-300)
    cut = np.minimum(factor, highest[:, None])
    kept = cut @ weight
    return cut / kept[:, None], kept


def _db(efficiency: Floats) -> Floats:
    with np.errstate(divide="ignore"):
        loss: Floats = -10.0 * np.log10(efficiency)
    return np.maximum(loss, 0.0)  # -0.0 and rounding above 1
