"""Schedule: which passes are taken, when a terminal can look at one thing at a time. No physics, only windows."""

from __future__ import annotations

import itertools
import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from qcisim.errors import require

LARGEST_COMPONENT = 2000  # windows that hang together in one integer program; HiGHS proves the optimum in seconds
_LARGEST_COEFFICIENT = 1e6  # HiGHS stops at an absolute gap of 1e-6, so the proof is good to 1e-12 of the best window
_ONE_EACH: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Window:
    """A chance to make key: from ``start_s`` to ``end_s`` it needs all its ``resources`` and is worth ``value``.

    A resource is a name like ``satellite:eagle1`` or ``station:lux``. ``value`` is what the schedule adds up, for
    instance the expected key in bits; ``owner`` is who is served, where a schedule is to be fair.
    """

    id: str
    start_s: float
    end_s: float
    resources: frozenset[str]
    value: float
    owner: str = ""

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


def schedule(
    windows: Iterable[Window],
    *,
    slew_s: float = 0.0,
    capacity: Mapping[str, int] = _ONE_EACH,
    taken: Iterable[Window] = (),
) -> tuple[str, ...]:
    """The ids of a set of windows of greatest total value that no resource stands against, in the order of time.

    Two windows exclude each other where they share a resource and less than ``slew_s`` lies between the end of one and
    the start of the other; windows that only touch (with ``slew_s`` 0) do not. Windows of no value are never taken.
    A resource with a ``capacity`` serves so many at once, one where nothing is said. Windows ``taken`` before stay so.

    The windows are split into the connected components of this conflict. Where one resource is common to a whole
    component, conflict is overlap on a line and dynamic programming is exact in n log n; values are then added and
    compared as the exact fractions that floats are, and of two sets of equal value the one is taken that holds the
    first id, in the order of ids, in which they differ. Other components are solved as an integer program,

        maximise sum_w v_w x_w  subject to  sum_{w in Q} x_w <= capacity for every largest set Q of windows that
        overlap on one resource,  x_w in {0, 1},

    to proven optimality (gap 0); there the choice among equals depends on the ids alone, not on the order of input.

    Raises `PhysicsError` for two windows of one id, a negative ``slew_s``, and a component of more than
    ``LARGEST_COMPONENT`` windows that needs the integer program.

    Source: J. Kleinberg and É. Tardos, Algorithm Design (2006), section 6.1 (one terminal); clique inequalities of
    interval graphs: M. C. Golumbic, Algorithmic Graph Theory and Perfect Graphs (1980), chapter 8; Q. Huangfu and
    J. A. J. Hall, Math. Program. Comput. 10, 119 (2018) (HiGHS).
    """
    require(math.isfinite(slew_s) and slew_s >= 0.0, f"slew_s {slew_s}: wanted a time, not below 0")
    fixed = {w.id: w for w in taken}
    listed = sorted([*windows, *fixed.values()], key=lambda w: w.id)
    for before, after in itertools.pairwise(listed):
        require(before.id != after.id, f"two windows have the id {after.id}")
    single = {name for w in listed for name in w.resources if capacity.get(name, 1) == 1}
    barred = {
        w.id
        for w in listed
        if any(_exclude(w, other, slew_s) and w.resources & other.resources & single for other in fixed.values())
    }
    open_windows = [w for w in listed if w.id in fixed or (w.value > 0.0 and w.id not in barred)]
    chosen: list[Window] = []
    for component in _components(open_windows, slew_s):
        held = [w.id in fixed for w in component]
        if all(held):
            continue
        common = frozenset.intersection(*(w.resources for w in component))
        if len(component) == 1 or (common & single and not any(held)):
            chosen += _line(component, slew_s)
        else:
            chosen += _program(component, held, slew_s, capacity)
    return tuple(w.id for w in sorted(chosen, key=lambda w: (w.start_s, w.id)))


