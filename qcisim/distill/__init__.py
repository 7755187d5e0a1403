"""From sifted bits to secret key: sift, estimate, reconcile, verify, amplify."""

from qcisim.distill import entries  # noqa: F401 - imported so that they register
from qcisim.distill.block import Block, Stage
from qcisim.distill.cascade import CascadeCorrector, CascadeReference
from qcisim.distill.cascade_plan import VARIANTS, CascadePlan
from qcisim.distill.disclosure import disclosed_bits
from qcisim.distill.estimate import ErrorEstimate, estimate_errors, sample_positions, without
from qcisim.distill.ldpc import LdpcCorrector, LdpcReference
from qcisim.distill.ldpc_plan import LdpcPlan
from qcisim.distill.limits import efficiency, one_way_leakage, shannon_leakage
from qcisim.distill.sift import Sifted, per_setting, sift
from qcisim.distill.toeplitz import (
    RoundingError,
    leftover_hash_length,
    modified_toeplitz_hash,
    toeplitz_hash,
    toeplitz_seed_bits,
)
from qcisim.distill.verify import (
    VERIFICATION_BITS,
    undetected_error_bound,
    verification_epsilon,
    verification_key,
    verification_shortfall,
    verification_tag,
)

__all__ = [
    "VARIANTS",
    "VERIFICATION_BITS",
    "Block",
    "CascadeCorrector",
    "CascadePlan",
    "CascadeReference",
    "ErrorEstimate",
    "LdpcCorrector",
    "LdpcPlan",
    "LdpcReference",
    "RoundingError",
    "Sifted",
    "Stage",
    "disclosed_bits",
    "efficiency",
    "estimate_errors",
    "leftover_hash_length",
    "modified_toeplitz_hash",
    "one_way_leakage",
    "per_setting",
    "sample_positions",
    "shannon_leakage",
    "sift",
    "toeplitz_hash",
    "toeplitz_seed_bits",
    "undetected_error_bound",
    "verification_epsilon",
    "verification_key",
    "verification_shortfall",
    "verification_tag",
    "without",
]
