"""Schedule: which passes are taken, when a terminal can look at one thing at a time. No physics, only windows."""

from __future__ import annotations

import itertools
import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from qcisim.errors import require

LARGEST_COMPONENT = 2000  # windows that hang together in one integer program; HiGHS proves the optimum in seconds
_LARGEST_COEFFICIENT = 1e6  # HiGHS stops at an absolute gap of 1e-6, so the proof is good to 1e-12 of the best window
_DAY_S = 86400.0


@dataclass(frozen=True, slots=True)
class Window:
    """A chance to make key: from ``start_s`` to ``end_s`` it needs all its ``resources`` and is worth ``value``.

    A resource is one terminal, a name like ``satellite:eagle1/1`` or ``station:lux``; what stands before the slash owns
    it. ``value`` is what the schedule adds up, for instance the expected key in bits.
    """

    id: str
    start_s: float
    end_s: float
    resources: frozenset[str]
    value: float

    def __post_init__(self) -> None:
        require(bool(self.id), "a window needs an id")
        require(
            math.isfinite(self.start_s) and math.isfinite(self.end_s) and self.end_s > self.start_s,
            f"window {self.id}: from {self.start_s} s to {self.end_s} s: a window ends after it starts",
        )
        require(bool(self.resources), f"window {self.id}: needs at least one resource")
        require(
            math.isfinite(self.value) and self.value >= 0.0,
            f"window {self.id}: value {self.value}: wanted a number, not below 0",
        )


def schedule(windows: Iterable[Window], *, slew_s: float = 0.0) -> tuple[str, ...]:
    """The ids of a set of windows of greatest total value that no resource stands against, in the order of time.

    Two windows exclude each other where they share a resource and less than ``slew_s`` lies between the end of one and
    the start of the other; windows that only touch (with ``slew_s`` 0) do not. Windows of no value are never taken.

    The windows are split into the connected components of this conflict. Where one resource is common to a whole
    component, conflict is overlap on a line and dynamic programming is exact in n log n; values are then added and
    compared as the exact fractions that floats are, and of two sets of equal value the one is taken that holds the
    first id, in the order of ids, in which they differ. Other components are solved as an integer program,

        maximise sum_w v_w x_w  subject to  sum_{w in Q} x_w <= 1 for every largest set Q of windows that overlap on
        one resource,  x_w in {0, 1},

    to proven optimality (gap 0); there the choice among equals depends on the ids alone, not on the order of input.

    Raises `PhysicsError` for two windows of one id, a negative ``slew_s``, and a component of more than
    ``LARGEST_COMPONENT`` windows that needs the integer program.

    Source: J. Kleinberg and É. Tardos, Algorithm Design (2006), section 6.1 (one terminal); clique inequalities of
    interval graphs: M. C. Golumbic, Algorithmic Graph Theory and Perfect Graphs (1980), chapter 8; Q. Huangfu and
    J. A. J. Hall, Math. Program. Comput. 10, 119 (2018) (HiGHS).
    """
    require(math.isfinite(slew_s) and slew_s >= 0.0, f"slew_s {slew_s}: wanted a time, not below 0")
    listed = sorted(windows, key=lambda w: w.id)
    for before, after in itertools.pairwise(listed):
        require(before.id != after.id, f"two windows have the id {after.id}")
    chosen: list[Window] = []
    for component in _components([w for w in listed if w.value > 0.0], slew_s):
        if len(component) == 1 or frozenset.intersection(*(w.resources for w in component)):
            chosen += _line(component, slew_s)
        else:
            chosen += _program(component, slew_s)
    return tuple(w.id for w in sorted(chosen, key=lambda w: (w.start_s, w.id)))


def schedule_fair(
    windows: Iterable[Window],
    *,
    period_s: float = _DAY_S,
    slew_s: float = 0.0,
    served: str = "station:",
) -> tuple[str, ...]:
    """As `schedule`, period by period, so that a place next to a slightly better one is not starved.

    The windows that start in one period [k, k + 1) x ``period_s`` are planned together, with what is planned already
    kept. In that plan a window counts

        v' = v / (1 + T/m),

    v its value, T the mean over the owners it serves of the value planned for each in the periods before, and m the
    mean value of all windows of any value. Its owners are its resources that begin with ``served``, without what
    follows a slash. Inside one period values add up as they are: fairness is between periods, so choose a period of a
    few passes. Over many periods shares follow the proportionally fair rule.

    Source: F. Kelly, Eur. Trans. Telecommun. 8, 33 (1997) (proportional fairness); the rule by periods and the start
    from m are this program's own.
    """
    require(math.isfinite(period_s) and period_s > 0.0, f"period_s {period_s}: wanted a time above 0")
    listed = sorted(windows, key=lambda w: w.id)
    valued = [w.value for w in listed if w.value > 0.0]
    periods: dict[int, list[Window]] = {}
    for window in listed:
        periods.setdefault(math.floor(window.start_s / period_s), []).append(window)
    known = {w.id: w for w in listed}
    require(len(known) == len(listed), "two windows have the same id")
    mean = math.fsum(valued) / len(valued) if valued else 1.0
    planned: dict[str, float] = {}
    chosen: list[Window] = []
    for number in sorted(periods):
        free = [w for w in periods[number] if not any(_exclude(w, taken, slew_s) for taken in chosen)]
        weighted = [replace(w, value=w.value / (1.0 + _planned(w, planned, served) / mean)) for w in free]
        taken_now = [known[name] for name in schedule(weighted, slew_s=slew_s)]
        for window in taken_now:
            for owner in _owners(window, served):
                planned[owner] = planned.get(owner, 0.0) + window.value
        chosen += taken_now
    return tuple(w.id for w in sorted(chosen, key=lambda w: (w.start_s, w.id)))


