"""The space part of a scenario: stations, satellites and their orbits, light through free space, planning of passes."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from qcisim.simulation.equipment import Fibre, Receiver, Sender, Status
from qcisim.simulation.fields import Count, Flag, Identifier, Model, Number, Problem, quantity, refuse

MONTHS = 12


def utc(text: str) -> datetime:
    """The UTC time of "2026-12-01T00:00:00Z"; raises ValueError where it is none."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _one_or_many(value: Any) -> Any:
    return [value] if isinstance(value, int | float) and not isinstance(value, bool) else value


class Station(Model):
    """An optical ground station at a node."""

    altitude_m: Number = quantity("m", "height above the ellipsoid", 0.0, ge=-500.0, le=9000.0)
    minimum_elevation_deg: Number = quantity(
        "deg", "passes are used above this", 20.0, ge=0.0, le=90.0, why="nothing stands above the zenith"
    )
    telescopes: Count = quantity("1", "satellites that it can receive at once", 1, ge=1, le=100)
    cloud_fraction: Annotated[tuple[Number, ...], BeforeValidator(_one_or_many)] = Field(
        (),
        description="share of the time under cloud: one number, or twelve from January on; the default climatology "
        "where nothing is said",
    )
    status: Status = Field("illustrative", description="how the station is known")
    source: str = Field("", description="where its data come from", max_length=2000)

    @model_validator(mode="after")
    def _clouds(self) -> Station:
        given = self.cloud_fraction
        if len(given) not in (0, 1, MONTHS):
            got = f"{len(given)} numbers"
            refuse(Problem(("cloud_fraction",), "one number, or twelve from January to December", got))
        if given and not 0.0 <= min(given) <= max(given) <= 1.0:
            listed = ", ".join(f"{x:g}" for x in given)
            refuse(Problem(("cloud_fraction",), "shares from 0 to 1", listed))
        return self


class TwoLineElements(Model):
    """Two-line elements, propagated with SGP4."""

    kind: Literal["tle"]
    line1: str = Field(description="first line, 69 columns", min_length=1, max_length=100)
    line2: str = Field(description="second line, 69 columns", min_length=1, max_length=100)


class CircularOrbit(Model):
    """A circular orbit."""

    kind: Literal["circular"]
    altitude_km: Number = quantity("km", "height above the equator's radius", ge=150.0, le=100_000.0)
    inclination_deg: Number = quantity("deg", "inclination", ge=0.0, le=180.0)
    raan_deg: Number = quantity("deg", "right ascension of the ascending node at the start", 0.0, ge=-360.0, le=360.0)
    argument_of_latitude_deg: Number = quantity(
        "deg", "angle from the ascending node at the start", 0.0, ge=-360.0, le=360.0
    )


class SunSynchronousOrbit(Model):
    """A circular orbit whose node keeps its local time."""

    kind: Literal["sun_synchronous"]
    altitude_km: Number = quantity("km", "height above the equator's radius", ge=150.0, le=5900.0)
    local_time_ascending_node_h: Number = quantity("h", "local mean solar time of the ascending node", ge=0.0, lt=24.0)
    argument_of_latitude_deg: Number = quantity(
        "deg", "angle from the ascending node at the start", 0.0, ge=-360.0, le=360.0
    )


class GeostationaryOrbit(Model):
    """An orbit that stands above one longitude."""

    kind: Literal["geostationary"]
    longitude_deg: Number = quantity("deg", "longitude below the satellite", ge=-180.0, le=180.0)


def _orbit_kind(value: Any) -> Any:
    return value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)


Orbit = Annotated[
    Annotated[TwoLineElements, Tag("tle")]
    | Annotated[CircularOrbit, Tag("circular")]
    | Annotated[SunSynchronousOrbit, Tag("sun_synchronous")]
    | Annotated[GeostationaryOrbit, Tag("geostationary")],
    Discriminator(_orbit_kind),
]


class Satellite(Model):
    """A satellite at a node: its orbit, and what it can do at once and keep on board."""

    orbit: Orbit = Field(description="its orbit; `kind` is tle, circular, sun_synchronous or geostationary")
    terminals: Count = quantity("1", "stations that it can serve at once", 1, ge=1, le=100)
    slew_s: Number = quantity("s", "time a terminal takes between two passes", 30.0, ge=0.0, le=3600.0)
    storage_bits: Count = quantity(
        "bits", "key that it can keep on board, an equal part for each of its links", 10**9, ge=0, le=10**13
    )
    status: Status = Field("illustrative", description="how its orbit and payload are known")
    source: str = Field("", description="where its data come from", max_length=2000)


