"""A chain of quantum repeaters as a scenario states it: nodes, spans of fibre, heralding, memories, rules."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from qcisim.simulation.equipment import Fibre
from qcisim.simulation.fields import Count, Flag, Identifier, Model, Number, Problem, probability, quantity, refuse
from qcisim.simulation.heralding_spec import Heralding


class Memories(Model):
    """The memories of the nodes of a chain: a preset, and what differs from it."""

    preset: str = Field("nv", description="memory preset, see `qcisim list memory`")
    t1_s: Number | None = quantity("s", "relaxation time", None, gt=0.0, le=1e9)
    t2_s: Number | None = quantity("s", "coherence time, at most twice t1_s", None, gt=0.0, le=1e9)
    gate_depolarising: Number | None = quantity("1", "of a two-qubit gate", None, ge=0.0, le=1.0)
    readout_error_zero: Number | None = quantity("1", "probability that 0 is read as 1", None, ge=0.0, le=0.5)
    readout_error_one: Number | None = quantity("1", "probability that 1 is read as 0", None, ge=0.0, le=0.5)
    swap_success: Number | None = quantity("1", "of a Bell measurement", None, gt=0.0, le=1.0)
    memories: Count | None = quantity("1", "qubits of a node that can hold a pair", None, ge=1, le=10_000)


class Distillation(Model):
    """Rounds that turn several pairs into fewer, better ones: as many as said, or as few as reach a fidelity."""

    scheme: Literal["dejmps", "bbpssw", "epl"] = Field("dejmps", description="protocol of every round")
    pumped: Flag = Field(False, description="each round spends a fresh pair instead of an equally good one")
    elementary: Count = quantity("1", "rounds for the pairs of each span", 0, ge=0, le=16)
    levels: tuple[Count, ...] = Field((), description="rounds for pairs that repeaters of rank 0, 1, ... made")
    end_to_end: Count = quantity("1", "rounds for the pairs of the two ends", 0, ge=0, le=16)
    target_fidelity: Number | None = quantity("1", "plan the rounds for this fidelity", None, ge=0.25, le=1.0)

    @model_validator(mode="after")
    def _rounds(self) -> Distillation:
        if self.target_fidelity is not None and (self.elementary or self.levels or self.end_to_end):
            refuse(Problem(("target_fidelity",), "either rounds or a target_fidelity", "both"))
        return self


class RepeaterChain(Heralding):
    """Quantum repeaters between the two ends of a link: nobody on the way has to be trusted."""

    repeaters: tuple[Identifier, ...] = Field(description="ids of the nodes in between, in order", max_length=1000)
    spans: tuple[Fibre, ...] = Field(
        description="the fibre of each span, one more than repeaters, a station on each", min_length=1
    )
    memory: Memories = Field(Memories(), description="memories of all nodes")
    lanes: Count = quantity("1", "memories that each span uses at either of its ends", 1, ge=1, le=1000)
    policy: Literal["swap_asap", "doubling", "sequential"] = Field("swap_asap", description="when repeaters swap")
    cutoff_s: Number | None = quantity("s", "no memory keeps a qubit longer; no limit by default", None, gt=0.0, le=1e6)
    distillation: Distillation = Field(Distillation(), description="of pairs, before they are swapped or delivered")
    key_basis_probability: Number = probability("that an end measures in the key basis", 0.9, open_interval=True)

    @model_validator(mode="after")
    def _spans(self) -> RepeaterChain:
        wanted = len(self.repeaters) + 1
        if len(self.spans) != wanted:
            got = f"{len(self.spans)} spans for {len(self.repeaters)} repeaters"
            refuse(Problem(("spans",), f"{wanted} spans, one more than repeaters", got))
        if len(set(self.repeaters)) != len(self.repeaters):
            refuse(Problem(("repeaters",), "different nodes", ", ".join(self.repeaters)))
        for i, span in enumerate(self.spans):
            if span.trusted_relays:
                refuse(Problem(("spans", i, "trusted_relays"), "no trusted relays on a span", str(span.trusted_relays)))
        return self