def _owners(window: Window, served: str) -> list[str]:
    return sorted({name.partition("/")[0] for name in window.resources if name.startswith(served)})


def _planned(window: Window, planned: Mapping[str, float], served: str) -> float:
    owners = _owners(window, served)
    return math.fsum(planned.get(owner, 0.0) for owner in owners) / len(owners) if owners else 0.0


def _exclude(a: Window, b: Window, slew_s: float) -> bool:
    return a.start_s < b.end_s + slew_s and b.start_s < a.end_s + slew_s and not a.resources.isdisjoint(b.resources)


def _by_resource(windows: Sequence[Window]) -> dict[str, list[int]]:
    """The windows of each resource by number, in the order of their starts; resources by name."""
    order = sorted(range(len(windows)), key=lambda i: (windows[i].start_s, windows[i].id))
    users: dict[str, list[int]] = {name: [] for name in sorted({r for w in windows for r in w.resources})}
    for number in order:
        for name in windows[number].resources:
            users[name].append(number)
    return users


def _components(windows: Sequence[Window], slew_s: float) -> list[list[Window]]:
    """Connected components of the conflict graph, each in the order of its ids; union-find along every resource."""
    parent = list(range(len(windows)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for users in _by_resource(windows).values():
        latest = users[0]
        for number in users[1:]:
            if windows[number].start_s < windows[latest].end_s + slew_s:
                parent[root(number)] = root(latest)
            if windows[number].end_s > windows[latest].end_s:
                latest = number
    groups: dict[int, list[Window]] = {}
    for number, window in enumerate(windows):
        groups.setdefault(root(number), []).append(window)
    return list(groups.values())


def _line(component: Sequence[Window], slew_s: float) -> list[Window]:
    """Weighted interval scheduling: best(i) = max(best(i - 1), v_i + best(last window that ends before i starts)).

    Value and tie-break share one integer, so both are exact: the value times a common power of two in the high bits,
    below it one bit for each id, the first id highest.
    """
    bits = len(component)
    ratios = [w.value.as_integer_ratio() for w in component]
    common = max(denominator for _, denominator in ratios)  # powers of two
    worth = [((top * (common // below)) << bits) | (1 << (bits - 1 - i)) for i, (top, below) in enumerate(ratios)]
    order = sorted(range(bits), key=lambda i: (component[i].end_s, component[i].start_s, i))
    ends = [component[i].end_s + slew_s for i in order]
    best = [0]
    for place, number in enumerate(order):
        before = bisect_right(ends, component[number].start_s, 0, place)
        best.append(max(best[place], worth[number] + best[before]))
    return [w for i, w in enumerate(component) if best[-1] >> (bits - 1 - i) & 1]


def _cliques(component: Sequence[Window], slew_s: float) -> list[list[int]]:
    """The largest sets of windows that overlap on one resource: every set open when one of it is the first to end."""
    found: dict[tuple[int, ...], None] = {}
    for users in _by_resource(component).values():
        open_now: list[int] = []
        grown = False
        for number in users:
            start_s = component[number].start_s
            still = [i for i in open_now if component[i].end_s + slew_s > start_s]
            if len(still) < len(open_now) and grown and len(open_now) > 1:
                found[tuple(sorted(open_now))] = None
            open_now, grown = [*still, number], True
        if len(open_now) > 1:
            found[tuple(sorted(open_now))] = None
    return [list(clique) for clique in found]


def _program(component: Sequence[Window], slew_s: float) -> list[Window]:
    """The integer program of a component, to a proven optimum."""
    require(
        len(component) <= LARGEST_COMPONENT,
        f"{len(component)} windows hang together over several resources: at most {LARGEST_COMPONENT} can be scheduled "
        "at once; plan a shorter time or with fewer stations",
    )
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    cliques = _cliques(component, slew_s)
    columns = np.array([i for clique in cliques for i in clique])
    rows = np.repeat(np.arange(len(cliques)), [len(clique) for clique in cliques])
    matrix = csr_array((np.ones(len(columns)), (rows, columns)), shape=(len(cliques), len(component)))
    values = np.array([w.value for w in component])
    outcome = milp(
        -values * (_LARGEST_COEFFICIENT / values.max()),
        integrality=np.ones(len(component), dtype=np.int64),
        bounds=Bounds(0.0, 1.0),
        constraints=LinearConstraint(matrix, -np.inf, 1.0),
        options={"mip_rel_gap": 0.0},
    )
    if outcome.x is None or outcome.status != 0:
        raise RuntimeError(f"HiGHS did not solve a schedule of {len(component)} windows: {outcome.message}")
    return [w for w, taken in zip(component, outcome.x, strict=True) if taken > 0.5]
