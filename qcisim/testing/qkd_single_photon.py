"""Single photons: secret fractions, thresholds, sifting, attacks, Tomamichel 2012, small blocks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from qcisim import security
from qcisim.quantum import bell_state, chsh_value, werner_state
from qcisim.security import SecretLength, link_models, sifting
from qcisim.security.preprocessing import bb84_threshold_with_flips
from qcisim.testing.cases import Unsupported

Params = Mapping[str, Any]


def _bb84_fraction(p: Params) -> float:
    return security.bb84_fraction(p["qber_z"], p["qber_x"], p["f_ec"])


def _six_state_fraction(p: Params) -> float:
    return security.six_state_fraction(p["qber"], p["f_ec"])


def _bb84_threshold(p: Params) -> float:
    if "f_ec" not in p:
        raise Unsupported("thresholds with two-way post-processing are not computed")
    return security.bb84_threshold(p["f_ec"])


def _bb84_threshold_with_flips(p: Params) -> float:
    if p["preprocessing"] != "optimal":
        raise Unsupported(f"no threshold for the preprocessing '{p['preprocessing']}'")
    return bb84_threshold_with_flips()


def _six_state_threshold(p: Params) -> float:
    return security.six_state_threshold(p["f_ec"])


def _bell_fraction(p: Params) -> float:
    return security.bell_diagonal_fraction(p["bell"])


def _two_basis_sifting(p: Params) -> float:
    return sifting.same_basis_fraction((p["p_x"], 1.0 - p["p_x"]))


def _three_basis_sifting(p: Params) -> float:
    return sifting.same_basis_fraction((p["p"], p["p"], 1.0 - 2.0 * p["p"]))


def _e91_sifting(p: Params) -> float:
    third = 1.0 / 3.0
    return sifting.coinciding_fraction({0.0: third, 45.0: third, 90.0: third}, {45.0: third, 90.0: third, 135.0: third})


def _b92_sifting(p: Params) -> float:
    return sifting.b92_fraction(p["overlap"])


def _intercept_qber(p: Params) -> float:
    channel = security.intercept_resend(p["fraction"], p["bases"])
    return (security.error_rate(channel, 0) + security.error_rate(channel, 1)) / 2.0


def _breidbart_guess(p: Params) -> float:
    return security.guessing_probability(security.breidbart())


def _chsh(p: Params) -> float:
    return chsh_value(werner_state((1.0 + 3.0 * (1.0 - 2.0 * p["qber"])) / 4.0))


def _largest_chsh(p: Params) -> float:
    return max(chsh_value(bell_state(index)) for index in range(4))


def _local_qber(p: Params) -> float:
    return security.threshold(lambda qber: _chsh({"qber": qber}) - 2.0)


def _chsh_fidelity(p: Params) -> float:
    return 1.0 - security.threshold(lambda lost: chsh_value(werner_state(1.0 - lost)) - 2.0)


def _tomamichel(p: Params) -> SecretLength:
    counts = link_models.single_photon_counts(p["n"], p["k"], p["q_tol"])
    return security.Tomamichel2012(p["prep_quality"]).secret_length(
        counts,
        link_models.planned_leak_bits(counts, p["xi_ec"]),
        epsilon_secret=p["eps_sec"],
        epsilon_correct=p["eps_cor"],
    )


def _tomamichel_bits(p: Params) -> int:
    return _tomamichel(p).bits


def _tomamichel_rate(p: Params) -> float:
    return security.expected_rate(
        p["n"],
        p["qber"],
        p["q_tol"],
        test_basis_probability=p["p_minority_basis"],
        epsilon_per_bit=p["eps_per_key_bit"],
        efficiency=1.1,
    )


def _small_block(p: Params) -> int:
    return security.small_block_length(
        p["m"],
        p["k"],
        p["qber"],
        p["xi"],
        p["nu"],
        tag_bits=p["t_bits"],
        epsilon=p["eps_qkd"],
        efficiency=p["f_ec"],
    )


ADAPTERS: dict[tuple[str, str], Callable[[Params], Any]] = {
    ("secret_fraction", "secret_fraction of BB84"): _bb84_fraction,
    ("secret_fraction", "secret_fraction of six-state"): _six_state_fraction,
    ("secret_fraction", "critical_qber of BB84"): _bb84_threshold,
    ("secret_fraction", "critical_qber of six-state"): _six_state_threshold,
    ("preprocessing", "critical_qber"): _bb84_threshold_with_flips,
    ("werner", "secret_fraction"): _bell_fraction,
    ("sifting", "sifting_fraction of BB84"): _two_basis_sifting,
    ("sifting", "sifting_fraction of six-state"): _three_basis_sifting,
    ("sifting", "sifting_fraction of E91"): _e91_sifting,
    ("sifting", "sifting_fraction of B92"): _b92_sifting,
    ("attack", "sifted_qber of BB84"): _intercept_qber,
    ("attack", "eve_guessing_probability of BB84"): _breidbart_guess,
    ("di_chsh", "chsh_S"): _chsh,
    ("di_chsh", "max_chsh"): _largest_chsh,
    ("di_chsh", "qber_at_S_equals_2"): _local_qber,
    ("werner", "min_fidelity_for_CHSH_violation"): _chsh_fidelity,
    ("tomamichel2012", "key_length"): _tomamichel_bits,
    ("tomamichel2012", "expected_key_rate"): _tomamichel_rate,
    ("small_block", "key_length"): _small_block,
}
