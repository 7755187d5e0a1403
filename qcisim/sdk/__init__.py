"""The one import of a protocol author: programs, their context, the public channel, and the distillation verbs.

A protocol is a folder with one `Program` per party. A program is a generator over its `Context`: it sees its own record
of the quantum signals, its own randomness, and the messages it receives; nothing else. What it discloses is counted by
the transcript of the `PublicChannel`, not by a formula.
"""

from qcisim.distill import (
    VERIFICATION_BITS,
    Block,
    CascadeCorrector,
    CascadePlan,
    CascadeReference,
    Sifted,
    Stage,
    disclosed_bits,
    modified_toeplitz_hash,
    per_setting,
    sift,
    verification_epsilon,
    verification_key,
    verification_shortfall,
    verification_tag,
)
from qcisim.engine import Steps, Wait
from qcisim.errors import PhysicsError, ProtocolAbort
from qcisim.optics import AliceRecord, BobRecord
from qcisim.optics.hub_records import KEY_SETTING, PSI_MINUS, PSI_PLUS, HubRecord, flipped
from qcisim.sdk.channel import Message, PublicChannel, Record
from qcisim.sdk.context import BlockOutcome, Context, Port, Settings
from qcisim.sdk.counts import Counts
from qcisim.sdk.distillation import (
    RECONCILIATION_ATTEMPTS,
    Part,
    Share,
    amplified,
    counted,
    decide_length,
    distil_as_corrector,
    distil_as_reference,
    floats,
    outcome_of,
    prospect,
    read_errors,
    reconcile_as_corrector,
    reconcile_as_reference,
)
from qcisim.sdk.entry import Program, ProtocolEntry
from qcisim.sdk.pairs import PairRecord, PairSifting, sift_pairs_as_first, sift_pairs_as_second
from qcisim.sdk.payloads import Bits, numbers, pack, read_rounds, unpack, write_rounds
from qcisim.sdk.reconcilers import RECONCILERS, Corrector, Reconciler, Reference
from qcisim.security import ArmSettings, BlockCounts, LengthRule, MdiCounts, SecretLength, VariableLengthRule
from qcisim.security.e91 import ChshBlock

__all__ = [
    "KEY_SETTING",
    "PSI_MINUS",
    "PSI_PLUS",
    "RECONCILERS",
    "RECONCILIATION_ATTEMPTS",
    "VERIFICATION_BITS",
    "AliceRecord",
    "ArmSettings",
    "Bits",
    "Block",
    "BlockCounts",
    "BlockOutcome",
    "BobRecord",
    "CascadeCorrector",
    "CascadePlan",
    "CascadeReference",
    "ChshBlock",
    "Context",
    "Corrector",
    "Counts",
    "HubRecord",
    "LengthRule",
    "MdiCounts",
    "Message",
    "PairRecord",
    "PairSifting",
    "Part",
    "PhysicsError",
    "Port",
    "Program",
    "ProtocolAbort",
    "ProtocolEntry",
    "PublicChannel",
    "Reconciler",
    "Record",
    "Reference",
    "SecretLength",
    "Settings",
    "Share",
    "Sifted",
    "Stage",
    "Steps",
    "VariableLengthRule",
    "Wait",
    "amplified",
    "counted",
    "decide_length",
    "disclosed_bits",
    "distil_as_corrector",
    "distil_as_reference",
    "flipped",
    "floats",
    "modified_toeplitz_hash",
    "numbers",
    "outcome_of",
    "pack",
    "per_setting",
    "prospect",
    "read_errors",
    "read_rounds",
    "reconcile_as_corrector",
    "reconcile_as_reference",
    "sift",
    "sift_pairs_as_first",
    "sift_pairs_as_second",
    "unpack",
    "verification_epsilon",
    "verification_key",
    "verification_shortfall",
    "verification_tag",
    "write_rounds",
]
