"""Adapters of the satellite cases about keys: SatQuMA, entangled pairs, the satellite as trusted node."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from qcisim.optics import Detector, LinkStates, Receiver
from qcisim.quantum import identity
from qcisim.units import transmittance_from_db

Params = Mapping[str, Any]
Adapter = Callable[[Params], float]


# SatQuMA


def _satquma_bits(p: Params) -> float:
    """The block of constant loss by SatQuMA's detection model, and the bound its key formula names."""
    from qcisim import security
    from qcisim.security.satquma import SatqumaModel

    model = SatqumaModel(
        np.array([transmittance_from_db(p["loss_db"])]),
        p["pulse_rate_hz"] * p["duration_s"],
        p["extraneous_count_probability"],
        p["afterpulse_probability"],
        p["intrinsic_qber"],
    )
    probabilities = (p["p_mu1"], p["p_mu2"], 1.0 - p["p_mu1"] - p["p_mu2"])
    settings = security.SourceSettings((p["mu1"], p["mu2"], p["mu3"]), probabilities, p["P_X_alice"])
    counts = model(settings)
    leak_bits = security.link_models.planned_leak_bits(counts, p["f_ec"])
    name = {"Chernoff": "lim2014_chernoff_capped", "Hoeffding": "lim2014_capped", "none": "asymptotic"}[p["tail_bound"]]
    return (
        security.bound(name)
        .secret_length(counts, leak_bits, epsilon_secret=p["eps_secrecy"], epsilon_correct=p["eps_correctness"])
        .bits
    )


def _fixed_cost_bits(p: Params) -> float:
    """What a block pays whatever its size: the terms of its secret length that no count enters."""
    from qcisim import security

    settings = security.SourceSettings((0.5, 0.1, 0.0), (0.7, 0.2, 0.1), 0.8)
    model = security.link_models.Lim2014Model(1e-3, 1e-7, 0.0, 0.01)
    length = security.bound("lim2014_chernoff").secret_length(
        security.link_models.counts_after(model, settings, 1e10),
        0.0,
        epsilon_secret=p["eps_secrecy"],
        epsilon_correct=p["eps_correctness"],
    )
    return -math.fsum(value for name, value in length.terms if name in ("secrecy", "verification"))


# Entangled pairs


def _fibre_loss_db(p: Params) -> float:
    from qcisim.optics import Fibre

    return Fibre(p["distance_km"], p["fibre_db_per_km"]).attenuation_db


def _decades_ahead(p: Params) -> float:
    return (_fibre_loss_db(p) - float(p["satellite_two_link_loss_db"])) / 10.0


def _implied_loss_db(p: Params) -> float:
    return _fibre_loss_db(p) - 10.0 * float(p["advantage_decades"])


def _pair_rate_hz(p: Params) -> float:
    """Two links with half of the loss each, detectors included, without noise; a window of 2.5 ns (assumed, usual)."""
    from qcisim.optics import ContinuousPairSource, pair_states

    window_s, one = 2.5e-9, np.ones(1)
    half = LinkStates(
        0.0 * one, (("downlink", one * p["two_link_loss_db"] / 2.0),), identity().kraus[None], (), 0.0 * one, 0.0 * one
    )
    side = Receiver(Detector(1.0, 0.0, gate_s=window_s), 0.5, 0.0, 0.0)
    source = ContinuousPairSource(p["pair_rate_hz"], window_s)
    return float(pair_states(source, half, half, side, side).coincidence_rate_hz[0])


def _pair_key_rate(p: Params) -> float:
    from qcisim.security import bb84_fraction

    return float(p["sifted_bit_per_s"]) * bb84_fraction(p["qber"], p["qber"], p["f_ec"])


# The satellite as trusted node


def _relayed_bits(p: Params) -> float:
    """Two stations' keys with a satellite, relayed by the key managers of a run, in keys of one byte.

    The case counts key; each link gets 32 bytes more for the authentication tag of the announcement.
    """
    from qcisim.keys.hop import TAG_KEY_BYTES
    from qcisim.keys.network import KeyNetwork

    network = KeyNetwork(
        ["station A", "satellite", "station B"],
        {"downlink A": ("station A", "satellite"), "downlink B": ("satellite", "station B")},
    )
    sizes = [p["key_station_a_bits"] // 8, p["key_station_b_bits"] // 8]
    for link, size in zip(("downlink A", "downlink B"), sizes, strict=True):
        network.deposit(link, np.random.default_rng(size).bytes(size + TAG_KEY_BYTES), epsilon=1e-10)
    relayed = network.relay(["station A", "satellite", "station B"], max(sizes), 8)
    return float(relayed.count * relayed.key_bits)


ADAPTERS: dict[str, Adapter] = {
    "sat-yin2017-pair-rate": _pair_rate_hz,
    "sat-yin2017-vs-fibre": _decades_ahead,
    "sat-yin2020-asymptotic-rate": _pair_key_rate,
    "sat-yin2020-loss-implied": _implied_loss_db,
    "sat-trusted-relay-xor": _relayed_bits,
    "sat-satquma-skl-30db-400s-chernoff": _satquma_bits,
    "sat-satquma-skl-30db-400s-asymptotic": _satquma_bits,
    "sat-satquma-skl-40db-400s-chernoff": _satquma_bits,
    "sat-finite-fixed-cost": _fixed_cost_bits,
}
