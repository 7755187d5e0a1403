"""What formulas need to know of a network: the Werner parameters of its links."""

from __future__ import annotations

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

        Raises `NoFormula` where the pairs are others, or come over repeaters.
        """
        ends = {node_a, node_b}
        for link in self._network.links:
            if {link.node_a, link.node_b} == ends:
                return self._werner(getattr(link.model, "states", ()), f"{node_a}-{node_b}")
        raise NoFormula(f"{node_a} and {node_b} have no link of their own")

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
