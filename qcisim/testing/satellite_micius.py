"""Adapters of the satellite cases about Micius: counts and keys of its pass, and of the upgraded link.

Inputs that a paper does not print are in `MiciusPass` and `MiciusUpgrade` with their origin, never a fit to the
published number.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qcisim.optics import (
    ClickTables,
    Detector,
    LinkStates,
    Receiver,
    Tally,
    WeakCoherentSource,
    click_tables,
    expected_tallies,
)
from qcisim.optics.source import Floats
from qcisim.quantum import identity
from qcisim.units import db_from_transmittance

Params = Mapping[str, Any]
Adapter = Callable[[Params], float]


# Counts of a pass with a given loss


@dataclass(frozen=True, slots=True)
class MiciusPass:
    """What Liao et al., Nature 549, 43 (2017) leave out of what a count needs.

    Dark counts: the printed upper limit of 25 Hz, in the printed window of 2 ns. Dead time 50 ns is usual for silicon
    diodes (second-hand). Errors: all of the printed QBER is taken as misalignment. The Hamming code's efficiency is not
    printed; 1.16 is a common value. The finite-key method is not printed in full; here it is Lim et al. 2014 with
    Chernoff intervals, each basis once as key and once as test basis, half of the failure probability each.
    """

    dark_count_rate_hz: float = 25.0
    window_s: float = 2e-9
    dead_time_s: float = 50e-9
    reconciliation_efficiency: float = 1.16
    bound: str = "lim2014_chernoff_capped"
    duration_s: float = 273.0
    clock_hz: float = 1e8

    def tally(
        self, p: Params, loss_db: Floats, seconds: Floats, efficiency: float, *, misalignment_error: float = 0.0
    ) -> Tally:
        """Expected counts of steps with ``loss_db`` (n,) before the detectors, ``seconds`` (n,) each."""
        clock_hz = p.get("pulse_rate_hz", self.clock_hz)
        detector = Detector(efficiency, self.dark_count_rate_hz, dead_time_s=self.dead_time_s, gate_s=self.window_s)
        losses = (("link", loss_db), ("detector efficiency", np.full(len(loss_db), db_from_transmittance(efficiency))))
        tables = _tables(p, losses, detector, clock_hz, misalignment_error)
        return expected_tallies(tables, clock_hz * seconds, detector, clock_hz).total()


def _tables(
    p: Params,
    losses_db: Sequence[tuple[str, Floats]],
    detector: Detector,
    clock_hz: float,
    misalignment_error: float = 0.0,
) -> ClickTables:
    from qcisim.optics.polarisation import rotation_angle_stokes_rad
    from qcisim.quantum import rotation_y

    n = len(losses_db[0][1])
    turned = rotation_y(rotation_angle_stokes_rad(misalignment_error)) if misalignment_error else identity()
    states = LinkStates(
        np.arange(float(n)),
        tuple(losses_db),
        turned.kraus[None],
        (("dark counts", np.full(n, detector.dark_counts_per_gate)),),
        np.zeros(n),
        np.zeros(n),
    )
    match = p.get("basis_match_probability", 0.5)
    bias = 0.5 + 0.5 * math.sqrt(max(0.0, 2.0 * match - 1.0))  # b^2 + (1-b)^2 = match
    source = WeakCoherentSource(tuple(p["intensities"]), tuple(p["intensity_probabilities"]), clock_hz, bias)
    return click_tables(source, states, Receiver(detector, bias, 0.0, 0.0))


def _matched(tally: Tally, setting: int) -> float:
    """Detections of a setting in matching bases."""
    return float(tally.detections[setting, 0, 0] + tally.detections[setting, 1, 1])


def _pass_detections(p: Params) -> float:
    """The loss of the figure along the track of the figure, second by second."""
    from qcisim.optics.freespace.terminals import LossTable

    t_s = np.arange(0.5, p["duration_s"])
    table = LossTable(np.array(p["loss_curve_km"], np.float64), np.array(p["loss_curve_db"], np.float64))
    loss_db = table.loss_db(np.interp(t_s, p["track_s"], p["track_km"]))
    return MiciusPass().tally(p, loss_db, np.ones(len(t_s)), p["detector_efficiency"]).clicks


def _sifted_rate_kbit_per_s(p: Params) -> float:
    """Sifted there means signal pulses in matching bases."""
    tally = MiciusPass().tally(p, np.array([p["link_loss_db"]]), np.ones(1), p["detector_efficiency"])
    return _matched(tally, 0) / 1e3


def _sifting_fraction(p: Params) -> float:
    """Signal pulses in matching bases over all clicks, in the limit of low gain and without noise."""
    share = (p["signal_probability"], p["decoy_probability"])
    settings = {
        "intensities": (p["signal_mu"], p["decoy_mu"], 0.0),
        "intensity_probabilities": (*share, 1.0 - sum(share)),
        "basis_match_probability": p["basis_match_probability"],
    }
    detector = Detector(1.0, 0.0)
    tables = _tables(settings, (("link", np.array([60.0])),), detector, 1e8)
    tally = expected_tallies(tables, np.array([1e8]), detector, 1e8).total()
    return _matched(tally, 0) / tally.clicks


def _final_key_fraction(p: Params) -> float:
    """The constant loss that gives the printed sifted bits in the printed 273 s, then the finite key of both bases."""
    from qcisim import security

    assumed = MiciusPass()
    rounds = assumed.clock_hz * assumed.duration_s
    signal, share = p["intensities"][0], p["intensity_probabilities"][0]
    gain = p["sifted_bits"] / (rounds * share * 0.5)
    loss_db = np.array([db_from_transmittance(-math.log1p(-gain) / signal)])
    seconds = np.array([assumed.duration_s])
    tally = assumed.tally(p, loss_db, seconds, 1.0, misalignment_error=p["qber"])
    source = WeakCoherentSource(tuple(p["intensities"]), tuple(p["intensity_probabilities"]), assumed.clock_hz)
    counts = security.BlockCounts.of(tally, source, observed=False)
    leak_bits = security.link_models.planned_leak_bits(counts, assumed.reconciliation_efficiency)
    length = security.bound(assumed.bound).secret_length(
        counts, leak_bits, epsilon_secret=p["epsilon"] / 2.0, epsilon_correct=1e-15
    )
    return 2.0 * length.bits / float(p["sifted_bits"])


def _published_budget_db(p: Params) -> float:
    """The printed terms at the middle of their ranges, each one named term of a link."""
    n = np.ones(1)
    terms = {
        "diffraction": p["diffraction_db"],
        "atmosphere and turbulence": sum(p["atmosphere_db"]) / 2.0,
        "pointing": sum(p["pointing_db"]) / 2.0,
        "receiver optics": db_from_transmittance(p["receiver_optics_efficiency"]),
        "detector efficiency": db_from_transmittance(p["detector_efficiency"]),
    }
    losses = tuple((name, loss_db * n) for name, loss_db in terms.items())
    states = LinkStates(0.0 * n, losses, identity().kraus[None], (), 0.0 * n, 0.0 * n)
    return float(states.loss_db[0])


@dataclass(frozen=True, slots=True)
class MiciusUpgrade:
    """The upgraded satellite link of Chen et al., Nature 589, 214 (2021), whose abstract prints none of this.

    Pass: that of 19 December 2016 over Xinglong, with its elements, as a typical one. Payload and station as printed in
    Liao et al. 2017 (10 urad flat beam, 1.2 urad tracking, 1 m, 16 %, 50 %, 25 Hz, 2 ns, contrast 280:1), but a clock
    of 200 MHz (second-hand) and settings that are optimised on the predicted pass. Air: the clear-sky transmittance of
    the 850 nm cases, log-normal fading in HV 5/7; night sky of the free-space terms; dead time and reconciliation as in
    `MiciusPass`. A predicted budget is good to about 4 dB.
    """

    elements: tuple[str, str] = (
        "1 41731U 16051A   16354.56913372  .00000384  00000-0  18801-4 0  9991",
        "2 41731  97.3698 268.1064 0013349 175.8929 309.0190 15.23916091 19164",
    )
    start_utc: str = "2016-12-19T15:00:00Z"
    station: tuple[float, float, float] = (40.39586667, 117.5774583, 893.0)
    minimum_elevation_deg: float = 10.0
    clock_hz: float = 2e8
    misalignment_error: float = 1.0 / 281.0
    zenith_transmittance: float = 0.8952

    def kbit_per_s(self) -> float:
        """Secret bits of the block over the time in which the pass is used."""
        from qcisim import security
        from qcisim.optics import Pulse
        from qcisim.optics.freespace.link import FreeSpaceLink
        from qcisim.optics.freespace.terminals import Atmosphere, Sky, Telescope, Transmitter
        from qcisim.optics.orbit import Epoch, GroundStation, TwoLineElements

        micius = MiciusPass()
        detector = Detector(
            0.5,
            micius.dark_count_rate_hz,
            dead_time_s=micius.dead_time_s,
            jitter_fwhm_s=350e-12,
            gate_s=micius.window_s,
        )
        link = FreeSpaceLink(
            TwoLineElements(*self.elements),
            GroundStation(*self.station, self.minimum_elevation_deg),
            Epoch.parse(self.start_utc),
            Transmitter(0.3, "flat", divergence_full_rad=10e-6, jitter_rad=1.2e-6),
            Telescope(1.0, efficiency=0.16),
            Atmosphere(self.zenith_transmittance),
            Sky(),
            Receiver(detector, 0.5, 0.0, self.misalignment_error),
            self.clock_hz,
            Pulse(848.6, 200e-12, 0.0),
        )
        best = max(link.passes(0.0, 3.0 * 3600.0), key=lambda one: one.maximum_elevation_deg)
        t_s = np.arange(best.rise_s + 0.5, best.set_s)
        model = security.PassModel(
            security.PassCells.of_states(link.states(t_s), np.full(len(t_s), self.clock_hz)), detector, self.clock_hz
        )
        plan = security.optimise_pass(
            model,
            security.bound(micius.bound),
            security.SourceSettings((0.8, 0.1, 0.0), (0.5, 0.25, 0.25), 0.5),
            epsilon_secret=1e-9,
            epsilon_correct=1e-15,
            efficiency=micius.reconciliation_efficiency,
            minimum_elevations_deg=(10.0, 15.0, 20.0, 25.0, 30.0),
        )
        return max(0.0, plan.bits) / (plan.expected.rounds / self.clock_hz) / 1e3


ADAPTERS: dict[str, Adapter] = {
    "sat-micius-total-loss-1200km": _published_budget_db,
    "sat-micius-pass-detections": _pass_detections,
    "sat-micius-sifting-fraction": _sifting_fraction,
    "sat-micius-sifted-rate-645km": _sifted_rate_kbit_per_s,
    "sat-micius-final-key-fraction": _final_key_fraction,
    "sat-chen2021-typical-pass": lambda p: MiciusUpgrade().kbit_per_s(),
}
