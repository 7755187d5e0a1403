"""Registry entries of links with two senders and a hub."""

from __future__ import annotations

from qcisim.optics.hub import hub_table
from qcisim.registry import Entry, Parameter, register

register(
    Entry(
        kind="source",
        name="four_intensity",
        summary="Two senders of phase-randomised weak pulses, one signal and three decoys each, for MDI-QKD",
        models="Every round each sender draws a signal in the key basis or one of three decoys in the test basis, and "
        "a bit; an arm may have settings of its own.",
        ignores="Correlations between pulses, imperfect phase randomisation, intensity fluctuations, state preparation "
        "flaws, light that leaks information in other degrees of freedom.",
        domain="Signal above 0, decoys mu > nu > omega >= 0; a link with a hub.",
        source="Zhou, Yu, Wang, Phys. Rev. A 93, 042324 (2016); per arm: Wang, Xu, Lo, Phys. Rev. X 9, 041012 (2019)",
        parameters=(
            Parameter("clock_hz", "Hz", 1.0, 1e12, 1e9, "pulse pairs per second"),
            Parameter("signal", "photons", 0.0, 10.0, 0.3, "mean photon number of key rounds"),
            Parameter("decoys", "photons", 0.0, 10.0, 0.1, "mean photon numbers of test rounds, a list of three"),
            Parameter("signal_probability", "1", 0.0, 1.0, 0.4, "how often a key round is sent"),
            Parameter("decoy_probabilities", "1", 0.0, 1.0, 0.3, "how often each decoy, given a test round; a list"),
        ),
    )
)
register(
    Entry(
        kind="link",
        name="hub",
        summary="Two arms of fibre that meet at an untrusted hub with a splitter and four threshold detectors",
        models="Interference of weak pulses of random phase with partial mode overlap, loss of both arms, dark counts, "
        "Raman light, neighbouring pulses, misalignment, a dead time that blinds the whole hub; the joint law of "
        "settings, bits and announced Bell states.",
        ignores="Drift of the arms, time lost by aligning them, photon-number resolution; afterpulses count as noise "
        "spread evenly; each block begins with a live hub. With time bins for modes psi+ needs detectors without dead "
        "time.",
        domain="Any two losses; mean photon numbers that arrive up to 20; several links share a hub in time.",
        source="Ma, Razavi, Phys. Rev. A 86, 062319 (2012), whose gains are its marginals",
        parameters=(
            Parameter("mode_overlap", "1", 0.0, 1.0, 0.98, "overlap of the two senders' pulses"),
            Parameter("hub_share", "1", 0.0, 1.0, 1.0, "share of the hub's time"),
        ),
        make=hub_table,
    )
)
