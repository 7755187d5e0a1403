"""Nodes, links, domains and routes; the sites and legs that shipped scenarios stand on. No physics."""

from qcisim.network.link import LENGTH_STATUSES, LengthStatus, Link
from qcisim.network.network import WEIGHTS, Network, Weight
from qcisim.network.node import ROLES, Node, Role
from qcisim.network.route import Route
from qcisim.network.site import Leg, Site, leg, legs, load_sites, site, sites

__all__ = [
    "LENGTH_STATUSES",
    "ROLES",
    "WEIGHTS",
    "Leg",
    "LengthStatus",
    "Link",
    "Network",
    "Node",
    "Role",
    "Route",
    "Site",
    "Weight",
    "leg",
    "legs",
    "load_sites",
    "site",
    "sites",
]
