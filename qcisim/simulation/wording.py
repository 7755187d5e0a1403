"""Words for the fields of the scenario models: what a field takes, its unit and domain, values as the file had them."""

from __future__ import annotations

import types
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo


def fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Fields by the names that a scenario file uses."""
    return {info.alias or name: info for name, info in model.model_fields.items()}


def bare(annotation: Any) -> Any:
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


def section_models() -> dict[str, tuple[type[BaseModel], ...]]:
    """Sections of a scenario file and the models that read them."""
    from qcisim.simulation import (
        chain_spec,
        entanglement_spec,
        equipment,
        heralding_spec,
        program_spec,
        scenario,
        space,
    )

    return {
        "the top level": (scenario.Scenario,),
        "a node": (scenario.Node,),
        "a link": (scenario.Link,),
        "fibre": (equipment.Fibre,),
        "classical_channels": (equipment.ClassicalChannel,),
        "source": (equipment.WeakCoherent, equipment.SinglePhoton, equipment.FourIntensity),
        "the sender of an arm": (equipment.Sender,),
        "receiver": (equipment.Receiver,),
        "receiver.detector": (equipment.Detector,),
        "protocol": (scenario.Protocol,),
        "attack": (scenario.Attack,),
        "a demand for keys": (scenario.Demand,),
        "a demand for pairs": (entanglement_spec.PairDemand,),
        "entanglement": (entanglement_spec.Entanglement,),
        "heralded": (entanglement_spec.Heralded,),
        "a comparison": (scenario.Comparison,),
        "a way": (scenario.Way,),
        "an SAE": (scenario.Sae,),
        "key_managers": (scenario.KeyManagers,),
        "station": (space.Station,),
        "satellite": (space.Satellite,),
        "satellite.orbit": (
            space.TwoLineElements,
            space.CircularOrbit,
            space.SunSynchronousOrbit,
            space.GeostationaryOrbit,
        ),
        "free_space": (space.FreeSpace,),
        "transmitter": (space.Transmitter,),
        "telescope": (space.Telescope,),
        "atmosphere": (space.Atmosphere,),
        "sky": (space.Sky,),
        "loss_table": (space.LossTable,),
        "far_field": (space.FarField,),
        "transmittance_table": (space.TransmittanceTable,),
        "chain": (chain_spec.RepeaterChain,),
        "memory of a node or chain": (chain_spec.Memories,),
        "chain.distillation": (chain_spec.Distillation,),
        "source of a heralded link or chain": (heralding_spec.MiddleSource,),
        "processor": (program_spec.Processor,),
        "a link's programs": (program_spec.LinkPrograms,),
        "a program": (program_spec.ProgramSpec,),
        "clouds": (space.Clouds,),
        "pass_planning": (space.PassPlanning,),
        "pairs": (space.Pairs,),
        "pair_source": (space.PairsFrom,),
        "source of pairs": (space.PairSource,),
        "an arm of pairs": (space.Arm,),
        "published": (space.Published,),
    }


def extra(field: FieldInfo | None) -> dict[str, Any]:
    given = field.json_schema_extra if field is not None else None
    return given if isinstance(given, dict) else {}


def wanted_at(annotation: Any, field: FieldInfo | None) -> str:
    """What a field takes, in words: "a number from 0 to 2000 km"."""
    kind = bare(annotation)
    if get_origin(kind) is Literal:
        return f"one of {', '.join(map(str, get_args(kind)))}"
    if get_origin(kind) is tuple:
        if told := extra(field).get("wanted"):
            return str(told)
        args = get_args(kind)
        items = "ids" if bare(args[0]) is str else "numbers" if bare(args[0]) is float else "mappings"
        return f"a list of {items}" if Ellipsis in args else f"a list of {len(args)} {items}"
    words = {float: "a number", int: "a whole number", bool: "true or false", str: "text"}
    if not (isinstance(kind, type) and kind in words):
        return "a mapping of fields"
    unit = extra(field).get("unit", "") if field is not None and get_origin(bare(field.annotation)) is not tuple else ""
    text = words[kind] + _domain(field)
    if kind is str and field is None:
        text = "an id of letters, digits, '-' and '_'"
    text = str(extra(field).get("wanted", text))
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
