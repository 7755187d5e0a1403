"""A link between a satellite and a ground station, down or up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qcisim.errors import require
from qcisim.optics.freespace.adaptive import fibre_coupling, smf_coupling
from qcisim.optics.freespace.air import Path, downward, extinction, fading_nodes, upward
from qcisim.optics.freespace.arrays import Floats
from qcisim.optics.freespace.assembly import DARK, RECEIVER, Term, assemble, check_clock, detection
from qcisim.optics.freespace.background import single_mode_count_rate_hz, sky_count_rate_hz, sky_radiance
from qcisim.optics.freespace.encoding import check_encoding, qubit_kraus
from qcisim.optics.freespace.frame import frame_rotation_rad, horizontal_axis, look_direction
from qcisim.optics.freespace.spot import Spot
from qcisim.optics.freespace.terminals import Atmosphere, LossTable, Sky, Telescope, Transmitter
from qcisim.optics.orbit import (
    Epoch,
    GroundStation,
    Look,
    Orbit,
    Pass,
    ecef_from_teme,
    find_passes,
    look,
    sun_elevation_deg,
)
from qcisim.optics.orbit.frames import EARTH_ROTATION_RAD_PER_S
from qcisim.optics.receiver import Receiver
from qcisim.optics.source import Pulse
from qcisim.optics.states import LinkState, LinkStates
from qcisim.quantum import Channel, Matrix
from qcisim.units import transmittance_from_db

BEAM_SOURCES = {
    "truncated": "Fraunhofer integral of the clipped Gaussian, clipping included; Born and Wolf (1999), 8.5.2",
    "gaussian": "1 - exp(-2 a^2/w^2), w the beam radius at the range",
    "flat": "(D/(theta L))^2, theta the full divergence",
    "measured": "share of the measured far field inside the aperture",
}
AIRMASS_SOURCES = {
    "secant": "T_zenith^(1/sin e)",
    "kasten_young": "T_zenith^X, X of Kasten and Young, Appl. Opt. 28, 4735 (1989)",
}


@dataclass(frozen=True, slots=True, eq=False)
class FreeSpaceLink:
    """A satellite and a ground station, one of which sends single photons to the other.

    Args:
        orbit, station, epoch: where the two are; ``epoch`` is the UTC of t_s = 0.
        transmitter, telescope: of the sender and of the receiver.
        atmosphere, sky: above the station.
        receiver: detectors behind the telescope.
        clock_hz: rounds per second.
        pulse: in time and colour.
        direction: "down", or "up" from the station to the satellite.
        encoding: "polarisation", "time_bin" or "phase", see `qubit_kraus`.
        frame_compensated: whether the receiver follows the turn of the polarisation axes, or the Doppler phase of the
            interferometer.
        frame_residual_rad: rms of what that leaves: an angle of the linear polarisation, or a phase.
        loss_table: measured loss in place of the predicted terms from the transmitter to the telescope; the receiver's
            insertion loss, the gate and the detector come on top (set the insertion loss to 0 where the table has it).
        interferometer_delay_s: time between the two bins of a time-bin or phase encoding.
        attack: Eve, a channel on the qubit at the sender's output.
    """

    orbit: Orbit
    station: GroundStation
    epoch: Epoch
    transmitter: Transmitter
    telescope: Telescope
    atmosphere: Atmosphere
    sky: Sky
    receiver: Receiver
    clock_hz: float
    pulse: Pulse = Pulse()
    direction: str = "down"
    encoding: str = "polarisation"
    frame_compensated: bool = True
    frame_residual_rad: float = 0.0
    loss_table: LossTable | Sequence[Sequence[float]] | None = None
    interferometer_delay_s: float = 1e-9
    attack: Channel | None = None

    def __post_init__(self) -> None:
        require(self.direction in ("down", "up"), f"direction '{self.direction}': wanted 'down' or 'up'")
        check_encoding(self.encoding)
        check_clock(self.receiver, self.clock_hz)
        require(
            0.0 <= self.frame_residual_rad <= 10.0, f"frame_residual_rad {self.frame_residual_rad:g}: wanted 0 to 10"
        )
        delay_s = self.interferometer_delay_s
        require(0.0 < delay_s < 1e-3, f"interferometer_delay_s {delay_s:g}: wanted above 0 and below 1 ms")
        object.__setattr__(self, "loss_table", LossTable.of(self.loss_table))

    @property
    def walk(self) -> None:
        """Nothing random happens to the polarisation in free space."""
        return

    @property
    def budget(self) -> tuple[tuple[str, str], ...]:
        """(name, formula and source) of every loss and noise term."""
        return self.states(np.zeros(1)).provenance

    def passes(self, start_s: float, end_s: float) -> tuple[Pass, ...]:
        """Passes above the station's mask between two times."""
        return find_passes(self.orbit, self.station, self.epoch, start_s, end_s)

    def at(self, t_s: float = 0.0) -> LinkState:
        """The link at time ``t_s``; its losses are those of the mean over the fading."""
        return self.states(np.array([t_s]))[0]

    def states(self, t_s: Floats) -> LinkStates:
        """The link at the times ``t_s`` (n,). The station's mask is a matter of the passes; below the horizon no light
        comes through."""
        t_s = np.asarray(t_s, dtype=np.float64)
        seen = look(self.orbit, self.station, self.epoch, t_s)
        spot = Spot(self.transmitter, self.telescope, self.pulse.wavelength_nm, seen.range_km)
        path = self._path(spot, seen)
        detected, neighbours = detection(self.receiver, self.pulse, self.clock_hz)
        optics = Term("receiver optics", transmittance_from_db(self.receiver.insertion_loss_db), RECEIVER)
        if isinstance(self.loss_table, LossTable):
            cut, propagation = "measured propagation", self._measured(self.loss_table, seen)
        else:
            cut, propagation = "turbulence", self._predicted(spot, path, seen)
        along = seen.elevation_deg if self.direction == "up" else seen.range_km
        return assemble(
            t_s,
            (*propagation, optics, *detected),
            fading_nodes(self.atmosphere.fading, self.atmosphere.fading_nodes, path, spot, along),
            self._kraus(seen),
            (("dark counts", self.receiver.detector.dark_counts_per_gate, DARK), self._background(t_s)),
            seen.delay_s,
            neighbours,
            cut,
            range_km=seen.range_km,
            elevation_deg=seen.elevation_deg,
            azimuth_deg=seen.azimuth_deg,
        )

    def _path(self, spot: Spot, seen: Look) -> Path:
        base_m = min(max(self.station.altitude_m, 0.0), 9e3)
        if self.direction == "up":
            return upward(spot, self.atmosphere.profile, seen.elevation_deg, base_m, seen.point_ahead_rad)
        return downward(spot, self.atmosphere.profile, seen.elevation_deg, base_m)

    def _measured(self, table: LossTable, seen: Look) -> tuple[Term, ...]:
        eta = np.where(seen.elevation_deg > 0.0, 10.0 ** (-table.loss_db(seen.range_km) / 10.0), 0.0)
        source = "measured loss by range, transmitter to telescope, detector excluded"
        return (Term("measured propagation", eta, f"{source}: {table.source}" if table.source else source),)

    def _predicted(self, spot: Spot, path: Path, seen: Look) -> tuple[Term, ...]:
        sender, bob, air = self.transmitter, self.telescope, self.atmosphere
        law = "table of the user" if air.transmittance_table is not None else AIRMASS_SOURCES[air.airmass]
        up = self.direction == "up"
        terms = [
            Term("transmitter optics", sender.efficiency, "efficiency of the transmitter"),
            Term("diffraction", spot.collected(), BEAM_SOURCES[sender.beam]),
            Term("pointing", spot.pointed(path.radius_m), "mean over a Gaussian jitter of the spot, rms per axis"),
            Term("extinction", extinction(air, seen.elevation_deg), law),
            Term("turbulence", path.spread, _turbulence_source(up, sender.adaptive_modes)),
        ]
        if bob.fibre_coupled:
            terms.append(self._coupling(path))
        terms.append(Term("telescope optics", bob.efficiency, "efficiency of the telescope"))
        return tuple(terms)

    def _coupling(self, path: Path) -> Term:
        bob = self.telescope
        if self.direction == "up" or self.atmosphere.profile is None:
            flat = "flat wave into a single-mode fibre, Ruilier, Proc. SPIE 3350 (1998)"
            return Term("fibre coupling", smf_coupling(bob.obstruction), flat)
        eta = fibre_coupling(bob.aperture_m, path.fried_m, bob.adaptive_modes, bob.obstruction)
        source = f"0.8145 x obstruction x Strehl ratio behind {bob.adaptive_modes} Noll modes, Noll (1976)"
        return Term("fibre coupling", eta, source + "; no servo lag")

    def _background(self, t_s: Floats) -> tuple[str, Floats, str]:
        """Sky light per gate and detector: what the telescope sees of it, half of it to each detector."""
        sky, bob, receiver, nm = self.sky, self.telescope, self.receiver, self.pulse.wavelength_nm
        radiance = sky_radiance(
            sun_elevation_deg(self.station, self.epoch, t_s),
            sky.night_radiance_w_per_m2_um_sr,
            sky.day_radiance_w_per_m2_um_sr,
            sky.moon_radiance_w_per_m2_um_sr,
        )
        eta = bob.efficiency * transmittance_from_db(receiver.insertion_loss_db) * receiver.detector.efficiency
        if bob.fibre_coupled:
            rate_hz = single_mode_count_rate_hz(radiance, receiver.filter_nm, nm, eta)
        else:
            rate_hz = sky_count_rate_hz(
                radiance, bob.field_of_view_full_rad, bob.aperture_m, receiver.filter_nm, nm, eta, bob.obstruction
            )
        source = "radiance by the sun's elevation x etendue x filter, unpolarised: half of it to each detector"
        if self.direction == "up":
            source += "; the ground seen from above with the radiance of the sky"
        return "sky", 0.5 * rate_hz * receiver.detector.gate_s, source

    def _kraus(self, seen: Look) -> Matrix:
        turn = None
        if not self.frame_compensated:
            turn = self._frame_turn_rad(seen) if self.encoding == "polarisation" else self._doppler_phase_rad(seen)
        residual = self.frame_residual_rad if self.frame_compensated else 0.0
        return qubit_kraus(self.encoding, turn, residual, self.receiver.misalignment_error, self.attack)

    def _doppler_phase_rad(self, seen: Look) -> Floats:
        """2 pi df tau: phase that the Doppler shift adds over the interferometer's delay."""
        phase: Floats = 2.0 * np.pi * seen.doppler_hz(self.pulse.wavelength_nm) * self.interferometer_delay_s
        return phase

    def _frame_turn_rad(self, seen: Look) -> Floats:
        """Angle of the satellite's axis (its flight in space) against the horizontal of the telescope, along the sight;
        seen by who receives."""
        position, velocity = ecef_from_teme(*self.orbit.teme(self.epoch, seen.t_s), self.epoch, seen.t_s)
        spin = EARTH_ROTATION_RAD_PER_S * np.stack([-position[:, 1], position[:, 0], np.zeros(len(position))], axis=-1)
        flight = (velocity + spin) @ self.station.axes.T
        sight = look_direction(seen.azimuth_deg, seen.elevation_deg)
        turn = frame_rotation_rad(sight, flight, horizontal_axis(seen.azimuth_deg))
        return -turn if self.direction == "up" else turn


def _turbulence_source(up: bool, modes: int) -> str:
    if not up:
        return "a down-link's turbulence fades but does not widen the spot"
    spread = "long-term spread of the spot, Andrews and Phillips (2005), Eq. (12.48)"
    return spread if modes == 1 else f"{spread}, or the Strehl ratio behind {modes} modes with point-ahead error"
