"""Programs take nothing from netsquid_driver; its name says so."""

from qcisim.squidasm.alias.refusal import refuse_unknown

__getattr__ = refuse_unknown(__name__)
