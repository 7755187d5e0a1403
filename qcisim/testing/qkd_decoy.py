"""Weak coherent pulses with decoys: Ma 2005, Lim 2014, Rusca 2018, Wiesemann 2024."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from qcisim import security
from qcisim.security import BlockCounts, Objective, SecretLength, SourceSettings, link_models, ma2005, sifting
from qcisim.testing.cases import Unsupported
from qcisim.units import transmittance_from_db

Params = Mapping[str, Any]
LIM2014_LINK = {
    "eta_bob": 0.1,
    "p_dc": 6e-7,
    "p_ap": 0.04,
    "e_mis": 0.005,
    "alpha": 0.2,
    "f_ec": 1.16,
    "eps_cor": 1e-15,
}
"""The link of Lim et al., PRA 89, 022307 (2014), Sec. IV, for cases that do not repeat it."""


def _gys_link(p: Params, distance_km: float | None = None) -> ma2005.ThresholdLink:
    length = p["distance_km"] if distance_km is None else distance_km
    return ma2005.ThresholdLink(p["eta_bob"] * transmittance_from_db(p["alpha"] * length), p["Y0"], p["e_d"])


def _vacuum_weak(p: Params, link: ma2005.ThresholdLink) -> ma2005.SinglePhoton:
    return ma2005.vacuum_weak(link.observed(p["mu"]), link.observed(p["nu"]), p["Y0"])


def _estimate(p: Params, link: ma2005.ThresholdLink) -> ma2005.SinglePhoton:
    estimator = p.get("estimator", "vacuum+weak")
    if estimator == "infinite":
        return link.single_photon()
    if estimator == "vacuum+weak":
        return _vacuum_weak(p, link)
    if estimator == "one decoy":
        return ma2005.one_decoy(link.observed(p["mu"]), link.observed(p["nu"]))
    raise Unsupported(f"unknown estimator '{estimator}'")


def _gys_rate(p: Params, distance_km: float | None = None) -> float:
    link = _gys_link(p, distance_km)
    return ma2005.key_rate(link.observed(p["mu"]), _estimate(p, link), p["f_ec"])


def _gys_reach(p: Params) -> float:
    return ma2005.reach_km(lambda length: _gys_rate(p, length))


def _gys_optimum(p: Params) -> float:
    return ma2005.optimal_intensity(p["e_d"], p["f_ec"])


def _gys_yield_gap(p: Params) -> float:
    link = _gys_link(p)
    true = link.single_photon().yield_per_pulse
    return (true - _vacuum_weak(p, link).yield_per_pulse) / true


def _gys_error_gap(p: Params) -> float:
    link = _gys_link(p)
    true = link.single_photon().error_rate
    return (_vacuum_weak(p, link).error_rate - true) / true


def _gys_gain(p: Params) -> float:
    return _gys_link(p).observed(p["mu"]).gain


def _gys_qber(p: Params) -> float:
    return _gys_link(p).observed(p["mu"]).qber


def _gys_yield(p: Params) -> float:
    return _estimate(p, _gys_link(p)).yield_per_pulse


def _gys_error(p: Params) -> float:
    return _estimate(p, _gys_link(p)).error_rate


def _lim_counts(p: Params) -> SecretLength:
    counts = BlockCounts(tuple(p["mu"]), tuple(p["p"]), tuple(p["n_x"]), tuple(p["n_z"]), tuple(p["m_z"]))
    leak = p["lambda_ec"] if "lambda_ec" in p else _planned_leak(counts, p)
    return _lim_bound(p).secret_length(counts, leak, epsilon_secret=p["eps_sec"], epsilon_correct=p["eps_cor"])


def _planned_leak(counts: BlockCounts, p: Params) -> float:
    return link_models.planned_leak_bits(counts.with_key_errors(tuple(p["qber_x"] * n for n in counts.key)), p["f_ec"])


def _lim_bound(p: Params) -> security.Bound:
    return security.bound(p["bound_name"])


def _lim(name: str) -> Callable[[Params], int]:
    return lambda p: _lim_counts({**p, "bound_name": name}).bits


def _lim_capped(p: Params) -> int:
    names = {"hoeffding": "lim2014_capped", "chernoff": "lim2014_chernoff_capped"}
    return _lim_counts({**p, "bound_name": names[p["bound"]]}).bits


def _lim_model(p: Params) -> link_models.Lim2014Model:
    eta = p["eta_bob"] * transmittance_from_db(p["alpha"] * p["distance_km"])
    return link_models.Lim2014Model(eta, p["p_dc"], p["p_ap"], p["e_mis"])


def _lim_block(p: Params) -> BlockCounts:
    probabilities = (p["p_mu1"], p["p_mu2"], 1.0 - p["p_mu1"] - p["p_mu2"])
    settings = SourceSettings((p["mu1"], p["mu2"], p["mu3"]), probabilities, p["q_x"])
    return link_models.counts_for_key_bits(_lim_model(p), settings, p["n_x"])


def _lim_channel(p: Params) -> SecretLength:
    counts = _lim_block(p)
    leak = link_models.planned_leak_bits(counts, p["f_ec"])
    bound = security.bound("lim2014")
    if "kappa" in p:
        return security.self_consistent_length(
            bound, counts, leak, epsilon_secret_per_bit=p["kappa"], epsilon_correct=p["eps_cor"]
        )
    return bound.secret_length(counts, leak, epsilon_secret=p["eps_sec"], epsilon_correct=p["eps_cor"])


def _lim_rate(p: Params) -> float:
    return _lim_channel(p).bits / _lim_block(p).rounds


def _lim_optimum(p: Params) -> float:
    p = {**LIM2014_LINK, **p}
    model, bound = _lim_model(p), security.bound("lim2014")

    def expected(settings: SourceSettings) -> BlockCounts:
        return link_models.counts_for_key_bits(model, settings, p["n_x"])

    best = security.optimise(
        expected,
        bound,
        SourceSettings((0.5, 0.18, p["mu3"]), (0.4, 0.35, 0.25), 0.8),
        epsilon_secret=1e-10,
        epsilon_correct=p["eps_cor"],
        efficiency=p["f_ec"],
        epsilon_secret_per_bit=p["kappa"],
        keep_weakest=True,
    )
    objective = Objective(bound, 1e-10, p["eps_cor"], p["f_ec"], epsilon_secret_per_bit=p["kappa"])
    return max(0.0, objective.bits_per_pulse(expected(best)))


def _lim_ratio(p: Params) -> float:
    return _lim_optimum({**p, "n_x": 1e9}) / _lim_optimum({**p, "n_x": 1e7})


def _lim_reach(p: Params) -> float:
    low, high = 0.0, 250.0
    while high - low > 1.0:
        middle = (low + high) / 2.0
        low, high = (middle, high) if _lim_optimum({**p, "distance_km": middle}) > 0.0 else (low, middle)
    return low


def _two_settings(p: Params, key_basis_probability: float) -> SourceSettings:
    return SourceSettings((p["mu1"], p["mu2"]), (p["p_mu1"], 1.0 - p["p_mu1"]), key_basis_probability)


def _rusca(p: Params) -> int:
    model = link_models.Rusca2018Model(transmittance_from_db(p["loss_db"]), p["p_dc"], p["e_mis"])
    counts = link_models.counts_for_key_bits(model, _two_settings(p, p["p_z"]), p["n_z"])
    leak = link_models.planned_leak_bits(counts, p["f_ec"])
    return (
        security.bound("rusca2018")
        .secret_length(counts, leak, epsilon_secret=p["eps_sec"], epsilon_correct=p["eps_cor"])
        .bits
    )


def _wiesemann_counts(p: Params, settings: SourceSettings) -> BlockCounts:
    eta = transmittance_from_db(p["alpha"] * p["distance_km"])
    model = link_models.Wiesemann2024Model(eta, p["dark_count_hz"] / p["rate_hz"], p["e_mis"])
    if "n_bob" in p:
        return link_models.counts_for_sifted_bits(model, settings, p["n_bob"])
    return link_models.counts_after(model, settings, p["n_alice"])


def _wiesemann_rate(p: Params) -> float:
    objective = Objective(security.bound("wiesemann2024"), p["eps_sec"], p["eps_cor"], p["f_ec"])
    return objective.bits_per_pulse(_wiesemann_counts(p, _two_settings(p, p["p_x"]))) * float(p["rate_hz"])


def _wiesemann_optimum(p: Params) -> float:
    bound = security.bound("wiesemann2024")
    best = security.optimise(
        lambda settings: _wiesemann_counts(p, settings),
        bound,
        SourceSettings((0.5, 0.15), (0.5, 0.5), 0.8),
        epsilon_secret=p["eps_sec"],
        epsilon_correct=p["eps_cor"],
        efficiency=p["f_ec"],
    )
    objective = Objective(bound, p["eps_sec"], p["eps_cor"], p["f_ec"])
    return objective.bits_per_pulse(_wiesemann_counts(p, best)) * float(p["rate_hz"])


def _micius_sifting(p: Params) -> float:
    """Published counts of the pass: Liao et al., Nature 549, 43 (2017), 3,551,136 detections, 1,671,072 sifted bits."""
    detected, sifted = 3_551_136, 1_671_072
    half, rest = sifted / 2.0, (detected - sifted) / 2.0
    return sifting.sifted_share(np.array([[[half, rest], [rest, half]]]))


ADAPTERS: dict[tuple[str, str], Callable[[Params], Any]] = {
    ("gys", "key_rate"): _gys_rate,
    ("gys", "max_distance"): _gys_reach,
    ("gys", "optimal_mu"): _gys_optimum,
    ("gys", "relative_deviation_of_Y1_bound"): _gys_yield_gap,
    ("gys", "relative_deviation_of_e1_bound"): _gys_error_gap,
    ("gys", "gain"): _gys_gain,
    ("gys", "qber"): _gys_qber,
    ("gys", "Y1_lower"): _gys_yield,
    ("gys", "e1_upper"): _gys_error,
    ("lim2014", "key_length"): _lim("lim2014"),
    ("lim2014_chernoff", "key_length"): _lim("lim2014_chernoff"),
    ("lim2014_capped", "key_length"): _lim_capped,
    ("lim2014_channel", "key_length"): lambda p: _lim_channel(p).bits,
    ("lim2014_channel", "key_rate"): _lim_rate,
    ("lim2014_channel", "phase_error_upper_bound"): lambda p: _lim_channel(p).bound("phase_error_rate"),
    ("lim2014_channel", "single_photon_count_lower_bound"): lambda p: _lim_channel(p).bound("single_photon_key"),
    ("lim2014_channel", "optimised_key_rate"): _lim_optimum,
    ("lim2014_channel", "ratio_R(n=1e9)/R(n=1e7)"): _lim_ratio,
    ("lim2014_channel", "max_distance"): _lim_reach,
    ("rusca2018", "key_length"): _rusca,
    ("wiesemann2024", "key_rate"): _wiesemann_rate,
    ("wiesemann2024", "optimised_key_rate"): _wiesemann_optimum,
    ("invariant", "sifted_over_detected"): _micius_sifting,
}
