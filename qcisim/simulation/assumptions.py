"""What a result rests on: said with the result, never left to the reader."""

from __future__ import annotations

from collections.abc import Mapping

from qcisim.simulation.entanglement_assumptions import entanglement_assumptions
from qcisim.simulation.known import fact
from qcisim.simulation.link_model import SampledLink
from qcisim.simulation.passes import Timetable
from qcisim.simulation.result import Assumption
from qcisim.simulation.scenario import Scenario
from qcisim.simulation.space_assumptions import space_assumptions

MODEL_SOURCE = "model"


def link_assumptions(model: SampledLink) -> tuple[str, ...]:
    """The assumptions under which the key of one link is secret, and how its resolution simplifies it."""
    spec = model.spec
    found = list(model.protocol.assumptions)
    if spec.source.kind == "single_photon":
        found = [text for text in found if "weak coherent" not in text and "intensities" not in text]
    if fact("bound", spec.protocol.bound, "finite_size") != "yes":
        found.append(f"bound '{spec.protocol.bound}': no claim about a finite block, so the epsilon is not proven")
    found += model.assumptions()
    if spec.fibre is not None and spec.fibre.trusted_relays:
        found.append(f"{spec.fibre.trusted_relays} trusted relays on the way read every key of the link")
    if spec.attack is not None:
        share = f"{spec.attack.fraction * 100.0:g} % of the rounds"
        found.append(f"attack on the quantum channel: {spec.attack.name}, {share}")
    return tuple(found)


def assumptions_of(
    scenario: Scenario, models: Mapping[str, SampledLink], timetable: Timetable
) -> tuple[Assumption, ...]:
    """The assumptions of a whole run: lengths, losses, resolutions, trust, and what no theorem here covers."""
    found = []
    if scenario.key_links:
        text = "every key is simulated: no result of this run is fit to protect anything"
        found.append(Assumption(text, MODEL_SOURCE, "certain"))
    for link_id, status, source in scenario.reports_status():
        fibre = scenario.links[link_id].fibre
        assert fibre is not None  # reports_status yields links with a fibre
        found.append(Assumption(f"{link_id}: fibre length {fibre.length_km:g} km", source, status))
    found += dict.fromkeys(
        Assumption(f"arm from {end} to {link.middle}: fibre length {fibre.length_km:g} km", fibre.source, fibre.status)
        for link in scenario.links.values()
        for end, arm in zip(link.between, link.arms or (), strict=False)
        if (fibre := arm.fibre) is not None
    )
    for link_id, link in scenario.links.items():
        if link.chain is not None:
            nodes = (link.between[0], *link.chain.repeaters, link.between[1])
            found += [
                Assumption(f"{link_id}: fibre length {span.length_km:g} km from {a} to {b}", span.source, span.status)
                for a, b, span in zip(nodes, nodes[1:], link.chain.spans, strict=False)
            ]
    every = [part.fibre for link in scenario.links.values() for part in (link, *(link.arms or ()))]
    every += [span for link in scenario.links.values() if link.chain is not None for span in link.chain.spans]
    losses = {(fibre.attenuation_db_per_km, fibre.connector_db) for fibre in every if fibre is not None}
    for attenuation, connectors in sorted(losses):
        text = f"attenuation {attenuation:g} dB/km, connectors and splices {connectors:g} dB a link: not measured"
        found.append(Assumption(text, "scenario", "estimated"))
    found += space_assumptions(scenario, timetable)
    found += entanglement_assumptions(scenario)
    resolutions = {scenario.resolution_of(link_id) for link_id in models}
    if "counts" in resolutions:
        text = "resolution counts: block statistics are drawn exactly, the leakage of reconciliation is planned"
        found.append(Assumption(text, MODEL_SOURCE, "model"))
    if "rates" in resolutions:
        found.append(Assumption("resolution rates: expected values, no fluctuations", MODEL_SOURCE, "model"))
    trusted = [node_id for node_id, node in scenario.nodes.items() if node.role == "trusted"]
    if trusted:
        text = f"trusted nodes read every key that they relay: {', '.join(trusted)}"
        found.append(Assumption(text, "ITU-T Y.3803", "trust"))
    proofs = dict.fromkeys(text for model in models.values() for text in link_assumptions(model))
    found += [Assumption(text, "security proof", "assumed") for text in proofs]
    if scenario.key_links:
        text = "not covered: side channels of devices, detector control, what happens to a key after its delivery"
        found.append(Assumption(text, "ISO/IEC 23837", "not covered"))
    return tuple(found)