class Schedule:
    """A schedule that is made period by period, each by `schedule` on what was taken before.

    With ``fair`` a window counts v' = (v/m) / (1 + T/m) in the plan of its period: v its value, m the mean value of all
    windows that its owner has been offered so far, T what those taken so far were worth to him. Everybody is measured
    by what is usual for him, so neither a place next to a slightly better one nor a small telescope among large
    ones is starved: over many periods shares of what is usual follow the proportionally fair rule. Inside one period
    values add up as they are, so choose a period of a few passes.

    Source: F. Kelly, Eur. Trans. Telecommun. 8, 33 (1997) (proportional fairness); the rule by periods and the start
    from m are this program's own.
    """

    def __init__(self, *, slew_s: float = 0.0, capacity: Mapping[str, int] = _ONE_EACH, fair: bool = False) -> None:
        for name, number in capacity.items():
            require(number >= 1, f"capacity {number} of {name}: wanted at least one")
        self._slew_s, self._capacity, self._fair = slew_s, capacity, fair
        self._taken: list[Window] = []
        self._worth: dict[str, float] = {}
        self._offered: dict[str, list[float]] = {}

    def take(self, windows: Iterable[Window]) -> tuple[str, ...]:
        """The ids of the windows of one period that are taken, in the order of time.

        Raises `PhysicsError` as `schedule` does.
        """
        listed = list(windows)
        known = {window.id: window for window in listed}
        require(len(known) == len(listed), "two windows have the same id")
        first_s = min((window.start_s for window in listed), default=-math.inf)
        self._taken = [window for window in self._taken if window.end_s + self._slew_s > first_s]
        before = [self._as_seen(window, listed) for window in self._taken]
        free = listed
        if self._fair:
            for window in listed:
                if window.value > 0.0:
                    self._offered.setdefault(window.owner, []).append(window.value)
            usual = {owner: math.fsum(values) / len(values) for owner, values in self._offered.items()}
            free = [
                replace(w, value=w.value / (usual[w.owner] + self._worth.get(w.owner, 0.0))) if w.value > 0.0 else w
                for w in free
            ]
        chosen = schedule(free, slew_s=self._slew_s, capacity=self._capacity, taken=before)
        for name in chosen:
            window = known[name]
            self._worth[window.owner] = self._worth.get(window.owner, 0.0) + window.value
        self._taken += [known[name] for name in chosen]
        return chosen

    def _as_seen(self, taken: Window, listed: Sequence[Window]) -> Window:
        """A window taken before; one that goes on in this period needs no slew: its end is put that much earlier."""
        goes_on = any(w.start_s == taken.end_s and w.resources == taken.resources for w in listed)
        end_s = taken.end_s - self._slew_s
        return replace(taken, end_s=end_s) if goes_on and end_s > taken.start_s else taken

    def collide(self, a: Window, b: Window) -> bool:
        """Whether two windows need the same resource with less than the slew time between them."""
        return _exclude(a, b, self._slew_s)


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


def _cliques(component: Sequence[Window], slew_s: float, capacity: Mapping[str, int]) -> list[tuple[list[int], int]]:
    """The largest sets of windows that overlap on one resource: every set open when one of it is the first to end."""
    found: dict[tuple[int, ...], int] = {}

    def close(windows: list[int], most: int) -> None:
        if len(windows) > most:
            key = tuple(sorted(windows))
            found[key] = min(most, found.get(key, most))

    for name, users in _by_resource(component).items():
        most = capacity.get(name, 1)
        open_now: list[int] = []
        grown = False
        for number in users:
            start_s = component[number].start_s
            still = [i for i in open_now if component[i].end_s + slew_s > start_s]
            if len(still) < len(open_now) and grown:
                close(open_now, most)
            open_now, grown = [*still, number], True
        close(open_now, most)
    return [(list(clique), most) for clique, most in found.items()]


def _program(
    component: Sequence[Window], held: Sequence[bool], slew_s: float, capacity: Mapping[str, int]
) -> list[Window]:
    """The integer program of a component, to a proven optimum, around what is ``held`` already (not returned)."""
    require(
        len(component) <= LARGEST_COMPONENT,
        f"{len(component)} windows hang together over several resources: at most {LARGEST_COMPONENT} can be scheduled "
        "at once; plan a shorter time or with fewer stations",
    )
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    cliques = _cliques(component, slew_s, capacity)
    if not cliques:
        return [w for w, kept in zip(component, held, strict=True) if not kept]
    columns = np.array([i for clique, _ in cliques for i in clique])
    rows = np.repeat(np.arange(len(cliques)), [len(clique) for clique, _ in cliques])
    most = np.array([number for _, number in cliques], dtype=np.float64)
    matrix = csr_array((np.ones(len(columns)), (rows, columns)), shape=(len(cliques), len(component)))
    fixed = np.array(held, dtype=np.float64)
    values = np.array([w.value for w in component]) * (1.0 - fixed)
    outcome = milp(
        -_LARGEST_COEFFICIENT * (values / values.max()),
        integrality=np.ones(len(component), dtype=np.int64),
        bounds=Bounds(fixed, 1.0),
        constraints=LinearConstraint(matrix, -np.inf, most),
        options={"mip_rel_gap": 0.0},
    )
    if outcome.x is None or outcome.status != 0:
        raise RuntimeError(f"HiGHS did not solve a schedule of {len(component)} windows: {outcome.message}")
    return [w for w, kept, x in zip(component, held, outcome.x, strict=True) if x > 0.5 and not kept]
