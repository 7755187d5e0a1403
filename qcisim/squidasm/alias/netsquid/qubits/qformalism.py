"""How states are kept."""

from __future__ import annotations

from enum import Enum
from typing import Literal

from qcisim.squidasm.alias.refusal import refuse_unknown
from qcisim.squidasm.session import session

__all__ = ["QFormalism", "get_qstate_formalism", "set_qstate_formalism"]


class QFormalism(Enum):
    """Kets, density matrices, stabilisers."""

    KET = 1
    DM = 2
    STAB = 3
    GSLC = 4
    SPARSEDM = 5


_OURS: dict[QFormalism, Literal["dm", "ket", "stabiliser"]] = {
    QFormalism.KET: "ket",
    QFormalism.DM: "dm",
    QFormalism.STAB: "stabiliser",
    QFormalism.GSLC: "stabiliser",
    QFormalism.SPARSEDM: "dm",
}


def stack_formalism(formalism: QFormalism) -> Literal["dm", "ket", "stabiliser"]:
    """As `qcisim.stack` names it."""
    if not isinstance(formalism, QFormalism):
        raise TypeError(f"formalism: wanted a QFormalism, got {formalism!r}")
    return _OURS[formalism]


def set_qstate_formalism(formalism: QFormalism) -> None:
    """Keep the states of the runs that follow as kets, density matrices or stabilisers.

    What the command was given by ``--formalism`` goes before that.
    """
    session.asked = stack_formalism(formalism)


def get_qstate_formalism() -> QFormalism:
    """The formalism of the runs that follow; DM where none was set."""
    known = {"ket": QFormalism.KET, "stabiliser": QFormalism.STAB}
    return known.get(session.kept, QFormalism.DM)


__getattr__ = refuse_unknown(__name__)
