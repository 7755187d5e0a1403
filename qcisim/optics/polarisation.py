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
    rotation returns to zero every ``tracking_period_s`` (0 = never). Steps are drawn from the generator in the order of
    time, whatever the order of the questions; between two grid points the rotation is interpolated.
    """

    def __init__(
        self,
        rng: np.random.Generator,
        drift_stokes_rad_per_sqrt_s: float,
        *,
        tracking_period_s: float = 0.0,
        step_s: float | None = None,
    ) -> None:
        require(step_s is None or step_s > 0.0, f"step_s {step_s}: time moves on, wanted above 0")
        self._rng, self._rate, self._period_s = rng, drift_stokes_rad_per_sqrt_s, tracking_period_s
        if tracking_period_s > 0.0:
            self._steps = max(1, round(tracking_period_s / (step_s or min(1.0, tracking_period_s / 16.0))))
            self.step_s = tracking_period_s / self._steps
            self._walk: Floats = np.empty((0, self._steps + 1, 4))
        else:
            self._steps, self.step_s = _CHUNK_STEPS, step_s or 1.0
            self._walk = np.array([[_NO_ROTATION]])

    def at(self, t_s: float) -> Channel:
        """The rotation at time ``t_s`` >= 0 as a channel."""
        return quaternion(*(float(x) for x in self.turns(np.array([t_s]))[0]))

    def turns(self, t_s: Floats) -> Floats:
        """The rotation at the times ``t_s`` (n,) >= 0 as unit quaternions, (n, 4)."""
        proper = bool(np.all((t_s >= 0.0) & np.isfinite(t_s)))
        require(proper, f"t_s {t_s.min(initial=0.0):g}: the walk starts at 0 and time is finite")
        if len(t_s) == 0:
            return np.empty((0, 4))
        row = np.floor(t_s / self._period_s).astype(np.int64) if self._period_s > 0.0 else np.zeros(len(t_s), np.int64)
        position = (t_s - row * self._period_s) / self.step_s
        index = position.astype(np.int64)
        if self._period_s > 0.0:
            index = np.minimum(index, self._steps - 1)  # rounding may put t_s on the end of its period
        while row.max() >= len(self._walk) or index.max() + 1 >= self._walk.shape[1]:
            self._grow()
        before, after = self._walk[row, index], self._walk[row, index + 1]
        mixed = before + (position - index)[:, None] * (after - before)
        turns: Floats = mixed / np.linalg.norm(mixed, axis=1, keepdims=True)
        return turns

    def _grow(self) -> None:
        """Draw the next stretch: whole periods of a tracked walk, more steps of an untracked one."""
        rows = max(1, _CHUNK_STEPS // self._steps)
        half = self._rng.standard_normal((rows, self._steps, 3)) * (0.5 * self._rate * math.sqrt(self.step_s))
        start = self._walk[-1, -1] if self._period_s == 0.0 else _NO_ROTATION
        path = np.concatenate([np.broadcast_to(start, (rows, 1, 4)), _turns(half)], axis=1)
        reach = 1
        while reach <= self._steps:  # prefix products by doubling
            path[:, reach:] = _product(path[:, reach:], path[:, :-reach])
            reach *= 2
        path /= np.linalg.norm(path, axis=2, keepdims=True)
        if self._period_s > 0.0:
            self._walk = np.concatenate([self._walk, path])
        else:
            self._walk = np.concatenate([self._walk, path[:, 1:]], axis=1)


_NO_ROTATION = np.array([1.0, 0.0, 0.0, 0.0])


def _turns(half_angles: Floats) -> Floats:
    """Unit quaternions (..., 4) of rotation vectors, given as half angles (..., 3)."""
    angle = np.linalg.norm(half_angles, axis=-1, keepdims=True)
    turns: Floats = np.concatenate([np.cos(angle), np.sinc(angle / math.pi) * half_angles], axis=-1)
    return turns


def _product(p: Floats, q: Floats) -> Floats:
    """Quaternion product p q, (..., 4): first q, then p."""
    pw, px, py, pz = np.moveaxis(p, -1, 0)
    qw, qx, qy, qz = np.moveaxis(q, -1, 0)
    return np.stack(
        [
            pw * qw - px * qx - py * qy - pz * qz,
            pw * qx + px * qw + py * qz - pz * qy,
            pw * qy - px * qz + py * qw + pz * qx,
            pw * qz + px * qy - py * qx + pz * qw,
        ],
        axis=-1,
    )
