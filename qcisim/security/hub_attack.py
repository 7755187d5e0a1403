"""A hub that lies: it announces Bell outcomes whatever arrived."""

from __future__ import annotations

from qcisim.errors import require
from qcisim.quantum import Channel, depolarising
from qcisim.registry import Entry, Parameter, register


def lying_hub(fraction: float) -> Channel:
    """The channel between the senders' bits that such announcements amount to: (1-f) rho + f tr(rho) I/2."""
    require(0.0 <= fraction <= 1.0, f"fraction {fraction}: lies in [0, 1]")
    return depolarising(fraction)


register(
    Entry(
        kind="attack",
        name="lying_hub",
        summary="The hub of MDI-QKD announces successes and Bell states at random in a share of the rounds",
        models="announcements as frequent as ever and independent of the light in ``fraction`` of the rounds: bits of "
        "both senders agree by chance, in both bases",
        ignores="Hubs that lie more cleverly: the bound holds for all of them, this one only shows it at work.",
        domain="fraction in [0, 1]; links with a hub",
        source="Lo, Curty, Qi, Phys. Rev. Lett. 108, 130503 (2012): nothing is assumed about the hub",
        parameters=(Parameter("fraction", "1", 0.0, 1.0, 1.0, "share of the rounds in which the hub lies"),),
        facts=(("attack_class", "individual"), ("assumption_violated", "none: the bound covers it")),
        make=lying_hub,
    )
)
