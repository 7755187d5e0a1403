"""E91: key from entangled pairs, and Bell's theorem instead of a test basis."""

from qcisim.sdk import ProtocolEntry

from .program import SIFTING, Alice, Bob

PROTOCOL = ProtocolEntry(
    name="e91",
    summary="Ekert's protocol: key from entangled pairs, Eve bounded by the CHSH value of other rounds",
    alice=Alice,
    bob=Bob,
    models="A source in the middle, at one end or on a satellite sends one photon of each pair to each side; both "
    "measure along one of three directions, all equally likely. Windows in which both clicked are found by announced "
    "detection times; two of the nine pairs of settings are key, four give the CHSH value S with its interval, from "
    "which the key length follows; then reconciliation, verification, privacy amplification and authentication.",
    ignores="Lost rounds (fair sampling), detector control, side channels of the two stations, coherent attacks.",
    domain="Entangled pairs in the state Phi+; accidental coincidences and several pairs in a window are counted in.",
    source="Ekert, Phys. Rev. Lett. 67, 661 (1991); Acin et al., Phys. Rev. Lett. 98, 230501 (2007)",
    assumptions=(
        "fair sampling: S counts coincidences only, the lost rounds are assumed to be like the others",
        "rounds are independent and alike: collective attacks",
        "both stations choose their settings at random after the light has left the source",
        "a double click is a random bit",
        "error pattern public: Cascade discloses the positions of errors; counted for symmetric qubit bounds, so a "
        "coincidence is taken for one of single photons, measured along the directions said",
    ),
    bounds=("e91", "e91_game"),
    source_kinds=("pairs",),
    pairs=SIFTING,
)

__all__ = ["PROTOCOL", "Alice", "Bob"]
