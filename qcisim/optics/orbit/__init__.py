"""Where satellites are, what stations and other satellites see of them, and when."""

from qcisim.optics.orbit import entries  # noqa: F401 - imported so that they register
from qcisim.optics.orbit.circular import (
    CircularOrbit,
    geostationary,
    sun_synchronous,
    sun_synchronous_inclination_deg,
)
from qcisim.optics.orbit.crosslink import InterSatelliteLook, Window, between, find_windows, grazing_altitude_km
from qcisim.optics.orbit.elements import STALE_DAYS, TwoLineElements, along_track_error_km
from qcisim.optics.orbit.epoch import Epoch
from qcisim.optics.orbit.frames import ecef_from_teme, gmst_rad
from qcisim.optics.orbit.orbit import Orbit
from qcisim.optics.orbit.passes import Pass, find_passes, find_passes_many
from qcisim.optics.orbit.sight import Look, Sight, ground_track, look, look_many
from qcisim.optics.orbit.station import GroundStation
from qcisim.optics.orbit.sun import sun_direction_teme, sun_elevation_deg, sun_visible_share, sunlit

__all__ = [
    "STALE_DAYS",
    "CircularOrbit",
    "Epoch",
    "GroundStation",
    "InterSatelliteLook",
    "Look",
    "Orbit",
    "Pass",
    "Sight",
    "TwoLineElements",
    "Window",
    "along_track_error_km",
    "between",
    "ecef_from_teme",
    "find_passes",
    "find_passes_many",
    "find_windows",
    "geostationary",
    "gmst_rad",
    "grazing_altitude_km",
    "ground_track",
    "look",
    "look_many",
    "sun_direction_teme",
    "sun_elevation_deg",
    "sun_synchronous",
    "sun_synchronous_inclination_deg",
    "sun_visible_share",
    "sunlit",
]
