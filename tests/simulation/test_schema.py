"""The JSON Schema: generated, committed, and true of what the loader takes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from scenario_texts import changed

from qcisim.simulation.names import shipped
from qcisim.simulation.schema import DIALECT, describe, field_names, scenario_schema, schema_text
from qcisim.simulation.text import parse

COMMITTED = Path(__file__).resolve().parents[2] / "docs" / "scenario.schema.json"


def test_the_committed_schema_is_the_generated_one() -> None:
    assert COMMITTED.read_text("utf-8") == schema_text(), "run: qcisim schema --out docs/scenario.schema.json"


def test_it_is_a_schema_of_the_dialect_it_names() -> None:
    schema = scenario_schema()
    assert schema["$schema"] == DIALECT
    assert schema["additionalProperties"] is False
    assert set(schema["required"]) == {"nodes"}


def objects(schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {"Scenario": schema, **schema["$defs"]}


def test_every_field_says_what_it_is_and_every_number_its_unit_and_domain() -> None:
    for name, model in objects(scenario_schema()).items():
        for field, entry in model["properties"].items():
            assert entry.get("description") or field == "kind", f"{name}.{field} has no description"
            if entry.get("type") in ("number", "integer"):
                assert "unit" in entry, f"{name}.{field} has no unit"
                assert entry.keys() & {"minimum", "exclusiveMinimum"}, f"{name}.{field} has no lower end"
                assert entry.keys() & {"maximum", "exclusiveMaximum"}, f"{name}.{field} has no upper end"


class Mismatch(AssertionError):
    pass


def check(value: Any, schema: dict[str, Any], root: dict[str, Any], path: str = "") -> None:
    """The part of JSON Schema that the scenario schema uses."""
    if "$ref" in schema:
        return check(value, root["$defs"][schema["$ref"].rsplit("/", 1)[1]], root, path)
    branches = schema.get("anyOf") or schema.get("oneOf")
    if branches:
        failures = []
        for branch in branches:
            try:
                return check(value, branch, root, path)
            except Mismatch as failure:
                failures.append(str(failure))
        raise Mismatch(f"{path}: {failures}")
    kinds = {"object": dict, "array": list, "string": str, "number": (int, float), "integer": int, "boolean": bool}
    if "type" in schema and not isinstance(value, kinds[schema["type"]]):
        raise Mismatch(f"{path}: {value!r} is no {schema['type']}")
    if "enum" in schema and value not in schema["enum"]:
        raise Mismatch(f"{path}: {value!r}")
    if "const" in schema and value != schema["const"]:
        raise Mismatch(f"{path}: {value!r}")
    if "pattern" in schema and not re.search(schema["pattern"], value):
        raise Mismatch(f"{path}: {value!r}")
    for bound, holds in {
        "minimum": lambda v, b: v >= b,
        "maximum": lambda v, b: v <= b,
        "exclusiveMinimum": lambda v, b: v > b,
        "exclusiveMaximum": lambda v, b: v < b,
    }.items():
        if bound in schema and not holds(value, schema[bound]):
            raise Mismatch(f"{path}: {value!r} against {bound} {schema[bound]}")
    if isinstance(value, dict):
        missing = set(schema.get("required", ())) - value.keys()
        if missing:
            raise Mismatch(f"{path}: {missing} missing")
        for key, item in value.items():
            rest = schema.get("additionalProperties", schema.get("patternProperties", {}) or True)
            part = schema.get("properties", {}).get(key, rest)
            if isinstance(part, dict) and any(pattern.startswith("^") for pattern in part):
                part = next(iter(part.values()))
            if part is False:
                raise Mismatch(f"{path}.{key}: not known")
            if isinstance(part, dict):
                check(item, part, root, f"{path}.{key}")
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        for i, item in enumerate(value):
            check(item, schema["items"], root, f"{path}[{i}]")
    return None


@pytest.mark.parametrize("name", shipped())
def test_shipped_scenarios_satisfy_it(name: str) -> None:
    schema = scenario_schema()
    check(parse(shipped()[name].read_text("utf-8"), name).plain(), schema, schema)


BAD = [
    {"links__a_to_m__fibre__length_m": 3},
    {"links__a_to_m__fibre__length_km": -3},
    {"links__a_to_m__resolution": "click"},
    {"links__a_to_m__source": {"kind": "laser"}},
    {"links__a_to_m__between": "a"},
    {"defaults__link__fibre": {"attenuation_db_per_km": 0.1}},
    {"defaults__links": {}},
    {"duration": 3},
    {"seed": "one"},
]


@pytest.mark.parametrize("values", BAD, ids=[next(iter(v)) for v in BAD])
def test_it_refuses_what_the_loader_refuses(values: dict[str, Any]) -> None:
    schema = scenario_schema()
    check(parse(changed(), "x").plain(), schema, schema)
    with pytest.raises(Mismatch):
        check(parse(changed(**values), "x").plain(), schema, schema)


def test_fields_are_described() -> None:
    assert "length_km" in field_names()
    [(where, text)] = describe("attenuation_db_per_km")[:1]
    assert where == "attenuation_db_per_km of fibre"
    assert "from 0.14 to 10 dB/km" in text
    assert describe("nothing_of_that_name") == []


def test_the_text_is_json() -> None:
    assert json.loads(schema_text()) == scenario_schema()
