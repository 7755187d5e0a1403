"""Networks that several tests look at."""

from __future__ import annotations

import pytest

from qcisim.network import Link, Network, Node, legs, sites


@pytest.fixture
def belux() -> Network:
    """Brussels - Namur - Redu - Arlon - Luxembourg, the ends as ends."""
    ends = {"brussels", "luxembourg"}
    nodes = [s.node("end" if s.id in ends else "trusted") for s in sites().values()]
    return Network(nodes, [leg.link() for leg in legs().values()])


@pytest.fixture
def star() -> Network:
    """Two end nodes around a hub, as the announced MDI link is built."""
    nodes = [Node("a", "A", 50.0, 5.0), Node("b", "B", 49.6, 6.1), Node("hub", "hub", 49.7, 5.8, role="hub")]
    return Network(nodes, [Link("a-hub", ("a", "hub"), 87.0), Link("hub-b", ("hub", "b"), 45.0)])
