"""What configurations of repeater chains have in common."""

from qcisim.squidasm.alias.refusal import refuse_unknown
from qcisim.squidasm.run.stack.loadable import YamlLoadable

__all__ = ["IQRepChainControlConfig"]


class IQRepChainControlConfig(YamlLoadable):
    """Base of the configurations of how a chain is run."""


__getattr__ = refuse_unknown(__name__)
