"""States of qubits outside of a run: the part of netsquid that programs use to compare with."""

from __future__ import annotations

import numpy as np
import pytest

from qcisim.squidasm.alias.netsquid.qubits import dmutil, ketstates, operators, qubitapi
from qcisim.squidasm.alias.netsquid.qubits.qformalism import QFormalism, get_qstate_formalism, set_qstate_formalism
from qcisim.squidasm.alias.netsquid.util import simtools
from qcisim.squidasm.session import Session, session


def test_bell_pairs_are_made_and_looked_at() -> None:
    a, b, c = qubitapi.create_qubits(3)
    qubitapi.operate(a, operators.H)
    qubitapi.operate([a, b], operators.CNOT)
    assert a.qstate is b.qstate
    assert a.qstate is not c.qstate
    assert qubitapi.fidelity([a, b], ketstates.b00) == pytest.approx(1.0)
    assert np.allclose(qubitapi.reduced_dm(b), np.eye(2) / 2)
    qubitapi.operate(b, operators.X)
    for index, ket in enumerate(ketstates.bell_states):
        assert qubitapi.fidelity([a, b], ket) == pytest.approx(float(index == ketstates.BellIndex.PSI_PLUS))
    qubitapi.operate(c, operators.X)
    joint = qubitapi.reduced_dm([c, b, a])
    assert np.allclose(joint, np.kron(np.diag([0, 1]), qubitapi.reduced_dm([b, a])))


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0), (2, 1, 0)])
def test_order_of_qubits(order: tuple[int, ...]) -> None:
    rng = np.random.default_rng(3)
    kets = [ket / np.linalg.norm(ket) for ket in rng.normal(size=(3, 2)) + 1j * rng.normal(size=(3, 2))]
    qubits = qubitapi.create_qubits(3)
    qubitapi.assign_qstate(qubits, np.kron(np.kron(kets[0], kets[1]), kets[2]))
    expected = np.kron(np.kron(kets[order[0]], kets[order[1]]), kets[order[2]])
    chosen = [qubits[i] for i in order]
    assert qubitapi.fidelity(chosen, expected, squared=True) == pytest.approx(1.0)
    gate = np.kron(operators.X.arr, np.kron(operators.H.arr, operators.T.arr))
    qubitapi.operate(chosen, gate)
    assert qubitapi.fidelity(chosen, gate @ expected) == pytest.approx(1.0)


def test_fidelity_of_mixed_states() -> None:
    rho, sigma = np.diag([0.9, 0.1]), np.diag([0.5, 0.5])
    expected = np.sqrt(0.45) + np.sqrt(0.05)
    assert dmutil.dm_fidelity(rho, sigma) == pytest.approx(expected)
    assert dmutil.dm_fidelity(rho, sigma, squared=True) == pytest.approx(expected**2)
    (qubit,) = qubitapi.create_qubits(1)
    qubitapi.assign_qstate(qubit, rho)
    assert qubitapi.fidelity(qubit, ketstates.s0, squared=True) == pytest.approx(0.9)
    assert qubitapi.exp_value(qubit, operators.Z) == pytest.approx(0.8)
    with pytest.raises(ValueError, match="a mixed state has no ket"):
        _ = qubit.qstate.ket


def test_rotations_follow_the_bloch_sphere() -> None:
    (qubit,) = qubitapi.create_qubits(1)
    qubitapi.operate(qubit, operators.create_rotation_op(np.pi / 2, (0, 1, 0)))
    assert qubitapi.fidelity(qubit, ketstates.h0) == pytest.approx(1.0)
    qubitapi.operate(qubit, operators.create_rotation_op(np.pi / 2, (0, 0, 1)))
    assert qubitapi.fidelity(qubit, ketstates.y0) == pytest.approx(1.0)
    assert np.allclose((operators.K * operators.K).arr, np.eye(2))
    assert np.allclose((operators.K.arr), (operators.Y.arr + operators.Z.arr) / np.sqrt(2))


def test_a_qubit_reassigned_leaves_its_partner() -> None:
    a, b = qubitapi.create_qubits(2)
    qubitapi.assign_qstate([a, b], ketstates.b00)
    qubitapi.assign_qstate(a, ketstates.s1)
    assert np.allclose(qubitapi.reduced_dm(b), np.eye(2) / 2)
    assert qubitapi.fidelity(a, ketstates.s1) == pytest.approx(1.0)


def test_refusals() -> None:
    a, b = qubitapi.create_qubits(2)
    with pytest.raises(ValueError, match="a state of 1 qubits for 2"):
        qubitapi.assign_qstate([a, b], ketstates.s0)
    with pytest.raises(ValueError, match=r"an operator of shape \(2, 2\) on 2 qubits"):
        qubitapi.operate([a, b], operators.X)
    with pytest.raises(ValueError, match="a state of dimension 3"):
        qubitapi.assign_qstate(a, np.eye(3))
    with pytest.raises(TypeError, match="wanted a qubit"):
        qubitapi.reduced_dm(["a"])
    with pytest.raises(ValueError, match="not all 0"):
        operators.create_rotation_op(1.0, (0, 0, 0))


def test_seeds_and_formalisms_go_to_the_session() -> None:
    before = {name: getattr(session, name) for name in Session.__slots__}
    try:
        simtools.set_random_state(seed=42)
        first = [session.seed_of_next_run() for _ in range(3)]
        simtools.set_random_state(seed=42)
        assert first == [session.seed_of_next_run() for _ in range(3)]
        assert len(set(first)) == 3
        simtools.set_random_state(rng=np.random.RandomState(1))
        assert session.seed_of_next_run() not in first
        for formalism, ours in ((QFormalism.KET, "ket"), (QFormalism.DM, "dm"), (QFormalism.STAB, "stabiliser")):
            set_qstate_formalism(formalism)
            assert session.kept == ours
            assert get_qstate_formalism() is formalism
        with pytest.raises(TypeError, match="wanted a QFormalism"):
            set_qstate_formalism("DM")  # type: ignore[arg-type]
        simtools.sim_reset()
        assert simtools.sim_time() == 0.0
    finally:
        for name, value in before.items():
            setattr(session, name, value)
