"""Swapping: pairs that quantum repeaters have joined, measured at the two ends in Z for key or X for test.

Results are kept where both bases are equal. Repeaters announce the results of their Bell measurements, which tell the
ends which Bell state they hold; the ends count what they measured as if it had been Phi+. The messages between the ends
are those of `qcisim.sdk.pairs` (pairs, settings, test bits), then those of `qcisim.sdk.distillation`.
"""

from __future__ import annotations

from functools import partial

from qcisim.sdk import (
    BlockCounts,
    Context,
    PairSifting,
    Program,
    Steps,
    distil_as_corrector,
    distil_as_reference,
    sift_pairs_as_first,
    sift_pairs_as_second,
)

Z, X = 0, 1
SIFTING = PairSifting(
    alice_deg=(0.0, 90.0),
    bob_deg=(0.0, 90.0),
    key=((Z, Z),),
    test=((X, X),),
    counts=partial(BlockCounts, (1.0,), (1.0,)),
    equal_settings=False,
)


class Alice(Program):
    """The first end: names the pairs that both hold, counts the errors of the test basis; her bits are the key."""

    def run(self, ctx: Context) -> Steps:
        """Blocks until the link has no more."""
        qber = ctx.settings.expected_qber
        while (records := (yield from ctx.quantum_block())) is not None:
            share = yield from sift_pairs_as_first(ctx, records, SIFTING)
            qber = yield from distil_as_reference(ctx, share, qber)


class Bob(Program):
    """The last end: corrects its bits to Alice's."""

    def run(self, ctx: Context) -> Steps:
        """Blocks until the link has no more."""
        while (records := (yield from ctx.quantum_block())) is not None:
            share = yield from sift_pairs_as_second(ctx, records, SIFTING)
            yield from distil_as_corrector(ctx, share)
