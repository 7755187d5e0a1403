"""Channels: laws by hypothesis, every constructor against qutip."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import qutip
from hypothesis import given
from hypothesis import strategies as st

from qcisim.errors import PhysicsError
from qcisim.quantum import (
    PAULIS,
    Channel,
    Matrix,
    amplitude_damping,
    bb84_ket,
    bell_state,
    bit_flip,
    check_density,
    density,
    dephasing,
    depolarising,
    erasure,
    identity,
    mixture,
    pauli,
    quaternion,
    rotation,
    rotation_y,
    sequence,
    trace_distance,
    unitary,
)
from qcisim.quantum.bridge import from_qutip, to_qutip

probability = st.floats(0.0, 1.0)
angle = st.floats(-7.0, 7.0)

QUBIT_CHANNELS: dict[str, tuple[Callable[..., Channel], int]] = {
    "amplitude_damping": (amplitude_damping, 1),
    "bit_flip": (bit_flip, 1),
    "dephasing": (dephasing, 1),
    "depolarising": (depolarising, 1),
    "pauli": (lambda a, b, c: pauli(a / 3, b / 3, c / 3), 3),
    "rotation": (lambda a, b, c: rotation(7 * a, 7 * b, 7 * c), 3),
    "rotation_y": (lambda a: rotation_y(7 * a), 1),
}


@st.composite
def channels(draw: st.DrawFn) -> Channel:
    make, arguments = draw(st.sampled_from(sorted(QUBIT_CHANNELS.items())))[1]
    return make(*(draw(probability) for _ in range(arguments)))


@st.composite
def densities(draw: st.DrawFn, dimension: int = 2) -> Matrix:
    values = [draw(st.floats(-1.0, 1.0)) for _ in range(2 * dimension * dimension)]
    half = len(values) // 2
    a = (np.array(values[:half]) + 1j * np.array(values[half:])).reshape(dimension, dimension)
    rho = a @ a.conj().T + 1e-3 * np.eye(dimension)
    return check_density(rho / rho.trace().real)


@given(channels())
def test_completely_positive_and_trace_preserving(channel: Channel) -> None:
    choi = channel.choi
    assert np.linalg.eigvalsh(choi).min() > -1e-12
    traced = np.einsum("iaja->ij", choi.reshape(2, 2, 2, 2))
    assert np.abs(traced - np.eye(2)).max() < 1e-12


@given(channels(), channels(), densities())
def test_composition_is_the_matrix_product(first: Channel, second: Channel, rho: Matrix) -> None:
    both = first.then(second)
    assert np.abs(both.superop - second.superop @ first.superop).max() < 1e-12
    assert np.abs(both.apply(rho) - second.apply(first.apply(rho))).max() < 1e-12


@given(channels(), densities())
def test_superop_acts_on_column_stacked_states(channel: Channel, rho: Matrix) -> None:
    stacked = channel.superop @ rho.reshape(-1, order="F")
    assert np.abs(stacked.reshape(2, 2, order="F") - channel.apply(rho)).max() < 1e-12


@given(channels(), densities(), densities())
def test_data_processing(channel: Channel, rho: Matrix, sigma: Matrix) -> None:
    assert trace_distance(channel.apply(rho), channel.apply(sigma)) <= trace_distance(rho, sigma) + 1e-12


@given(channels(), channels(), densities(), densities())
def test_tensor_acts_on_each_side(left: Channel, right: Channel, rho: Matrix, sigma: Matrix) -> None:
    joint = left.tensor(right).apply(np.kron(rho, sigma))
    assert np.abs(joint - np.kron(left.apply(rho), right.apply(sigma))).max() < 1e-12


@given(channels(), densities())
def test_qutip_agrees_and_converts_back(channel: Channel, rho: Matrix) -> None:
    theirs = to_qutip(channel)
    assert theirs.iscptp
    image = qutip.vector_to_operator(theirs * qutip.operator_to_vector(qutip.Qobj(rho)))
    assert np.abs(image.full() - channel.apply(rho)).max() < 1e-12
    back = from_qutip(theirs)
    assert isinstance(back, Channel)
    assert np.abs(back.superop - channel.superop).max() < 1e-7  # qutip takes roots of rounded Choi eigenvalues


def _qutip_super(kraus: list[qutip.Qobj]) -> np.ndarray:
    return sum(qutip.sprepost(k, k.dag()) for k in kraus).full()


p = 0.3
diagonal = (qutip.sigmax() + qutip.sigmay() + qutip.sigmaz()) / math.sqrt(3)
ORACLES = {
    "identity": (identity(), [qutip.qeye(2)]),
    "dephasing": (dephasing(p), [math.sqrt(1 - p) * qutip.qeye(2), math.sqrt(p) * qutip.sigmaz()]),
    "bit_flip": (bit_flip(p), [math.sqrt(1 - p) * qutip.qeye(2), math.sqrt(p) * qutip.sigmax()]),
    "depolarising": (
        depolarising(p),
        [
            math.sqrt(1 - 0.75 * p) * qutip.qeye(2),
            *(math.sqrt(p) / 2 * s for s in (qutip.sigmax(), qutip.sigmay(), qutip.sigmaz())),
        ],
    ),
    "pauli": (
        pauli(0.1, 0.2, 0.3),
        [
            math.sqrt(0.4) * qutip.qeye(2),
            math.sqrt(0.1) * qutip.sigmax(),
            math.sqrt(0.2) * qutip.sigmay(),
            math.sqrt(0.3) * qutip.sigmaz(),
        ],
    ),
    "rotation_y": (rotation_y(p), [(-0.5j * p * qutip.sigmay()).expm()]),
    "rotation": (
        rotation(0.3, -0.4, 0.5),
        [(-0.5j * (0.3 * qutip.sigmax() - 0.4 * qutip.sigmay() + 0.5 * qutip.sigmaz())).expm()],
    ),
    "quaternion": (quaternion(0.5, 0.5, 0.5, 0.5), [(-1j * math.pi / 3 * diagonal).expm()]),
    "amplitude_damping": (
        amplitude_damping(p),
        [qutip.Qobj([[1, 0], [0, math.sqrt(1 - p)]]), math.sqrt(p) * qutip.destroy(2)],
    ),
    "unitary": (unitary(PAULIS[1]), [qutip.sigmax()]),
    "mixture": (
        mixture([0.3, 0.7], [identity(), unitary(PAULIS[1])]),
        [math.sqrt(0.3) * qutip.qeye(2), math.sqrt(0.7) * qutip.sigmax()],
    ),
    "erasure": (
        erasure(p),
        [
            math.sqrt(1 - p)
            * (qutip.basis(3, 0) * qutip.basis(2, 0).dag() + qutip.basis(3, 1) * qutip.basis(2, 1).dag()),
            math.sqrt(p) * qutip.basis(3, 2) * qutip.basis(2, 0).dag(),
            math.sqrt(p) * qutip.basis(3, 2) * qutip.basis(2, 1).dag(),
        ],
    ),
    "sequence": (
        sequence(dephasing(0.1), rotation_y(0.4)),
        [
            u * k
            for u in [(-0.2j * qutip.sigmay()).expm()]
            for k in (math.sqrt(0.9) * qutip.qeye(2), math.sqrt(0.1) * qutip.sigmaz())
        ],
    ),
}


@pytest.mark.parametrize("name", ORACLES)
def test_every_channel_against_qutip(name: str) -> None:
    channel, kraus = ORACLES[name]
    assert np.abs(channel.superop - _qutip_super(kraus)).max() < 1e-12


def test_single_rail_loss_is_amplitude_damping_of_qutips_oscillator() -> None:
    """A lossy mode, solved as a master equation, against the Kraus operators."""
    loss_rate, time = 0.7, 0.9
    start = qutip.ket2dm((qutip.basis(2, 0) + qutip.basis(2, 1)).unit())
    solved = qutip.mesolve(
        qutip.qzero(2),
        start,
        [0.0, time],
        c_ops=[math.sqrt(loss_rate) * qutip.destroy(2)],
        options={"atol": 1e-14, "rtol": 1e-12},
    ).states[-1]
    ours = amplitude_damping(1.0 - math.exp(-loss_rate * time)).apply(start.full())
    assert np.abs(solved.full() - ours).max() < 1e-9


def test_loss_never_depolarises() -> None:
    """Post-selected on arrival an erased qubit is what it was."""
    for basis in (0, 1):
        rho = density(bb84_ket(basis, 1))
        arrived = erasure(0.99).apply(rho)[:2, :2]
        assert np.abs(arrived / arrived.trace() - rho).max() < 1e-14


def test_half_of_a_bell_pair_through_a_channel_is_its_choi_matrix() -> None:
    channel = dephasing(0.2)
    assert np.abs(identity().tensor(channel).apply(bell_state(0)) * 2 - channel.choi).max() < 1e-12


def test_composition_keeps_few_operators() -> None:
    channel = identity()
    for _ in range(12):
        channel = channel.then(depolarising(0.1))
    assert len(channel.kraus) <= 4
    assert np.abs(channel.superop - depolarising(1 - 0.9**12).superop).max() < 1e-12


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: depolarising(1.2), "lies in"),
        (lambda: dephasing(float("nan")), "lies in"),
        (lambda: pauli(0.5, 0.4, 0.3), "at most 1"),
        (lambda: Channel(np.array([[[1.2, 0], [0, 1]]], dtype=complex)), "completeness"),
        (lambda: Channel(np.eye(2, dtype=complex)), "wanted"),
        (lambda: Channel(np.full((1, 2, 2), np.nan, dtype=complex)), "finite"),
        (lambda: erasure(0.1).then(dephasing(0.1)), "3"),
        (lambda: dephasing(0.1).apply(np.eye(3) / 3), "2 levels"),
        (lambda: mixture([0.5, 0.6], [identity(), identity()]), "sum to 1"),
    ],
)
def test_refusals(make: Callable[[], object], words: str) -> None:
    with pytest.raises(PhysicsError, match=words):
        make()


def test_kraus_operators_are_frozen() -> None:
    with pytest.raises(ValueError, match="read-only"):
        dephasing(0.1).kraus[0, 0, 0] = 2.0
