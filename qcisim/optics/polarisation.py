"""Polarisation in a fibre: rotation that drifts, and depolarisation by polarisation mode dispersion."""

from __future__ import annotations

import math

import numpy as np

from qcisim.errors import require
from qcisim.optics.source import Floats
from qcisim.quantum import Channel, depolarising, quaternion
from qcisim.units import SPEED_OF_LIGHT_M_PER_S

_CHUNK_STEPS = 4096


def rotation_error(angle_stokes_rad: float) -> float:
    """QBER = sin^2(theta/2), theta the Stokes angle: sin^2 of the angle between the linear polarisations (Malus)."""
    return math.sin(angle_stokes_rad / 2.0) ** 2


def rotation_angle_stokes_rad(error: float) -> float:
    """theta = 2 arcsin sqrt(error), the inverse of `rotation_error`."""
    require(0.0 <= error <= 1.0, f"error {error:g}: lies in [0, 1]")
    return 2.0 * math.asin(math.sqrt(error))


def pmd_depolarising(mean_dgd_s: float, wavelength_nm: float, linewidth_rms_nm: float) -> Channel:
    """Depolarisation of a pulse of finite bandwidth by polarisation mode dispersion.

    A delay tau between the principal states multiplies their coherence by exp(-s^2 tau^2/2), s = 2 pi c
    dlambda/lambda^2 the rms spectral width in rad/s (Gaussian spectrum). Averaged over tau with its Maxwell law of
    scale a = <tau> sqrt(pi/8) this is c = (1 + s^2 a^2)^(-3/2), and over the direction of the principal states the
    Stokes vector shrinks by (1 + 2 c)/3.

    Source: Gordon and Kogelnik, PNAS 97, 4541 (2000), Maxwell law of the differential group delay.
    """
    spread_rad_per_s = 2.0 * math.pi * SPEED_OF_LIGHT_M_PER_S * linewidth_rms_nm * 1e-9 / (wavelength_nm * 1e-9) ** 2
    scale_s = mean_dgd_s * math.sqrt(math.pi / 8.0)
    coherence = (1.0 + (spread_rad_per_s * scale_s) ** 2) ** -1.5
    return depolarising(1.0 - (1.0 + 2.0 * coherence) / 3.0)


class PolarisationWalk:
    """A random walk of the fibre's rotation on the Poincaré sphere, a pure function of (generator, time grid).

    Each step of ``step_s`` turns the Stokes vector by three independent Gaussian angles of rms rate x sqrt(step). The
    rotation returns to zero every ``tracking_period_s`` (0 = never). Steps are drawn from the generator in the order
    of time, whatever the order of the questions; between two grid points the rotation is interpolated.
    """

    def __init__(
        self,
        rng: np.random.Generator,
        drift_stokes_rad_per_sqrt_s: float,
        *,
        tracking_period_s: float = 0.0,
        step_s: float | None = None,
    ) -> None:
        self._rng, self._rate, self._period_s = rng, drift_stokes_rad_per_sqrt_s, tracking_period_s
        chosen_s = step_s or (min(1.0, tracking_period_s / 16.0) if tracking_period_s > 0.0 else 1.0)
        require(chosen_s > 0.0, f"step_s {chosen_s:g}: time moves on")
        self._steps_per_period = max(1, round(tracking_period_s / chosen_s)) if tracking_period_s > 0.0 else 0
        self.step_s = tracking_period_s / self._steps_per_period if self._steps_per_period else chosen_s
        self._walk: Floats = np.array([[1.0, 0.0, 0.0, 0.0]])

    def at(self, t_s: float) -> Channel:
        """The rotation at time ``t_s`` >= 0 as a channel."""
        require(t_s >= 0.0 and math.isfinite(t_s), f"t_s {t_s:g}: the walk starts at 0")
        position = t_s / self.step_s
        index = int(position)
        self._reach(index + 1)
        before, after = self._walk[index], self._walk[index + 1]
        if self._steps_per_period and (index + 1) % self._steps_per_period == 0:
            after = before  # the next grid point is a realignment, not the end of this stretch
        mixed = before + (position - index) * (after - before)
        mixed /= np.linalg.norm(mixed)
        return quaternion(*(float(x) for x in mixed))

    def _reach(self, index: int) -> None:
        """Draw steps until the walk holds grid point ``index``."""
        while len(self._walk) <= index:
            half_angles = self._rng.standard_normal((_CHUNK_STEPS, 3)) * (0.5 * self._rate * math.sqrt(self.step_s))
            grown = np.empty((_CHUNK_STEPS, 4))
            w, x, y, z = (float(v) for v in self._walk[-1])
            start = len(self._walk)
            for i, (a, b, c) in enumerate(half_angles):
                if self._steps_per_period and (start + i) % self._steps_per_period == 0:
                    w, x, y, z = 1.0, 0.0, 0.0, 0.0
                else:
                    angle = math.sqrt(a * a + b * b + c * c)
                    s = math.sin(angle) / angle if angle > 0.0 else 1.0
                    p, q, r, u = math.cos(angle), a * s, b * s, c * s
                    w, x, y, z = (
                        p * w - q * x - r * y - u * z,
                        p * x + q * w + r * z - u * y,
                        p * y - q * z + r * w + u * x,
                        p * z + q * y - r * x + u * w,
                    )
                grown[i] = w, x, y, z
            grown /= np.linalg.norm(grown, axis=1, keepdims=True)
            self._walk = np.concatenate([self._walk, grown])
