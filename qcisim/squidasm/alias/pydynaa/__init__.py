"""The name that SquidASM programs take from pydynaa for their annotations."""

from __future__ import annotations

from qcisim.squidasm.alias.refusal import refuse_unknown

__all__ = ["EventExpression"]


class EventExpression:
    """What a program yields; only ever named in annotations."""


__getattr__ = refuse_unknown(__name__)
