"""Repeaters that swap as soon as both of their links are up."""

from qcisim.squidasm.alias.netsquid_netbuilder.modules.qrep_chain_control.interface import IQRepChainControlConfig
from qcisim.squidasm.alias.refusal import refuse_unknown
from qcisim.squidasm.run.stack.loadable import Number
from qcisim.stack.topology import SwapAsap

__all__ = ["SwapASAPConfig"]


class SwapASAPConfig(IQRepChainControlConfig):
    """``cutoff_time`` (ns): no qubit waits longer; None or 0 for no limit."""

    cutoff_time: Number | None = None
    parallel_link_generation: bool = True

    def to_control(self) -> SwapAsap:
        """As `qcisim.stack` wants it."""
        return SwapAsap(self.cutoff_time or None, self.parallel_link_generation)


__getattr__ = refuse_unknown(__name__)
