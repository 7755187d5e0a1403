"""Programs in a scenario: processors of nodes, what links give them, which program runs where, when and how secured."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from qcisim.simulation.fields import Count, Identifier, Model, Number, Problem, probability, quantity, refuse


class Processor(Model):
    """A few qubits that programs of a node use: a kind of device, a memory preset, and what differs from it."""

    device: Literal["generic", "nv"] = Field(
        "generic", description="generic: equal qubits that all can hold half of a pair; nv: one electron and carbons"
    )
    preset: str | None = Field(
        None, description="memory preset, see `qcisim list memory`; the usual SquidASM device where none is named"
    )
    qubits: Count | None = quantity("1", "qubits of the memory", None, ge=1, le=1000)
    t1_s: Number | None = quantity("s", "relaxation time of an idle qubit; nv: of carbons", None, gt=0.0, le=1e9)
    t2_s: Number | None = quantity("s", "coherence time, at most twice t1_s; nv: of carbons", None, gt=0.0, le=1e9)
    electron_t1_s: Number | None = quantity("s", "nv: relaxation time of the electron", None, gt=0.0, le=1e9)
    electron_t2_s: Number | None = quantity("s", "nv: coherence time of the electron", None, gt=0.0, le=1e9)
    init_s: Number | None = quantity("s", "to initialise a qubit; nv: a carbon", None, ge=0.0, le=10.0)
    single_qubit_gate_s: Number | None = quantity("s", "a gate of one qubit; nv: of a carbon", None, ge=0.0, le=10.0)
    two_qubit_gate_s: Number | None = quantity("s", "a gate of two qubits", None, ge=0.0, le=10.0)
    measure_s: Number | None = quantity("s", "a measurement", None, ge=0.0, le=10.0)
    single_qubit_gate_depolarising: Number | None = quantity("1", "of a gate of one qubit", None, ge=0.0, le=1.0)
    two_qubit_gate_depolarising: Number | None = quantity(
        "1", "of a gate of two qubits, on each of them", None, ge=0.0, le=1.0
    )
    readout_error_zero: Number | None = quantity("1", "nv: probability that 0 is read as 1", None, ge=0.0, le=0.5)
    readout_error_one: Number | None = quantity("1", "nv: probability that 1 is read as 0", None, ge=0.0, le=0.5)
    efficiency: Number | None = quantity(
        "1",
        "at a hub: a photon entangled with a qubit gets into the fibre; of the preset, or 0.1",
        None,
        gt=0.0,
        le=1.0,
        why="no source emits more than it is asked for",
    )
    preparation_s: Number = quantity("s", "at a hub: to prepare a qubit for an attempt", 5e-6, gt=0.0, le=1.0)
    storing: Number = quantity(
        "1",
        "from a source of pairs: the memory keeps a photon that the receiver of the arm would have seen",
        1.0,
        gt=0.0,
        le=1.0,
        why="it cannot keep what does not come",
    )


class LinkPrograms(Model):
    """What programs get from a link: a share of its time, in which pairs are made for them."""

    share: Number = quantity(
        "1",
        "share of the link's time in which it makes pairs for programs; the rest makes key",
        1.0,
        gt=0.0,
        le=1.0,
        why="programs get all of the link's time at most",
    )
    cycle_s: Number = quantity("s", "in each cycle first programs have their share, then keys", 1.0, gt=0.0, le=1e6)
    scheme: Literal["single_click", "double_click"] = Field("double_click", description="hub: how pairs are heralded")
    bright: Number = probability(
        "hub, single_click: population of the bright state at the end with more loss; the other end has less, so that "
        "both arrive alike",
        0.05,
        open_interval=True,
    )
    phase_rms_rad: Number = quantity("rad", "hub: rms of the optical phase between the arms", 0.0, ge=0.0, le=10.0)


class ProgramSpec(Model):
    """Programs for the roles of an application, put on nodes and run a number of times."""

    program: str = Field(
        description="a shipped program, see `qcisim list program`; or a folder, with a slash in its path",
        min_length=1,
        max_length=500,
    )
    roles: dict[str, Identifier] = Field(description="node of each role, by the role's name in the program")
    links: tuple[Identifier, ...] = Field(
        (), description="ids of the links whose pairs it uses; all that join its nodes where none is named"
    )
    swap_at: tuple[Identifier, ...] = Field(
        (), description="ids of nodes without a role whose processors join pairs of two links by swapping"
    )
    times: Count = quantity("1", "how often it runs", 1, ge=1, le=1_000_000)
    start_s: Number = quantity("s", "when it first runs", 0.0, ge=0.0, le=1e9)
    period_s: Number | None = quantity(
        "s",
        "from one start to the next, or later while one still runs; one after the other by default",
        None,
        gt=0.0,
        le=1e9,
    )
    timeout_s: Number | None = quantity(
        "s", "a run that takes longer has failed; no limit by default", None, gt=0.0, le=1e9
    )
    messages: Literal["plain", "authenticated", "encrypted"] = Field(
        "plain", description="how classical messages are protected with keys from the key managers"
    )
    cipher: Literal["one_time_pad", "aes_gcm"] = Field("one_time_pad", description="encrypted: with which cipher")
    max_key_wait_s: Number | None = quantity(
        "s", "a message that waits longer for key fails its run; no limit by default", None, ge=0.0, le=1e9
    )
    parameters: dict[str, Any] = Field({}, description="parameters of the program by name")
    text: str = Field("", description="what the program is for", max_length=2000)

    @model_validator(mode="after")
    def _whole(self) -> ProgramSpec:
        if not self.roles:
            refuse(Problem(("roles",), "at least one role and its node", "none"))
        for name, value in self.parameters.items():
            if not isinstance(value, bool | int | float | str):
                got = "nothing" if value is None else f"a {type(value).__name__}"
                refuse(Problem(("parameters", name), "a number, true or false, or text", got))
        seen: dict[str, str] = {}
        for role, node in self.roles.items():
            if (other := seen.setdefault(node, role)) != role:
                got = f"'{node}', which has the role {other} already"
                refuse(Problem(("roles", role), "a node of its own for each role", got))
        if both := [node for node in self.swap_at if node in seen]:
            refuse(Problem(("swap_at", self.swap_at.index(both[0])), "a node without a role", f"'{both[0]}'"))
        if self.messages != "encrypted" and "cipher" in self.model_fields_set:
            refuse(Problem(("cipher",), "messages: encrypted with a cipher", f"messages: {self.messages}"))
        if self.messages == "plain" and self.max_key_wait_s is not None:
            refuse(Problem(("max_key_wait_s",), "messages that need key", "messages: plain"))
        return self
