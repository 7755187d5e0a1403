"""A network of processing nodes, links, hubs and repeater chains, as netsquid_netbuilder describes it.

Fields that were renamed in 2024 (``links``, ``link_typ``, ``link_cfg``, ``stack``) are read under either name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import AliasChoices, Field

from qcisim.squidasm.alias.refusal import refuse_unknown
from qcisim.squidasm.run.stack.loadable import Number, YamlLoadable

if TYPE_CHECKING:
    from qcisim.stack.spec import Network

__all__ = [
    "CLinkConfig",
    "MetroHubConfig",
    "MetroHubConnectionConfig",
    "NetworkConfig",
    "ProcessingNodeConfig",
    "QLinkConfig",
    "RepeaterChainConfig",
    "RepeaterNodeConfig",
]


class ProcessingNodeConfig(YamlLoadable):
    """One node that runs programs."""

    name: str
    qdevice_typ: str
    """generic or nv."""
    qdevice_cfg: Any = None
    """A mapping or a configuration object of the type."""


class RepeaterNodeConfig(ProcessingNodeConfig):
    """One repeater."""


class QLinkConfig(YamlLoadable):
    """A link that makes pairs between two nodes."""

    node1: str
    node2: str
    typ: str
    """perfect, depolarise, heralded-single-click, heralded-double-click or nv."""
    cfg: Any = None
    """A mapping or a configuration object of the type."""

    @classmethod
    def perfect_config(cls, node1: str, node2: str) -> QLinkConfig:
        """A link without noise."""
        return cls(node1=node1, node2=node2, typ="perfect")


class CLinkConfig(YamlLoadable):
    """A classical link between two nodes."""

    node1: str
    node2: str
    typ: str
    """instant or default."""
    cfg: Any = None
    """A mapping or a configuration object of the type."""

    @classmethod
    def perfect_config(cls, node1: str, node2: str) -> CLinkConfig:
        """A link without delay."""
        return cls(node1=node1, node2=node2, typ="instant")


class MetroHubConnectionConfig(YamlLoadable):
    """A node and the length of its fibre to the hub, km."""

    node: str = Field(validation_alias=AliasChoices("node", "stack"))
    length: Number


class MetroHubConfig(YamlLoadable):
    """A hub: every two of its nodes have a link over it, and the schedule says whose turn it is."""

    name: str
    connections: list[MetroHubConnectionConfig]
    qlink_typ: str = Field(validation_alias=AliasChoices("qlink_typ", "link_typ"))
    qlink_cfg: Any = Field(default=None, validation_alias=AliasChoices("qlink_cfg", "link_cfg"))
    clink_typ: str = "instant"
    clink_cfg: Any = None
    schedule_typ: str = "fifo"
    """fifo or static."""
    schedule_cfg: Any = None


class RepeaterChainConfig(YamlLoadable):
    """Repeaters between two hubs; ``lengths``: of the fibres in km, one more than repeaters."""

    metro_hub1: str
    metro_hub2: str
    qlink_typ: str = Field(validation_alias=AliasChoices("qlink_typ", "link_typ"))
    qlink_cfg: Any = Field(default=None, validation_alias=AliasChoices("qlink_cfg", "link_cfg"))
    clink_typ: str = "instant"
    clink_cfg: Any = None
    repeater_nodes: list[RepeaterNodeConfig]
    lengths: list[Number]
    photonic_interface_typ: str | None = None
    """depolarise, or none."""
    photonic_interface_loc: str = "end"
    """end, or pre-end: the links next to those of the end nodes."""
    photonic_interface_cfg: Any = None
    qrep_chain_control_typ: str = "swapASAP"
    qrep_chain_control_cfg: Any = None


class NetworkConfig(YamlLoadable):
    """A network: nodes in the order of the results of a run, and what joins them."""

    processing_nodes: list[ProcessingNodeConfig]
    qlinks: list[QLinkConfig] | None = Field(default=None, validation_alias=AliasChoices("qlinks", "links"))
    clinks: list[CLinkConfig] | None = None
    hubs: list[MetroHubConfig] | None = None
    repeater_chains: list[RepeaterChainConfig] | None = None

    @property
    def links(self) -> list[QLinkConfig] | None:
        """``qlinks`` under its name of early 2024."""
        return self.qlinks

    @links.setter
    def links(self, links: list[QLinkConfig] | None) -> None:
        self.qlinks = links

    def to_network(self) -> Network:
        """As `qcisim.stack` wants it. Raises `InputError` that names the file and line of what is wrong."""
        from qcisim.squidasm.alias.netsquid_netbuilder.translate import network

        return network(self)


__getattr__ = refuse_unknown(__name__)
