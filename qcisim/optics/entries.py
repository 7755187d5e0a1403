"""Registry entries of kinds "source" and "link"."""

from __future__ import annotations

from qcisim.optics.link import FibreLink
from qcisim.optics.source import SinglePhotonSource, WeakCoherentSource
from qcisim.registry import Entry, Parameter, register

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
