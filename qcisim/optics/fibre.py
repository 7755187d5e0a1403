"""Optical fibre: loss, delay, dispersion."""

from __future__ import annotations

import math
from dataclasses import dataclass

from qcisim.errors import require
from qcisim.optics.pulse_shape import broadened_rms_s
from qcisim.units import GROUP_INDEX_G652_1550, SPEED_OF_LIGHT_M_PER_S, transmittance_from_db


@dataclass(frozen=True, slots=True)
class Fibre:
    """A fibre span, G.652 by default.

    Args:
        length_km: length of the fibre, not of the road.
        attenuation_db_per_km: at the quantum wavelength; 0.19-0.22 on the data sheet, 0.20-0.25 in the field at 1550
            nm.
        connector_db: connectors, splices and patch panels of the whole span together.
        dispersion_ps_per_nm_km: chromatic dispersion at the quantum wavelength.
        pmd_ps_per_sqrt_km: polarisation mode dispersion; mean differential group delay = this x sqrt(length).
        group_index: for the delay.
        misalignment_stokes_rad: constant rotation of the Stokes vector that nobody corrects, in the plane of the BB84
            states.
        drift_stokes_rad_per_sqrt_s: rms angle by which the Stokes vector has walked after one second, each axis; 0 =
            still. Buried cables: 0.001 to 0.01; aerial: 0.1 and more.
        tracking_period_s: the receiver realigns this often; 0 = never.
    """

    length_km: float
    attenuation_db_per_km: float = 0.2
    connector_db: float = 0.0
    dispersion_ps_per_nm_km: float = 17.0
    pmd_ps_per_sqrt_km: float = 0.04
    group_index: float = GROUP_INDEX_G652_1550
    misalignment_stokes_rad: float = 0.0
    drift_stokes_rad_per_sqrt_s: float = 0.0
    tracking_period_s: float = 0.0

    def __post_init__(self) -> None:
        for name in (
            "length_km",
            "attenuation_db_per_km",
            "connector_db",
            "pmd_ps_per_sqrt_km",
            "drift_stokes_rad_per_sqrt_s",
            "tracking_period_s",
        ):
            value = getattr(self, name)
            require(value >= 0.0 and math.isfinite(value), f"{name} {value:g}: not negative")
        require(math.isfinite(self.dispersion_ps_per_nm_km), "dispersion_ps_per_nm_km is not finite")
        require(
            1.0 <= self.group_index <= 3.0,
            f"group_index {self.group_index:g}: wanted 1 to 3; light is not faster than c",
        )
        require(
            abs(self.misalignment_stokes_rad) <= math.pi,
            f"misalignment_stokes_rad {self.misalignment_stokes_rad:g}: wanted -pi to pi",
        )

    @property
    def attenuation_db(self) -> float:
        """alpha L."""
        return self.attenuation_db_per_km * self.length_km

    @property
    def transmittance(self) -> float:
        """eta = 10^(-(alpha L + connectors)/10)."""
        return transmittance_from_db(self.attenuation_db + self.connector_db)

    @property
    def delay_s(self) -> float:
        """n_g L / c."""
        return self.group_index * self.length_km * 1e3 / SPEED_OF_LIGHT_M_PER_S

    @property
    def mean_dgd_s(self) -> float:
        """Mean differential group delay = PMD sqrt(L) (ITU-T G.652)."""
        return self.pmd_ps_per_sqrt_km * math.sqrt(self.length_km) * 1e-12

    def pulse_rms_s(self, initial_rms_s: float, linewidth_rms_nm: float) -> float:
        """sqrt(sigma0^2 + (D L dlambda)^2 + <tau^2>/4): rms width at the far end.

        The differential group delay tau splits the pulse into two halves tau apart; <tau^2> = (3 pi/8) <tau>^2
        (Maxwell law).
        """
        chromatic_s = self.dispersion_ps_per_nm_km * self.length_km * linewidth_rms_nm * 1e-12
        pmd_s = math.sqrt(3.0 * math.pi / 8.0) * self.mean_dgd_s / 2.0
        return broadened_rms_s(initial_rms_s, chromatic_s, pmd_s)


def attenuation_of_span_db_per_km(loss_db: float, length_km: float) -> float:
    """Average attenuation of a measured span, connectors included."""
    require(length_km > 0.0, f"length_km {length_km:g}: wanted above 0")
    return loss_db / length_km


def dispersion_ps_per_nm_km(
    wavelength_nm: float, zero_dispersion_wavelength_nm: float = 1310.0, slope_ps_per_nm2_km: float = 0.092
) -> float:
    """D = (S0/4) (lambda - lambda0^4/lambda^3), the three-term fit of ITU-T G.652; 17.46 ps/(nm km) at 1550 nm."""
    return slope_ps_per_nm2_km / 4.0 * (wavelength_nm - zero_dispersion_wavelength_nm**4 / wavelength_nm**3)
