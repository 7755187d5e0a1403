"""Geometry of circular orbits and what an aperture collects of a Gaussian beam."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Params = Mapping[str, Any]
EARTH_RADIUS_KM = 6371.0  # the sphere of these cases


def _slant_range_km(p: Params) -> float:
    from qcisim.optics.orbit.spherical import slant_range_km

    return float(slant_range_km(p["altitude_km"], p["elevation_deg"], EARTH_RADIUS_KM))


def _period_s(p: Params) -> float:
    from qcisim.optics.orbit.spherical import circular_period_s

    return circular_period_s(p["altitude_km"], EARTH_RADIUS_KM)


def _pass_duration_s(p: Params) -> float:
    from qcisim.optics.orbit.spherical import overhead_pass_duration_s

    return overhead_pass_duration_s(p["altitude_km"], p["min_elevation_deg"], EARTH_RADIUS_KM)


def _collected(p: Params) -> float:
    from qcisim.optics.freespace.beam import collected_gaussian, gaussian_radius_m

    radius_m = gaussian_radius_m(p["waist_m"], p["wavelength_m"] * 1e9, p["distance_m"] / 1e3)
    return float(collected_gaussian(radius_m, p["rx_diameter_m"]))


ADAPTERS: dict[tuple[str, str], Callable[[Params], Any]] = {
    ("geometry", "slant_range"): _slant_range_km,
    ("geometry", "orbital_period"): _period_s,
    ("geometry", "overhead_pass_duration"): _pass_duration_s,
    ("gaussian_beam", "collected_fraction"): _collected,
}
