"""The counter that tests of SquidASM set back; node numbers of qcisim always begin at 0."""

from qcisim.squidasm.alias.refusal import refuse_unknown

_node_ID_counter = -1

__getattr__ = refuse_unknown(__name__)
