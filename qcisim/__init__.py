"""qcisim: from the photon to the delivered key.

``import qcisim`` is cheap; the names below load what they need when they are first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qcisim.simulation import Result, load_scenario, planned_passes, run

__version__ = "0.1.0"
__all__ = ["Result", "__version__", "load_scenario", "planned_passes", "run"]


def __getattr__(name: str) -> Any:
    if name in {"Result", "load_scenario", "planned_passes", "run"}:
        return getattr(importlib.import_module("qcisim.simulation"), name)
    raise AttributeError(f"module 'qcisim' has no attribute {name!r}")
