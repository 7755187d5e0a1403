"""Tallies: how many clicks and errors per setting and pair of bases; expected, sampled, or counted from clicks."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from qcisim.errors import require
from qcisim.optics.clicks import Clicks
from qcisim.optics.detector import Detector, afterpulse_factor, live_share
from qcisim.optics.source import Floats
from qcisim.optics.table import BOTH, ONLY_0, ONLY_1, ClickTable


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
        return _tally(clicks.counts.astype(np.float64), float(clicks.rounds), rng)

    @property
    def clicks(self) -> float:
        """All detections."""
        return float(self.detections.sum())


def _tally(cells: Floats, rounds: float, rng: np.random.Generator | None) -> Tally:
    """From clicks per [setting, basis, bit, basis, outcome]."""
    doubles = cells[..., BOTH].sum(axis=2)
    wrong = cells[:, :, 0, :, ONLY_1] + cells[:, :, 1, :, ONLY_0]
    random = 0.5 * doubles if rng is None else rng.binomial(doubles.astype(np.int64), 0.5)
    return Tally(cells.sum(axis=(2, 4)), wrong + random, doubles, rounds)


@dataclass(frozen=True, slots=True, eq=False)
class _Registered:
    """What dead time and afterpulsing make of a click table.

    Args:
        click_probability: p of a live round.
        blind_rounds: rounds lost per photon click, its afterpulses' dead time included.
        photon_cells, afterpulse_cells: distributions over cells, sum 1.
        afterpulses: registered afterpulse-only clicks per photon click.
    """

    click_probability: float
    blind_rounds: float
    photon_cells: Floats
    afterpulse_cells: Floats
    afterpulses: float


def _registered(table: ClickTable, detector: Detector, clock_hz: float) -> _Registered:
    """The stationary law of registered clicks, exact in the dead time and to first order in the afterpulse probability.

    An afterpulse is a candidate K rounds behind the dead time of its click, K geometric with ratio z = exp(-1/(tau
    clock)). The receiver, live at that time zero, is live K rounds later with probability
    s = (1-z) / (1 - (1-p) z - p z^(d+1)), from the renewal equation U(z) = 1 + (1-p) z U + p z^(d+1) U. A candidate
    in a live round stands alone with probability 1-p and joins a photon click with probability p.
    """
    joint, p, dead = table.joint, table.click_probability, detector.dead_rounds(clock_hz)
    photon = joint / p
    if detector.afterpulse_probability == 0.0:
        return _Registered(p, dead, photon, photon, 0.0)
    decay = 1.0 / (detector.afterpulse_decay_s * clock_hz)
    z, one_minus_z = math.exp(-decay), -math.expm1(-decay)
    live = one_minus_z / (one_minus_z + p * z * -math.expm1(-decay * dead))
    reached = detector.afterpulse_probability * live
    alone = reached * (1.0 - p)
    outcome = photon.sum(axis=(0, 1, 2, 3))
    which = np.array([outcome[ONLY_0] + 0.5 * outcome[BOTH], outcome[ONLY_1] + 0.5 * outcome[BOTH]])
    quiet = table.prior * (1.0 - table.probability.sum(axis=-1))
    lone = np.zeros_like(joint)
    lone[..., :2] = quiet[..., None] / quiet.sum() * which
    joined = photon.copy()
    for single, other in ((ONLY_0, ONLY_1), (ONLY_1, ONLY_0)):
        moved = reached * p * which[other] * photon[..., single]
        joined[..., single] -= moved
        joined[..., BOTH] += moved
    return _Registered(p, dead * afterpulse_factor(alone), joined, lone, alone)


def expected_tally(table: ClickTable, rounds: float, detector: Detector, clock_hz: float) -> Tally:
    """Expected counts (resolution "rates").

    Photon clicks per round p / (1 + p d g), afterpulse clicks (g - 1) times as many, d dead rounds per click.

    Domain: exact without afterpulsing but for the first dead time of the stretch (a share d/rounds). With afterpulsing
    exact to first order in its probability p_a: the relative error of the counts is of order p_a^2 p d.
    """
    if table.click_probability == 0.0:
        return _tally(np.zeros_like(table.joint), rounds, None)
    law = _registered(table, detector, clock_hz)
    photon_clicks = rounds * law.click_probability * live_share(law.click_probability, law.blind_rounds)
    return _tally(photon_clicks * (law.photon_cells + law.afterpulses * law.afterpulse_cells), rounds, None)


def sample_tally(
    table: ClickTable, rounds: int, detector: Detector, clock_hz: float, rng: np.random.Generator
) -> Tally:
    """Random counts (resolution "counts"): the law of `Tally.of` (`sample_clicks`) without the clicks.

    Without afterpulsing exact for a receiver that starts live: the number N of clicks is binomial for d = 0, and for
    d > 0 P(N >= k) = P(Binomial(rounds - (k-1) d, p) >= k); given N the cells are multinomial. With afterpulsing d is
    replaced by its mean d g and each photon click leaves an afterpulse with probability g - 1: mean and variance to
    first order in the afterpulse probability.
    """
    require(rounds >= 0, f"rounds {rounds}: not negative")
    shape = table.probability.shape
    if table.click_probability == 0.0 or rounds == 0:
        return _tally(np.zeros(shape), float(rounds), None)
    law = _registered(table, detector, clock_hz)
    photon_clicks = renewal_count(rounds, law.click_probability, law.blind_rounds, rng)
    cells = rng.multinomial(photon_clicks, _normalised(law.photon_cells))
    if law.afterpulses > 0.0:
        cells = cells + rng.multinomial(rng.binomial(photon_clicks, law.afterpulses), _normalised(law.afterpulse_cells))
    return _tally(cells.reshape(shape).astype(np.float64), float(rounds), rng)


def _normalised(cells: Floats) -> Floats:
    flat: Floats = cells.ravel() / cells.sum()
    return flat


def renewal_count(rounds: int, click_probability: float, dead_rounds: float, rng: np.random.Generator) -> int:
    """N of a renewal process with gaps d + Geometric(p): P(N >= k) = P(Binomial(rounds - (k-1) d, p) >= k), by
    inversion.

    The tail is a regularised incomplete beta function, I_p(k, rounds - (k-1) d - k + 1), so d need not be whole.
    """
    if dead_rounds == 0.0:
        return int(rng.binomial(rounds, click_probability))
    from scipy.special import betainc

    u = float(rng.random())
    low, high = 0, int((rounds + dead_rounds) / (1.0 + dead_rounds)) + 1  # P(N >= low) > u >= P(N >= high)
    while high - low > 1:
        k = (low + high) // 2
        free = rounds - (k - 1) * dead_rounds - k + 1.0
        if free > 0.0 and float(betainc(float(k), free, click_probability)) > u:
            low = k
        else:
            high = k
    return low
