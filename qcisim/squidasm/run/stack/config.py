"""Configuration of a network of programs, as SquidASM writes it: stacks, links, classical links.

``StackNetworkConfig.from_file("config.yaml")`` or built in a program; both may be changed before they are run.
"""

from __future__ import annotations

from typing import Any

from qcisim.errors import ScenarioError, did_you_mean
from qcisim.squidasm.run.stack.clink_config import (
    DefaultCLinkConfig,
    ICLinkConfig,
    InstantCLinkConfig,
)
from qcisim.squidasm.run.stack.device_config import GenericQDeviceConfig, IQDeviceConfig, NVQDeviceConfig
from qcisim.squidasm.run.stack.link_config import (
    DepolariseQLinkConfig,
    HeraldedDoubleClickQLinkConfig,
    IQLinkConfig,
    NVLinkConfig,
)
from qcisim.squidasm.run.stack.loadable import YamlLoadable
from qcisim.squidasm.run.stack.translate import clink_delay_ns, device, link_model
from qcisim.stack.spec import ClassicalLink, Network, PairLink

__all__ = [
    "CLinkConfig",
    "DefaultCLinkConfig",
    "DepolariseLinkConfig",
    "GenericQDeviceConfig",
    "HeraldedLinkConfig",
    "ICLinkConfig",
    "IQDeviceConfig",
    "IQLinkConfig",
    "InstantCLinkConfig",
    "LinkConfig",
    "NVLinkConfig",
    "NVQDeviceConfig",
    "StackConfig",
    "StackNetworkConfig",
]


class DepolariseLinkConfig(DepolariseQLinkConfig):
    """Werner pairs of ``fidelity``; attempts of ``t_cycle`` (or of ``length / speed_of_light``) until one succeeds."""


class HeraldedLinkConfig(HeraldedDoubleClickQLinkConfig):
    """Two clicks at the midpoint; coin_prob_*: both clicks fall into one coincidence window."""


class StackConfig(YamlLoadable):
    """One node that runs programs."""

    name: str
    qdevice_typ: str
    """generic or nv."""
    qdevice_cfg: Any = None
    """A mapping or a configuration object of the type."""

    @classmethod
    def perfect_generic_config(cls, name: str) -> StackConfig:
        """A node with a device of 100 qubits without noise or delay."""
        return cls(name=name, qdevice_typ="generic", qdevice_cfg=GenericQDeviceConfig.perfect_config())


class LinkConfig(YamlLoadable):
    """A link that makes pairs between two nodes."""

    stack1: str
    stack2: str
    typ: str
    """perfect, depolarise, heralded, heralded-single-click, heralded-double-click or nv."""
    cfg: Any = None
    """A mapping or a configuration object of the type."""

    @classmethod
    def perfect_config(cls, stack1: str, stack2: str) -> LinkConfig:
        """A link without noise."""
        return cls(stack1=stack1, stack2=stack2, typ="perfect")


class CLinkConfig(YamlLoadable):
    """A classical link between two nodes."""

    stack1: str
    stack2: str
    typ: str
    """instant or default."""
    cfg: Any = None
    """A mapping or a configuration object of the type."""

    @classmethod
    def perfect_config(cls, stack1: str, stack2: str) -> CLinkConfig:
        """A link without delay."""
        return cls(stack1=stack1, stack2=stack2, typ="instant")


class StackNetworkConfig(YamlLoadable):
    """A network: nodes in the order of the results of a run, links, classical links (None: instant between all)."""

    stacks: list[StackConfig]
    links: list[LinkConfig]
    clinks: list[CLinkConfig] | None = None

    def to_network(self) -> Network:
        """As `qcisim.stack` wants it. Raises `InputError` that names the file and line of what is wrong."""
        nodes = {}
        for stack in self.stacks:
            where = f"stack '{stack.name}'"
            if stack.name in nodes:
                raise ScenarioError(stack.place("name"), where, "a name of its own for every stack", "a second one")
            nodes[stack.name] = device(stack.qdevice_typ, stack.qdevice_cfg, where, stack.place("qdevice_typ"))
        links = []
        for link in self.links:
            where = f"link {link.stack1}-{link.stack2}"
            _check_ends(link, where, list(nodes))
            model = link_model(link.typ, link.cfg, where, link.place("typ"))
            links.append(PairLink(link.stack1, link.stack2, model))
        classical = []
        for clink in self.clinks or ():
            where = f"clink {clink.stack1}-{clink.stack2}"
            _check_ends(clink, where, list(nodes))
            delay_ns = clink_delay_ns(clink.typ, clink.cfg, where, clink.place("typ"))
            classical.append(ClassicalLink(clink.stack1, clink.stack2, delay_ns))
        return Network(nodes, tuple(links), tuple(classical) if self.clinks else None)


def _check_ends(link: LinkConfig | CLinkConfig, where: str, nodes: list[str]) -> None:
    for key, end, other in (("stack1", link.stack1, link.stack2), ("stack2", link.stack2, link.stack1)):
        if end not in nodes:
            hint = did_you_mean(end, nodes)
            raise ScenarioError(link.place(key), f"{where}: {key}", f"one of {', '.join(nodes)}", f"'{end}'", hint)
        if end == other:
            raise ScenarioError(link.place(key), where, "two nodes", f"'{end}' twice")
