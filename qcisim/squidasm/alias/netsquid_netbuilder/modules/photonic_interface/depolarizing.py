"""An interface that loses photons and depolarises pairs."""

from qcisim.squidasm.alias.netsquid_netbuilder.modules.photonic_interface.interface import IPhotonicInterfaceConfig
from qcisim.squidasm.alias.refusal import refuse_unknown
from qcisim.squidasm.run.stack.loadable import Number

__all__ = ["DepolarizingPhotonicInterfaceConfig"]


class DepolarizingPhotonicInterfaceConfig(IPhotonicInterfaceConfig):
    """``prob_max_mixed``: the pair is white; ``p_loss``: the attempt fails."""

    prob_max_mixed: Number = 0.0
    p_loss: Number = 0.0


__getattr__ = refuse_unknown(__name__)
