"""MDI-QKD: two senders with decoys, an untrusted hub, key in Z, test in X, one-way privacy amplification."""

from qcisim.sdk import ProtocolEntry

from .program import Alice, Bob

PROTOCOL = ProtocolEntry(
    name="mdi",
    summary="Measurement-device-independent QKD with four intensities per sender at an untrusted hub; experimental",
    alice=Alice,
    bob=Bob,
    models="Both ends send weak pulses of random phase: a signal in the key basis Z or one of three decoys in the test "
    "basis X. A hub announces Bell outcomes. Sifting of bases and intensities, flips by basis and outcome, decoy "
    "bounds on pairs of single photons, Cascade or LDPC, verification, Toeplitz privacy amplification and "
    "Wegman-Carter authentication are messages between the two ends.",
    ignores="Imperfect state preparation, correlated or leaking sources, the phase reference between the senders.",
    domain="Phase-randomised weak coherent pulses, one signal and three decoys per sender; arms of any two losses.",
    source="Lo, Curty, Qi, Phys. Rev. Lett. 108, 130503 (2012); Zhou, Yu, Wang, Phys. Rev. A 93, 042324 (2016); "
    "Wang, Xu, Lo, Phys. Rev. X 9, 041012 (2019)",
    assumptions=(
        "phase uniform: every pulse of both senders has a random phase",
        "basis, bit and intensity are drawn independently by each sender",
        "both sources isolated and characterised",
        "nothing is assumed about the hub: it may lie, and it learns which rounds succeed",
        "error pattern public: Cascade discloses the positions of errors; counted for symmetric qubit bounds",
    ),
    bounds=("mdi_finite", "mdi_asymptotic"),
    source_kinds=("four_intensity",),
)

__all__ = ["PROTOCOL", "Alice", "Bob"]
