"""What a user can name in this room: the reconcilers."""

from __future__ import annotations

from qcisim.registry import Entry, Parameter, register

_QBER = Parameter("qber", "1", 0.0, 0.5, 0.02, "estimated error rate; a wrong one costs efficiency, never correctness")

CASCADE = register(
    Entry(
        kind="reconciler",
        name="cascade",
        summary="Cascade: parities asked back and forth until they agree; leaks least, talks most",
        models=(
            "Both ends as programs that share only messages. Frames of up to 2^14 bits, all of them in every message; "
            "14 passes with block sizes by the estimated error rate, every parity once disclosed is used again, bits "
            "known one by one are left out of later questions. Variants: frugal (default), near_optimal, original, "
            "yan, biconf. Measured leakage over n h(Q): 1.043, 1.037, 1.035, 1.035, 1.041 at 1, 2, 3, 5, 8 % errors; "
            "3 of 48 000 frames wrong after it; 500 to 1000 rounds."
        ),
        ignores="Bob's questions reveal where the errors are: the result states that the error pattern is public.",
        domain="1 bit up; error rates 0 to 0.5 correct, efficient from 0.5 to 12 %",
        source="J. Martinez-Mateo et al., Quantum Inf. Comput. 15, 453 (2015)",
        parameters=(
            _QBER,
            Parameter("frame_bits", "bit", 1, 2**15, 2**14, "greatest frame length"),
        ),
        facts=(("post_processing", "two-way"), ("disclosed", "parities of Alice's string, counted one by one")),
    )
)

LDPC = register(
    Entry(
        kind="reconciler",
        name="ldpc",
        summary="Rate-adaptive LDPC: one syndrome, a few bits more where it does not suffice; talks least",
        models=(
            "Quasi-cyclic codes of nine rates from published degree distributions, built in code; frames of 4096 to "
            "65536 bits; puncturing and shortening to the estimated error rate; layered sum-product decoding; frames "
            "that do not decode ask for single bits where the decoder is least certain. Measured leakage over n h(Q) "
            "with 65536-bit frames: 1.151, 1.103, 1.097, 1.101, 1.074 at 1, 2, 3, 5, 8 % errors, 2 to 9 rounds, "
            "no frame of 129 failed."
        ),
        ignores="Wrong decodings are left to verification. Punctured bits rely on Alice's private randomness.",
        domain="1 bit up; error rates 1 to 11 % efficient; below 1 % Cascade leaks far less",
        source="D. Elkouss et al., ISIT 2009, 1879; E. O. Kiktenko et al., Phys. Rev. Applied 8, 044017 (2017)",
        parameters=(
            _QBER,
            Parameter("start_efficiency", "1", 1.0, 3.0, 1.07, "first disclosure over n h(Q)"),
        ),
        facts=(
            ("post_processing", "one-way, then interactive for frames that fail"),
            ("disclosed", "syndrome bits less punctured positions, plus every bit revealed later"),
        ),
    )
)
