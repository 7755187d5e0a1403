"""Importing this module says how to install netqasm where it is missing: it is an extra of qcisim."""

from __future__ import annotations

from qcisim.errors import InputError


class MissingExtraError(InputError, ModuleNotFoundError):
    """netqasm is not installed."""


try:
    import netqasm
except ModuleNotFoundError as error:
    if error.name != "netqasm":
        raise
    text = "SquidASM programs need the package netqasm, an extra of qcisim: pip install 'qcisim[netqasm]'"
    raise MissingExtraError(text, name="netqasm") from None

__all__ = ["MissingExtraError", "netqasm"]
