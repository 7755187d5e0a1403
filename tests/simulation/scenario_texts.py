from __future__ import annotations

import copy
from typing import Any

import pytest
import yaml

from qcisim.errors import ScenarioError
from qcisim.simulation.load import load_scenario
from qcisim.simulation.scenario import Scenario

PLAIN: dict[str, Any] = {
    "nodes": {
        "a": {"lat": 50.0, "lon": 5.0},
        "m": {"lat": 50.1, "lon": 5.1, "role": "trusted"},
        "b": {"lat": 50.2, "lon": 5.2},
    },
    "links": {
        "a-m": {"between": ["a", "m"], "fibre": {"length_km": 10}},
        "m-b": {"between": ["m", "b"], "fibre": {"length_km": 20}},
    },
    "demands": {"d": {"from": "a", "to": "b", "keys_per_s": 1}},
}


def changed(**values: Any) -> str:
    """YAML of the plain scenario with dotted keys (``__`` for the dot) put to values; None takes a key away."""
    data = copy.deepcopy(PLAIN)
    for key, value in values.items():
        *steps, last = key.split("__")
        part = data
        for step in steps:
            part = part.setdefault(step.replace("_to_", "-"), {})
        if value is None:
            part.pop(last)
        else:
            part[last] = value
    return str(yaml.safe_dump(data, sort_keys=False))


def load(**values: Any) -> Scenario:
    return load_scenario(changed(**values))


def refused(text: str, *overrides: str) -> str:
    """The text of the error that ``text`` gives."""
    with pytest.raises(ScenarioError) as caught:
        load_scenario(text, overrides)
    return str(caught.value)
