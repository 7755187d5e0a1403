"""The JSON Schema of scenario files, generated from the models; committed as ``docs/scenario.schema.json``."""

from __future__ import annotations

import copy
import json
import types
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from qcisim.simulation.fields import IDENTIFIER
from qcisim.simulation.known import known
from qcisim.simulation.scenario import Scenario
from qcisim.simulation.stars import MOST_ENDS, NOT_OF_A_STAR
from qcisim.simulation.wording import bare, fields, section_models, wanted_at

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_NAMED = (
    ("Detector", "preset", "detector"),
    ("Protocol", "name", "protocol"),
    ("Protocol", "bound", "bound"),
    ("Attack", "name", "attack"),
)


class _Generator(GenerateJsonSchema):
    """Nullable fields are fields that may be left out; YAML null is not offered to editors."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])


def scenario_schema() -> dict[str, Any]:
    """Schema of what a file may hold: the models, `defaults`, and what the loader takes in their place.

    Link fields that `defaults.link` can supply are not required here; the loader asks for them after merging.
    """
    schema = Scenario.model_json_schema(by_alias=True, schema_generator=_Generator, mode="validation")
    definitions = schema["$defs"]
    for name in ("Fibre", "Attack"):
        definitions[name].pop("required", None)
    definitions["Link"]["required"] = ["between"]
    for model, field, kind in _NAMED:
        _offer(definitions[model]["properties"][field], kind)
    definitions["Receiver"]["properties"]["detector"] = {
        "anyOf": [definitions["Detector"]["properties"]["preset"], {"$ref": "#/$defs/Detector"}],
        "description": definitions["Receiver"]["properties"]["detector"].get("description", ""),
        "default": "snspd",
    }
    clouds = definitions["Station"]["properties"]
    one = {"type": "number", "minimum": 0.0, "maximum": 1.0, "unit": "1"}
    many = {"type": "array", "items": one, "minItems": 1, "maxItems": 12}
    clouds["cloud_fraction"] = {"anyOf": [one, many], "description": clouds["cloud_fraction"]["description"]}
    shared = copy.deepcopy(definitions["Link"])
    shared.pop("required")
    shared["properties"].pop("between")
    shared["title"], shared["description"] = "LinkDefaults", "What all links share; a link overrides any of it."
    definitions["LinkDefaults"] = shared
    heralded = copy.deepcopy(definitions["Heralded"])
    heralded["title"], heralded["description"] = "HeraldedDefaults", "What all heralded links share."
    heralded.pop("required", None)
    definitions["HeraldedDefaults"] = heralded
    definitions["Heralded"].pop("required", None)
    schema["properties"]["defaults"] = {
        "type": "object",
        "additionalProperties": False,
        "description": "what is merged under every link",
        "properties": {"link": {"$ref": "#/$defs/LinkDefaults"}, "heralded": {"$ref": "#/$defs/HeraldedDefaults"}},
    }
    schema["properties"]["stars"] = {
        "type": "object",
        "description": "hubs with an arm to each of their end nodes, by id: a link ID-a-b for every two of these",
        "propertyNames": {"pattern": IDENTIFIER},
        "additionalProperties": {"$ref": "#/$defs/Star"},
    }
    definitions["Star"] = _star(shared)
    either = [{"$ref": "#/$defs/Link"}, {"$ref": "#/$defs/LinkDefaults"}]  # what overrides a star's link has no ends
    schema["properties"]["links"]["patternProperties"] = {IDENTIFIER: {"anyOf": either}}
    _tidy(schema)
    return {"$schema": DIALECT, "title": "qcisim scenario", **{k: v for k, v in schema.items() if k != "title"}}


def _star(link: dict[str, Any]) -> dict[str, Any]:
    """What all links of a star share, its hub, and an arm for each end node."""
    star = copy.deepcopy(link)
    for name in NOT_OF_A_STAR:
        star["properties"].pop(name, None)
    star["title"], star["description"] = "Star", "Links between every two of the end nodes, through one hub."
    star["required"] = ["hub", "arms"]
    star["properties"]["hub_share"]["description"] = "share of the hub's time for all links of the star together"
    star["properties"]["arms"] = {
        "type": "object",
        "description": "the arm of each end node, by the id of the node",
        "propertyNames": {"pattern": IDENTIFIER},
        "additionalProperties": {"$ref": "#/$defs/Arm"},
        "minProperties": 2,
        "maxProperties": MOST_ENDS,
    }
    return star


def _offer(entry: dict[str, Any], kind: str) -> None:
    """Let editors complete the registered names; a plug-in may bring others."""
    entry.pop("type", None)
    entry["anyOf"] = [{"enum": sorted(known(kind))}, {"type": "string"}]


_LIMITS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}


def _tidy(value: Any) -> None:
    """Titles that only repeat the field name go, and so do null defaults: such a field is left out.

    Limits of optional counts get the names that the dialect has for them.
    """
    if isinstance(value, dict):
        if value.get("type") in ("integer", "number"):
            for ours, theirs in _LIMITS.items():
                if ours in value:
                    value[theirs] = value.pop(ours)
        if isinstance(value.get("title"), str) and "properties" not in value:
            del value["title"]
        if value.get("default", 0) is None:
            del value["default"]
        for item in value.values():
            _tidy(item)
    elif isinstance(value, list):
        for item in value:
            _tidy(item)


def schema_text() -> str:
    """The schema as text, the same bytes every time."""
    return json.dumps(scenario_schema(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def field_names() -> list[str]:
    """Every field name of scenario files."""
    return sorted({name for models in section_models().values() for model in models for name in fields(model)})


def describe(name: str) -> list[tuple[str, str]]:
    """(section, sentence) for every section that has a field called ``name``."""
    found = []
    for section, models in section_models().items():
        for model in models:
            field = fields(model).get(name)
            if field is None:
                continue
            default = "" if field.is_required() or field.default is None else f"; default {_plain(field.default)}"
            words = "; ".join(
                part for part in (field.description, f"wanted: {wanted_at(field.annotation, field)}") if part
            )
            text = f"{words}{default}{_members(field.annotation)}"
            label = f"{name} of {section}" + (f" ({model.__name__})" if len(models) > 1 else "")
            found.append((label, text))
    return found


def _members(annotation: Any) -> str:
    """The fields of a mapping, or of each kind of it."""
    kind = bare(annotation)
    models = [bare(member) for member in get_args(kind)] if get_origin(kind) in (Union, types.UnionType) else [kind]
    found = [model for model in models if isinstance(model, type) and issubclass(model, BaseModel)]
    return "".join(f"\n{model.__name__}: {', '.join(fields(model))}" for model in found)


def _plain(value: Any) -> str:
    if isinstance(value, str | int | float | bool):
        return str(value) if value != "" else "empty"
    if isinstance(value, tuple):
        return f"[{', '.join(map(str, value))}]"
    return "that of its fields"
