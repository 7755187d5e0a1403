"""The spot that a transmitter makes in the plane of the receiver, and what the receiver collects of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from qcisim.optics.freespace.arrays import Floats, legendre
from qcisim.optics.freespace.beam import (
    collected_flat,
    collected_gaussian,
    divergence_half_rad,
    divergence_radius_m,
    gaussian_radius_m,
)
from qcisim.optics.freespace.pointing import jittered_radius_m
from qcisim.optics.freespace.terminals import Telescope, Transmitter
from qcisim.optics.freespace.truncated import truncated_divergence_half_rad, truncated_gaussian


@dataclass(frozen=True, slots=True, eq=False)
class Spot:
    """A transmitter's beam at the ranges (n,), seen by a telescope.

    ``radius_m`` is that of the Gaussian with the same brightness on and near the axis: of the spot itself for a
    Gaussian, of the far field's top for a truncated beam, of equal brightness on the axis for a flat or measured one.
    Pointing, wander and spread by turbulence act on that Gaussian.
    """

    transmitter: Transmitter
    telescope: Telescope
    wavelength_nm: float
    range_km: Floats

    @property
    def radius_m(self) -> Floats:
        """Equivalent 1/e^2 radius, (n,)."""
        sender = self.transmitter
        if sender.beam == "gaussian" and sender.waist_m is not None:
            return gaussian_radius_m(sender.waist_m, self.wavelength_nm, self.range_km)
        return divergence_radius_m(2.0 * self.divergence_half_rad, self.range_km)

    @property
    def divergence_half_rad(self) -> float:
        """Half angle at 1/e^2 of the equivalent Gaussian far away."""
        sender = self.transmitter
        if sender.beam == "truncated":
            return truncated_divergence_half_rad(
                sender.waist, sender.aperture_m, self.wavelength_nm, sender.obstruction
            )
        if sender.far_field is not None:  # 2/(pi theta^2) per steradian on the axis
            return math.sqrt(2.0 / (math.pi * float(sender.far_field.brightness_per_sr(0.0))))
        if sender.divergence_full_rad is None:
            return float(divergence_half_rad(sender.waist, self.wavelength_nm))
        half = 0.5 * sender.divergence_full_rad
        return half * math.sqrt(2.0) if sender.beam == "flat" else half  # 1/(pi half^2) per steradian everywhere

    @property
    def waist_m(self) -> float:
        """Waist of the equivalent Gaussian, lambda/(pi theta_half); what turbulence near the transmitter acts on."""
        return self.wavelength_nm * 1e-9 / (math.pi * self.divergence_half_rad)

    def collected(self) -> Floats:
        """Share of the light on the aperture, pointing perfect; the clipping of a truncated beam is in it, (n,)."""
        sender, bob = self.transmitter, self.telescope
        if sender.beam == "truncated":
            return truncated_gaussian(
                sender.waist,
                sender.aperture_m,
                bob.aperture_m,
                self.wavelength_nm,
                self.range_km,
                obstruction=sender.obstruction,
                receive_obstruction=bob.obstruction,
            )
        if sender.far_field is not None:
            return sender.far_field.collected(self.range_km, bob.aperture_m, obstruction=bob.obstruction)
        if sender.beam == "flat" and sender.divergence_full_rad is not None:
            return collected_flat(
                sender.divergence_full_rad, self.range_km, bob.aperture_m, obstruction=bob.obstruction
            )
        return self.of_gaussian(self.radius_m)

    def of_gaussian(self, radius_m: Floats) -> Floats:
        """Share that the aperture collects of a centred Gaussian of that radius, (n,)."""
        return collected_gaussian(radius_m, self.telescope.aperture_m, obstruction=self.telescope.obstruction)

    def pointed(self, radius_m: Floats) -> Floats:
        """Mean over the pointing jitter relative to perfect pointing, (n,).

        Gaussian and truncated: what the aperture collects of the Gaussian widened by the jitter, over what it collects
        of ``radius_m``. Flat: 1 - exp(-R^2/(2 sigma^2 L^2)), R the larger of the spot's and the receiver's radius.
        Measured: the brightness averaged over the Rayleigh law of the error, over that on the axis.
        """
        sender = self.transmitter
        if sender.jitter_rad == 0.0:
            return np.ones_like(self.range_km)
        if sender.far_field is not None:
            return np.full_like(self.range_km, self._mean_brightness())
        if sender.beam == "flat" and sender.divergence_full_rad is not None:
            edge = np.maximum(
                divergence_radius_m(sender.divergence_full_rad, self.range_km), 0.5 * self.telescope.aperture_m
            )
            inside: Floats = -np.expm1(-0.5 * (edge / (sender.jitter_rad * self.range_km * 1e3)) ** 2)
            return inside
        wide = jittered_radius_m(radius_m, sender.jitter_rad, self.range_km)
        share: Floats = self.of_gaussian(wide) / self.of_gaussian(radius_m)
        return share

    def _mean_brightness(self) -> float:
        beam, sigma = self.transmitter.far_field, self.transmitter.jitter_rad
        assert beam is not None
        x, weight = legendre(200)
        reach = min(float(beam.angle_rad[-1]), 9.0 * sigma)
        angle = reach * x
        rayleigh = reach * weight * angle / sigma**2 * np.exp(-0.5 * (angle / sigma) ** 2)
        mean = float(rayleigh @ beam.brightness_per_sr(angle)) / float(beam.brightness_per_sr(0.0))
        return min(1.0, mean)
