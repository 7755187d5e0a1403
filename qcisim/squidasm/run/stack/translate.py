"""From configurations by type name to the values of `qcisim.stack`.

Each function takes what a configuration says: ``typ`` and ``cfg``, where ``cfg`` is a mapping, an object of the type's
class, or None; ``where`` and ``place`` name it in errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from qcisim.errors import InputError, Place, ScenarioError, did_you_mean, require
from qcisim.squidasm.run.stack.clink_config import DefaultCLinkConfig, ICLinkConfig, InstantCLinkConfig
from qcisim.squidasm.run.stack.device_config import GenericQDeviceConfig, NVQDeviceConfig
from qcisim.squidasm.run.stack.link_config import (
    DepolariseQLinkConfig,
    HeraldedDoubleClickQLinkConfig,
    HeraldedSingleClickQLinkConfig,
    IQLinkConfig,
    NVLinkConfig,
    PerfectQLinkConfig,
)
from qcisim.squidasm.run.stack.loadable import IN_PROGRAM, YamlLoadable, validated
from qcisim.squidasm.run.stack.placed import Placed
from qcisim.stack.links import named
from qcisim.stack.spec import Device, LinkModel

DEVICES: Mapping[str, type[GenericQDeviceConfig | NVQDeviceConfig]] = {
    "generic": GenericQDeviceConfig,
    "nv": NVQDeviceConfig,
    "nv_vanilla": NVQDeviceConfig,
}
LINKS: Mapping[str, type[IQLinkConfig]] = {
    "perfect": PerfectQLinkConfig,
    "depolarise": DepolariseQLinkConfig,
    "heralded": HeraldedDoubleClickQLinkConfig,
    "heralded-single-click": HeraldedSingleClickQLinkConfig,
    "heralded-double-click": HeraldedDoubleClickQLinkConfig,
    "nv": NVLinkConfig,
}
CLINKS: Mapping[str, type[ICLinkConfig]] = {"instant": InstantCLinkConfig, "default": DefaultCLinkConfig}

_C = TypeVar("_C", bound=YamlLoadable)


def device(typ: str, cfg: object, where: str, place: Place = IN_PROGRAM) -> Device:
    """The device of a node; ``where``: the node, such as "stack 'Alice'"."""
    config = _config(DEVICES, "a type of device", typ, cfg, where, place)
    try:
        return config.to_device()
    except InputError as error:
        raise _physics(error, cfg, where, place) from None


def link_model(typ: str, cfg: object, where: str, place: Place = IN_PROGRAM) -> LinkModel:
    """The model of a link that makes pairs; ``where``: the link, such as "link Alice-Bob"."""
    config = _config(LINKS, "a type of link", typ, cfg, where, place)
    try:
        return named.link_model(typ, {name: getattr(config, name) for name in type(config).model_fields})
    except InputError as error:
        raise _physics(error, cfg, where, place) from None


def clink_delay_ns(typ: str, cfg: object, where: str, place: Place = IN_PROGRAM) -> float:
    """The delay of a classical link; ``where``: the link."""
    config = _config(CLINKS, "a type of classical link", typ, cfg, where, place)
    try:
        delay_ns = config.delay_ns()
        require(0.0 <= delay_ns < float("inf"), f"delay {delay_ns:g} ns: finite and not negative")
        return delay_ns
    except InputError as error:
        raise _physics(error, cfg, where, place) from None


def _config(known: Mapping[str, type[_C]], what: str, typ: str, cfg: object, where: str, place: Place) -> _C:
    wanted = known.get(typ)
    if wanted is None:
        hint = did_you_mean(typ, known) or f"known: {', '.join(known)}"
        raise ScenarioError(place, where, what, f"'{typ}'", hint)
    if cfg is None:
        cfg = {}
    if isinstance(cfg, Mapping):
        return validated(wanted, cfg if isinstance(cfg, Placed) else dict(cfg), where, place)
    if isinstance(cfg, wanted):
        values: dict[str, Any] = {name: getattr(cfg, name) for name in type(cfg).model_fields}
        return validated(wanted, values, where, place)
    got = f"{type(cfg).__name__}"
    raise ScenarioError(place, where, f"a {wanted.__name__} or a mapping for the type '{typ}'", got)


def _physics(error: InputError, cfg: object, where: str, place: Place) -> InputError:
    at = cfg.place() if isinstance(cfg, Placed) else place
    return InputError(f"{at}: error: {where}: {error}")
