"""Configurations that can be read from YAML files."""

from qcisim.squidasm.alias.refusal import refuse_unknown
from qcisim.squidasm.run.stack.loadable import YamlLoadable

__all__ = ["YamlLoadable"]

__getattr__ = refuse_unknown(__name__)
