"""What configurations of photonic interfaces have in common."""

from qcisim.squidasm.alias.refusal import refuse_unknown
from qcisim.squidasm.run.stack.loadable import YamlLoadable

__all__ = ["IPhotonicInterfaceConfig"]


class IPhotonicInterfaceConfig(YamlLoadable):
    """Base of the configurations of photonic interfaces."""


__getattr__ = refuse_unknown(__name__)
