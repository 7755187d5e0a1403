"""Validation errors as a compiler would say them: place, field, wanted, got, and perhaps what was meant."""

from __future__ import annotations

import re
import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, Tag, ValidationError
from pydantic.fields import FieldInfo

from qcisim.errors import Place, ScenarioError, did_you_mean
from qcisim.simulation.fields import Problem
from qcisim.simulation.text import Node, one_line
from qcisim.simulation.wording import bare, extra, fields, section_models, show, wanted_at

SHOWN = 10
_UNIT = (
    "km|cm|mm|um|nm|m|ms|us|ns|ps|fs|s|min|h|days?|thz|ghz|mhz|khz|hz|dbm|db|deg|rad|mrad|bits?|bytes?|keys?|percent"
)
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
    items = error.errors(include_url=False)
    misnamed = {_misnamed(item, model) for item in items}
    for item in items:
        for problem in _problems(item, model):
            if item["type"] == "missing" and problem.path in misnamed:
                continue  # it is there, under another name: that is told at the unknown field
            place = _place(root, problem.path, at_key=problem.at_key)
            words = (_dotted(problem.path), problem.wanted, problem.got, problem.hint)
            told = ScenarioError(place, *map(one_line, words))
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
            return place if isinstance(node.value, dict) else node.place
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
        kind = bare(spot.annotation)
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


def _tagged(annotation: Any) -> dict[str, type[BaseModel]]:
    """Members of a discriminated union by tag."""
    kind = bare(annotation)
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
        hint = _meant(str(spot.path[-1]), owner)[1]
        yield Problem(spot.path, f"a field of {section}", f"'{spot.path[-1]}'", hint, at_key=True)
    elif kind == "union_tag_invalid":
        known = list(_tagged(spot.annotation))
        given = str(item["ctx"]["tag"])
        yield Problem((*spot.path, "kind"), f"one of {', '.join(known)}", f"'{given}'", did_you_mean(given, known))
    elif kind == "union_tag_not_found":
        yield Problem((*spot.path, "kind"), f"one of {', '.join(_tagged(spot.annotation))}", "nothing")
    elif kind == "missing":
        yield Problem(spot.path, wanted_at(spot.annotation, spot.field), "nothing")
    elif kind == "too_short" and not value:
        yield Problem(spot.path, "at least one entry", "none")
    else:
        yield Problem(spot.path, wanted_at(spot.annotation, spot.field), show(value), _hint(spot, value, kind))


def _misnamed(item: Any, model: type[BaseModel]) -> tuple[str | int, ...]:
    """Path of the field that an unknown one stands for; empty where there is none."""
    if item["type"] != "extra_forbidden":
        return ()
    spot = _walk(tuple(item["loc"]), model)
    meant, _ = _meant(str(spot.path[-1]), spot.owner or model)
    return (*spot.path[:-1], meant) if meant else ()


def _meant(name: str, owner: type[BaseModel]) -> tuple[str, str]:
    """(field that an unknown one may have meant, hint): another unit, another spelling, another section."""
    siblings = fields(owner)
    stem = _SUFFIX.sub("", name.lower())
    for sibling, info in siblings.items():
        if stem and _SUFFIX.sub("", sibling) == stem:
            return sibling, f"did you mean '{sibling}'?{_unit(info)}"
    elsewhere = [section for section, models in section_models().items() if any(name in fields(m) for m in models)]
    if elsewhere:
        return "", f"'{name}' belongs in {' or '.join(elsewhere)}"
    if hint := did_you_mean(name, siblings):
        sibling = hint.split("'")[1]
        return sibling, hint + _unit(siblings[sibling])
    return "", f"known: {', '.join(siblings)}"


def _unit(field: FieldInfo) -> str:
    unit = extra(field).get("unit", "1")
    return f" its unit is {unit}" if unit != "1" else ""


def _hint(spot: _Spot, value: Any, kind: str) -> str:
    annotation = bare(spot.annotation)
    if get_origin(annotation) is Literal and isinstance(value, str):
        return did_you_mean(value, map(str, get_args(annotation)))
    if isinstance(value, str) and annotation in (float, int):
        number = re.match(r"\s*([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)\s*([A-Za-z/%]*)\s*$", value)
        if number and number[2]:
            return f"write the number alone, the unit is {extra(spot.field).get('unit', 'in the name')}"
        return "write it without quotes" if number else ""
    if kind in ("greater_than", "greater_than_equal", "less_than", "less_than_equal"):
        return str(extra(spot.field).get("why", ""))
    return ""