class FarField(Model):
    """A measured beam: intensity against the angle from its axis, linear between the rows."""

    angle_rad: tuple[Number, ...] = Field(
        description="angles from the axis, rising from 0", min_length=2, json_schema_extra={"unit": "rad"}
    )
    relative_intensity: tuple[Number, ...] = Field(
        description="intensity at each angle, in any unit", min_length=2, json_schema_extra={"unit": "1"}
    )


class TransmittanceTable(Model):
    """Extinction by elevation as it was measured or computed elsewhere."""

    elevation_deg: tuple[Number, ...] = Field(
        description="elevations, rising", min_length=2, json_schema_extra={"unit": "deg"}
    )
    transmittance: tuple[Number, ...] = Field(
        description="transmittance at each elevation", min_length=2, json_schema_extra={"unit": "1"}
    )


class Transmitter(Model):
    """The telescope that sends."""

    aperture_m: Number = quantity("m", "diameter", 0.1, gt=0.0, le=30.0)
    beam: Literal["truncated", "gaussian", "flat", "measured"] = Field(
        "truncated",
        description="clipped Gaussian by diffraction, Gaussian of a given divergence, flat disc, or far_field",
    )
    waist_m: Number | None = quantity(
        "m", "1/e2 radius at the aperture; 0.89 of its radius where nothing is said", None, gt=0.0, le=30.0
    )
    divergence_full_rad: Number | None = quantity(
        "rad", "full angle of the beam (1/e2 for a Gaussian)", None, gt=0.0, le=0.1
    )
    divergence_half_rad: Number | None = quantity(
        "rad", "half angle of the beam (1/e2 for a Gaussian)", None, gt=0.0, le=0.1
    )
    efficiency: Number = quantity("1", "optics", 1.0, gt=0.0, le=1.0, why="passive optics cannot amplify")
    jitter_rad: Number = quantity("rad", "pointing jitter, root mean square per axis", 0.0, ge=0.0, le=0.01)
    obstruction: Number = quantity(
        "1", "diameter of the central obstruction of a truncated beam over that of the aperture", 0.0, ge=0.0, lt=1.0
    )
    adaptive_modes: Count = quantity(
        "1", "uplink: Noll modes corrected beforehand; 1 none (piston), 3 tip and tilt", 1, ge=1, le=10_000
    )
    far_field: FarField | None = Field(None, description="the far field of a measured beam")

    @model_validator(mode="after")
    def _divergence(self) -> Transmitter:
        full, half = self.divergence_full_rad, self.divergence_half_rad
        if full is not None and half is not None:
            got = f"full {full:g} and half {half:g} rad"
            refuse(Problem(("divergence_full_rad",), "the full or the half divergence, not both", got))
        if self.beam != "truncated" and self.beam != "gaussian" and self.waist_m is not None:
            refuse(Problem(("waist_m",), "a waist of a truncated or gaussian beam", f"one with the beam {self.beam}"))
        if self.beam == "gaussian" and self.waist_m is not None:
            if full is not None or half is not None:
                refuse(Problem(("waist_m",), "the waist or the divergence of a gaussian beam, not both", "both"))
            return self
        if self.beam == "truncated" and (full is not None or half is not None):
            name = "divergence_full_rad" if full is not None else "divergence_half_rad"
            got = f"{name} with the beam truncated, whose divergence follows from aperture_m and waist_m"
            refuse(Problem((name,), "beam gaussian or flat with a divergence", got))
        if (self.far_field is None) == (self.beam == "measured"):
            got = "nothing" if self.far_field is None else f"one with the beam {self.beam}"
            refuse(Problem(("far_field",), "the far field of a measured beam, and of no other", got))
        if self.beam in ("gaussian", "flat") and full is None and half is None:
            refuse(
                Problem(
                    ("divergence_full_rad",),
                    f"the divergence of the {self.beam} beam" + (", or its waist_m" if self.beam == "gaussian" else ""),
                    "nothing",
                )
            )
        return self

    @property
    def full_rad(self) -> float | None:
        """The full divergence, whichever was given."""
        return 2.0 * self.divergence_half_rad if self.divergence_half_rad is not None else self.divergence_full_rad


class Telescope(Model):
    """The telescope that receives."""

    aperture_m: Number = quantity("m", "diameter", 0.8, gt=0.0, le=50.0)
    obstruction: Number = quantity(
        "1", "diameter of the central obstruction over that of the aperture", 0.0, ge=0.0, lt=1.0
    )
    efficiency: Number = quantity("1", "optics", 1.0, gt=0.0, le=1.0, why="passive optics cannot amplify")
    field_of_view_full_rad: Number = quantity("rad", "full angle that reaches the detectors", 1e-4, gt=0.0, le=0.1)
    fibre_coupled: Flag = Field(False, description="light goes into a single-mode fibre before the detectors")
    adaptive_modes: Count = quantity("1", "Noll modes corrected: 1 none (piston), 3 tip and tilt", 1, ge=1, le=10_000)


