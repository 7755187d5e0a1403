"""Links that make pairs for programs: what the link layer of a stack samples from."""

from qcisim.stack.links.attempts import AttemptLink, depolarising_link, perfect_link
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
from qcisim.stack.links.midpoint import (
    Coincidence,
    Midpoint,
    Side,
    double_click_link,
    double_click_pair,
    heralded_link,
    single_click_link,
    single_click_pair,
)
from qcisim.stack.links.named import LINK_TYPES, link_model

__all__ = [
    "LINK_TYPES",
    "PHI_MINUS",
    "PHI_PLUS",
    "PSI_MINUS",
    "PSI_PLUS",
    "AttemptLink",
    "Coincidence",
    "Delivery",
    "LinkModel",
    "Midpoint",
    "NoPairError",
    "PairState",
    "Side",
    "depolarising_link",
    "double_click_link",
    "double_click_pair",
    "heralded_link",
    "link_model",
    "pair_state",
    "perfect_link",
    "single_click_link",
    "single_click_pair",
    "werner_pair",
]
