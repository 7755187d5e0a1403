"""From a fibre to what the protocol sees of it: the state of the link at a time."""

from __future__ import annotations

import math
from dataclasses import InitVar, dataclass, field

import numpy as np

from qcisim.errors import require
from qcisim.optics.fibre import Fibre
from qcisim.optics.polarisation import PolarisationWalk, pmd_depolarising, rotation_angle_stokes_rad
from qcisim.optics.pulse_shape import FWHM_PER_RMS, neighbour_share, rms_from_fwhm, window_share
from qcisim.optics.raman import ClassicalChannel, raman_counts_per_gate
from qcisim.optics.raman_table import SILICA, RamanTable
from qcisim.optics.receiver import Receiver
from qcisim.optics.source import Pulse
from qcisim.quantum import Channel, identity, rotation_y, sequence
from qcisim.units import db_from_transmittance, transmittance_from_db

Terms = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True, eq=False)
class LinkState:
    """A link at one time: loss and noise by name, and what happens to the qubit of a photon that arrives.

    Args:
        t_s: time since the start of the run.
        losses_db: (name, dB) from Alice's output to the click, detector efficiency included.
        channel: of the encoded qubit, given that the photon arrives. Loss is not in it.
        noise_per_gate: (name, mean counts per gate and detector).
        delay_s: one-way, at the group velocity.
        neighbour_share: share of a pulse's light that falls into the gates of other rounds, relative to its own
            gate's share.
    """

    t_s: float
    losses_db: Terms
    channel: Channel
    noise_per_gate: Terms
    delay_s: float
    neighbour_share: float = 0.0

    def __post_init__(self) -> None:
        for name, loss_db in self.losses_db:
            require(loss_db >= 0.0, f"{name} {loss_db:g} dB: a passive link cannot amplify (transmittance above 1)")
        for name, mean in self.noise_per_gate:
            require(mean >= 0.0 and math.isfinite(mean), f"noise {name} {mean:g}: a mean count is not negative")
        require(self.channel.shape == (2, 2), f"channel of shape {self.channel.shape}: wanted one on a qubit")
        require(self.neighbour_share >= 0.0, f"neighbour_share {self.neighbour_share:g}: not negative")

    @property
    def loss_db(self) -> float:
        """Sum of the named losses."""
        return math.fsum(loss_db for _, loss_db in self.losses_db)

    @property
    def transmittance(self) -> float:
        """eta = 10^(-loss/10), the product of all terms: probability that a photon of Alice clicks."""
        return transmittance_from_db(self.loss_db)

    @property
    def noise(self) -> float:
        """Mean noise counts per gate and detector, all names together."""
        return math.fsum(mean for _, mean in self.noise_per_gate)


@dataclass(frozen=True, slots=True, eq=False)
class FibreLink:
    """A fibre between Alice's output and Bob's two detectors.

    Args:
        fibre, receiver: what the light passes.
        clock_hz: rounds per second; sets the distance of neighbouring gates.
        pulse: shape in time and colour.
        classical_channels: data light on the same fibre.
        raman_table: Raman coefficient by frequency offset.
        attack: Eve, a channel on the qubit at Alice's output.
        rng: generator of the polarisation walk; needed where the fibre drifts.
    """

    fibre: Fibre
    receiver: Receiver
    clock_hz: float
    pulse: Pulse = Pulse()
    classical_channels: tuple[ClassicalChannel, ...] = ()
    raman_table: RamanTable = SILICA
    attack: Channel | None = None
    rng: InitVar[np.random.Generator | None] = None
    walk: PolarisationWalk | None = field(init=False, default=None)

    def __post_init__(self, rng: np.random.Generator | None) -> None:
        require(self.clock_hz > 0.0, f"clock_hz {self.clock_hz:g}: wanted above 0")
        gate_s = self.receiver.detector.gate_s
        require(
            gate_s * self.clock_hz <= 1.0 + 1e-9,
            f"gate_s {gate_s:g} at {self.clock_hz:g} Hz: the gate is longer than a round",
        )
        object.__setattr__(self, "classical_channels", tuple(self.classical_channels))
        if self.fibre.drift_stokes_rad_per_sqrt_s > 0.0:
            require(rng is not None, "the polarisation of this fibre drifts: pass rng, the generator of its walk")
            assert rng is not None
            walk = PolarisationWalk(
                rng, self.fibre.drift_stokes_rad_per_sqrt_s, tracking_period_s=self.fibre.tracking_period_s
            )
            object.__setattr__(self, "walk", walk)

    @property
    def arrival_fwhm_s(self) -> float:
        """Full width of the arrival times: pulse, dispersion, PMD and detector jitter."""
        detector, pulse = self.receiver.detector, self.pulse
        optical_s = self.fibre.pulse_rms_s(rms_from_fwhm(pulse.fwhm_s), pulse.linewidth_rms_nm)
        return math.hypot(optical_s * FWHM_PER_RMS, detector.jitter_fwhm_s)

    def at(self, t_s: float = 0.0) -> LinkState:
        """The link at time ``t_s``. Only the polarisation moves with time."""
        fibre, receiver, detector = self.fibre, self.receiver, self.receiver.detector
        in_gate = window_share(self.arrival_fwhm_s, detector.gate_s)
        outside = neighbour_share(self.arrival_fwhm_s, min(detector.gate_s, 1.0 / self.clock_hz), 1.0 / self.clock_hz)
        losses_db = (
            ("fibre", fibre.attenuation_db),
            ("connectors", fibre.connector_db),
            ("receiver optics", receiver.insertion_loss_db),
            ("outside the gate", max(0.0, db_from_transmittance(in_gate))),
            ("detector efficiency", db_from_transmittance(detector.efficiency)),
        )
        noise = [("dark counts", detector.dark_counts_per_gate)]
        for number, classical in enumerate(self.classical_channels, start=1):
            mean = raman_counts_per_gate(classical, fibre, self.pulse.wavelength_nm, receiver, self.raman_table)
            name = classical.name or f"{classical.direction} {number}"
            noise.append((f"Raman {name}", mean))
        return LinkState(t_s, losses_db, self._channel(t_s), tuple(noise), fibre.delay_s, outside / in_gate)

    def _channel(self, t_s: float) -> Channel:
        """Attack, then fibre (PMD, misalignment, drift), then the receiver's axes."""
        pulse = self.pulse
        steps = [
            self.attack or identity(),
            pmd_depolarising(self.fibre.mean_dgd_s, pulse.wavelength_nm, pulse.linewidth_rms_nm),
            rotation_y(self.fibre.misalignment_stokes_rad),
            rotation_y(rotation_angle_stokes_rad(self.receiver.misalignment_error)),
        ]
        if self.walk is not None:
            steps.insert(2, self.walk.at(t_s))
        return sequence(*steps)
