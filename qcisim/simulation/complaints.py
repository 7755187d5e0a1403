"""Validation errors as a compiler would say them: place, field, wanted, got, and perhaps what was meant."""

from __future__ import annotations

import re
import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, Tag, ValidationError
from pydantic.fields import FieldInfo

from qcisim.errors import Place, ScenarioError, did_you_mean
from qcisim.simulation.fields import Problem
from qcisim.simulation.text import Node

SHOWN = 10
_UNIT = "km|cm|mm|um|nm|m|ms|us|ns|ps|fs|s|min|h|days?|thz|ghz|mhz|khz|hz|dbm|db|deg|rad|mrad|urad|bits?|bytes?|keys?|percent|photons?"
_SUFFIX = re.compile(rf"(_({_UNIT}))?(_per_(sqrt_)?({_UNIT}))*(_({_UNIT}))?$")


class ScenarioErrors(ScenarioError):
    """Several things wrong in one scenario, one line each; ``errors`` holds them all."""

    def __init__(self, errors: tuple[ScenarioError, ...]) -> None:
        first = errors[0]
        super().__init__(first.place, first.field, first.wanted, first.got, first.hint)
        self.errors = errors
        lines = [str(error) for error in errors[:SHOWN]]
        if len(errors) > SHOWN:
            lines.append(f"{first.place.path}: and {len(errors) - SHOWN} more")
        self.args = ("\n".join(lines),)


def translate(error: ValidationError, root: Node, model: type[BaseModel]) -> ScenarioErrors:
    """The errors of pydantic, sorted by place; one error in the defaults of many links is told once."""
    found: dict[tuple[str, str, str], ScenarioError] = {}
    for item in error.errors(include_url=False):
        for problem in _problems(item, model):
            place = _place(root, problem.path, at_key=problem.at_key)
            told = ScenarioError(place, _dotted(problem.path), problem.wanted, problem.got, problem.hint)
            found.setdefault((str(place), problem.wanted, problem.got), told)
    return ScenarioErrors(tuple(sorted(found.values(), key=lambda e: (e.place.line, e.place.column))))


