"""What the pairs of a result rest on: lengths of heralded fibres, and how the network for pairs is simplified."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qcisim.simulation.result import Assumption

if TYPE_CHECKING:
    from qcisim.simulation.entanglement_spec import Heralded
    from qcisim.simulation.scenario import Scenario

_MODEL = (
    "heralded links: a station between two memories; heralded pairs and waiting memories are Pauli-twirled "
    "(fidelity and Bell weights are kept)",
    "memories are reserved for one demand and idle where it needs none; every node with a memory swaps for others",
    "no crosstalk between the lanes of a link or the memories of a node",
)


_SCHEMES = {
    "single_click": "one click of one photon",
    "double_click": "one click in each of two rounds",
    "polarisation_click": "two clicks, one in either polarisation",
}


def _heralding(key: str, spec: Heralded) -> str:
    pace = "attempts all the time" if spec.duty_cycle == 1.0 else f"attempts for {spec.duty_cycle:.3g} of the time"
    noise = "emitters without noise" if min(spec.emitted_fidelity) == 1.0 else "noisy emitters"
    return f"{key}: {_SCHEMES[spec.scheme]}, station at {spec.station_at:.3g} of the fibre, {noise}, {pace}"


def entanglement_assumptions(scenario: Scenario) -> list[Assumption]:
    """Empty without heralded links."""
    found = []
    for key, link in scenario.links.items():
        if link.heralded is not None:
            fibre = link.heralded.fibre
            text = f"{key}: heralded fibre of {fibre.length_km:g} km, {fibre.attenuation_db_per_km:g} dB/km"
            found += [
                Assumption(text, fibre.source, fibre.status),
                Assumption(_heralding(key, link.heralded), "model", "model"),
            ]
    if not found:
        return []
    presets = dict.fromkeys(node.memory.preset for node in scenario.nodes.values() if node.memory is not None)
    texts = [f"memories after the presets {', '.join(presets)}, with what the scenario changes", *_MODEL]
    return found + [Assumption(text, "model", "model") for text in texts]
