"""Links that make pairs for programs: what the link layer of a stack samples from."""

from qcisim.stack.links.delivery import (
    PHI_MINUS,
    PHI_PLUS,
    PSI_MINUS,
    PSI_PLUS,
    Delivery,
    LinkModel,
    NoPairError,
    PairState,
    pair_state,
    werner_pair,
)

__all__ = [
    "PHI_MINUS",
    "PHI_PLUS",
    "PSI_MINUS",
    "PSI_PLUS",
    "Delivery",
    "LinkModel",
    "NoPairError",
    "PairState",
    "pair_state",
    "werner_pair",
]
