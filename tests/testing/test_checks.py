"""The public must-hold assertions pass on everything registered, and catch what is broken."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import pytest

from qcisim import registry
from qcisim.errors import InputError
from qcisim.optics import ClassicalChannel, Detector, Fibre, FibreLink, LinkState, Receiver
from qcisim.quantum import Channel, identity
from qcisim.security import BlockCounts, SecretLength, Tomamichel2012, binary_entropy
from qcisim.testing import check_bound, check_link, check_protocol

registry.load_all()
RECEIVER = Receiver(Detector(0.8, 100.0, gate_s=3e-10))


@pytest.mark.parametrize("name", [entry.name for entry in registry.entries("bound")])
def test_every_registered_bound_holds(name: str) -> None:
    check_bound(name)


@dataclass(frozen=True)
class NoAmplification:
    """n (1 - f h(Q)): no privacy amplification at all, as a public code has it."""

    name: str = "naive"
    theorem: str = "none"
    fixed_length_only: bool = False

    def epsilon_shares(self, epsilon_secret: float) -> tuple[tuple[str, float], ...]:
        return (("all", epsilon_secret),)

    def secret_length(
        self,
        counts: BlockCounts,
        leak_bits: float,
        *,
        epsilon_secret: float,
        epsilon_correct: float,
        verification_bits: float = 0.0,
    ) -> SecretLength:
        terms = (("all", counts.key_total), ("leakage", -leak_bits), ("verification", -verification_bits))
        total = counts.key_total - leak_bits - verification_bits
        bits = max(0, math.floor(total))
        return SecretLength(bits, epsilon_secret, epsilon_correct, terms, self.theorem, "" if bits else "none")


class Overspent(Tomamichel2012):
    """Spends its epsilon twice."""

    def epsilon_shares(self, epsilon_secret: float) -> tuple[tuple[str, float], ...]:
        return ("a", epsilon_secret), ("b", epsilon_secret)


class RoundedUp(Tomamichel2012):
    """Rounds a length up."""

    def secret_length(self, *args: object, **options: object) -> SecretLength:
        seen = super().secret_length(*args, **options)  # type: ignore[arg-type]
        forged = object.__new__(SecretLength)
        for field in SecretLength.__dataclass_fields__:
            object.__setattr__(forged, field, getattr(seen, field))
        object.__setattr__(forged, "bits", seen.bits + 1 if seen.bits else 0)
        return forged


class Asymptotic(Tomamichel2012):
    """Claims the asymptotic fraction for every block."""

    def secret_length(self, counts: BlockCounts, leak_bits: float, **options: float) -> SecretLength:  # type: ignore[override]
        qber = counts.test_error_total / counts.test_total
        terms = (
            ("n", counts.key_total * (1.0 - binary_entropy(min(0.5, qber)))),
            ("leakage", -leak_bits),
            ("tag", -options.get("verification_bits", 0.0)),
        )
        bits = max(0, math.floor(math.fsum(v for _, v in terms)))
        eps = options["epsilon_secret"], options["epsilon_correct"]
        return SecretLength(bits, *eps, terms, "T", "" if bits else "none")


@pytest.mark.parametrize(
    ("broken", "settings", "law"),
    [
        (NoAmplification(), 3, "PLOB|key from|errors"),
        (Overspent(), 1, "shares of epsilon"),
        (RoundedUp(), 1, "terms add up"),
        (Asymptotic(), 1, "a key from"),
    ],
)
def test_broken_bounds_are_caught(broken: object, settings: int, law: str) -> None:
    with pytest.raises(AssertionError, match=law):
        check_bound(broken, settings=settings)  # type: ignore[arg-type]


def test_unknown_bounds_are_refused() -> None:
    with pytest.raises(InputError, match="did you mean"):
        check_bound("lim2015")


def drifting_link() -> FibreLink:
    fibre = Fibre(50.0, connector_db=1.5, misalignment_stokes_rad=0.1, drift_stokes_rad_per_sqrt_s=0.005)
    data = (ClassicalChannel(0.0, 1530.0), ClassicalChannel(0.0, 1530.0, "counter"))
    return FibreLink(fibre, RECEIVER, 1e9, classical_channels=data, rng=np.random.default_rng(1))


@pytest.mark.parametrize("length_km", [0.0, 1.0, 87.0, 400.0])
def test_fibre_links_hold(length_km: float) -> None:
    check_link(FibreLink(Fibre(length_km), RECEIVER, 1e9), RECEIVER)


def test_a_drifting_link_with_data_light_holds() -> None:
    check_link(drifting_link(), RECEIVER)


@dataclass
class Changed:
    """A link whose states are changed in one respect."""

    change: dict[str, object]

    def at(self, t_s: float = 0.0) -> LinkState:
        state = replace(drifting_link().at(t_s), t_s=t_s)
        made = object.__new__(LinkState)
        for field in LinkState.__dataclass_fields__:
            object.__setattr__(made, field, self.change.get(field, getattr(state, field)))
        return made


def not_positive() -> Channel:
    made = object.__new__(Channel)
    object.__setattr__(made, "kraus", identity().kraus * 1.1)
    return made


@pytest.mark.parametrize(
    ("change", "law"),
    [
        ({"losses_db": (("fibre", 3.0), ("fibre", 4.0))}, "named twice"),
        ({"losses_db": (("gain", -3.0),)}, "cannot amplify"),
        ({"delay_s": -1e-3}, "before it is sent"),
        ({"noise_per_gate": (("dark", -1e-3),)}, "negative noise"),
        ({"channel": not_positive()}, "trace not kept"),
        ({"t_s": 99.0}, "the state is that of 99 s"),
    ],
)
def test_broken_links_are_caught(change: dict[str, object], law: str) -> None:
    with pytest.raises(AssertionError, match=law):
        check_link(Changed(change), RECEIVER)


def test_a_link_that_changes_when_asked_twice_is_caught() -> None:
    class Fickle:
        count = 0

        def at(self, t_s: float = 0.0) -> LinkState:
            self.count += 1
            return replace(FibreLink(Fibre(10.0 + self.count), RECEIVER, 1e9).at(), t_s=t_s)

    with pytest.raises(AssertionError, match="asking twice"):
        check_link(Fickle(), RECEIVER)


def test_every_protocol_holds() -> None:
    from qcisim.simulation.protocols import protocols

    for name in protocols():
        check_protocol(name)


def test_broken_protocols_are_caught() -> None:
    from qcisim.simulation.protocols import find_protocol

    good = find_protocol("bb84")
    with pytest.raises(AssertionError, match="domain is empty"):
        check_protocol(replace(good, domain=""))
    with pytest.raises(InputError, match="unknown bound"):
        check_protocol(replace(good, bounds=("unheard",)))
    with pytest.raises(AssertionError, match="known"):
        check_protocol(replace(good, source_kinds=("carrier pigeon",)))
    with pytest.raises(AssertionError, match="without a program"):
        check_protocol(replace(good, alice=object))
