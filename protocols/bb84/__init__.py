"""BB84: efficient basis choice, decoy intensities, one-way privacy amplification."""

from qcisim.sdk import ProtocolEntry

from .program import Alice, Bob

PROTOCOL = ProtocolEntry(
    name="bb84",
    summary="BB84 with efficient basis choice and any number of decoy intensities",
    alice=Alice,
    bob=Bob,
    models="Alice sends one of four qubit states in a random basis (Z for key, X for test) and a random intensity; Bob "
    "measures in a random basis. Sifting, parameter estimation on the whole X basis, Cascade or LDPC reconciliation, "
    "verification, Toeplitz privacy amplification and Wegman-Carter authentication are messages between two programs.",
    ignores="Imperfect state preparation, correlated or leaking sources, detector efficiency mismatch, device attacks.",
    domain="Phase-randomised weak coherent pulses with one, two or three intensities, or single photons.",
    source="Bennett, Brassard, Proc. IEEE Int. Conf. Computers, Systems and Signal Processing, 175 (1984); "
    "Lo, Chau, Ardehali, J. Cryptology 18, 133 (2005)",
    assumptions=(
        "phase uniform: every weak coherent pulse has a random phase",
        "yields equal for all intensities",
        "basis, bit and intensity are drawn independently",
        "both detectors have the same efficiency, independent of basis and time",
        "source isolated, detectors respond to single photons, no emission from detectors",
        "error pattern public: Cascade discloses the positions of errors; counted for symmetric qubit bounds",
    ),
    bounds=(
        "lim2014",
        "lim2014_capped",
        "lim2014_chernoff",
        "lim2014_chernoff_capped",
        "rusca2018",
        "wiesemann2024",
        "tomamichel2012",
        "asymptotic",
    ),
    source_kinds=("weak_coherent", "single_photon"),
)

__all__ = ["PROTOCOL", "Alice", "Bob"]
