"""From netbuilder configurations to the values of `qcisim.stack`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeVar

from qcisim.errors import InputError, Place, ScenarioError, did_you_mean
from qcisim.squidasm.alias.netsquid_netbuilder.modules.photonic_interface.depolarizing import (
    DepolarizingPhotonicInterfaceConfig,
)
from qcisim.squidasm.alias.netsquid_netbuilder.modules.qrep_chain_control.swap_asap.swap_asap_builder import (
    SwapASAPConfig,
)
from qcisim.squidasm.alias.netsquid_netbuilder.modules.scheduler.fifo import FIFOScheduleConfig
from qcisim.squidasm.alias.netsquid_netbuilder.modules.scheduler.interface import IScheduleConfig
from qcisim.squidasm.alias.netsquid_netbuilder.modules.scheduler.static import StaticScheduleConfig
from qcisim.squidasm.alias.netsquid_netbuilder.network_config import (
    CLinkConfig,
    MetroHubConfig,
    NetworkConfig,
    QLinkConfig,
    RepeaterChainConfig,
)
from qcisim.squidasm.run.stack.loadable import YamlLoadable, validated
from qcisim.squidasm.run.stack.placed import Placed
from qcisim.squidasm.run.stack.translate import clink_delay_ns, device, link_model
from qcisim.stack.spec import ClassicalLink, Device, LinkModel, Network, PairLink
from qcisim.stack.topology import Hub, Interface, RepeaterChain, joined

SCHEDULES: Mapping[str, type[IScheduleConfig]] = {"fifo": FIFOScheduleConfig, "static": StaticScheduleConfig}
INTERFACES: Mapping[str, type[DepolarizingPhotonicInterfaceConfig]] = {
    "depolarise": DepolarizingPhotonicInterfaceConfig
}
PLACES: tuple[Literal["end", "pre-end"], ...] = ("end", "pre-end")
CONTROLS: Mapping[str, type[SwapASAPConfig]] = {"swapASAP": SwapASAPConfig}

_C = TypeVar("_C", bound=YamlLoadable)


def network(config: NetworkConfig) -> Network:
    """The network of a configuration. Raises `InputError` that names the file and line of what is wrong."""
    nodes: dict[str, Device] = {}
    for node in config.processing_nodes:
        where = f"node '{node.name}'"
        if node.name in nodes:
            raise ScenarioError(node.place("name"), where, "a name of its own for every node", "a second one")
        nodes[node.name] = device(node.qdevice_typ, node.qdevice_cfg, where, node.place("qdevice_typ"))
    links = [_link(link, list(nodes)) for link in config.qlinks or ()]
    wires = [_wire(clink, list(nodes)) for clink in config.clinks or ()]
    hubs = [_hub(hub) for hub in config.hubs or ()]
    chains = [_chain(chain) for chain in config.repeater_chains or ()]
    classical = None if config.clinks is None else wires
    try:
        return joined(nodes, links, classical, hubs, chains)
    except ScenarioError:
        raise
    except InputError as error:
        raise InputError(f"{config.place()}: error: {error}") from None


def _link(link: QLinkConfig, nodes: list[str]) -> PairLink:
    where = f"link {link.node1}-{link.node2}"
    _check_ends(link, where, nodes)
    return PairLink(link.node1, link.node2, link_model(link.typ, link.cfg, where, link.place("typ")))


def _wire(clink: CLinkConfig, nodes: list[str]) -> ClassicalLink:
    where = f"clink {clink.node1}-{clink.node2}"
    _check_ends(clink, where, nodes)
    return ClassicalLink(clink.node1, clink.node2, clink_delay_ns(clink.typ, clink.cfg, where, clink.place("typ")))


def _check_ends(link: QLinkConfig | CLinkConfig, where: str, nodes: list[str]) -> None:
    for key, end, other in (("node1", link.node1, link.node2), ("node2", link.node2, link.node1)):
        if end not in nodes:
            hint = did_you_mean(end, nodes)
            raise ScenarioError(link.place(key), f"{where}: {key}", f"one of {', '.join(nodes)}", f"'{end}'", hint)
        if end == other:
            raise ScenarioError(link.place(key), where, "two nodes", f"'{end}' twice")


def _hub(hub: MetroHubConfig) -> Hub:
    where = f"hub '{hub.name}'"
    arms: dict[str, float] = {}
    for connection in hub.connections:
        if connection.node in arms:
            raise ScenarioError(connection.place("node"), where, "each node once", f"'{connection.node}' twice")
        arms[connection.node] = connection.length
    typ, cfg, place = hub.qlink_typ, hub.qlink_cfg, hub.place("qlink_typ")
    schedule = _config(SCHEDULES, "a type of schedule", hub.schedule_typ, hub.schedule_cfg, where, hub.place("name"))
    delays = {
        node: _delay(hub.clink_typ, hub.clink_cfg, length, where, hub.place("clink_typ"))
        for node, length in arms.items()
    }

    def model(a_km: float, b_km: float) -> LinkModel:
        return link_model(typ, _with_lengths(typ, cfg, a_km, b_km), where, place)

    return Hub(hub.name, arms, model, schedule.to_schedule(), delays)


def _chain(chain: RepeaterChainConfig) -> RepeaterChain:
    name = f"{chain.metro_hub1}-{chain.metro_hub2}"
    where, place = f"repeater chain {name}", chain.place("metro_hub1")
    repeaters: dict[str, Device] = {}
    for node in chain.repeater_nodes:
        called = f"c({name})_{node.name}"
        if called in repeaters:
            raise ScenarioError(
                node.place("name"), where, "a name of its own for every repeater", f"'{node.name}' twice"
            )
        repeaters[called] = device(node.qdevice_typ, node.qdevice_cfg, f"repeater '{node.name}'", node.place("name"))
    typ, cfg = chain.qlink_typ, chain.qlink_cfg
    if len(chain.lengths) != len(repeaters) + 1:
        wanted = f"{len(repeaters) + 1} lengths for {len(repeaters)} repeaters"
        raise ScenarioError(chain.place("lengths"), where, wanted, str(len(chain.lengths)))
    control = _config(
        CONTROLS, "a way to run a chain", chain.qrep_chain_control_typ, chain.qrep_chain_control_cfg, where, place
    )
    delays = [
        _delay(chain.clink_typ, chain.clink_cfg, length, where, chain.place("clink_typ")) for length in chain.lengths
    ]

    def model(a_km: float, b_km: float) -> LinkModel:
        return link_model(typ, _with_lengths(typ, cfg, a_km, b_km), where, place)

    try:
        interface, asap = _interface(chain, where), control.to_control()
        return RepeaterChain(
            chain.metro_hub1, chain.metro_hub2, repeaters, chain.lengths, model, delays, interface, asap
        )
    except ScenarioError:
        raise
    except InputError as error:
        raise InputError(f"{place}: error: {where}: {error}") from None


def _interface(chain: RepeaterChainConfig, where: str) -> Interface | None:
    typ, place = chain.photonic_interface_typ, chain.place("photonic_interface_typ")
    if typ is None:
        return None
    config = _config(INTERFACES, "a type of photonic interface", typ, chain.photonic_interface_cfg, where, place)
    for place_of in PLACES:
        if chain.photonic_interface_loc == place_of:
            return Interface(config.prob_max_mixed, config.p_loss, place_of)
    field, got = f"{where}: photonic_interface_loc", f"'{chain.photonic_interface_loc}'"
    raise ScenarioError(chain.place("photonic_interface_loc"), field, "end or pre-end", got)


def _fields(cfg: object) -> dict[str, Any]:
    if cfg is None:
        return {}
    if isinstance(cfg, Mapping):
        return dict(cfg)
    if isinstance(cfg, YamlLoadable):
        return {name: getattr(cfg, name) for name in type(cfg).model_fields}
    raise InputError(f"a configuration of type {type(cfg).__name__}: wanted a mapping or a configuration object")


def _with_lengths(typ: str, cfg: object, a_km: float, b_km: float) -> dict[str, Any]:
    """The fields with the lengths of the two sides; models with a midpoint know both."""
    sides = {"length": a_km + b_km}
    if typ.startswith("heralded") or typ == "nv":
        sides = {"length_A": a_km, "length_B": b_km}
    return _fields(cfg) | sides


def _delay(typ: str, cfg: object, length_km: float, where: str, place: Place) -> float:
    fields = _fields(cfg)
    return clink_delay_ns(typ, fields | {"length": length_km} if typ == "default" else fields, where, place)


def _config(known: Mapping[str, type[_C]], what: str, typ: str, cfg: object, where: str, place: Place) -> _C:
    wanted = known.get(typ)
    if wanted is None:
        hint = did_you_mean(typ, known) or f"known: {', '.join(known)}"
        raise ScenarioError(place, where, what, f"'{typ}'", hint)
    return validated(wanted, cfg if isinstance(cfg, Placed) else _fields(cfg), where)
