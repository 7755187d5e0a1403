"""What a user can name in this room: memory devices and swap policies."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from qcisim.registry import Entry, Parameter, register
from qcisim.repeaters.device import ATOMIC_ENSEMBLE, NV, PERFECT_DEVICE, QUANTUM_DOT, SIV, TRAPPED_ION, MemoryDevice
from qcisim.repeaters.policy import doubling, sequential, swap_asap

_LONG_S = 1e6
_MODELS = (
    "A qubit that waits: amplitude damping with T1 and the dephasing that is left of T2; two-qubit gates that "
    "depolarise, measurements that misread, durations of both; Bell measurements that succeed with a probability."
)
_IGNORES = (
    "One-qubit gate errors, initialisation, dephasing of stored qubits by attempts of their neighbours, crosstalk, "
    "non-exponential decay, retrieval that weakens with time."
)
_DOMAIN = "T2 at most 2 T1. Chains use the Pauli twirl of the waiting channel, exact where T1 is infinite."


def _parameters(good: MemoryDevice) -> tuple[Parameter, ...]:
    rows = (
        ("t1_s", "s", 1e-9, math.inf, "relaxation time"),
        ("t2_s", "s", 1e-9, math.inf, "coherence time"),
        ("gate_depolarising", "1", 0.0, 1.0, "of a two-qubit gate"),
        ("readout_error_zero", "1", 0.0, 1.0, "|0> read as 1"),
        ("readout_error_one", "1", 0.0, 1.0, "|1> read as 0"),
        ("swap_success", "1", 0.0, 1.0, "of a Bell measurement"),
        ("gate_s", "s", 0.0, 10.0, "duration of a two-qubit gate"),
        ("readout_s", "s", 0.0, 10.0, "duration of a measurement"),
        ("memories", "1", 1, 10_000, "qubits of a node that can hold a pair"),
        ("efficiency", "1", 0.0, 1.0, "a photon entangled with the qubit leaves the node"),
    )
    return tuple(
        Parameter(name, unit, low, high, min(getattr(good, name), _LONG_S), text)
        for name, unit, low, high, text in rows
    )


def _maker(preset: MemoryDevice) -> Callable[..., MemoryDevice]:
    def make(**overrides: Any) -> MemoryDevice:
        """The preset with some of its fields replaced."""
        return replace(preset, **overrides)

    return make


def _memory(name: str, preset: MemoryDevice, summary: str, source: str) -> None:
    register(
        Entry(
            kind="memory",
            name=name,
            summary=summary,
            models=_MODELS,
            ignores=_IGNORES,
            domain=_DOMAIN,
            source=source,
            parameters=_parameters(preset),
            make=_maker(preset),
        )
    )


_memory(
    "perfect",
    PERFECT_DEVICE,
    "No decay, no errors, no delay: the ideal that formulas are about",
    "Definition.",
)
_memory(
    "nv",
    NV,
    "NV centre: carbon-13 memory, T1 10 h, T2 1 s, gates 2 % depolarising, two qubits",
    "T1, T2, gate and read-out errors: default NV device of published network simulations, second-hand. Gate 500 us, "
    "read-out 3.7 us: the same, second-hand. Photon detection 3.5e-4 as in Humphreys et al., Nature 558, 268 (2018), "
    "second-hand; it contains the detector.",
)
_memory(
    "siv",
    SIV,
    "SiV centre in a nanocavity: silicon-29 memory, T2 2.1 s, two qubits",
    "T2 of the nuclear memory 2.1(1) s under decoupling: Stas et al., Science 378, 557 (2022), read. Gate and "
    "read-out errors, durations and efficiency are assumptions of this preset. T1 is taken as infinite.",
)
_memory(
    "trapped_ion",
    TRAPPED_ION,
    "Calcium ions in a cavity: T2 85 ms, gates 10 % depolarising, ten qubits, 9.1 % photons",
    "T2, gate noise, gate and measurement times: Avis et al., npj Quantum Inf. 9, 100 (2023), Appendix A.6, "
    "second-hand. Ten ions and photon detection 9.1(8) %: Canteri et al., arXiv:2406.09480, abstract. Read-out errors "
    "are an assumption of this preset.",
)
_memory(
    "atomic_ensemble",
    ATOMIC_ENSEMBLE,
    "Cold atoms: T2 1 ms, Bell measurement by linear optics (1/2)",
    "Storage time 1 ms of single excitations: Zhao et al., Nature Phys. 5, 95 (2009), abstract. Linear optics "
    "distinguishes two of four Bell states: Calsamiglia and Luetkenhaus, Appl. Phys. B 72, 67 (2001); retrieval and "
    "detector efficiency come on top of 1/2. Efficiency is an assumption of this preset.",
)
_memory(
    "quantum_dot",
    QUANTUM_DOT,
    "GaAs quantum dot, decoupled electron spin: T2 0.113 ms, one qubit, bright",
    "T2 0.113(3) ms under decoupling: Zaporski et al., Nature Nanotechnol. 18, 257 (2023), abstract. Everything else "
    "is an assumption of this preset; a dot of one qubit can be an end, not a repeater.",
)


def _policy(name: str, make: Callable[[int], Any], summary: str, models: str, ignores: str, source: str) -> None:
    register(
        Entry(
            kind="policy",
            name=name,
            summary=summary,
            models=models,
            ignores=ignores,
            domain="Chains of any length; every repeater acts on what light has been able to tell it.",
            source=source,
            facts=(("decides", "when a repeater swaps"),),
            make=make,
        )
    )


_policy(
    "swap_asap",
    swap_asap,
    "Repeaters swap as soon as both their neighbours have heralded",
    "No message is waited for before a swap; the ends learn of all results.",
    "Pairs in between are known to nobody in time, so they cannot be distilled.",
    "Coopmans et al., Commun. Phys. 4, 164 (2021), swap-asap; Inesta et al., npj Quantum Inf. 9, 46 (2023)",
)
_policy(
    "doubling",
    doubling,
    "Nested swapping: pairs double their length from level to level",
    "Repeater i waits until it knows that those of fewer factors of two have swapped on both sides.",
    "Chains whose number of links is no power of two end with unequal halves.",
    "Briegel, Duer, Cirac, Zoller, Phys. Rev. Lett. 81, 5932 (1998)",
)
_policy(
    "sequential",
    sequential,
    "One end's pair grows repeater by repeater to the other end",
    "Repeater i waits until it knows that its left partner is the first node.",
    "Links far from the first node wait longest.",
    "Definition; compared with others by Kamin et al., Phys. Rev. Research 5, 023086 (2023)",
)
