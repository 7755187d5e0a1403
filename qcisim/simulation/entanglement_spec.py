"""Entanglement as a service, as a scenario states it: heralded links, demands for pairs, rules of the network."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from qcisim.simulation.equipment import Fibre
from qcisim.simulation.fields import Count, Identifier, Model, Number, Problem, quantity, refuse
from qcisim.simulation.heralding_spec import Heralding


class Heralded(Heralding):
    """A fibre with a station on it that heralds pairs between the memories of two nodes."""

    fibre: Fibre = Field(description="the fibre from node to node")
    lanes: Count = quantity(
        "1", "pairs that the station heralds side by side: colours, time slots or fibres", 1, ge=1, le=1000
    )

    @model_validator(mode="after")
    def _fibre(self) -> Heralded:
        if self.fibre.trusted_relays:
            got = str(self.fibre.trusted_relays)
            refuse(Problem(("fibre", "trusted_relays"), "no trusted relays between two memories", got))
        if self.fibre.classical_channels:
            hint = "dark_count_probability stands for every click that is no photon of a memory"
            refuse(Problem(("fibre", "classical_channels"), "a fibre without classical channels", "some", hint))
        return self


class PairDemand(Model):
    """Two nodes that ask for entangled pairs of a fidelity at a steady rate."""

    kind: Literal["pairs"] = Field("pairs", description="keys, or pairs")
    from_node: Identifier = Field(alias="from", description="id of the node that asks")
    to_node: Identifier = Field(alias="to", description="id of the other node")
    fidelity: Number = quantity(
        "1", "of the pairs with Phi+, at least", ge=0.25, le=1.0, why="white noise has 0.25, a perfect pair 1"
    )
    rate_hz: Number = quantity("Hz", "pairs per second, at least", gt=0.0, le=1e9)
    lanes: Count | None = quantity(
        "1", "memories to reserve at either end; as many as it takes by default", None, ge=1, le=1000
    )
    sector: str = Field("", description="whose demand: science, government, finance, ...", max_length=100)
    text: str = Field("", description="what the pairs are for", max_length=2000)


class Entanglement(Model):
    """How pairs are routed: for all demands of the kind pairs."""

    paths: Count = quantity("1", "shortest paths that are looked at for a demand", 4, ge=1, le=50)
    most_rounds: Count = quantity("1", "rounds of distillation, of links and end to end together", 2, ge=0, le=4)
    policy: Literal["swap_asap", "doubling", "sequential"] = Field("swap_asap", description="when repeaters swap")
    cutoff_s: Number | None = quantity("s", "no memory keeps a qubit longer; no limit by default", None, gt=0.0, le=1e6)
    turn_s: Number | None = quantity(
        "s",
        "where memories are too few for all at once, demands take turns of this length; a hundredth of the run by "
        "default",
        None,
        gt=0.0,
        le=1e6,
    )
