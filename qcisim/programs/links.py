"""What formulas need to know of a network: the Werner parameters of its links."""

from __future__ import annotations

import itertools
import math

import networkx as nx
import numpy as np

from qcisim.errors import QcisimError
from qcisim.stack.links.delivery import PairState, werner_pair
from qcisim.stack.spec import Network


class NoFormula(QcisimError):
    """The formula of a program does not cover a network; the text says why."""


class Links:
    """The links of a network, for ``expected(links, ...)``.

    Args:
        network: whose devices are taken as perfect.
    """

    def __init__(self, network: Network) -> None:
        self._network = network

    def werner(self, node_a: str, node_b: str) -> float:
        """w of the pairs w Phi+ + (1-w) 1/4 between two nodes; their fidelity is (1 + 3w)/4.

        Along repeaters, which are perfect here, the parameters of the links multiply.

        Raises `NoFormula` where a link makes other pairs, or the way over repeaters is not the only one.
        """
        chain: nx.Graph[str] = nx.Graph()
        for link in self._network.links:
            if {link.node_a, link.node_b} <= {node_a, node_b, *self._network.repeaters}:
                chain.add_edge(link.node_a, link.node_b, model=link.model)
        if not {node_a, node_b} <= set(chain) or not nx.has_path(chain, node_a, node_b):
            raise NoFormula(f"no link and no chain of repeaters joins {node_a} and {node_b}")
        ways = list(itertools.islice(nx.all_simple_paths(chain, node_a, node_b), 2))
        if chain.has_edge(node_a, node_b):
            ways = [[node_a, node_b]]
        if len(ways) > 1:
            raise NoFormula(f"{node_a} and {node_b} are joined in more than one way")
        return math.prod(
            self._werner(getattr(chain.edges[ends]["model"], "states", ()), "-".join(ends))
            for ends in itertools.pairwise(ways[0])
        )

    @staticmethod
    def _werner(states: tuple[PairState, ...], name: str) -> float:
        found = {round(state.fidelity, 12): state for state in states}
        if len(found) != 1:
            raise NoFormula(f"link {name} makes no Werner pairs")
        ((_, state),) = found.items()
        fidelity = state.fidelity
        if not np.allclose(state.phi_plus, werner_pair(fidelity).rho, atol=1e-10):
            raise NoFormula(f"link {name} makes no Werner pairs")
        return (4.0 * fidelity - 1.0) / 3.0
