"""Names for annotations."""

from __future__ import annotations

from qcisim.squidasm.alias.refusal import refuse_unknown, words

__all__ = ["QuantumProcessor"]


class QuantumProcessor:
    """A name for annotations; processors are made by a network's configuration."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        raise NotImplementedError(words("making a netsquid.components.QuantumProcessor"))


__getattr__ = refuse_unknown(__name__)
