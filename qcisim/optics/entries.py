"""Registry entries of kinds "source" and "link"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import qcisim.optics.hub_entries as _hub_entries  # noqa: F401  registers hubs and their senders
from qcisim.optics.link import FibreLink
from qcisim.optics.source import SinglePhotonSource, WeakCoherentSource
from qcisim.registry import Entry, Parameter, register

if TYPE_CHECKING:
    from qcisim.optics.freespace.intersatellite import InterSatelliteLink
    from qcisim.optics.freespace.link import FreeSpaceLink

_CLOCK = Parameter("clock_hz", "Hz", 1.0, 1e12, 1e9, "rounds per second")
_KEY_BASIS = Parameter("key_basis_probability", "1", 0.0, 1.0, 0.9, "how often the key basis Z is chosen")

register(
    Entry(
        kind="source",
        name="weak_coherent",
        summary="Phase-randomised weak coherent pulses with one to ten intensities (decoys)",
        models=(
            "Every round: a setting, a basis and a bit are chosen at random; the pulse holds n photons with Poisson "
            "law exp(-mu) mu^n/n!, all in the same qubit state. Width and colour of the pulse set its broadening in "
            "the fibre."
        ),
        ignores=(
            "Correlations between pulses, imperfect phase randomisation, state preparation flaws, intensity "
            "fluctuations, light that leaks information in other degrees of freedom, Trojan horses."
        ),
        domain="Mean photon number from 0; settings differ and their probabilities sum to 1.",
        source="Hwang, Phys. Rev. Lett. 91, 057901 (2003); Lo, Ma, Chen, Phys. Rev. Lett. 94, 230504 (2005).",
        parameters=(
            _CLOCK,
            _KEY_BASIS,
            Parameter("intensities", "photons", 0.0, 10.0, 0.5, "mean photon number per setting, a list"),
            Parameter("probabilities", "1", 0.0, 1.0, 0.7, "how often each setting is sent, a list with sum 1"),
        ),
        make=WeakCoherentSource,
    )
)
register(
    Entry(
        kind="source",
        name="single_photon",
        summary="At most one photon per round",
        models="A photon leaves the station with probability efficiency, in the qubit state of the round; never two.",
        ignores="Multi-photon emission (g2 above 0), distinguishability, blinking, wavelength conversion noise.",
        domain="Efficiency above 0 and up to 1.",
        source="Bennett and Brassard (1984); finite keys: Tomamichel et al., Nat. Commun. 3, 634 (2012).",
        parameters=(
            _CLOCK,
            _KEY_BASIS,
            Parameter("efficiency", "1", 0.0, 1.0, 0.5, "probability of a photon per round"),
        ),
        make=SinglePhotonSource,
    )
)
register(
    Entry(
        kind="link",
        name="fibre",
        summary="Optical fibre with loss, dispersion, polarisation drift and Raman noise of data channels",
        models=(
            "Loss of fibre, connectors, receiver optics, detector and gate as named terms; chromatic and "
            "polarisation mode dispersion that widen the pulse (light outside the gate is lost, light in a "
            "neighbour's gate is noise) and depolarise it; a constant and a drifting rotation of the polarisation, "
            "realigned at intervals; spontaneous Raman light of co- and counter-propagating data channels; group "
            "delay. The state of a qubit that arrives is a density matrix through a channel; loss is an erasure and "
            "never depolarises."
        ),
        ignores=(
            "Four-wave mixing, leakage of data light through the filters, Rayleigh and Brillouin backscatter, "
            "polarisation-dependent loss, drift of the delay, time lost while the polarisation is realigned. Raman "
            "coefficients are trusted to a factor of about three."
        ),
        domain="Any length; the gate not longer than a round; data channels outside the receiver's filter.",
        source=(
            "ITU-T G.652; Agrawal, Fiber-Optic Communication Systems (2010); Eraerds et al., New J. Phys. 12, "
            "063027 (2010); Gordon and Kogelnik, PNAS 97, 4541 (2000)."
        ),
        parameters=(
            Parameter("length_km", "km", 0.0, 1e4, 50.0, "length of the fibre"),
            Parameter("attenuation_db_per_km", "dB/km", 0.0, 10.0, 0.2, "at the quantum wavelength"),
            Parameter("connector_db", "dB", 0.0, 100.0, 1.5, "connectors and splices together"),
            Parameter("dispersion_ps_per_nm_km", "ps/(nm km)", -200.0, 200.0, 17.0, "chromatic dispersion"),
            Parameter("pmd_ps_per_sqrt_km", "ps/sqrt(km)", 0.0, 10.0, 0.04, "polarisation mode dispersion"),
            Parameter("group_index", "1", 1.0, 3.0, 1.468, "for the delay"),
            Parameter("misalignment_stokes_rad", "rad", -3.1416, 3.1416, 0.0, "constant rotation of the Stokes vector"),
            Parameter(
                "drift_stokes_rad_per_sqrt_s", "rad/sqrt(s)", 0.0, 10.0, 0.005, "polarisation random walk, per axis"
            ),
            Parameter("tracking_period_s", "s", 0.0, 1e6, 60.0, "realignment interval, 0 for never"),
        ),
        make=FibreLink,
    )
)


def _downlink(*args: Any, **kwargs: Any) -> FreeSpaceLink:
    """A satellite that sends to a station; imported when asked for, since orbits are slow to import."""
    from qcisim.optics.freespace.link import FreeSpaceLink

    return FreeSpaceLink(*args, **{**kwargs, "direction": "down"})


def _uplink(*args: Any, **kwargs: Any) -> FreeSpaceLink:
    """A station that sends to a satellite."""
    from qcisim.optics.freespace.link import FreeSpaceLink

    return FreeSpaceLink(*args, **{**kwargs, "direction": "up"})


def _intersatellite(*args: Any, **kwargs: Any) -> InterSatelliteLink:
    """A satellite that sends to another one."""
    from qcisim.optics.freespace.intersatellite import InterSatelliteLink

    return InterSatelliteLink(*args, **kwargs)


_TERMINALS = (
    Parameter("transmitter.aperture_m", "m", 0.001, 10.0, 0.1, "diameter of the telescope that sends"),
    Parameter("transmitter.divergence_full_rad", "rad", 1e-7, 0.1, 1e-5, "full angle of a Gaussian or flat beam"),
    Parameter("transmitter.efficiency", "1", 0.01, 1.0, 0.9, "optics of the transmitter"),
    Parameter("transmitter.jitter_rad", "rad", 0.0, 1e-3, 1e-6, "pointing error, rms per axis"),
    Parameter("telescope.aperture_m", "m", 0.01, 40.0, 0.8, "diameter of the telescope that receives"),
    Parameter("telescope.obstruction", "1", 0.0, 0.9, 0.3, "central obscuration over the aperture, diameters"),
    Parameter("telescope.efficiency", "1", 0.01, 1.0, 0.8, "optics of the telescope"),
    Parameter("frame_residual_rad", "rad", 0.0, 1.6, 0.02, "rms of what compensation leaves, an angle or a phase"),
)
_AIR = (
    Parameter("telescope.field_of_view_full_rad", "rad", 1e-6, 0.1, 1e-4, "full angle of free-space detectors"),
    Parameter("telescope.adaptive_modes", "1", 1, 10000, 1, "Noll modes corrected before a fibre; 1 for none"),
    Parameter("atmosphere.zenith_transmittance", "1", 0.01, 1.0, 0.8, "of clear air at the quantum wavelength"),
    Parameter("atmosphere.fading_nodes", "1", 1, 64, 8, "values that stand for the fading law"),
    Parameter("sky.night_radiance_w_per_m2_um_sr", "W/(m2 um sr)", 0.0, 1e3, 1.5e-5, "moonless night"),
    Parameter("sky.day_radiance_w_per_m2_um_sr", "W/(m2 um sr)", 0.0, 1e4, 1.5, "clear day, sun at 60 deg"),
)
_QUBIT = (
    "The qubit is a polarisation, a pair of time bins or a phase: frame rotation or Doppler phase where nobody "
    "compensates it, a Gaussian residual where somebody does, the receiver's error; turbulence turns no polarisation."
)
_GROUND_IGNORES = (
    "Clouds (they cut a pass, see `qcisim passes`), refraction, light reflected by the satellite, stars and planets in "
    "the field of view, servo lag of adaptive optics, fluctuation of the fibre coupling, mirrors that change the "
    "polarisation, light lost by seeing outside the field of view, correlation of the fading in time. The log-normal "
    "law joins scintillation and pointing in their second moment; gamma-gamma has scintillation alone, the Weibull "
    "and elliptic laws displacement of the spot alone."
)
_GROUND_SOURCE = (
    "Andrews and Phillips, Laser Beam Propagation through Random Media (2005); ITU-R P.1621-2 (2015), P.1622 (2003); "
    "Klein and Degnan, Appl. Opt. 13, 2134 (1974); Noll, J. Opt. Soc. Am. 66, 207 (1976)."
)

register(
    Entry(
        kind="link",
        name="downlink",
        summary="From a satellite to a ground station",
        models=(
            "Transmitter, diffraction of a truncated, Gaussian, flat or measured beam, mean pointing loss, extinction "
            "by air mass or table, adaptive optics and coupling into a single-mode fibre, telescope, receiver, gate "
            "and detector as named terms; a measured loss by range may replace all from transmitter to telescope. "
            "Fading by scintillation after aperture averaging and by pointing; sky light by the sun's elevation, half "
            "of it to each of two detectors. " + _QUBIT
        ),
        ignores=_GROUND_IGNORES,
        domain="Above about 10 deg of elevation; a predicted budget is known to about 4 dB either way.",
        source=_GROUND_SOURCE,
        parameters=_TERMINALS + _AIR,
        make=_downlink,
    )
)
register(
    Entry(
        kind="link",
        name="uplink",
        summary="From a ground station to a satellite",
        models=(
            "The terms of a down-link, and what turbulence near the transmitter adds: the long-term spread of the "
            "spot, beam wander, scintillation of a spherical wave at a point; adaptive correction of the transmitter "
            "with the error of the point-ahead angle. The ground seen from above shines with the radiance of the sky. "
            + _QUBIT
        ),
        ignores=_GROUND_IGNORES + " City lights and the albedo of the ground below the satellite.",
        domain="Above about 20 deg of elevation; spread by the long-term formula, known to some dB.",
        source=_GROUND_SOURCE,
        parameters=(
            *_TERMINALS,
            *_AIR,
            Parameter("transmitter.adaptive_modes", "1", 1, 10000, 1, "Noll modes corrected beforehand; 1 for none"),
        ),
        make=_uplink,
    )
)
register(
    Entry(
        kind="link",
        name="intersatellite",
        summary="From one satellite to another, outside the air",
        models=(
            "Transmitter, diffraction, pointing, telescope, receiver, gate and detector as named terms; nothing while "
            "the line of sight passes below a height; fading by pointing jitter; dark counts. " + _QUBIT
        ),
        ignores="Background: the Sun, the Earth's limb and stars in the field of view; attitude errors; plasma.",
        domain="Far field, ranges beyond the square of the aperture over the wavelength.",
        source="Klein and Degnan, Appl. Opt. 13, 2134 (1974); Vasylyev et al., Phys. Rev. Lett. 108, 220501 (2012).",
        parameters=(
            *_TERMINALS,
            Parameter("minimum_grazing_altitude_km", "km", 0.0, 1000.0, 100.0, "lowest line of sight"),
        ),
        make=_intersatellite,
    )
)
