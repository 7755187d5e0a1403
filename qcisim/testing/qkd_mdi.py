"""MDI-QKD with weak pulses and infinitely many decoys, and the interference behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from qcisim.optics import Fibre
from qcisim.security import ma2005, mdi_rate
from qcisim.security.conventions import dark_count_per_gate
from qcisim.security.mdi_finite import MdiFinite
from qcisim.security.mdi_hub import Hub, hom_visibility
from qcisim.security.mdi_optimise import optimise_arms
from qcisim.testing.cases import Unsupported
from qcisim.units import transmittance_from_db

Params = Mapping[str, Any]
WEAK = 1e-6  # stands for the limit "-> 0"
SINGLE_PHOTONS = {"phase-randomised coherent": False, "indistinguishable single photons": True}


def _hub(p: Params) -> Hub:
    return Hub(p["eta_a"], p["eta_b"], p["pd"], p["e_d"])


def _key_gain(p: Params) -> float:
    return _hub(p).key_basis(p["mu_a"], p["mu_b"]).gain


def _key_qber(p: Params) -> float:
    return _hub(p).key_basis(p["mu_a"], p["mu_b"]).qber


def _test_gain(p: Params) -> float:
    return _hub(p).test_basis(p["mu_a"], p["mu_b"]).gain


def _test_qber(p: Params) -> float:
    return _hub(p).test_basis(p["mu_a"], p["mu_b"]).qber


def _single_yield(p: Params) -> float:
    return _hub(p).single_photons().gain


def _single_qber(p: Params) -> float:
    return _hub(p).single_photons().qber


def _rate(p: Params) -> float:
    return mdi_rate.infinite_decoys(_hub(p), p["mu_a"], p["mu_b"], p["f_ec"])


def _yield_over_transmittances(p: Params) -> float:
    return Hub(0.1, 0.1, p["pd"]).single_photons().gain / 0.01  # any transmittances


def _weak_qber(p: Params) -> float:
    return Hub(0.1, 0.1, p["pd"], p["e_d"]).test_basis(WEAK, WEAK).qber  # equal arms


def _visibility(p: Params) -> float:
    if p["source"] not in SINGLE_PHOTONS:
        raise Unsupported(f"no visibility for the source '{p['source']}'")
    return hom_visibility(1.0, single_photons=SINGLE_PHOTONS[p["source"]])


def _reach_km(p: Params) -> float:
    """The hub in the middle, both senders with the one intensity that is best at this length."""

    def rate(length_km: float) -> float:
        eta = p["eta_d"] * transmittance_from_db(p["alpha"] * length_km / 2.0)
        hub = Hub(eta, eta, p["pd"], p["e_d"])
        return mdi_rate.infinite_decoys(hub, *mdi_rate.best_signals(hub, p["f_ec"], symmetric=True), p["f_ec"])

    return ma2005.reach_km(rate, 500.0)


def _arlon_bit_per_s(p: Params) -> float:
    """Finite key (experimental) of blocks of one day, intensities of each arm chosen for it.

    Assumed: 1.5 % of misalignment as in Lo, Curty, Qi (2012); an overlap of 0.98, pulses of random phase then show 48 %
    of Hong-Ou-Mandel visibility; gates as long as the clock period; f = 1.16.
    """
    arm_a, arm_b = (
        p["detector_efficiency"]
        * Fibre(length_km, p["attenuation_db_per_km"], connector_db=p["connector_db_per_leg"]).transmittance
        for length_km in p["legs_km"]
    )
    dark = dark_count_per_gate(p["dark_count_rate_hz"], 1.0 / p["clock_hz"])
    hub = Hub(arm_a, arm_b, dark, 0.015, 0.98)
    plan = optimise_arms(hub, MdiFinite(), p["clock_hz"] * 86400.0, epsilon_secret=1e-10, epsilon_correct=1e-15)
    return plan.bits_per_round * float(p["clock_hz"])


LINK_ADAPTERS: dict[str, Callable[[Params], float]] = {"fibre-be-lu-mdi-positive": _arlon_bit_per_s}

ADAPTERS: dict[tuple[str, str], Callable[[Params], Any]] = {
    ("mdi", "gain_rectilinear"): _key_gain,
    ("mdi", "qber_rectilinear"): _key_qber,
    ("mdi", "gain_diagonal"): _test_gain,
    ("mdi", "qber_diagonal"): _test_qber,
    ("mdi", "yield_single_photon_pair"): _single_yield,
    ("mdi", "e11_diagonal"): _single_qber,
    ("mdi", "key_rate"): _rate,
    ("mdi", "Y11/(eta_a eta_b)"): _yield_over_transmittances,
    ("mdi", "diagonal_qber"): _weak_qber,
    ("mdi", "max_hom_visibility"): _visibility,
    ("mdi", "max_distance"): _reach_km,
}