class Atmosphere(Model):
    """What the air does to the light."""

    zenith_transmittance: Number = quantity(
        "1", "at the quantum wavelength, clear sky", 0.8, gt=0.0, le=1.0, why="air cannot amplify"
    )
    airmass: Literal["secant", "kasten_young"] = Field(
        "kasten_young", description="how extinction grows to the horizon"
    )
    transmittance_table: TransmittanceTable | None = Field(
        None, description="extinction by elevation, in place of zenith_transmittance and airmass"
    )
    rms_wind_m_per_s: Number = quantity("m/s", "wind of the Hufnagel-Valley profile", 21.0, ge=0.0, le=100.0)
    ground_cn2: Number = quantity("m^(-2/3)", "turbulence at the ground, Hufnagel-Valley", 1.7e-14, ge=0.0, le=1e-10)
    fading: Literal["none", "log_normal", "gamma_gamma", "weibull", "elliptic"] = Field(
        "log_normal", description="law of the fading, see `qcisim list fading`"
    )
    fading_nodes: Count = quantity("1", "values that stand for the law in averages", 8, ge=1, le=64)
    fading_coherence_s: Number = quantity(
        "s", "resolution clicks: a value of the fading lasts so long", 0.01, gt=0.0, le=1.0
    )


class Sky(Model):
    """Background light that the receiver sees."""

    night_radiance_w_per_m2_um_sr: Number = quantity("W/(m2 um sr)", "clear, moonless night", 1.5e-5, ge=0.0, le=1e3)
    day_radiance_w_per_m2_um_sr: Number = quantity("W/(m2 um sr)", "clear day, sun at 60 deg", 1.5, ge=0.0, le=1e4)
    moon_radiance_w_per_m2_um_sr: Number = quantity(
        "W/(m2 um sr)", "moonlight on top of the night; a full moon gives about 1.5e-3", 0.0, ge=0.0, le=1e3
    )


class LossTable(Model):
    """Measured loss of the propagation over the range; it replaces the predicted terms."""

    range_km: tuple[Number, ...] = Field(description="ranges, rising", min_length=1, json_schema_extra={"unit": "km"})
    loss_excl_detector_db: tuple[Number, ...] = Field(
        description="loss at each range, detectors excluded", json_schema_extra={"unit": "dB"}
    )
    source: str = Field("", description="where the table comes from", max_length=2000)

    @model_validator(mode="after")
    def _table(self) -> LossTable:
        ranges, losses = self.range_km, self.loss_excl_detector_db
        if len(ranges) != len(losses):
            refuse(Problem(("loss_excl_detector_db",), f"{len(ranges)} losses, one for each range", str(len(losses))))
        if any(a >= b for a, b in pairwise(ranges)) or ranges[0] <= 0.0:
            refuse(Problem(("range_km",), "positive, rising ranges", ", ".join(f"{x:g}" for x in ranges)))
        if min(losses) < 0.0:
            refuse(Problem(("loss_excl_detector_db",), "losses, not gains", f"{min(losses):g} dB"))
        return self


class FreeSpace(Model):
    """Light through free space: from a satellite to a station, from a station to a satellite, or between satellites."""

    status: Status = Field("illustrative", description="how the numbers below are known")
    source: str = Field("", description="where they come from", max_length=2000)
    transmitter: Transmitter = Field(Transmitter(), description="the telescope that sends")
    telescope: Telescope = Field(Telescope(), description="the telescope that receives")
    atmosphere: Atmosphere = Field(Atmosphere(), description="extinction and turbulence")
    sky: Sky = Field(Sky(), description="background light")
    encoding: Literal["polarisation", "time_bin", "phase"] = Field("polarisation", description="what carries the qubit")
    interferometer_delay_s: Number = quantity(
        "s", "time_bin and phase: time between the two pulses of a qubit", 1e-9, gt=0.0, lt=1e-3
    )
    frame_compensated: Flag = Field(
        True, description="the receiver follows the turning polarisation frame, or the Doppler phase"
    )
    frame_residual_rad: Number = quantity(
        "rad", "what compensation leaves, rms: of the linear polarisation's turn, or of the phase", 0.0, ge=0.0, le=10.0
    )
    loss_table: LossTable | None = Field(None, description="a measured loss in place of the predicted terms")
    maximum_range_km: Number | None = quantity("km", "passes are used within this range", None, gt=0.0, le=1e6)
    maximum_sun_elevation_deg: Number = quantity(
        "deg",
        "passes are used while the sun at the station is below this; 90 for day and night",
        -6.0,
        ge=-90.0,
        le=90.0,
    )
    minimum_grazing_altitude_km: Number = quantity(
        "km", "between satellites: the line of sight is used above this height", 100.0, ge=0.0, le=1e5
    )
    eclipse_only: Flag = Field(False, description="passes are used only while the satellite is in the Earth's shadow")


