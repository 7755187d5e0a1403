"""BBM92: BB84's two bases on entangled pairs from a source that nobody needs to trust."""

from qcisim.sdk import ProtocolEntry

from .program import SIFTING, Alice, Bob

PROTOCOL = ProtocolEntry(
    name="bbm92",
    summary="Entangled pairs measured in two bases (BBM92), the source may be anybody's",
    alice=Alice,
    bob=Bob,
    models="A source in the middle, at one end or on a satellite sends one photon of each pair to each side; both "
    "measure in a random basis, Z for key, X for test. Windows in which both clicked are found by announced detection "
    "times; parameter estimation on the whole X basis, then reconciliation, verification, privacy amplification and "
    "authentication as messages between two programs.",
    ignores="Detector efficiency mismatch, detector control, side channels of the two stations.",
    domain="Entangled pairs in the state Phi+; accidental coincidences and several pairs in a window are counted in.",
    source="Bennett, Brassard, Mermin, Phys. Rev. Lett. 68, 557 (1992)",
    assumptions=(
        "both stations choose their basis at random after the light has left the source",
        "both detectors of a station have the same efficiency, independent of basis and time",
        "detectors respond to single photons (squashing: a double click is a random bit), no emission from detectors",
        "error pattern public: Cascade discloses the positions of errors; counted for symmetric qubit bounds",
    ),
    bounds=("bbm92",),
    source_kinds=("pairs",),
    pairs=SIFTING,
)

__all__ = ["PROTOCOL", "Alice", "Bob"]
