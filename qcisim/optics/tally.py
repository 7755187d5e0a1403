"""Tallies: how many clicks and errors per setting and pair of bases; expected, sampled, or counted from clicks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from qcisim.errors import require
from qcisim.optics.clicks import Clicks
from qcisim.optics.detector import Detector, afterpulse_factor, live_share
from qcisim.optics.renewal import Counts, renewal_count, split_rounds
from qcisim.optics.source import Floats
from qcisim.optics.table import BOTH, ONLY_0, ONLY_1, ClickTable, ClickTables


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """Counts per [setting, Alice's basis, Bob's basis], float64 (S, 2, 2).

    Args:
        detections: registered clicks, doubles included.
        errors: clicks with a wrong bit; a double click counts as its random bit, or as 1/2 where no bit was drawn.
        doubles: clicks of both detectors.
        rounds: rounds that were sent.
    """

    detections: Floats
    errors: Floats
    doubles: Floats
    rounds: float

    def __post_init__(self) -> None:
        require(self.detections.shape == self.errors.shape == self.doubles.shape, "tally: arrays of different shape")
        require(self.detections.shape[1:] == (2, 2), f"tally of shape {self.detections.shape}: wanted (S, 2, 2)")

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.detections + other.detections,
            self.errors + other.errors,
            self.doubles + other.doubles,
            self.rounds + other.rounds,
        )

    @classmethod
    def of(cls, clicks: Clicks, rng: np.random.Generator | None = None) -> Tally:
        """Counted from clicks. With ``rng`` each double gets a random bit, without it counts as half an error."""
        return _tallies(clicks.counts[None].astype(np.float64), np.array([float(clicks.rounds)]), rng)[0]

    @property
    def clicks(self) -> float:
        """All detections."""
        return float(self.detections.sum())


@dataclass(frozen=True, slots=True, eq=False)
class Tallies:
    """The tallies of n time steps, summed over their fading nodes.

    Args:
        detections, errors, doubles: float64 (n, S, 2, 2), as in `Tally`.
        rounds: (n,).
    """

    detections: Floats
    errors: Floats
    doubles: Floats
    rounds: Floats

    def __post_init__(self) -> None:
        require(self.detections.shape == self.errors.shape == self.doubles.shape, "tallies: arrays of different shape")
        proper = self.detections.ndim == 4 and self.detections.shape[2:] == (2, 2)
        require(proper, f"tallies of shape {self.detections.shape}: wanted (n, S, 2, 2)")
        require(self.rounds.shape == self.detections.shape[:1], f"rounds of shape {self.rounds.shape}: one per tally")

    def __len__(self) -> int:
        return len(self.rounds)

    def __getitem__(self, index: int) -> Tally:
        """The tally of time step ``index``."""
        return Tally(self.detections[index], self.errors[index], self.doubles[index], float(self.rounds[index]))

    @property
    def clicks(self) -> Floats:
        """All detections of each time step, (n,)."""
        clicks: Floats = self.detections.sum(axis=(1, 2, 3))
        return clicks

    def total(self) -> Tally:
        """All time steps together."""
        detections, errors, doubles = (x.sum(axis=0) for x in (self.detections, self.errors, self.doubles))
        return Tally(detections, errors, doubles, math.fsum(self.rounds.tolist()))


def _tallies(cells: Floats, rounds: Floats, rng: np.random.Generator | None) -> Tallies:
    """From clicks per time step and [setting, basis, bit, basis, outcome]."""
    doubles = cells[..., BOTH].sum(axis=3)
    wrong = cells[:, :, :, 0, :, ONLY_1] + cells[:, :, :, 1, :, ONLY_0]
    random = 0.5 * doubles if rng is None else rng.binomial(doubles.astype(np.int64), 0.5)
    return Tallies(cells.sum(axis=(3, 5)), wrong + random, doubles, rounds)


@dataclass(frozen=True, slots=True, eq=False)
class _Registered:
    """What dead time and afterpulsing make of N click tables.

    Args:
        click_probability: (N,) p of a live round.
        blind_rounds: (N,) rounds lost per photon click, its afterpulses' dead time included.
        photon_cells, afterpulse_cells: (N, 24 S) distributions over cells, sum 1; zero where nothing clicks.
        afterpulses: (N,) registered afterpulse-only clicks per photon click.
    """

    click_probability: Floats
    blind_rounds: Floats
    photon_cells: Floats
    afterpulse_cells: Floats
    afterpulses: Floats


def _registered(tables: ClickTables, detector: Detector, clock_hz: float) -> _Registered:
    """The stationary law of registered clicks, exact in the dead time and to first order in the afterpulse probability.

    An afterpulse is a candidate K rounds behind the dead time of its click, K geometric with ratio z = exp(-1/(tau
    clock)). The receiver, live at that time zero, is live K rounds later with probability
    s = (1-z) / (1 - (1-p) z - p z^(d+1)), from the renewal equation U(z) = 1 + (1-p) z U + p z^(d+1) U. A candidate
    in a live round stands alone with probability 1-p and joins a photon click with probability p.
    """
    joint, dead, count = tables.joint, detector.dead_rounds(clock_hz), len(tables)
    cells = (count, 24 * joint.shape[1])
    p = joint.reshape(cells).sum(axis=1)
    photon = joint
    photon /= np.where(p > 0.0, p, 1.0)[:, None, None, None, None, None]
    if detector.afterpulse_probability == 0.0:
        flat = photon.reshape(cells)
        return _Registered(p, np.full(count, float(dead)), flat, flat, np.zeros(count))
    decay = 1.0 / (detector.afterpulse_decay_s * clock_hz)
    z, one_minus_z = math.exp(-decay), -math.expm1(-decay)
    live = one_minus_z / (one_minus_z + p * z * -math.expm1(-decay * dead))
    reached = detector.afterpulse_probability * live
    alone = reached * (1.0 - p)
    outcome = photon.sum(axis=(1, 2, 3, 4))
    which = outcome[:, :2] + 0.5 * outcome[:, BOTH:]
    quiet = tables.prior * (1.0 - tables.probability.sum(axis=-1))
    quiet /= quiet.sum(axis=(1, 2, 3, 4))[:, None, None, None, None]
    lone = np.zeros_like(joint)
    lone[..., :2] = quiet[..., None] * which[:, None, None, None, None, :]
    joined = photon.copy()
    for single, other in ((ONLY_0, ONLY_1), (ONLY_1, ONLY_0)):
        moved = (reached * p * which[:, other])[:, None, None, None, None] * photon[..., single]
        joined[..., single] -= moved
        joined[..., BOTH] += moved
    blind: Floats = dead * afterpulse_factor(alone)
    return _Registered(p, blind, joined.reshape(cells), lone.reshape(cells), alone)


def expected_tallies(tables: ClickTables, rounds: Floats, detector: Detector, clock_hz: float) -> Tallies:
    """Expected counts (resolution "rates") of n time steps with ``rounds`` (n,) each.

    Photon clicks per round p / (1 + p d g), afterpulse clicks (g - 1) times as many, d dead rounds per click; averaged
    over the fading nodes as counts, since they are not linear in the transmittance. Fading is taken as slow against
    dead time and afterpulses.

    Domain: exact without afterpulsing but for the first dead time of the stretch (a share d/rounds). With afterpulsing
    exact to first order in its probability p_a: the relative error of the counts is of order p_a^2 p d.
    """
    rounds = _checked_rounds(tables, rounds)
    law = _registered(tables, detector, clock_hz)
    sent = np.repeat(rounds, tables.nodes) * tables.share
    photon_clicks = sent * law.click_probability * live_share(law.click_probability, law.blind_rounds)
    cells = photon_clicks[:, None] * law.photon_cells
    if detector.afterpulse_probability > 0.0:
        cells += (photon_clicks * law.afterpulses)[:, None] * law.afterpulse_cells
    return _tallies(_over_nodes(tables, cells), rounds, None)


def sample_tallies(
    tables: ClickTables, rounds: Counts, detector: Detector, clock_hz: float, rng: np.random.Generator
) -> Tallies:
    """Random counts (resolution "counts") of n time steps: the law of `Tally.of` (`sample_clicks`) without the clicks.

    Without afterpulsing exact for a receiver that starts live: the number N of clicks is binomial for d = 0, and for
    d > 0 P(N >= k) = P(Binomial(rounds - (k-1) d, p) >= k); given N the cells are multinomial. With afterpulsing d is
    replaced by its mean d g and each photon click leaves an afterpulse with probability g - 1: mean and variance to
    first order in the afterpulse probability.

    Args:
        rounds: (n,) whole; each fading node gets its share of them, see `split_rounds`.
    """
    sent = split_rounds(_checked_rounds(tables, rounds), tables.share.reshape(-1, tables.nodes)).ravel()
    law = _registered(tables, detector, clock_hz)
    cells = np.zeros((len(tables), law.photon_cells.shape[1]))
    lit = np.flatnonzero((law.click_probability > 0.0) & (sent > 0))
    if len(lit):
        photon_clicks = renewal_count(sent[lit], law.click_probability[lit], law.blind_rounds[lit], rng)
        drawn = rng.multinomial(photon_clicks, _normalised(law.photon_cells[lit]))
        if detector.afterpulse_probability > 0.0:
            afterpulses = rng.binomial(photon_clicks, law.afterpulses[lit])
            drawn = drawn + rng.multinomial(afterpulses, _normalised(law.afterpulse_cells[lit]))
        cells[lit] = drawn
    return _tallies(_over_nodes(tables, cells), np.asarray(rounds, dtype=np.float64), rng)


def expected_tally(table: ClickTable, rounds: float, detector: Detector, clock_hz: float) -> Tally:
    """Expected counts of one table, see `expected_tallies`."""
    return expected_tallies(ClickTables.of(table), np.array([float(rounds)]), detector, clock_hz)[0]


def sample_tally(
    table: ClickTable, rounds: int, detector: Detector, clock_hz: float, rng: np.random.Generator
) -> Tally:
    """Random counts of one table, see `sample_tallies`."""
    return sample_tallies(ClickTables.of(table), np.array([rounds], dtype=np.int64), detector, clock_hz, rng)[0]


def _checked_rounds(tables: ClickTables, rounds: Any) -> Any:
    values = np.asarray(rounds)
    require(
        values.shape == (tables.steps,), f"rounds of shape {values.shape}: wanted one per time step, {tables.steps}"
    )
    lowest = values.min(initial=0)
    require(bool(lowest >= 0), f"rounds {lowest}: not negative")
    return values


def _over_nodes(tables: ClickTables, cells: Floats) -> Floats:
    """Cells (n m, 24 S) summed over the fading nodes, (n, S, 2, 2, 2, 3)."""
    summed: Floats = cells.reshape(tables.steps, tables.nodes, cells.shape[1]).sum(axis=1)
    return summed.reshape(tables.steps, *tables.probability.shape[1:])


def _normalised(cells: Floats) -> Floats:
    flat: Floats = cells / cells.sum(axis=1, keepdims=True)
    return flat
