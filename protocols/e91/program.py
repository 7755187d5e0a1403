"""E91: both parties measure along one of three directions; two pairs of settings coincide and make key, four give S.

Directions, angles from Z on the Bloch sphere: Alice 0, 45, 90 degrees; Bob 45, 90, 135 degrees.

    S = E(0, 45) - E(0, 135) + E(90, 45) + E(90, 135)

is 2 sqrt2 for perfect pairs and at most 2 for anything that had its outcomes before. chi(S), what Eve knows of an
outcome, holds for settings of this test: the key is Bob's bits where both measured at 45 degrees, Alice's where both
did at 90.

The messages are those of `qcisim.sdk.pairs` (windows, settings, test bits), then those of `qcisim.sdk.distillation`.
"""

from __future__ import annotations

from qcisim.sdk import (
    ChshBlock,
    Context,
    PairSifting,
    Program,
    Steps,
    distil_as_corrector,
    distil_as_reference,
    sift_pairs_as_first,
    sift_pairs_as_second,
)

SIFTING = PairSifting(
    alice_deg=(0.0, 45.0, 90.0),
    bob_deg=(45.0, 90.0, 135.0),
    key=((1, 0), (2, 1)),
    test=((0, 0), (0, 2), (2, 0), (2, 2)),
    against_equal=(1,),  # E(0, 135) enters with a minus sign
    first_stays=(False, True),
    counts=ChshBlock,
)


class Alice(Program):
    """The first station: finds the coincidences, counts the four correlators of S."""

    def run(self, ctx: Context) -> Steps:
        """Blocks until the link has no more."""
        qber = ctx.settings.expected_qber
        while (records := (yield from ctx.quantum_block())) is not None:
            share = yield from sift_pairs_as_first(ctx, records, SIFTING)
            qber = yield from distil_as_reference(ctx, share, qber)


class Bob(Program):
    """The second station: announces its windows, its settings and its bits of the test."""

    def run(self, ctx: Context) -> Steps:
        """Blocks until the link has no more."""
        while (records := (yield from ctx.quantum_block())) is not None:
            share = yield from sift_pairs_as_second(ctx, records, SIFTING)
            yield from distil_as_corrector(ctx, share)
