"""Adapters of the QKD reference cases: they rename parameters and call the functions that the simulation uses.

Chosen by the model of a case and the quantity it asks for, never by its id, so that a file with other numbers runs too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from qcisim.testing import (
    entanglement_cases,
    qkd_decoy,
    qkd_entangled,
    qkd_mdi,
    qkd_postprocessing,
    qkd_satellite,
    qkd_single_photon,
    qkd_statistics,
)
from qcisim.testing.cases import Case, Unsupported

Params = Mapping[str, Any]
Adapter = Callable[[Params], Any]

ADAPTERS: dict[tuple[str, str], Adapter] = {
    **qkd_statistics.ADAPTERS,
    **qkd_single_photon.ADAPTERS,
    **qkd_decoy.ADAPTERS,
    **qkd_postprocessing.ADAPTERS,
    **qkd_satellite.ADAPTERS,
    **entanglement_cases.QKD_ADAPTERS,
    **qkd_entangled.ADAPTERS,
    **qkd_mdi.ADAPTERS,
}
"""By (model, quantity); a quantity may be refined as "quantity of protocol" where a model serves several."""


def adapter(case: Case) -> Callable[[Case], Any]:
    """The adapter of a case; raises `Unsupported` where no function of the house covers it."""
    model, quantity = str(case.record["model"]), str(case.record.get("quantity", ""))
    protocol = str(case.record.get("protocol", ""))
    for key in ((model, f"{quantity} of {protocol}"), (model, quantity)):
        if key in ADAPTERS:
            function = ADAPTERS[key]
            return lambda one: function(one.record["params"])
    raise Unsupported(f"no function for the quantity '{quantity}' of the model '{model}'")
