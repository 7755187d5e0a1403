"""A hub between two senders of weak pulses: what it announces, from the photon level, round by round.

Two modes (horizontal and vertical), a 50:50 splitter for each, four threshold detectors. In basis Z a pulse is in one
mode, its bit; in basis X in both, its bit the phase between them. Success is one click in each mode and no other:
psi+ in the same port, psi- in different ones. The phase between the senders is random. Setting 0 is the signal, sent
in Z; all others are decoys, sent in X.

With time bins for modes psi+ would need a detector that clicks twice within a round; these are four detectors.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from qcisim.errors import require
from qcisim.optics.detector import live_share
from qcisim.optics.hub_records import PSI_MINUS, PSI_PLUS, HubRecord
from qcisim.optics.renewal import renewal_count
from qcisim.optics.source import Floats

PHASES = 64  # a trapezoid over a period converges faster than any power: these are exact to rounding up to 20 photons
STRETCH_EVENTS = 1_000_000
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SenderLight:
    """What one sender does, as light: intensities and probabilities by setting, the signal first.

    ``transmittance`` is that of the arm with hub and detectors.
    """

    intensities: tuple[float, ...]
    probabilities: tuple[float, ...]
    transmittance: float

    def __post_init__(self) -> None:
        require(len(self.intensities) == len(self.probabilities) >= 2, "a sender: one probability for each intensity")
        require(min(self.intensities) >= 0.0, f"intensities {self.intensities}: mean photon numbers are >= 0")
        require(abs(math.fsum(self.probabilities) - 1.0) < 1e-9, f"probabilities {self.probabilities}: wanted sum 1")
        require(0.0 <= self.transmittance <= 1.0, f"transmittance {self.transmittance}: a passive arm cannot amplify")


@dataclass(frozen=True, slots=True, eq=False)
class HubTable:
    """Probabilities of one round.

    Args:
        success: [Alice's setting, her bit, Bob's setting, his bit, outcome], (S, 2, S, 2, 2): that the hub is live,
            all this was chosen and the outcome announced; outcome 0 is psi+, 1 is psi-.
        click: that any detector of a live hub clicks.
        dead_rounds: rounds for which the hub is blind after a click.
    """

    success: Floats
    click: float
    dead_rounds: int
    _cumulative: Floats = field(init=False, repr=False)

    def __post_init__(self) -> None:
        total = float(self.success.sum())
        require(self.success.ndim == 5 and self.success.shape[1::2] == (2, 2), "a hub table: (S, 2, S, 2, 2)")
        require(
            bool(self.success.min() >= 0.0) and total <= self.click * (1.0 + 1e-9) <= 1.0 + 1e-9, "not probabilities"
        )
        object.__setattr__(self, "_cumulative", np.cumsum(self.success.ravel()))

    @property
    def live_share(self) -> float:
        """Share of the rounds in which the hub is not blind."""
        return float(live_share(self.click, float(self.dead_rounds)))

    def expected(self, rounds: float) -> Floats:
        """Expected events by cell, as ``success``."""
        cells: Floats = rounds * self.live_share * self.success
        return cells

    def count(self, rounds: int, rng: np.random.Generator) -> Floats:
        """Random events by cell: the law of `events` without their rounds, for a hub that starts live."""
        cells = self.success.ravel()
        if self.click <= 0.0:
            return np.zeros(self.success.shape)
        clicks = int(renewal_count(rounds, self.click, float(self.dead_rounds), rng))
        shares = np.append(cells, max(0.0, self.click - float(cells.sum()))) / self.click
        drawn = rng.multinomial(clicks, shares / shares.sum())[:-1]
        counted: Floats = drawn.astype(np.float64).reshape(self.success.shape)
        return counted

    def events(self, rounds: int, rng: np.random.Generator, first_round: int = 0) -> list[tuple[HubRecord, HubRecord]]:
        """Every announced success of ``rounds``: (Alice's, Bob's) records, stretch by stretch.

        Between two successes lie K clicks, K geometric, each d + Geometric(p) rounds behind the last.
        """
        found = []
        for at in self._rounds(rounds, rng):
            cell = np.searchsorted(self._cumulative, rng.random(len(at)) * self._cumulative[-1], side="right")
            columns = self._columns[:, np.minimum(cell, self.success.size - 1)]
            at += first_round
            at.setflags(write=False)
            outcome = columns[4]
            outcome.setflags(write=False)
            alice = HubRecord(at, outcome, columns[0], columns[1])
            found.append((alice, HubRecord(at, outcome, columns[2], columns[3])))
        return found

    @property
    def _columns(self) -> NDArray[np.uint8]:
        """Setting, bit, setting, bit, outcome of every cell, (5, cells)."""
        return np.indices(self.success.shape, dtype=np.uint8).reshape(5, -1)

    def _rounds(self, rounds: int, rng: np.random.Generator) -> list[Integers]:
        """The rounds of successes from 0 on, in stretches."""
        success = float(self._cumulative[-1])
        if success <= 0.0 or rounds <= 0:
            return [np.zeros(0, np.int64)]
        rate = success * self.live_share
        found, last = list[Integers](), -1 - self.dead_rounds
        while True:
            expected = (rounds - last) * rate
            size = min(STRETCH_EVENTS, math.ceil(expected + 6.0 * math.sqrt(expected) + 16.0))
            at = last + np.cumsum(self._gaps(success, size, rng))
            inside = int(np.searchsorted(at, rounds))
            found.append(at[:inside])
            if inside < size:
                return found
            last = int(at[-1])

    def _gaps(self, success: float, size: int, rng: np.random.Generator) -> Integers:
        if self.dead_rounds == 0:
            return rng.geometric(success, size)
        clicks = rng.geometric(min(1.0, success / self.click), size)
        return clicks * (self.dead_rounds + 1) + rng.negative_binomial(clicks, self.click)


def hub_table(
    alice: SenderLight,
    bob: SenderLight,
    *,
    noise_per_detector: float,
    misalignment_error: float = 0.0,
    mode_overlap: float = 1.0,
    dead_rounds: int = 0,
    announced_at_random: float = 0.0,
) -> HubTable:
    """P(success | settings, bits), the mean over the phase delta of products of four detectors.

    In mode m and port c or d arrive (a_m + b_m)/2 +- V sqrt(a_m b_m) cos(delta + phi_m) photons, phi_m the phase
    between the senders' pulses there. Each sender's bit is turned with probability q, 2 q (1-q) = e_d.

    Args:
        noise_per_detector: mean counts per gate that no sender sent.
        misalignment_error: e_d, how often the relation of the two bits is turned on the way.
        mode_overlap: V, of the pulses' shapes in time, colour and polarisation.
        announced_at_random: share of the rounds in which the hub lies: it announces as often as ever, whatever arrived.

    Source: Ma, Razavi, Phys. Rev. A 86, 062319 (2012), Secs. III and V, whose gains are the marginals.
    """
    require(0.0 <= misalignment_error <= 0.5, f"misalignment_error {misalignment_error}: wanted [0, 1/2]")
    require(0.0 <= mode_overlap <= 1.0, f"mode_overlap {mode_overlap}: lies in [0, 1]")
    require(noise_per_detector >= 0.0, f"noise_per_detector {noise_per_detector}: not negative")
    light_a, phase_a = _modes(alice)
    light_b, phase_b = _modes(bob)
    a, b = light_a[:, :, None, None, :, None], light_b[None, None, :, :, :, None]
    delta = 2.0 * math.pi * np.arange(PHASES) / PHASES
    shift = phase_b[None, None, :, :, :, None] - phase_a[:, :, None, None, :, None]
    mean, beat = (a + b) / 2.0, mode_overlap * np.sqrt(a * b) * np.cos(delta + shift)
    c, d = (-np.expm1(-np.maximum(0.0, one) - noise_per_detector) for one in (mean + beat, mean - beat))
    only_c, only_d = c * (1.0 - d), d * (1.0 - c)
    first_c, second_c, first_d, second_d = only_c[..., 0, :], only_c[..., 1, :], only_d[..., 0, :], only_d[..., 1, :]
    given = np.empty((*shift.shape[:4], 2))
    given[..., PSI_PLUS] = (first_c * second_c + first_d * second_d).mean(axis=-1)
    given[..., PSI_MINUS] = (first_c * second_d + first_d * second_c).mean(axis=-1)
    q = (1.0 - math.sqrt(1.0 - 2.0 * misalignment_error)) / 2.0
    turn = np.array([[1.0 - q, q], [q, 1.0 - q]])
    given = np.einsum("ij,sjtkr,lk->sitlr", turn, given, turn)
    prior = np.array(alice.probabilities)[:, None] * np.array(bob.probabilities) / 4.0
    success = prior[:, None, :, None, None] * given
    if announced_at_random > 0.0:
        lie = prior[:, None, :, None, None] * np.full_like(success, success.sum() / 2.0)
        success = (1.0 - announced_at_random) * success + announced_at_random * lie
    return HubTable(success, _any_click(alice, bob, noise_per_detector), dead_rounds)


def _modes(sender: SenderLight) -> tuple[Floats, Floats]:
    """Arriving mean photon number and phase by setting, bit and mode, (S, 2, 2)."""
    arriving = sender.transmittance * np.array(sender.intensities)
    light, phase = np.zeros((len(arriving), 2, 2)), np.zeros((len(arriving), 2, 2))
    light[0, 0, 0] = light[0, 1, 1] = arriving[0]
    light[1:] = arriving[1:, None, None] / 2.0
    phase[1:, 1, 1] = math.pi
    return light, phase


def _any_click(alice: SenderLight, bob: SenderLight, noise: float) -> float:
    """1 - E[exp(-a-b)] exp(-4 nu): interference moves photons between detectors and loses none."""
    total = 0.0
    for a, p_a in zip(alice.intensities, alice.probabilities, strict=True):
        for b, p_b in zip(bob.intensities, bob.probabilities, strict=True):
            total -= p_a * p_b * math.expm1(-alice.transmittance * a - bob.transmittance * b - 4.0 * noise)
    return total
