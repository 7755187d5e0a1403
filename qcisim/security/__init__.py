"""Bounds that name their theorem, policies that fix lengths before blocks, attacks as channels."""

import qcisim.security.entries as _entries  # noqa: F401  registers bounds, attacks and policies
import qcisim.security.hub_attack as _hub_attack  # noqa: F401  registers the hub that lies
import qcisim.security.pair_entries as _pair_entries  # noqa: F401  registers bounds for pairs and for hubs
from qcisim.security import (
    capacity,
    ceilings,
    conventions,
    decoy,
    device_independent,
    link_models,
    ma2005,
    mdi_decoy,
    mdi_rate,
    sifting,
)
from qcisim.security.acceptance import VARIABLE_LENGTH_THEOREM, LengthRule, VariableLengthRule
from qcisim.security.asymptotic import (
    Asymptotic,
    bb84_fraction,
    bb84_threshold,
    bell_diagonal_fraction,
    six_state_fraction,
    six_state_threshold,
    threshold,
)
from qcisim.security.attacks import (
    best_collective,
    breidbart,
    environment_information,
    error_rate,
    guessing_probability,
    intercept_resend,
    intercept_resend_information,
    measure_resend,
)
from qcisim.security.bbm92 import Bbm92, counted_pairs, pair_counts
from qcisim.security.bound import Bound, bound
from qcisim.security.chsh import ChshCounts, chsh_at
from qcisim.security.counts import BlockCounts
from qcisim.security.e91 import ChshBlock, ChshFinite
from qcisim.security.entropy import binary_entropy, inverse_binary_entropy, shannon_entropy
from qcisim.security.lim2014 import Lim2014
from qcisim.security.mdi_asymptotic import MdiAsymptotic, finite_decoys
from qcisim.security.mdi_counts import ArmSettings, MdiCounts, expected_mdi_counts
from qcisim.security.mdi_finite import MdiFinite
from qcisim.security.mdi_hub import Hub, PairGain, hom_visibility
from qcisim.security.mdi_optimise import MdiPlan, optimise_arms
from qcisim.security.optimise import Objective, optimise
from qcisim.security.pair_link import ContinuousPairLink, PulsedPairLink, bbm92_fraction, bbm92_rate
from qcisim.security.pass_cells import PassCells, joined
from qcisim.security.pass_counts import PassModel, blocks_of, sum_counts
from qcisim.security.pass_plan import PassPlan, optimise_pass
from qcisim.security.phase_error import phase_error_by_sampling, phase_error_by_serfling
from qcisim.security.planning import plan_length
from qcisim.security.rusca2018 import Rusca2018
from qcisim.security.secret_length import SecretLength
from qcisim.security.self_consistent import self_consistent_length
from qcisim.security.settings import SourceSettings
from qcisim.security.small_block import small_block_length
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
from qcisim.security.tomamichel2012 import Tomamichel2012, expected_rate, rejection_probability
from qcisim.security.wiesemann2024 import Wiesemann2024

__all__ = [
    "VARIABLE_LENGTH_THEOREM",
    "ArmSettings",
    "Asymptotic",
    "Bbm92",
    "BlockCounts",
    "Bound",
    "ChshBlock",
    "ChshCounts",
    "ChshFinite",
    "ContinuousPairLink",
    "Hub",
    "LengthRule",
    "Lim2014",
    "MdiAsymptotic",
    "MdiCounts",
    "MdiFinite",
    "MdiPlan",
    "Objective",
    "PairGain",
    "PassCells",
    "PassModel",
    "PassPlan",
    "PulsedPairLink",
    "Rusca2018",
    "SecretLength",
    "SourceSettings",
    "Tomamichel2012",
    "VariableLengthRule",
    "Wiesemann2024",
    "bb84_fraction",
    "bb84_threshold",
    "bbm92_fraction",
    "bbm92_rate",
    "bell_diagonal_fraction",
    "best_collective",
    "binary_entropy",
    "blocks_of",
    "bound",
    "breidbart",
    "capacity",
    "ceilings",
    "chernoff_interval",
    "chsh_at",
    "clopper_pearson_lower",
    "clopper_pearson_upper",
    "conventions",
    "counted_pairs",
    "decoy",
    "device_independent",
    "environment_information",
    "error_rate",
    "expected_mdi_counts",
    "expected_rate",
    "finite_decoys",
    "guessing_probability",
    "hoeffding_deviation",
    "hoeffding_interval",
    "hom_visibility",
    "intercept_resend",
    "intercept_resend_information",
    "inverse_binary_entropy",
    "joined",
    "link_models",
    "ma2005",
    "mdi_decoy",
    "mdi_rate",
    "measure_resend",
    "optimise",
    "optimise_arms",
    "optimise_pass",
    "pair_counts",
    "phase_error_by_sampling",
    "phase_error_by_serfling",
    "plan_length",
    "qber_interval",
    "rejection_probability",
    "sampling_gamma",
    "self_consistent_length",
    "serfling_deviation",
    "serfling_tail",
    "shannon_entropy",
    "sifting",
    "six_state_fraction",
    "six_state_threshold",
    "small_block_length",
    "sum_counts",
    "threshold",
]
