"""Concentration bounds and capacities."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from qcisim import security
from qcisim.security import capacity

Params = Mapping[str, Any]
SMALL_TRANSMITTANCE = 1e-12  # stands for the limit "-> 0"; PLOB deviates from it by eta/2


def _hoeffding(p: Params) -> float:
    return security.hoeffding_deviation(p["n"], p["eps"])


def _serfling(p: Params) -> float:
    return security.serfling_deviation(p["n"], p["k"], p["eps_sec"] / 4.0)


def _gamma(p: Params) -> float:
    return security.sampling_gamma(p["a"], p["b"], p["c"], p["d"], uses=21)


def _chernoff_lower(p: Params) -> float:
    return security.chernoff_interval(p["count"], p["count"], p["eps"])[0]


def _chernoff_upper(p: Params) -> float:
    return security.chernoff_interval(p["count"], p["count"], p["eps"])[1]


def _clopper_pearson_upper(p: Params) -> float:
    return security.clopper_pearson_upper(p["k"], p["n"], p["eps"])


def _clopper_pearson_lower(p: Params) -> float:
    return security.clopper_pearson_lower(p["k"], p["n"], p["eps"])


def _plob(p: Params) -> float:
    return capacity.plob(p["eta"])


def _plob_over_eta(p: Params) -> float:
    return capacity.plob(SMALL_TRANSMITTANCE) / SMALL_TRANSMITTANCE


def _tgw(p: Params) -> float:
    return capacity.tgw(p["eta"])


def _repeater(p: Params) -> float:
    return capacity.repeater_capacity(p["eta"], p["repeaters"])


def _thermal(p: Params) -> float:
    return capacity.plob_thermal(p["eta"], p["nbar"])


ADAPTERS: dict[tuple[str, str], Callable[[Params], Any]] = {
    ("bound", "count_deviation"): _hoeffding,
    ("bound", "qber_deviation_mu"): _serfling,
    ("bound", "phase_error_deviation_gamma"): _gamma,
    ("bound", "expectation_lower_bound"): _chernoff_lower,
    ("bound", "expectation_upper_bound"): _chernoff_upper,
    ("bound", "probability_upper_bound"): _clopper_pearson_upper,
    ("bound", "probability_lower_bound"): _clopper_pearson_lower,
    ("capacity", "plob_bound"): _plob,
    ("capacity", "plob_over_eta_limit"): _plob_over_eta,
    ("capacity", "tgw_bound"): _tgw,
    ("capacity", "repeater_capacity"): _repeater,
    ("capacity", "thermal_loss_upper_bound"): _thermal,
}
