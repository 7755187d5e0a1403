"""Registry entries of kind "orbit"."""

from __future__ import annotations

from qcisim.optics.orbit.circular import CircularOrbit, geostationary, sun_synchronous
from qcisim.optics.orbit.elements import TwoLineElements
from qcisim.registry import Entry, Parameter, register

_ALTITUDE = Parameter("altitude_km", "km", 120.0, 1e6, 500.0, "above the equatorial radius 6378.137 km")
_ARGUMENT = Parameter(
    "argument_of_latitude_deg", "deg", -360.0, 360.0, 0.0, "from the ascending node to the satellite at the epoch"
)
_SECULAR = (
    "A two-body circle whose node and phase drift at the secular rates of J2. Ground stations on WGS84; the Earth "
    "turns by GMST (IAU 1982)."
)
_LEFT_OUT = (
    "Air drag, Moon and Sun, radiation pressure, the periodic terms of J2 (some 10 km), manoeuvres; UT1 - UTC (at most "
    "420 m at the equator), polar motion, refraction, light time."
)
_VALLADO = "Vallado, Fundamentals of Astrodynamics and Applications (2013), Eqs. (9-38) to (9-41)."

register(
    Entry(
        kind="orbit",
        name="two_line_elements",
        summary="A real satellite by its two-line elements, propagated with SGP4",
        models=(
            "SGP4 with the constants of WGS72: J2 to J4, drag by B*, lunar and solar terms and resonances for periods "
            "above 225 minutes. Ground stations on WGS84; the Earth turns by GMST (IAU 1982)."
        ),
        ignores=(
            "What the elements do not know: they are good to about 1 km at their epoch and lose 1 to 3 km a day along "
            "the track in a low orbit, more at a few hundred kilometres; manoeuvres. UT1 - UTC (at most 420 m at the "
            "equator), polar motion, refraction, light time."
        ),
        domain="A few days around the epoch of the elements; a warning beyond two weeks.",
        source="Vallado, Crawford, Hujsak, Kelso, Revisiting Spacetrack Report #3, AIAA 2006-6753.",
        make=TwoLineElements,
    )
)
register(
    Entry(
        kind="orbit",
        name="circular",
        summary="A circular orbit of any altitude and inclination",
        models=_SECULAR,
        ignores=_LEFT_OUT,
        domain="Planning. For a satellite that exists, use its elements.",
        source=_VALLADO,
        parameters=(
            _ALTITUDE,
            Parameter("inclination_deg", "deg", 0.0, 180.0, 51.6, "of the orbit's plane against the equator"),
            Parameter("raan_deg", "deg", -360.0, 360.0, 0.0, "right ascension of the ascending node at the epoch"),
            _ARGUMENT,
        ),
        make=CircularOrbit,
    )
)
register(
    Entry(
        kind="orbit",
        name="sun_synchronous",
        summary="A circular orbit that crosses the equator at the same local solar time all year",
        models=_SECULAR + " The inclination makes the node turn with the mean Sun.",
        ignores=_LEFT_OUT,
        domain="Altitudes up to about 5,980 km.",
        source=_VALLADO,
        parameters=(
            Parameter("altitude_km", "km", 120.0, 5980.0, 600.0, "above the equatorial radius 6378.137 km"),
            Parameter("local_time_ascending_node_h", "h", 0.0, 24.0, 10.5, "mean solar time at the ascending node"),
            _ARGUMENT,
        ),
        make=sun_synchronous,
    )
)
register(
    Entry(
        kind="orbit",
        name="geostationary",
        summary="A satellite that stands still above a place on the equator",
        models="The equatorial circle on which node and phase together turn as fast as the Earth.",
        ignores="Station keeping: a real one moves by some 0.1 deg; and what circular orbits leave out.",
        domain="Longitudes -180 to 360 deg, east positive.",
        source=_VALLADO,
        parameters=(Parameter("longitude_deg", "deg", -180.0, 360.0, 10.0, "of the point below it"),),
        make=geostationary,
    )
)