class Clouds(Model):
    """How clouds hang together in space and time; fractions are those of the stations."""

    correlation_length_km: Number = quantity("km", "cloud correlation exp(-d/L) of two stations", 300.0, gt=0.0, le=1e5)
    correlation_time_h: Number = quantity("h", "cloud correlation exp(-t/T) of one station", 12.0, gt=0.0, le=1e4)


class PassPlanning(Model):
    """Which passes are taken, and how finely they are computed."""

    step_s: Number = quantity("s", "a pass is computed in steps of this length", 1.0, gt=0.0, le=60.0)
    window_h: Number = quantity("h", "passes are planned for this long ahead", 24.0, gt=0.0, le=8760.0)
    policy: Literal["most_key", "fair"] = Field(
        "fair", description="most expected key, or expected key relative to what a station has been planned so far"
    )
    knows_clouds: Flag = Field(False, description="the plan knows the clouds of each pass instead of their climatology")
    minimum_duration_s: Number = quantity("s", "shorter passes are not used", 30.0, ge=0.0, le=3600.0)


class PairSource(Model):
    """A source of entangled photon pairs."""

    pair_rate_hz: Number = quantity("1/s", "pairs per second", 5.9e6, gt=0.0, le=1e12)
    coincidence_window_s: Number = quantity("s", "two clicks this close make a coincidence", 2.5e-9, gt=0.0, le=1e-3)
    wavelength_nm: Number = quantity("nm", "vacuum wavelength of both photons", 810.0, ge=600.0, le=1700.0)
    fidelity: Number = quantity(
        "1", "fidelity of the emitted pairs with the wanted Bell state (Werner)", 1.0, gt=0.25, le=1.0
    )


class Arm(Model):
    """One photon's way from the source of pairs to its detectors, or from a sender to a hub: fibre or free space."""

    fibre: Fibre | None = Field(None, description="the fibre, or")
    free_space: FreeSpace | None = Field(None, description="the free space between source and receiver")
    receiver: Receiver = Field(Receiver(), description="pairs: the receiver at the end of the arm")
    sender: Sender | None = Field(None, description="hub: what the sender of this arm does differently")

    @model_validator(mode="after")
    def _one(self) -> Arm:
        if (self.fibre is None) == (self.free_space is None):
            refuse(Problem(("fibre",), "either fibre or free_space", "neither" if self.fibre is None else "both"))
        return self


class PairsFrom(PairSource):
    """A source of entangled pairs and the node that holds it: in the middle, at one end, or on a satellite."""

    node: Identifier = Field(description="id of the node that holds the source")


class Pairs(Model):
    """Entangled pairs for two nodes from a source at a third."""

    between: tuple[Identifier, Identifier] = Field(description="ids of the two nodes that receive")
    source_node: Identifier = Field(description="id of the node that holds the source")
    source: PairSource = Field(PairSource(), description="the source")
    arms: tuple[Arm, Arm] = Field(description="the way to the first and to the second node")


class Published(Model):
    """A published number beside the computed one."""

    name: str = Field(description="what is compared", max_length=200)
    result: str = Field(description="where the result holds it, such as passes.0.minimum_range_km", max_length=200)
    value: Number = quantity("1", "the published value, in ``unit``", ge=-1e30, le=1e30)
    unit: str = Field("", description="its unit", max_length=50)
    tolerance: Number | None = quantity("1", "how far apart they may be, in ``unit``", None, ge=0.0, le=1e30)
    kind: Literal["prediction", "consistency"] = Field(
        "consistency", description="whether the computed number rests on nothing of the published experiment's outcome"
    )
    source: str = Field("", description="where it is published", max_length=2000)
    note: str = Field("", description="what the comparison shows and what not", max_length=2000)


def refuse_start(text: str) -> None:
    """Refuse a start that is no UTC time."""
    try:
        moment = utc(text)
    except ValueError:
        refuse(Problem(("start_utc",), "a UTC time such as 2026-12-01T00:00:00Z", f"'{text}'"))
    if not 1957 < moment.year < 2057:
        refuse(Problem(("start_utc",), "a year that two-line elements can name, 1958 to 2056", str(moment.year)))
