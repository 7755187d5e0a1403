"""What every bound must hold, whoever wrote it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import cast

from qcisim.registry import get
from qcisim.security import BlockCounts, Bound, SecretLength, SourceSettings, bound, capacity
from qcisim.security.e91 import expected_block
from qcisim.security.link_models import Wiesemann2024Model, counts_after, planned_leak_bits, single_photon_counts
from qcisim.security.mdi_counts import ArmSettings, expected_mdi_counts
from qcisim.security.mdi_hub import Hub

EPSILON = {"epsilon_secret": 1e-10, "epsilon_correct": 1e-15}
FACTS = ("attack_class", "post_processing", "optimised_over")
SETTINGS = {
    2: SourceSettings((0.5, 0.15), (0.7, 0.3), 0.85),
    3: SourceSettings((0.5, 0.15, 0.001), (0.6, 0.25, 0.15), 0.85),
}
SENDER = ArmSettings(0.4, (0.3, 0.05, 0.0), 0.7, (0.2, 0.5, 0.3))
Honest = Callable[[float, float, float], BlockCounts]
"""Expected counts of an honest link from rounds, transmittance end to end and misalignment."""


def check_bound(
    made: Bound | str, *, settings: int | None = None, finite: bool = True, honest: Honest | None = None
) -> None:
    """Assert the laws of a bound on honest blocks of many sizes, losses and error rates.

    Terms add up to the length; 0 <= l <= n and l per round <= PLOB; a longer block never costs a share of the key; more
    leakage, more errors or a smaller epsilon never give more; short blocks give 0 with a reason; the length tends to
    that of a block without statistical deviation and stays below it; the shares of epsilon add up; the theorem is
    named.

    Arguments: ``made`` a bound or a registered name; ``settings`` how many intensities it wants (1: single photons)
    and ``finite`` whether it claims anything about finite blocks; both come from the registry for a name. ``honest``
    gives the blocks where they are not those of one sender; the registry's fact ``counts`` chooses it for a name.
    Raises `AssertionError` with the law that is broken.
    """
    if isinstance(made, str):
        entry = get("bound", made)
        facts = dict(entry.facts)
        for fact in FACTS:
            assert facts.get(fact), f"bound '{made}': the registry does not say its {fact}"
        settings = settings or int(facts["settings"][0])
        finite = facts["finite_size"] == "yes"
        honest = honest or HONEST.get(facts.get("counts", ""))
        made = bound(made)
    honest = honest or partial(honest_counts, settings or 3)
    _names(made)
    for transmittance in (1e-4, 1e-2, 0.3):
        for misalignment in (0.0, 0.02, 0.08):
            _one_link(made, honest, finite, transmittance, misalignment)
    _limit(made, honest)


def _names(made: Bound) -> None:
    assert made.name, "a bound without a name"
    assert made.theorem, f"{made.name}: a bound names its theorem"
    shares = made.epsilon_shares(1e-10)
    total = math.fsum(share for _, share in shares)
    assert abs(total - 1e-10) <= 1e-9 * 1e-10, f"{made.name}: shares of epsilon add up to {total}, wanted 1e-10"
    assert all(share > 0.0 for _, share in shares), f"{made.name}: a share of epsilon is not positive"


def _one_link(made: Bound, honest: Honest, finite: bool, transmittance: float, misalignment: float) -> None:
    before: SecretLength | None = None
    for rounds in (1e3, 1e6, 1e8, 1e10, 1e12):
        counts = honest(rounds, transmittance, misalignment)
        leak = planned_leak_bits(counts, 1.1)
        here = f"{made.name} at {rounds:g} rounds, transmittance {transmittance:g}, misalignment {misalignment:g}"
        seen = _length(made, counts, leak)
        _claim(seen, counts, here)
        assert seen.bits / rounds <= capacity.plob(transmittance), f"{here}: more key than the PLOB bound"
        for what, other in _worse(made, counts, leak):
            assert other.bits <= seen.bits, f"{here}: {what} gives a longer key ({other.bits} after {seen.bits} bits)"
        if before is not None:
            assert seen.bits >= before.bits, f"{here}: a longer block gives a shorter key"
        if finite and rounds * transmittance < 200.0:
            assert seen.bits == 0, f"{here}: a key from {counts.key_total:.0f} sifted bits"
        before = seen


def _claim(seen: SecretLength, counts: BlockCounts, here: str) -> None:
    assert 0 <= seen.bits <= counts.key_total, f"{here}: {seen.bits} bits from {counts.key_total:.0f} sifted bits"
    if seen.bits:
        rounding = 1e-9 * max(1.0, *(abs(value) for _, value in seen.terms))
        assert -rounding <= seen.total - seen.bits < 1.0 + rounding, f"{here}: terms add up to {seen.total}"
    else:
        assert seen.reason, f"{here}: a length of zero without a reason"
    assert seen.theorem, f"{here}: a length without a theorem"


def _worse(made: Bound, counts: BlockCounts, leak: float) -> Iterator[tuple[str, SecretLength]]:
    yield "more leakage", _length(made, counts, leak + 1000.0)
    yield "a disclosed tag", _length(made, counts, leak, verification_bits=200.0)
    yield "a smaller epsilon", made.secret_length(counts, leak, epsilon_secret=1e-14, epsilon_correct=1e-15)
    yield "a smaller correctness", made.secret_length(counts, leak, epsilon_secret=1e-10, epsilon_correct=1e-18)
    assert counts.key_errors is not None
    doubled = replace(
        counts,
        test_errors=tuple(min(2.0 * m, n) for m, n in zip(counts.test_errors, counts.test, strict=True)),
        key_errors=tuple(min(2.0 * m, n) for m, n in zip(counts.key_errors, counts.key, strict=True)),
    )
    yield "twice the errors", _length(made, doubled, leak)


def _limit(made: Bound, honest: Honest) -> None:
    shares = []
    for rounds in (1e9, 1e12, 1e15, 1e18):
        counts = honest(rounds, 0.02, 0.01)
        shares.append(_length(made, counts, planned_leak_bits(counts, 1.1)).bits / rounds)
    assert all(a <= b for a, b in pairwise(shares)), f"{made.name}: key per round falls: {shares}"
    before, step = shares[-2] - shares[-3], shares[-1] - shares[-2]
    assert step <= max(1e-3 * shares[-1], 0.1 * before), f"{made.name}: key per round has no limit: {shares}"


def _length(made: Bound, counts: BlockCounts, leak: float, verification_bits: float = 0.0) -> SecretLength:
    return made.secret_length(counts, leak, **EPSILON, verification_bits=verification_bits)


def honest_counts(settings: int, rounds: float, transmittance: float, misalignment: float) -> BlockCounts:
    """Expected counts of an honest link: single photons for one setting, weak pulses for two or three."""
    if settings == 1:
        detected = rounds * transmittance
        counts = single_photon_counts(0.7 * detected, 0.1 * detected, misalignment)
        return replace(counts, rounds=rounds)
    return counts_after(Wiesemann2024Model(transmittance, 1e-7, misalignment), SETTINGS[settings], rounds)


def _two_senders(rounds: float, transmittance: float, misalignment: float) -> BlockCounts:
    """A hub halfway, the counts of its successes; their fields are those of `BlockCounts`."""
    arm = math.sqrt(transmittance)
    return cast(BlockCounts, expected_mdi_counts(Hub(arm, arm, 1e-7, misalignment), SENDER, SENDER, rounds))


def _chsh_rounds(all_rounds: bool, rounds: float, transmittance: float, misalignment: float) -> BlockCounts:
    """Pairs that survive the loss; for all rounds the source heralds them, so that none is lost at a detector."""
    block = expected_block(rounds * transmittance, misalignment, all_rounds=all_rounds, rounds=rounds)
    return cast(BlockCounts, block)


HONEST: dict[str, Honest] = {
    "coincidences": partial(honest_counts, 1),
    "successes of a hub": _two_senders,
    "CHSH rounds": partial(_chsh_rounds, False),
    "CHSH rounds, all of them": partial(_chsh_rounds, True),
}
