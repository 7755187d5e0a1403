"""Entangled pairs: BBM92, E91, device independence, cloning and flips."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from qcisim import security
from qcisim.quantum import bb84_ket, bell_state, identity
from qcisim.security import cloning, device_independent, e91
from qcisim.security.chsh import chsh_at
from qcisim.security.pair_link import Coincidences, ContinuousPairLink, PulsedPairLink, bbm92_rate

Params = Mapping[str, Any]
FEW_PAIRS = 1e-6  # stands for the limit "-> 0"; the error rate deviates from it by about mu/2 / eta at most


def _pulsed(p: Params) -> PulsedPairLink:
    return PulsedPairLink(p["eta_A"], p["eta_B"], p["Y0_A"], p["Y0_B"], p["e_d"])


def _mean_pairs(p: Params) -> float:
    return FEW_PAIRS if p["mu"] == "-> 0" else float(p["mu"])


def _pulsed_gain(p: Params) -> float:
    return _pulsed(p).observed(_mean_pairs(p)).gain


def _pulsed_qber(p: Params) -> float:
    return _pulsed(p).observed(_mean_pairs(p)).qber


def _pulsed_rate(p: Params) -> float:
    return bbm92_rate(_pulsed(p).observed(_mean_pairs(p)), p["f_ec"])


def _continuous(p: Params) -> Coincidences:
    link = ContinuousPairLink(
        p["eta_A"], p["eta_B"], p["dark_A"], p["dark_B"], p["t_cc"], p["t_delta"], p["e_pol"]
    )  # dark counts per side
    return link.observed(p["brightness"])


def _continuous_rate(p: Params) -> float:
    return _continuous(p).rate_bit_per_s(p["f_ec"])


def _continuous_qber(p: Params) -> float:
    return _continuous(p).qber


def _di_fraction(p: Params) -> float:
    if "flip" in p:
        return device_independent.noisy_fraction(p["qber"], p["S"], p["flip"])
    return device_independent.chsh_fraction(p["qber"], p["S"])


def _di_threshold(p: Params) -> float:
    if p.get("preprocessing") == "optimal":
        return device_independent.critical_qber_with_noise()
    return device_independent.critical_qber()


def _di_efficiency(p: Params) -> float:
    return device_independent.critical_efficiency(keep_flag=p["keep_flag"])


def _violation_efficiency(p: Params) -> float:
    return device_independent.critical_efficiency_for_violation()


def _intercepted_chsh(p: Params) -> float:
    """A singlet at E91's settings, one particle measured along an axis of their plane and resent."""
    channel = identity().tensor(security.measure_resend(1.0, 0.3))  # any angle
    alice = tuple(e91.ALICE_DEG[i] for i in e91.CHSH_ALICE)
    bob = tuple(e91.BOB_DEG[i] for i in e91.CHSH_BOB)
    return abs(chsh_at(channel.apply(bell_state(3)), (alice[0], alice[1]), (bob[0], bob[1]), e91.CHSH_MINUS))


def _clone_fidelity(p: Params) -> float:
    ket = bb84_ket(1, 0)
    return float((ket.conj() @ cloning.universal_cloner().apply(np.outer(ket, ket.conj())) @ ket).real)


def _cloner_crossing(p: Params) -> float:
    def advantage(qber: float) -> float:
        bob, eve = cloning.individual_information(qber)
        return bob - eve

    return security.threshold(advantage)


ADAPTERS: dict[tuple[str, str], Callable[[Params], Any]] = {
    ("spdc", "gain"): _pulsed_gain,
    ("spdc", "qber"): _pulsed_qber,
    ("spdc", "key_rate"): _pulsed_rate,
    ("neumann", "key_rate"): _continuous_rate,
    ("neumann", "qber"): _continuous_qber,
    ("di_chsh", "secret_fraction"): _di_fraction,
    ("di_chsh", "critical_qber"): _di_threshold,
    ("di_loss", "critical_detection_efficiency of DI-QKD"): _di_efficiency,
    ("di_loss", "critical_detection_efficiency of E91"): _violation_efficiency,
    ("attack", "abs_chsh"): _intercepted_chsh,
    ("attack", "clone_fidelity"): _clone_fidelity,
    ("attack", "qber_where_I_AB_equals_I_AE"): _cloner_crossing,
}
