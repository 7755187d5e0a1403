"""E91: key from the coinciding settings, Eve bounded by the CHSH value that other rounds show."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from qcisim.errors import require
from qcisim.security.bound import require_leak
from qcisim.security.chsh import TSIRELSON, ChshCounts, chsh_of_qber
from qcisim.security.device_independent import eve_information
from qcisim.security.secret_length import Named, SecretLength, secret_length, verification_term

ALICE_DEG = (0.0, 45.0, 90.0)
BOB_DEG = (45.0, 90.0, 135.0)
"""Analysers of Ekert, Phys. Rev. Lett. 67, 661 (1991), angles from Z on the Bloch sphere."""
KEY_SETTINGS = ((1, 0), (2, 1))
"""Coinciding settings, (Alice, Bob): 45 and 90 degrees; of each, one side's setting is also in the CHSH test, Bob's 45
and Alice's 90, and that side's bits are the key."""
CHSH_ALICE, CHSH_BOB, CHSH_MINUS = (0, 2), (0, 2), 1
"""Settings of the CHSH test; E(0, 135 degrees) enters with a minus sign."""

AEP = 4.0 * math.log2(2.0 + math.sqrt(2.0))
"""delta of a bit, 4 log2(1 + 2^(H_max/2) + 2^(-H_min/2)) with H_max <= 1 and H_min >= 0 bit given Eve."""
_COLLECTIVE = (
    "collective attacks: chi(S) of Acin et al., Phys. Rev. Lett. 98, 230501 (2007) and Pironio et al., New J. Phys. "
    "11, 045021 (2009); finite block by the equipartition property of Tomamichel, Colbeck, Renner, IEEE Trans. Inf. "
    "Theory 55, 5840 (2009), as in Scarani, Renner, arXiv:0806.0120; S by Clopper-Pearson; no reference case"
)
_ONE_WAY = "; one-way error correction: positions of errors that are disclosed are leakage as well"


@dataclass(frozen=True, slots=True)
class ChshBlock:
    """One block: key rounds per key setting, and the rounds of the CHSH test, disjoint from them.

    Args:
        key: sifted bits of each key setting, bits flipped where the state anticorrelates them.
        test, test_errors: rounds of the four CHSH settings and those against the violation, as `ChshCounts`.
        key_errors: errors among ``key``, known after verification, or None.
        all_rounds: no-clicks are counted as outcomes, in the key and in the test; False means fair sampling.
        equal_settings: the four settings of the test were drawn with equal probabilities, each round anew.
        rounds: pairs or windows in all (0 = not known).
        observed: True for counted data, False for expectations of a model.

    The fields are those of `BlockCounts`, so that length rules and planning take both.
    """

    key: tuple[float, ...]
    test: tuple[float, ...]
    test_errors: tuple[float, ...]
    key_errors: tuple[float, ...] | None = None
    all_rounds: bool = False
    equal_settings: bool = True
    rounds: float = 0.0
    observed: bool = False

    def __post_init__(self) -> None:
        require(len(self.key) >= 1, "a block needs at least one key setting")
        require(all(math.isfinite(n) and n >= 0.0 for n in self.key), f"key {self.key}: wanted finite and >= 0")
        if self.key_errors is not None:
            fine = len(self.key_errors) == len(self.key)
            fine = fine and all(0.0 <= m <= n for m, n in zip(self.key_errors, self.key, strict=True))
            require(fine, f"key: {self.key_errors} errors among {self.key} bits")
        ChshCounts(self.test, self.test_errors)

    @classmethod
    def counted(
        cls, table: ArrayLike, *, anticorrelated: bool = True, all_rounds: bool = False, rounds: float = 0.0
    ) -> ChshBlock:
        """From outcomes [setting_a, setting_b, bit_a, bit_b], (3, 3, 2, 2), at the settings of `ALICE_DEG`, `BOB_DEG`.

        ``anticorrelated``: a singlet, so Bob's bits are flipped first.
        """
        counts = np.asarray(table, dtype=np.float64)
        require(counts.shape == (3, 3, 2, 2), f"outcomes of shape {counts.shape}: wanted (3, 3, 2, 2)")
        require(bool(np.all(counts >= 0.0)), "outcomes: a count cannot be negative")
        if anticorrelated:
            counts = counts[:, :, :, ::-1]
        key = tuple(float(counts[a, b].sum()) for a, b in KEY_SETTINGS)
        wrong = tuple(float(counts[a, b, 0, 1] + counts[a, b, 1, 0]) for a, b in KEY_SETTINGS)
        test = ChshCounts.counted(counts[np.ix_(CHSH_ALICE, CHSH_BOB)], minus=CHSH_MINUS)
        total = float(counts.sum())
        return cls(key, test.rounds, test.against, wrong, all_rounds, True, max(rounds, total), observed=True)

    def with_key_errors(self, key_errors: tuple[float, ...]) -> ChshBlock:
        """The same counts with the errors of the key, known after verification."""
        return replace(self, key_errors=key_errors)

    @property
    def chsh(self) -> ChshCounts:
        """The CHSH test of this block."""
        return ChshCounts(self.test, self.test_errors, CHSH_MINUS, self.all_rounds)

    @property
    def intensities(self) -> tuple[float, ...]:
        """None: pairs have no intensity setting."""
        return ()

    @property
    def probabilities(self) -> tuple[float, ...]:
        """None, see ``intensities``."""
        return ()

    @property
    def key_total(self) -> float:
        """n: sifted bits."""
        return math.fsum(self.key)

    @property
    def test_total(self) -> float:
        """Rounds of the CHSH test."""
        return math.fsum(self.test)

    @property
    def key_qber(self) -> float:
        """Bit error rate of the key; raises where the key errors are not known."""
        require(self.key_errors is not None, "the key errors of this block are not known")
        assert self.key_errors is not None
        return math.fsum(self.key_errors) / self.key_total if self.key_total > 0.0 else 0.0


@dataclass(frozen=True, slots=True)
class ChshFinite:
    """l = floor( sum_i [ n_i (1 - chi(S_low)) - delta sqrt(n_i) ] - leak - 2 log2(1/(2 eps0)) - log2(2/eps_cor) ).

    n_i bits of each key setting; S_low is S from below by `ChshCounts.lower` (4 uses), or by the CHSH game where the
    settings were drawn equally (1 use, ``game``); delta = 4 log2(2 + sqrt2) sqrt(log2(2/eps0^2)) per key setting from
    the equipartition property, smoothing eps0 each. Zero for n_i < (8/5) log2(2/eps0^2). Rounds are independent and
    alike (collective attacks): no claim against coherent attacks.

    Where reconciliation makes the positions of errors public, as Cascade does, the claim wants qubits measured along
    the directions said: Pauli twirls then change neither S nor the error pattern, and of the Bell-diagonal state that
    they leave Eve knows the pattern anyway. A Bob who is not trusted can have it tell Alice's bit: for a
    device-independent claim ``leak_bits`` must hold what both sides disclose.

    ``name`` says what the devices are trusted with: "e91" takes coincidences under fair sampling, "di_chsh" wants all
    rounds counted and refuses blocks that dropped some.
    """

    device_independent: bool = False
    game: bool = False

    @property
    def name(self) -> str:
        return ("di_chsh" if self.device_independent else "e91") + ("_game" if self.game else "")

    @property
    def theorem(self) -> str:
        first = "device-independent against " if self.device_independent else "E91, fair sampling, qubits, "
        last = ", of the CHSH game with equally likely settings" if self.game else ""
        return first + _COLLECTIVE + last + (_ONE_WAY if self.device_independent else "")

    @property
    def fixed_length_only(self) -> bool:
        return True

    def epsilon_shares(self, epsilon_secret: float, key_settings: int = 2) -> Named:
        """Uses: S 4 (1 for the game), smoothing 2 per key setting, hashing 1."""
        uses = self._uses(key_settings)
        one = epsilon_secret / uses
        s_uses = 1 if self.game else 4
        smoothing = ("smoothing, equipartition", 2.0 * key_settings * one)
        return ("CHSH value", s_uses * one), smoothing, ("privacy amplification", one)

    def _uses(self, key_settings: int) -> int:
        return (1 if self.game else 4) + 2 * key_settings + 1

    def secret_length(
        self,
        counts: ChshBlock,
        leak_bits: float,
        *,
        epsilon_secret: float,
        epsilon_correct: float,
        verification_bits: float = 0.0,
    ) -> SecretLength:
        """The secret length at S_tol = the S of ``counts``; leak without the verification tag."""
        require(isinstance(counts, ChshBlock), f"{self.name}: wanted the counts of a CHSH test (ChshBlock)")
        if self.device_independent:
            require(
                counts.all_rounds,
                f"{self.name}: this block holds coincidences only. Without the lost rounds S proves nothing about "
                "untrusted devices; count them with an outcome, or use e91, which assumes fair sampling",
            )
        if self.game:
            require(counts.equal_settings, f"{self.name}: the settings of the test were not drawn equally")
        require_leak(leak_bits)
        share = epsilon_secret / self._uses(len(counts.key))
        s_low = counts.chsh.lower_by_game(share) if self.game else counts.chsh.lower(share)
        chi = eve_information(s_low)
        spread = math.log2(2.0 / share**2)
        smoothing = -AEP * math.sqrt(spread) * math.fsum(math.sqrt(n) for n in counts.key)
        terms = (
            ("key", counts.key_total),
            ("eve_information", -counts.key_total * chi),
            ("equipartition", smoothing),
            ("leakage", -leak_bits),
            ("secrecy", -2.0 * math.log2(1.0 / (2.0 * share))),
            ("verification", verification_term(epsilon_correct, verification_bits)),
        )
        reason = ""
        if s_low <= 2.0:
            reason = f"S is not above 2 with certainty: {counts.chsh.value:.4g} counted, {s_low:.4g} proven"
        elif s_low > TSIRELSON:
            reason = (
                f"S is above 2 sqrt2 with certainty, {s_low:.4g} proven: no quantum state does that, only a choice "
            )
            reason += "of rounds that is not fair"
        elif min(counts.key) < 1.6 * spread:
            reason = f"{min(counts.key):.0f} key bits: the equipartition property needs {1.6 * spread:.0f}"
        return secret_length(
            terms,
            epsilon_secret=epsilon_secret,
            epsilon_correct=epsilon_correct,
            theorem=f"{self.theorem}; {counts.chsh.label}",
            bounds=(
                ("chsh", counts.chsh.value),
                ("chsh_lower", s_low),
                ("chsh_upper", counts.chsh.upper(share)),
                ("eve_information", chi),
            ),
            reason=reason,
        )


def expected_block(
    pairs: float, qber: float, *, chsh: float | None = None, all_rounds: bool = False, rounds: float = 0.0
) -> ChshBlock:
    """Expected counts of E91 with its nine settings equally likely: 2/9 of the pairs key, 4/9 test.

    ``chsh`` where it is not that of depolarised pairs, 2 sqrt2 (1 - 2 qber); the four correlators are taken alike.
    """
    require(pairs >= 0.0, f"pairs {pairs}: a count cannot be negative")
    s = chsh_of_qber(qber) if chsh is None else chsh
    require(-4.0 <= s <= 4.0, f"chsh {s}: lies in [-4, 4]")
    each, against = pairs / 9.0, (1.0 - s / 4.0) / 2.0
    return ChshBlock(
        (each, each),
        (each,) * 4,
        (against * each,) * 4,
        (qber * each, qber * each),
        all_rounds,
        True,
        max(rounds, pairs),
    )
