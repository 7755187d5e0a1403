"""A link between two satellites: no air, no sky."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qcisim.errors import require
from qcisim.optics.freespace.adaptive import smf_coupling
from qcisim.optics.freespace.air import fading_nodes, vacuum
from qcisim.optics.freespace.arrays import Floats
from qcisim.optics.freespace.assembly import DARK, RECEIVER, Term, assemble, check_clock, detection
from qcisim.optics.freespace.encoding import check_encoding, qubit_kraus
from qcisim.optics.freespace.link import BEAM_SOURCES
from qcisim.optics.freespace.spot import Spot
from qcisim.optics.freespace.terminals import FADINGS, Telescope, Transmitter
from qcisim.optics.orbit import Epoch, InterSatelliteLook, Orbit, Window, between, find_windows
from qcisim.optics.receiver import Receiver
from qcisim.optics.source import Pulse
from qcisim.optics.states import LinkState, LinkStates
from qcisim.quantum import Channel
from qcisim.units import transmittance_from_db


@dataclass(frozen=True, slots=True, eq=False)
class InterSatelliteLink:
    """Satellite a sends single photons to satellite b.

    Args:
        orbit_a, orbit_b, epoch: where the two are; ``epoch`` is the UTC of t_s = 0.
        transmitter, telescope: of the sender and of the receiver.
        receiver: detectors behind the telescope.
        clock_hz: rounds per second.
        pulse: in time and colour.
        encoding: "polarisation", "time_bin" or "phase".
        frame_compensated: whether the Doppler phase of the interferometer is followed; polarisation axes are those of
            attitudes that both know, and always followed.
        frame_residual_rad: rms of what that leaves.
        minimum_grazing_altitude_km: below this the line of sight is in the air and carries nothing.
        fading, fading_nodes: law of the fading by pointing jitter.
        interferometer_delay_s: time between the two bins of a time-bin or phase encoding.
        attack: Eve, a channel on the qubit at the sender's output.
    """

    orbit_a: Orbit
    orbit_b: Orbit
    epoch: Epoch
    transmitter: Transmitter
    telescope: Telescope
    receiver: Receiver
    clock_hz: float
    pulse: Pulse = Pulse()
    encoding: str = "polarisation"
    frame_compensated: bool = True
    frame_residual_rad: float = 0.0
    minimum_grazing_altitude_km: float = 100.0
    fading: str = "weibull"
    fading_nodes: int = 8
    interferometer_delay_s: float = 1e-9
    attack: Channel | None = None

    def __post_init__(self) -> None:
        check_encoding(self.encoding)
        check_clock(self.receiver, self.clock_hz)
        require(self.fading in FADINGS, f"fading '{self.fading}' (known: {', '.join(FADINGS)})")
        height = self.minimum_grazing_altitude_km
        require(height >= 0.0, f"minimum_grazing_altitude_km {height:g}: wanted 0 or more, the Earth is in the way")

    @property
    def walk(self) -> None:
        """Nothing random happens to the polarisation in space."""
        return

    @property
    def budget(self) -> tuple[tuple[str, str], ...]:
        """(name, formula and source) of every loss and noise term."""
        return self.states(np.zeros(1)).provenance

    def passes(self, start_s: float, end_s: float) -> tuple[Window, ...]:
        """Spans of time in which the two see each other above the air."""
        return find_windows(self.orbit_a, self.orbit_b, self.epoch, start_s, end_s, self.minimum_grazing_altitude_km)

    def at(self, t_s: float = 0.0) -> LinkState:
        """The link at time ``t_s``; its losses are those of the mean over the fading."""
        return self.states(np.array([t_s]))[0]

    def states(self, t_s: Floats) -> LinkStates:
        """The link at the times ``t_s`` (n,); nothing comes through while the Earth or its air is in the way."""
        t_s = np.asarray(t_s, dtype=np.float64)
        seen = between(self.orbit_a, self.orbit_b, self.epoch, t_s)
        spot = Spot(self.transmitter, self.telescope, self.pulse.wavelength_nm, seen.range_km)
        path = vacuum(spot)
        detected, neighbours = detection(self.receiver, self.pulse, self.clock_hz)
        sender, bob = self.transmitter, self.telescope
        clear = np.where(seen.grazing_altitude_km >= self.minimum_grazing_altitude_km, 1.0, 0.0)
        terms = [
            Term("transmitter optics", sender.efficiency, "efficiency of the transmitter"),
            Term("diffraction", spot.collected(), BEAM_SOURCES[sender.beam]),
            Term("pointing", spot.pointed(path.radius_m), "mean over a Gaussian jitter of the spot, rms per axis"),
            Term("occultation", clear, "nothing while the line of sight is below minimum_grazing_altitude_km"),
        ]
        if bob.fibre_coupled:
            flat = "flat wave into a single-mode fibre, Ruilier, Proc. SPIE 3350 (1998)"
            terms.append(Term("fibre coupling", smf_coupling(bob.obstruction), flat))
        terms += [
            Term("telescope optics", bob.efficiency, "efficiency of the telescope"),
            Term("receiver optics", transmittance_from_db(self.receiver.insertion_loss_db), RECEIVER),
        ]
        return assemble(
            t_s,
            (*terms, *detected),
            fading_nodes(self.fading, self.fading_nodes, path, spot, seen.range_km),
            qubit_kraus(
                self.encoding,
                self._turn_rad(seen),
                self.frame_residual_rad,
                self.receiver.misalignment_error,
                self.attack,
            ),
            (("dark counts", self.receiver.detector.dark_counts_per_gate, DARK),),
            seen.delay_s,
            neighbours,
            "pointing",
            range_km=seen.range_km,
        )

    def _turn_rad(self, seen: InterSatelliteLook) -> Floats | None:
        """The Doppler phase over the interferometer's delay, where nobody follows it."""
        if self.frame_compensated or self.encoding == "polarisation":
            return None
        phase: Floats = 2.0 * np.pi * seen.doppler_hz(self.pulse.wavelength_nm) * self.interferometer_delay_s
        return phase
