"""How many rounds of distillation a chain needs for a fidelity, planned on pairs that wait for nothing but messages."""

from __future__ import annotations

from dataclasses import dataclass, replace

from qcisim.errors import require
from qcisim.quantum.bell_diagonal import BellDiagonal
from qcisim.quantum.distillation import DEJMPS, Scheme
from qcisim.repeaters.chain import Chain
from qcisim.repeaters.policy import Schedule

MOST_ROUNDS = 6


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A schedule for a target fidelity, or the best there is.

    Args:
        schedule: the cheapest that reaches the target, else that with the best fidelity.
        fidelity: of its pairs when nothing has to wait for another pair, an estimate for fast links: runs, in which
            pairs do wait, are mostly below it.
        raw_pairs: elementary pairs of each link that one delivered pair takes on average.
        reached: whether the target is met.
        reason: a sentence where it is not.
    """

    schedule: Schedule
    fidelity: float
    raw_pairs: float
    reached: bool
    reason: str


def best_pair(chain: Chain, schedule: Schedule) -> tuple[BellDiagonal, float]:
    """The pair of a chain in which nobody waits for another pair, and the elementary pairs it takes of each link.

    Memories age by heralds, swaps, distillation messages and the last news, nothing else. Levels in between are left
    out: they only add rounds.
    """
    pairs = []
    dearest = 1.0
    for place, link in enumerate(chain.links):
        left, right = chain.nodes[place], chain.nodes[place + 1]
        raw = BellDiagonal(link.weights)
        raw = raw.store(left.twirled, link.waited_s[0], 0).store(right.twirled, link.waited_s[1], 1)
        pair, cost = raw, 1.0
        rounds = schedule.elementary if chain.repeaters else max(schedule.elementary, schedule.end_to_end)
        for _ in range(rounds):
            other, spent = (raw, 1.0) if schedule.pumped else (pair, cost)
            done = pair.distil(other, schedule.scheme, left.noise, right.noise)
            probability = float(done.probability)
            if probability <= 0.0:
                return BellDiagonal.werner(0.25), float("inf")
            pair, cost = done.pair, (cost + spent) / probability
            pair = pair.store(left.twirled, 2.0 * link.delay_s, 0).store(right.twirled, link.delay_s, 1)
        pairs.append(pair)
        dearest = max(dearest, cost)
    pair, succeeds = pairs[0], 1.0
    for place, right_pair in enumerate(pairs[1:], start=1):
        pair = pair.swap(right_pair, chain.nodes[place].noise)
        succeeds *= chain.nodes[place].swap_success
    if not chain.repeaters:
        return pair, dearest
    if chain.ends == "store":
        first, last = chain.nodes[0], chain.nodes[-1]
        pair = pair.store(first.twirled, 0.5 * chain.delay_s, 0).store(last.twirled, 0.5 * chain.delay_s, 1)
    cost = dearest / succeeds if succeeds > 0.0 else float("inf")
    raw, raw_cost = pair, cost
    for _ in range(schedule.end_to_end):
        other, spent = (raw, raw_cost) if schedule.pumped else (pair, cost)
        done = pair.distil(other, schedule.scheme, chain.nodes[0].noise, chain.nodes[-1].noise)
        probability = float(done.probability)
        if probability <= 0.0:
            return BellDiagonal.werner(0.25), float("inf")
        pair, cost = done.pair, (cost + spent) / probability
        pair = pair.store(chain.nodes[0].twirled, 2.0 * chain.delay_s, 0)
        pair = pair.store(chain.nodes[-1].twirled, chain.delay_s, 1)
    return pair, cost


def plan(
    chain: Chain,
    target_fidelity: float,
    *,
    scheme: Scheme = DEJMPS,
    pumped: bool = False,
    most_rounds: int = MOST_ROUNDS,
) -> Plan:
    """The cheapest elementary and end-to-end rounds whose undisturbed pair has ``target_fidelity``.

    Never hangs: at most ``most_rounds`` of each kind are tried. Where none reaches the target, the plan says so and
    holds the best. Rounds that the chain's memories cannot hold are left out.
    """
    require(0.25 <= target_fidelity <= 1.0, f"target fidelity {target_fidelity:g}: lies in [0.25, 1]")
    require(0 <= most_rounds <= 16, f"most_rounds {most_rounds}: wanted 0 to 16")
    best: Plan | None = None
    cheapest: Plan | None = None
    most = 1 if scheme.name == "epl" else most_rounds
    inner = most if chain.ends == "store" else 0
    for elementary in range(inner + 1):
        for end_to_end in range((inner if chain.repeaters else 0) + 1):
            schedule = Schedule(elementary, (), end_to_end, scheme, pumped)
            if schedule.least_memories > min(chain.lanes):
                continue
            pair, cost = best_pair(chain, schedule)
            fidelity = float(pair.fidelity())
            reached = fidelity >= target_fidelity
            found = Plan(schedule, fidelity, cost, reached, "")
            if best is None or fidelity > best.fidelity:
                best = found
            if reached and (cheapest is None or cost < cheapest.raw_pairs):
                cheapest = found
    if cheapest is not None:
        return cheapest
    assert best is not None
    rounds = best.schedule.elementary + best.schedule.end_to_end
    reason = (
        f"target fidelity {target_fidelity:g} is out of reach: the best is {best.fidelity:.6g} after {rounds} rounds "
        f"of {scheme.name}, with {min(chain.lanes)} memories a side"
    )
    return replace(best, reason=reason)
