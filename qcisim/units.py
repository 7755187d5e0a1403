"""Constants with value, unit and source on one line, and the conversions between units.

Values of the exact constants: BIPM, The International System of Units, 9th edition (2019).
"""

from __future__ import annotations

import math
from typing import Annotated, TypeAlias

SPEED_OF_LIGHT_M_PER_S = 299_792_458.0  # exact, SI 2019
PLANCK_J_S = 6.626_070_15e-34  # exact, SI 2019
BOLTZMANN_J_PER_K = 1.380_649e-23  # exact, SI 2019
EARTH_MEAN_RADIUS_KM = 6371.0088  # IUGG mean radius R1, Moritz (2000)
GROUP_INDEX_G652_1550 = 1.468  # ITU-T G.652 fibre at 1550 nm, data-sheet value
PICOSECONDS_PER_SECOND = 1_000_000_000_000


class Unit:
    """Marks a float type with its unit and domain; read by the scenario schema."""

    def __init__(self, unit: str, minimum: float = -math.inf, maximum: float = math.inf) -> None:
        self.unit, self.minimum, self.maximum = unit, minimum, maximum


Kilometre: TypeAlias = Annotated[float, Unit("km", 0.0)]
Second: TypeAlias = Annotated[float, Unit("s", 0.0)]
Hertz: TypeAlias = Annotated[float, Unit("Hz", 0.0)]
Nanometre: TypeAlias = Annotated[float, Unit("nm", 0.0)]
Decibel: TypeAlias = Annotated[float, Unit("dB", 0.0)]
Probability: TypeAlias = Annotated[float, Unit("1", 0.0, 1.0)]


def transmittance_from_db(loss_db: float) -> float:
    """eta = 10^(-loss/10)."""
    return float(10.0 ** (-loss_db / 10.0))


def db_from_transmittance(transmittance: float) -> float:
    """loss = -10 log10(eta); infinite for eta = 0."""
    return math.inf if transmittance <= 0.0 else -10.0 * math.log10(transmittance)


def watt_from_dbm(power_dbm: float) -> float:
    """P = 1 mW 10^(dBm/10)."""
    return float(1e-3 * 10.0 ** (power_dbm / 10.0))


def per_km_from_db_per_km(attenuation_db_per_km: float) -> float:
    """Natural attenuation a = (ln 10 / 10) alpha, in 1/km."""
    return attenuation_db_per_km * math.log(10.0) / 10.0


def photon_energy_j(wavelength_nm: float) -> float:
    """E = h c / lambda."""
    return PLANCK_J_S * SPEED_OF_LIGHT_M_PER_S / (wavelength_nm * 1e-9)


def picoseconds(time_s: float) -> int:
    """Time as integer picoseconds, the unit of the event heap (rounded to nearest)."""
    return round(time_s * PICOSECONDS_PER_SECOND)


def great_circle_km(lat_a_deg: float, lon_a_deg: float, lat_b_deg: float, lon_b_deg: float) -> float:
    """Haversine distance on the sphere of the IUGG mean radius, in km."""
    lat_a, lon_a, lat_b, lon_b = map(math.radians, (lat_a_deg, lon_a_deg, lat_b_deg, lon_b_deg))
    h = math.sin((lat_b - lat_a) / 2) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    return 2.0 * EARTH_MEAN_RADIUS_KM * math.asin(min(1.0, math.sqrt(h)))