def _dotted(path: tuple[str | int, ...]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")


def _place(root: Node, path: tuple[str | int, ...], *, at_key: bool) -> Place:
    """Where a path is in the file, or where the nearest mapping around it begins."""
    place, node = root.place, root
    for i, step in enumerate(path):
        child = node.child(step)
        if child is None:
            return place
        key = node.keys.get(str(step), child.place)
        last = i == len(path) - 1
        place = child.place if last and not at_key and not isinstance(child.value, dict) else key
        node = child
    return place


@dataclass(slots=True)
class _Spot:
    """Where an error's location leads in the models: clean path, the field there, and the model that owns it."""

    path: tuple[str | int, ...]
    field: FieldInfo | None
    owner: type[BaseModel] | None
    annotation: Any


def _walk(location: tuple[str | int, ...], model: type[BaseModel]) -> _Spot:
    spot = _Spot((), None, None, model)
    for step in location:
        kind = _bare(spot.annotation)
        if (members := _tagged(spot.annotation)) and step in members:
            spot.annotation = members[str(step)]
            continue
        spot.path = (*spot.path, step)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            spot.owner, spot.field = kind, fields(kind).get(str(step))
            spot.annotation = spot.field.annotation if spot.field else None
        else:
            inner = [a for a in get_args(kind) if a is not Ellipsis]
            spot.annotation = inner[-1] if inner else None
            spot.field = spot.field if get_origin(kind) is tuple else None
    return spot


def fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Fields by the names that a scenario file uses."""
    return {info.alias or name: info for name, info in model.model_fields.items()}


def _bare(annotation: Any) -> Any:
    """Without `Annotated` and ``| None``."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
            continue
        if get_origin(annotation) in (Union, types.UnionType):
            members = [a for a in get_args(annotation) if a is not type(None)]
            if len(members) == 1:
                annotation = members[0]
                continue
        return annotation


def _tagged(annotation: Any) -> dict[str, type[BaseModel]]:
    """Members of a discriminated union by tag."""
    kind = _bare(annotation)
    if get_origin(kind) not in (Union, types.UnionType):
        return {}
    tags = [(a, m.tag) for a in get_args(kind) for m in getattr(a, "__metadata__", ()) if isinstance(m, Tag)]
    return {tag: get_args(member)[0] for member, tag in tags}


def _problems(item: Any, model: type[BaseModel]) -> Iterator[Problem]:
    kind, location, value = item["type"], tuple(item["loc"]), item["input"]
    if location and location[-1] == "[key]":
        wanted = "an id of letters, digits, '-' and '_', at most 64 characters"
        yield Problem(location[:-1], wanted, show(location[-2]), at_key=True)
        return
    spot = _walk(location, model)
    if kind == "qcisim":
        for problem in item["ctx"]["problems"]:
            yield Problem((*spot.path, *problem.path), problem.wanted, problem.got, problem.hint, problem.at_key)
    elif kind == "extra_forbidden":
        owner = spot.owner or model
        section = _dotted(spot.path[:-1]) or "a scenario"
        yield Problem(
            spot.path, f"a field of {section}", f"'{spot.path[-1]}'", _meant(str(spot.path[-1]), owner), at_key=True
        )
    elif kind == "union_tag_invalid":
        known = list(_tagged(spot.annotation))
        given = str(item["ctx"]["tag"])
        yield Problem((*spot.path, "kind"), f"one of {', '.join(known)}", f"'{given}'", did_you_mean(given, known))
    elif kind == "missing":
        yield Problem(spot.path, wanted_at(spot.annotation, spot.field), "nothing", _misnamed(spot, value))
    else:
        yield Problem(spot.path, wanted_at(spot.annotation, spot.field), show(value), _hint(spot, value, kind))


def _misnamed(spot: _Spot, value: Any) -> str:
    """A missing field may be there under another unit: that is told at the unknown field."""
    return ""


def _meant(name: str, owner: type[BaseModel]) -> str:
    """What an unknown field may have meant: another unit, another spelling, another section."""
    siblings = list(fields(owner))
    stem = _SUFFIX.sub("", name.lower())
    same = [s for s in siblings if _SUFFIX.sub("", s) == stem and stem]
    if same:
        unit = (_extra(fields(owner)[same[0]])).get("unit", "")
        return f"did you mean '{same[0]}'?" + (f" its unit is {unit}" if unit not in ("", "1") else "")
    if hint := did_you_mean(name, siblings):
        return hint
    elsewhere = [section for section, members in sections().items() if name in members]
    if elsewhere:
        return f"'{name}' belongs in {' or '.join(elsewhere)}"
    return f"known: {', '.join(siblings)}"


def sections() -> dict[str, set[str]]:
    """Section names and the fields that belong in them."""
    from qcisim.simulation import equipment, scenario

    models: dict[str, tuple[type[BaseModel], ...]] = {
        "the top level": (scenario.Scenario,),
        "a node": (scenario.Node,),
        "a link": (scenario.Link,),
        "fibre": (equipment.Fibre,),
        "classical_channels": (equipment.ClassicalChannel,),
        "source": (equipment.WeakCoherent, equipment.SinglePhoton),
        "receiver": (equipment.Receiver,),
        "receiver.detector": (equipment.Detector,),
        "protocol": (scenario.Protocol,),
        "attack": (scenario.Attack,),
        "a demand": (scenario.Demand,),
        "key_managers": (scenario.KeyManagers,),
    }
    return {name: {field for m in members for field in fields(m)} for name, members in models.items()}


def _extra(field: FieldInfo | None) -> dict[str, Any]:
    extra = field.json_schema_extra if field is not None else None
    return extra if isinstance(extra, dict) else {}


def wanted_at(annotation: Any, field: FieldInfo | None) -> str:
    """What a field takes, in words: "a number from 0 to 2000 km"."""
    kind = _bare(annotation)
    if get_origin(kind) is Literal:
        return f"one of {', '.join(map(str, get_args(kind)))}"
    if get_origin(kind) is tuple:
        args = get_args(kind)
        items = "ids" if _bare(args[0]) is str else "numbers" if _bare(args[0]) is float else "mappings"
        return f"a list of {items}" if Ellipsis in args else f"a list of {len(args)} {items}"
    words = {float: "a number", int: "a whole number", bool: "true or false", str: "text"}
    if not (isinstance(kind, type) and kind in words):
        return "a mapping of fields"
    unit = _extra(field).get("unit", "")
    text = words[kind] + _domain(field)
    if kind is str and field is None:
        text = "an id of letters, digits, '-' and '_'"
    text = _extra(field).get("wanted", text)
    return text + (f" {unit}" if unit not in ("", "1") and kind in (float, int) else "")


def _domain(field: FieldInfo | None) -> str:
    limits: dict[str, float] = {}
    for item in field.metadata if field is not None else ():
        for name in ("ge", "gt", "le", "lt"):
            if getattr(item, name, None) is not None:
                limits[name] = getattr(item, name)
    if {"ge", "le"} <= limits.keys():
        return f" from {limits['ge']:g} to {limits['le']:g}"
    words = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
    return "".join([" ", " and ".join(f"{words[k]} {limits[k]:g}" for k in words if k in limits)]).rstrip()


def show(value: Any) -> str:
    """A value as the file had it, shortened."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return (
            "a list"
            if len(value) > 6 or any(isinstance(v, dict | list) for v in value)
            else f"[{', '.join(map(show, value))}]"
        )
    text = f"'{value}'" if isinstance(value, str) else repr(value)
    return text if len(text) <= 60 else text[:56] + "...'"


def _hint(spot: _Spot, value: Any, kind: str) -> str:
    annotation = _bare(spot.annotation)
    if get_origin(annotation) is Literal and isinstance(value, str):
        return did_you_mean(value, map(str, get_args(annotation)))
    if isinstance(value, str) and annotation in (float, int):
        number = re.match(r"\s*([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)\s*([A-Za-z/%]*)\s*$", value)
        if number and number[2]:
            return f"write the number alone, the unit is {_extra(spot.field).get('unit', 'in the name')}"
        return "write it without quotes" if number else ""
    if kind in ("greater_than", "greater_than_equal", "less_than", "less_than_equal"):
        return str(_extra(spot.field).get("why", ""))
    return ""
