"""Swapping: key between the ends of a chain of quantum repeaters that nobody needs to trust."""

from qcisim.sdk import ProtocolEntry

from .program import SIFTING, Alice, Bob

PROTOCOL = ProtocolEntry(
    name="swapping",
    summary="Pairs over a chain of quantum repeaters, measured in two bases at the ends",
    alice=Alice,
    bob=Bob,
    models="Neighbours herald pairs of memories by single or double clicks at a station between them; repeaters swap "
    "as soon as they can, in doublings or in turn, with distillation where asked for; memories age, old pairs "
    "are thrown away. Results of swaps travel with light. Both ends measure Z for key or X for test; then follow "
    "parameter estimation, reconciliation, verification, privacy amplification and authentication, as messages of two "
    "programs.",
    ignores="Detector control, side channels of the two ends; drifts of the hardware during a run.",
    domain="Heralded pairs are Pauli-twirled: fidelity and Bell weights are kept, coherences between Bell states are "
    "not.",
    source="Zukowski, Zeilinger, Horne, Ekert, Phys. Rev. Lett. 71, 4287 (1993); Briegel, Duer, Cirac, Zoller, Phys. "
    "Rev. Lett. 81, 5932 (1998)",
    assumptions=(
        "both ends choose their basis at random, independently of the pair; nobody in between is trusted",
        "measurements at the ends are of qubits, in the two bases said",
        "error pattern public: Cascade discloses the positions of errors; counted for symmetric qubit bounds",
    ),
    bounds=("bbm92",),
    source_kinds=("pairs",),
    pairs=SIFTING,
)

__all__ = ["PROTOCOL", "Alice", "Bob"]
