"""Bounds that name their theorem, policies that fix lengths before blocks, attacks as channels."""

import qcisim.security.entries as _entries  # noqa: F401  registers bounds, attacks and policies
from qcisim.security.acceptance import Acceptance, LengthRule, VariableLengthRule, plan_length
from qcisim.security.bound import Bound, bound
from qcisim.security.counts import BlockCounts
from qcisim.security.entropy import binary_entropy, inverse_binary_entropy, shannon_entropy
from qcisim.security.lim2014 import Lim2014
from qcisim.security.secret_length import SecretLength
from qcisim.security.statistics import (
    chernoff_interval,
    clopper_pearson_lower,
    clopper_pearson_upper,
    hoeffding_deviation,
    hoeffding_interval,
    qber_interval,
    sampling_gamma,
    serfling_deviation,
    serfling_tail,
)

__all__ = [
    "Acceptance",
    "BlockCounts",
    "Bound",
    "LengthRule",
    "Lim2014",
    "SecretLength",
    "VariableLengthRule",
    "binary_entropy",
    "bound",
    "chernoff_interval",
    "clopper_pearson_lower",
    "clopper_pearson_upper",
    "hoeffding_deviation",
    "hoeffding_interval",
    "inverse_binary_entropy",
    "plan_length",
    "qber_interval",
    "sampling_gamma",
    "serfling_deviation",
    "serfling_tail",
    "shannon_entropy",
]
