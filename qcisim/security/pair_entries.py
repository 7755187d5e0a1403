"""The registry entries of bounds for entangled pairs and for hubs with two senders."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from qcisim.registry import Entry, register
from qcisim.security.bbm92 import Bbm92
from qcisim.security.e91 import ChshFinite
from qcisim.security.mdi_asymptotic import MdiAsymptotic
from qcisim.security.mdi_finite import MdiFinite

_STATIONS = "side channels of the stations, detection efficiency that depends on the basis or on the bit"
_SENDERS = (
    "side channels of the senders, imperfect phase randomisation, intensity fluctuations, encoding flaws; the hub and "
    "its detectors may be anybody's"
)


def _register_bound(
    make: Callable[[], Any],
    summary: str,
    models: str,
    domain: str,
    *,
    attacks: str,
    settings: str,
    counts: str,
    optimised: str,
    ignores: str,
    post_processing: str = "one-way; two-way reconciliation with the error pattern public",
    finite: str = "yes",
) -> None:
    made = make()
    register(
        Entry(
            kind="bound",
            name=made.name,
            summary=summary,
            models=models,
            ignores=ignores,
            domain=domain,
            source=made.theorem,
            facts=(
                ("attack_class", attacks),
                ("post_processing", post_processing),
                ("optimised_over", optimised),
                ("settings", settings),
                ("counts", counts),
                ("finite_size", finite),
                ("uses_of_epsilon", "; ".join(name for name, _ in made.epsilon_shares(1e-10))),
                ("length_policy", "fixed only" if made.fixed_length_only else "fixed or variable"),
            ),
            make=make,
        )
    )


_register_bound(
    Bbm92,
    "Entangled pairs measured in two bases (BBM92), finite key",
    "smooth entropies by the uncertainty relation, test sample without replacement (Serfling), any source of pairs",
    "coincidences of two stations with random basis choice; a tolerated error rate fixed before the block",
    attacks="coherent",
    settings="0 (pairs have no intensities)",
    counts="coincidences",
    optimised="nothing",
    ignores=_STATIONS,
)
for _game in (False, True):
    _register_bound(
        partial(ChshFinite, game=_game),
        "E91: key length from the CHSH value of coincidences, finite key"
        + (", CHSH game with equally likely settings" if _game else ""),
        "S from below by exact intervals of "
        + ("the share of rounds won" if _game else "four correlators")
        + ", Eve's information chi(S), equipartition for finite blocks; coincidences stand for all rounds",
        "independent, alike rounds; fair sampling; qubits measured along the directions said, where errors have public "
        "positions; a tolerated S fixed before the block",
        attacks="collective",
        settings="0 (pairs have no intensities)",
        counts="CHSH rounds",
        optimised="nothing",
        ignores="rounds that depend on each other, the detection loophole; " + _STATIONS,
    )
    _register_bound(
        partial(ChshFinite, device_independent=True, game=_game),
        "Device-independent key from the CHSH value of all rounds, finite key"
        + (", CHSH game with equally likely settings" if _game else ""),
        "as e91 with every lost photon counted as an outcome; refuses blocks that hold coincidences only",
        "independent, alike rounds; detectors above 92.3 % of efficiency; a tolerated S fixed before the block",
        attacks="collective",
        settings="0 (pairs have no intensities)",
        counts="CHSH rounds, all of them",
        optimised="nothing",
        ignores="rounds that depend on each other (coherent attacks need entropy accumulation); leaks out of the rooms",
        post_processing="one-way: positions of errors that are disclosed are leakage as well",
    )
_register_bound(
    MdiFinite,
    "MDI-QKD with one signal and three decoys per sender, finite key; experimental",
    "single-photon pairs and their errors from nine test counts by Chernoff intervals, phase error by sampling without "
    "replacement; signals and decoys of the two senders are free of each other",
    "decoys mu > nu > omega >= 0 of each sender; both senders' phases random; no reference case exists",
    attacks="coherent",
    settings="4 per sender",
    counts="successes of a hub",
    optimised="intensities of each sender and their probabilities, where asked for (qcisim.security.mdi_optimise)",
    ignores=_SENDERS,
)
_register_bound(
    MdiAsymptotic,
    "What the finite MDI bound tends to for infinitely long blocks",
    "single-photon pairs and their errors from nine test counts without any statistical deviation",
    "planning and comparison; not a claim about any finite block",
    attacks="coherent in the limit of infinitely long blocks",
    settings="4 per sender",
    counts="successes of a hub",
    optimised="intensities of each sender and their probabilities, where asked for (qcisim.security.mdi_optimise)",
    ignores=_SENDERS + "; every finite-size effect",
    finite="no, the limit of infinitely long blocks",
)
