"""The delivery classes that exist: what a key of each remains secret under, and what it does not protect against."""

from __future__ import annotations

from qcisim.registry import Entry, register

_SOURCE = "ETSI GS QKD 014 V1.1.1 (2019-02), clauses 5 and 6, annex B; ITU-T Y.3803 (2020) for relay over trusted nodes"

QKD = register(
    Entry(
        kind="policy",
        name="qkd",
        summary="Key of one QKD link, handed to both its ends",
        models="Both key managers hold the key durably before either releases it; each side gets it once; "
        "epsilon is that of the blocks it came from.",
        ignores="Implementation attacks on the devices, and what happens beyond the key manager's door, TLS to the "
        "application included.",
        domain="Two nodes joined by a link. The key stays secret as long as the link's epsilon-security claim holds, "
        "with no computational assumption between the stores; at rest it is sealed computationally (AES-256-GCM-SIV).",
        source=_SOURCE,
        facts=(("key_extension", "qcisim_origin = qkd, qcisim_epsilon, qcisim_simulated"),),
    )
)

RELAYED = register(
    Entry(
        kind="policy",
        name="relayed",
        summary="Key carried over trusted nodes under one-time pads of every link on the way",
        models="The first link's key is the payload; each further hop adds a one-time pad of the key's length; "
        "every message has a one-time Poly1305 tag of 256 bits; keys are released only when the last node has "
        "acknowledged; epsilon adds over the links.",
        ignores="A corrupted node on the path: each of them sees the key. Multipath sharing is not done.",
        domain="A path whose inner nodes are all trusted. The key stays secret if every link on the path is "
        "epsilon-secure and every trusted node on it is honest; the forgery bound of a message of L bytes is "
        "8 ceil(L/16) / 2^106.",
        source=_SOURCE + "; Bernstein, The Poly1305-AES message-authentication code, FSE 2005, theorem 3.3",
        facts=(("key_extension", "qcisim_origin = relayed, qcisim_epsilon, qcisim_trusted_nodes, qcisim_simulated"),),
    )
)
