"""Registry entries of kinds "beam", "fading" and "atmosphere": what a user can choose by name on a free-space link."""

from __future__ import annotations

from qcisim.optics.freespace.background import SKIES
from qcisim.optics.freespace.beam import MeasuredBeam, collected_flat, collected_gaussian
from qcisim.optics.freespace.elliptic import EllipticBeam
from qcisim.optics.freespace.extinction import TransmittanceTable, airmass_kasten_young, airmass_secant
from qcisim.optics.freespace.fading import LogNegativeWeibull, LogNormal, NoFading
from qcisim.optics.freespace.gamma_gamma import GammaGamma
from qcisim.optics.freespace.profile import HufnagelValley
from qcisim.optics.freespace.truncated import truncated_gaussian
from qcisim.registry import Entry, Parameter, register

_TRANSMITTER = Parameter("aperture_m", "m", 0.001, 10.0, 0.15, "diameter of the transmitter")
_WAIST = Parameter("waist_m", "m", 1e-4, 5.0, 0.067, "1/e^2 intensity radius of the beam at the transmitter")
_DIVERGENCE = Parameter("divergence_full_rad", "rad", 1e-7, 0.1, 1e-5, "full angle of the far field")

register(
    Entry(
        kind="beam",
        name="truncated",
        summary="A Gaussian beam clipped by the transmitter's aperture, central obstruction included",
        models="Fraunhofer diffraction of the clipped Gaussian; power lost at the transmitter may be counted or not.",
        ignores="Aberrations of the transmitter, the near field of an unfocused beam.",
        domain="Ranges beyond a^2/lambda; waists from a twentieth of the aperture's radius.",
        source="Klein and Degnan, Appl. Opt. 13, 2134 (1974); Sidhu et al., npj Quantum Inf. 8, 18 (2022).",
        parameters=(
            _TRANSMITTER,
            _WAIST,
            Parameter("obstruction", "1", 0.0, 0.9, 0.0, "central obscuration, share of the diameter"),
        ),
        make=truncated_gaussian,
    )
)
register(
    Entry(
        kind="beam",
        name="gaussian",
        summary="An ideal Gaussian beam",
        models="Radius w0 sqrt(1 + (lambda L/(pi w0^2))^2); power inside an aperture, also off the axis.",
        ignores="Clipping and aberrations: its on-axis intensity is the best there is.",
        domain="Any range; waists well inside the transmitter's aperture.",
        source="Saleh and Teich, Fundamentals of Photonics (2007), chapter 3.",
        parameters=(_WAIST,),
        make=collected_gaussian,
    )
)
register(
    Entry(
        kind="beam",
        name="flat",
        summary="An evenly bright spot of a given full divergence",
        models="The overlap of receiver and spot over the area of the spot.",
        ignores="The profile: a Gaussian of the same full divergence collects twice as much on the axis.",
        domain="Far field.",
        source="Liao et al., Nature 549, 43 (2017): 22 dB at 1200 km from 10 microrad.",
        parameters=(_DIVERGENCE,),
        make=collected_flat,
    )
)
register(
    Entry(
        kind="beam",
        name="measured",
        summary="A beam known by its measured far field",
        models="A table of intensity against the angle from the axis, linear between the rows.",
        ignores="Departures from rotational symmetry, light outside the table.",
        domain="Far field; two rows or more.",
        source="The user's measurement.",
        make=MeasuredBeam,
    )
)
register(
    Entry(
        kind="fading",
        name="none",
        summary="No fading: the transmittance is its mean",
        models="A constant.",
        ignores="Scintillation and wander.",
        domain="Links whose detectors stay linear.",
        source="Definition.",
        make=NoFading,
    )
)
register(
    Entry(
        kind="fading",
        name="log_normal",
        summary="Log-normal scintillation, weak turbulence",
        models="Factor exp(s z - s^2/2) of the aperture-averaged log-irradiance variance s^2.",
        ignores="Saturation, deep fades of strong turbulence, wander of the beam.",
        domain="s^2 below about 1: down-links above 20 to 30 deg of elevation.",
        source="Andrews and Phillips, Laser Beam Propagation through Random Media (2005), chapter 9.",
        parameters=(Parameter("variance", "Np^2", 0.0, 25.0, 0.05, "log-irradiance variance after averaging"),),
        make=LogNormal,
    )
)
register(
    Entry(
        kind="fading",
        name="gamma_gamma",
        summary="Gamma-gamma scintillation, weak to strong turbulence",
        models="The product of two gamma factors, large and small cells of the air.",
        ignores="Wander of the beam; the inner and outer scale of the turbulence.",
        domain="Shapes from 0.5 to 1e8.",
        source="Al-Habash, Andrews, Phillips, Opt. Eng. 40, 1554 (2001).",
        parameters=(
            Parameter("alpha", "1", 0.5, 1e8, 11.6, "shape of the large cells"),
            Parameter("beta", "1", 0.5, 1e8, 10.1, "shape of the small cells"),
        ),
        make=GammaGamma,
    )
)
register(
    Entry(
        kind="fading",
        name="weibull",
        summary="Log-negative Weibull: a spot that wanders over the aperture",
        models="Gaussian displacement of a Gaussian spot; transmittance of the aperture exp(-(r/R)^lambda).",
        ignores="Scintillation, change of the spot's shape.",
        domain="Wander below R for the stated accuracy of 1e-4 with 16 nodes.",
        source="Vasylyev, Semenov, Vogel, Phys. Rev. Lett. 108, 220501 (2012).",
        parameters=(
            Parameter("wander_m", "m", 0.0, 1e9, 1.0, "rms displacement per axis at the receiver"),
            Parameter("scale_m", "m", 1e-6, 1e9, 4.0, "R"),
            Parameter("shape", "1", 0.1, 1e3, 2.0, "lambda"),
        ),
        make=LogNegativeWeibull,
    )
)
register(
    Entry(
        kind="fading",
        name="elliptic",
        summary="Elliptic beam: wander, spread and deformation together",
        models="Log-normal half axes, Gaussian centre, uniform orientation of an elliptic spot on the aperture.",
        ignores="Scintillation inside the spot.",
        domain="Receivers larger than the speckle; horizontal paths with a Rytov variance below 1.",
        source="Vasylyev, Semenov, Vogel, Phys. Rev. Lett. 117, 090501 (2016).",
        parameters=(
            Parameter("aperture_m", "m", 1e-3, 50.0, 1.0, "diameter of the receiver"),
            Parameter("radius_m", "m", 1e-3, 1e5, 6.0, "1/e^2 radius of the mean spot"),
            Parameter("wander_m", "m", 0.0, 1e5, 1.0, "rms displacement per axis"),
            Parameter("theta_variance", "1", 0.0, 9.0, 0.05, "variance of the logarithm of each squared half axis"),
            Parameter("theta_covariance", "1", -9.0, 9.0, 0.0, "their covariance"),
        ),
        make=EllipticBeam,
    )
)
_ZENITH = Parameter("zenith_transmittance", "1", 0.0, 1.0, 0.8, "clear-sky transmittance at the zenith")
register(
    Entry(
        kind="atmosphere",
        name="secant",
        summary="Extinction by plane-parallel air, T = T_zenith^(1/sin e)",
        models="The law of Beer and Lambert over 1/sin e air masses.",
        ignores="Curvature of the Earth, absorption lines.",
        domain="Elevations above about 10 deg; 2 % against MODTRAN at 850 nm.",
        source="Bouguer; MODTRAN tables of SatQuMA 2.0.",
        parameters=(_ZENITH,),
        make=airmass_secant,
    )
)
register(
    Entry(
        kind="atmosphere",
        name="kasten_young",
        summary="Extinction over the air mass of a round Earth with refraction",
        models="The law of Beer and Lambert over the air masses of Kasten and Young, 38 at the horizon.",
        ignores="Absorption lines, the height of the absorber (haze lies lower than air).",
        domain="All elevations.",
        source="Kasten and Young, Appl. Opt. 28, 4735 (1989), Eq. (3).",
        parameters=(_ZENITH,),
        make=airmass_kasten_young,
    )
)
register(
    Entry(
        kind="atmosphere",
        name="table",
        summary="Extinction by the user's table of transmittance against elevation",
        models="Logarithms linear in 1/sin e between the rows.",
        ignores="Change with weather and season.",
        domain="Two rows or more above the horizon.",
        source="The user's measurement or radiative transfer code.",
        make=TransmittanceTable,
    )
)
register(
    Entry(
        kind="atmosphere",
        name="hufnagel_valley",
        summary="Turbulence profile Hufnagel-Valley",
        models="Refractive-index structure constant of upper air, troposphere and ground layer.",
        ignores="Inner and outer scale, change through the night.",
        domain="A mean night; sites differ by a factor of ten.",
        source="Valley, Appl. Opt. 19, 574 (1980); ITU-R P.1621-2 (2015), Eq. (5) for the wind.",
        parameters=(
            Parameter("rms_wind_m_per_s", "m/s", 0.0, 200.0, 21.0, "wind between 5 and 20 km"),
            Parameter("ground_cn2", "m^(-2/3)", 0.0, 1e-10, 1.7e-14, "at the ground"),
            Parameter("ground_altitude_m", "m", 0.0, 9000.0, 0.0, "height from which the ground layer counts"),
        ),
        make=HufnagelValley,
    )
)
for _name, _sky in SKIES.items():
    register(
        Entry(
            kind="atmosphere",
            name=f"sky_{_name}",
            summary=f"Sky radiance: night {_sky.night:g}, full moon {_sky.full_moon:g}, day {_sky.day:g} W/(m2 um sr)",
            models="Three radiances, joined by the course of the twilight over the sun's elevation.",
            ignores="Wavelength, haze, the angle between line of sight and sun or moon, city light.",
            domain="A factor of ten either way: published sources disagree by as much.",
            source=_sky.source,
        )
    )
