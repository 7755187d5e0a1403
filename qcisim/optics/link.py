"""From a fibre to what the protocol sees of it: the state of the link at a time, or at many."""

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
from qcisim.optics.source import Floats, Pulse
from qcisim.optics.states import LinkState, LinkStates
from qcisim.quantum import PAULIS, Channel, Matrix, identity, rotation_y, sequence
from qcisim.units import db_from_transmittance


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
        return self.states(np.array([t_s]))[0]

    def states(self, t_s: Floats) -> LinkStates:
        """The link at the times ``t_s`` (n,)."""
        t_s = np.asarray(t_s, dtype=np.float64)
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

        def always(value: float) -> Floats:
            return np.full(t_s.shape, value)

        return LinkStates(
            t_s,
            tuple((name, always(loss_db)) for name, loss_db in losses_db),
            self._kraus(t_s),
            tuple((name, always(mean)) for name, mean in noise),
            always(fibre.delay_s),
            always(outside / in_gate),
        )

    def _kraus(self, t_s: Floats) -> Matrix:
        """Attack, then fibre (PMD, drift, misalignment), then the receiver's axes: (n, k, 2, 2), or (1, k, 2, 2)."""
        pulse = self.pulse
        before = (
            self.attack or identity(),
            pmd_depolarising(self.fibre.mean_dgd_s, pulse.wavelength_nm, pulse.linewidth_rms_nm),
        )
        after = (
            rotation_y(self.fibre.misalignment_stokes_rad),
            rotation_y(rotation_angle_stokes_rad(self.receiver.misalignment_error)),
        )
        if self.walk is None:
            return sequence(*before, *after).kraus[None]
        turns = np.einsum("np,p,pij->nij", self.walk.turns(t_s), [1.0, -1j, -1j, -1j], PAULIS)
        kraus: Matrix = sequence(*after).kraus[0] @ turns[:, None] @ sequence(*before).kraus
        return kraus
