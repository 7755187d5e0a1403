"""A ground station on the WGS84 ellipsoid."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from qcisim.errors import require
from qcisim.optics.orbit.epoch import Floats
from qcisim.optics.orbit.frames import EARTH_ECCENTRICITY_SQUARED, EARTH_EQUATOR_KM


@dataclass(frozen=True, slots=True)
class GroundStation:
    """Where a telescope stands and how low it looks.

    Args:
        lat_deg: geodetic latitude on WGS84, north positive, -90 to 90.
        lon_deg: longitude, east positive, -180 to 360.
        altitude_m: above the ellipsoid; heights above mean sea level differ by up to 100 m, which moves a pass by
            less than 0.1 s.
        minimum_elevation_deg: the mask; passes begin and end there. Geometric, without refraction: 0.09 deg at 10 deg,
            0.5 deg at the horizon.
    """

    lat_deg: float
    lon_deg: float
    altitude_m: float = 0.0
    minimum_elevation_deg: float = 10.0

    def __post_init__(self) -> None:
        require(
            abs(self.lat_deg) <= 90.0,
            f"lat_deg {self.lat_deg:g}: wanted -90 to 90"
            + (" (latitude and longitude may be swapped)" if 90.0 < abs(self.lat_deg) <= 360.0 else ""),
        )
        require(-180.0 <= self.lon_deg <= 360.0, f"lon_deg {self.lon_deg:g}: wanted -180 to 360, east positive")
        require(-500.0 <= self.altitude_m <= 1e5, f"altitude_m {self.altitude_m:g}: wanted -500 to 1e5 m for a station")
        require(
            self.minimum_elevation_deg <= 90.0,
            f"minimum_elevation_deg {self.minimum_elevation_deg:g}: nothing stands above the zenith",
        )
        require(
            self.minimum_elevation_deg >= -5.0,
            f"minimum_elevation_deg {self.minimum_elevation_deg:g}: wanted -5 or more; below, the Earth is in the way",
        )

    @property
    def up(self) -> Floats:
        """Unit vector (3,) to the zenith, normal to the ellipsoid, in ECEF."""
        return np.asarray(self.axes[2])

    @property
    def axes(self) -> Floats:
        """Rows east, north, up (3, 3): ECEF to local horizontal."""
        lat, lon = math.radians(self.lat_deg), math.radians(self.lon_deg)
        sin_lat, cos_lat, sin_lon, cos_lon = math.sin(lat), math.cos(lat), math.sin(lon), math.cos(lon)
        return np.array(
            [
                [-sin_lon, cos_lon, 0.0],
                [-sin_lat * cos_lon, -sin_lat * sin_lon, cos_lat],
                [cos_lat * cos_lon, cos_lat * sin_lon, sin_lat],
            ]
        )

    @property
    def ecef_km(self) -> Floats:
        """Position (3,) in ECEF."""
        lat, lon = math.radians(self.lat_deg), math.radians(self.lon_deg)
        normal = EARTH_EQUATOR_KM / math.sqrt(1.0 - EARTH_ECCENTRICITY_SQUARED * math.sin(lat) ** 2)
        height = 1e-3 * self.altitude_m
        level = (normal + height) * math.cos(lat)
        polar = normal * (1.0 - EARTH_ECCENTRICITY_SQUARED) + height
        return np.array([level * math.cos(lon), level * math.sin(lon), polar * math.sin(lat)])
