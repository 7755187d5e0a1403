"""From sifted bits to secret key: sift, estimate, reconcile, verify, amplify."""

from qcisim.distill.cascade import CascadeCorrector, CascadeReference, disclosed_bits
from qcisim.distill.cascade_plan import CascadePlan
from qcisim.distill.toeplitz import RoundingError, leftover_hash_length, toeplitz_hash, toeplitz_seed_bits
from qcisim.distill.verify import (
    VERIFICATION_BITS,
    undetected_error_bound,
    verification_epsilon,
    verification_key,
    verification_tag,
)

__all__ = [
    "VERIFICATION_BITS",
    "CascadeCorrector",
    "CascadePlan",
    "CascadeReference",
    "RoundingError",
    "disclosed_bits",
    "leftover_hash_length",
    "toeplitz_hash",
    "toeplitz_seed_bits",
    "undetected_error_bound",
    "verification_epsilon",
    "verification_key",
    "verification_tag",
]
