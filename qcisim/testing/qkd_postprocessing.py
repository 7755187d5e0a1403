"""Reconciliation, verification, privacy amplification, authentication."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from qcisim import auth, distill
from qcisim.distill import CascadeCorrector, CascadePlan, CascadeReference
from qcisim.engine.random import stream
from qcisim.quantum import binary_entropy
from qcisim.testing.cases import Unsupported

Params = Mapping[str, Any]
FRAMES = 400
VARIANTS = {"original": "original", "yan et al., 10 passes": "yan", "BICONF, 2+10": "biconf"}


def _cascade_efficiency(p: Params) -> float:
    """f = disclosed bits / (n h(Q)) over `FRAMES` frames with exactly a share Q of all bits wrong, at random places."""
    frame, qber = int(p["frame"]), p["qber"]
    bits, rng = FRAMES * frame, stream(0, "reference cases/cascade")
    alice = rng.integers(0, 2, bits, dtype=np.uint8)
    bob = alice.copy()
    bob[rng.choice(bits, round(qber * bits), replace=False)] ^= 1
    plan = _cascade_plan(p, bits)
    reference, corrector = CascadeReference(alice, plan), CascadeCorrector(bob, plan)
    disclosed, query = 0, corrector.step(None)
    while query is not None:
        answer = reference.answer(query)
        disclosed += distill.disclosed_bits(answer)
        query = corrector.step(answer)
    return disclosed / (bits * binary_entropy(qber))


def _cascade_plan(p: Params, bits: int) -> CascadePlan:
    frame = int(p["frame"])
    if "algorithm" in p:
        if p["algorithm"] not in VARIANTS:
            raise Unsupported(f"Cascade variant '{p['algorithm']}'")
        return CascadePlan(bits, p["qber"], frame_bits=frame, variant=VARIANTS[p["algorithm"]])
    blocks = (p["k1"], p["k2"], p["k3"], *([-(-frame // 2)] * (p["passes"] - 3)))
    return CascadePlan(bits, p["qber"], frame_bits=frame, variant="near_optimal", blocks=blocks)


def _shannon(p: Params) -> float:
    return distill.shannon_leakage(p["n"], p["qber"])


def _one_way(p: Params) -> float:
    return distill.one_way_leakage(p["n"], p["qber"], p["eps_fail"])


def _verification(p: Params) -> float:
    return distill.undetected_error_bound(p["hash_bits"])


def _extractable(p: Params) -> int:
    return distill.leftover_hash_length(p["h_min"], p["eps_pa"])


def _seed_bits(p: Params) -> int:
    return distill.toeplitz_seed_bits(p["n"], p["l"])


def _toeplitz(p: Params) -> str:
    bits, seed = (np.frombuffer(p[name].encode(), np.uint8) - ord("0") for name in ("input", "seed"))
    return "".join(str(bit) for bit in distill.toeplitz_hash(bits, seed, p["l"]))


def _poly1305(p: Params) -> str:
    return auth.poly1305_tag(p["message"].encode(), bytes.fromhex(p["key"])).hex()


def _forgery(p: Params) -> float:
    if "tag_bits" in p:
        return auth.krawczyk_forgery_epsilon(p["message_bits"], p["tag_bits"])
    return auth.forgery_epsilon(p["message_bytes"])


def _tag_key(p: Params) -> int:
    return auth.tag_key_bits(p["tag_bits"])


ADAPTERS: dict[tuple[str, str], Callable[[Params], Any]] = {
    ("reconciliation", "f_ec"): _cascade_efficiency,
    ("reconciliation", "min_leakage_asymptotic"): _shannon,
    ("reconciliation", "one_way_leakage_finite"): _one_way,
    ("auth", "undetected_error_probability_bound"): _verification,
    ("leftover", "extractable_bits"): _extractable,
    ("leftover", "seed_bits"): _seed_bits,
    ("vector", "hash_output"): _toeplitz,
    ("vector", "tag"): _poly1305,
    ("auth", "forgery_probability_bound"): _forgery,
    ("auth", "key_bits_per_message"): _tag_key,
}
