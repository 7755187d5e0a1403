"""What programs in a scenario rest on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qcisim.simulation.program_devices import device_assumption
from qcisim.simulation.program_links import kind_of
from qcisim.simulation.result import Assumption

if TYPE_CHECKING:
    from qcisim.simulation.scenario import Scenario

_MODEL = "model"


def assumptions_of(scenario: Scenario) -> tuple[Assumption, ...]:
    """The assumptions of all programs of a scenario."""
    texts = [
        "a processor serves one program at a time: programs whose nodes are busy wait, first come, first served",
        "messages of programs go along the fibres of the scenario, or over land at 1.5 great circles",
    ]
    kinds = {kind_of(link) for link in scenario.links.values() if link.programs is not None}
    for link_id, link in scenario.links.items():
        if link.programs is None or link.key_source == "none":
            continue
        share, cycle_s = link.programs.share, link.programs.cycle_s
        texts.append(
            f"{link_id}: in every {cycle_s:g} s the first {100.0 * share:g} % make pairs for programs, the rest makes "
            "key; no photon is counted twice"
        )
    if "heralding hub" in kinds:
        texts.append(
            "at a hub of programs both ends emit photons entangled with their qubits; its detectors and fibres are "
            "those of the link"
        )
    if kinds & {"source of pairs", "source of pairs on a satellite"}:
        texts.append(
            "a memory that keeps photons of a source of pairs stands for the receiver of its arm: it keeps what would "
            "have clicked, accidentals included, times the processor's storing"
        )
    if "repeater chain" in kinds:
        texts.append(
            "a chain of repeaters begins with empty memories for every pair of a program and every window of theirs"
        )
    nodes = {node for spec in scenario.programs.values() for node in (*spec.roles.values(), *spec.swap_at)}
    for node in scenario.nodes:
        processor = scenario.nodes[node].processor
        if node in nodes and processor is not None:
            texts.append(device_assumption(node, processor))
    if any(spec.messages == "encrypted" and spec.cipher == "aes_gcm" for spec in scenario.programs.values()):
        texts.append("messages under AES-GCM are secret against whoever cannot break AES, not for ever")
    return tuple(Assumption(text, _MODEL, "model") for text in texts if text)
