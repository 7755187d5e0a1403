"""Instructions: classical ones against Python, gates of both flavours and of trapped ions against their matrices."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from netqasm.lang.parsing.text import parse_text_protosubroutine
from netqasm.sdk.qubit import Qubit
from stack_programs import Script, consistent

from qcisim.stack.run import run
from qcisim.stack.spec import GenericDevice, Network, NVDevice

GENERIC, NV = GenericDevice.perfect(4), NVDevice.perfect(4)


def carried_out(body: str, device=GENERIC, read=None, seed: int = 1):
    """Registers R0 to R7 after a subroutine, or what ``read(context)`` gives."""

    def program(context):
        subroutine = parse_text_protosubroutine(f"# NETQASM 1.0\n# APPID 0\n{body}")
        yield from context.connection.commit_protosubroutine(subroutine)
        if read is not None:
            return read(context)
        return [context.connection.shared_memory.get_register(f"R{index}") for index in range(8)]

    return run(Network({"A": device}), {"A": Script(program)}, seed=seed)[0][0]


ARITHMETIC = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: int(a / b),
    "rem": lambda a, b: int(math.fmod(a, b)),
}
NUMBERS = st.integers(-1000, 1000)


@settings(max_examples=60, deadline=None)
@given(NUMBERS, NUMBERS, st.integers(1, 30), st.sampled_from([*ARITHMETIC, "addm", "subm"]))
def test_arithmetic(a: int, b: int, modulus: int, name: str) -> None:
    if name in ARITHMETIC:
        b = b or 1
        found = carried_out(f"set R0 {a}\nset R1 {b}\n{name} R2 R0 R1\n{name} R0 R0 R1")
        assert found[2] == found[0] == ARITHMETIC[name](a, b)
    else:
        found = carried_out(f"set R0 {a}\nset R1 {b}\nset R3 {modulus}\n{name} R2 R0 R1 R3")
        assert found[2] == ((a + b) if name == "addm" else (a - b)) % modulus


@settings(max_examples=40, deadline=None)
@given(st.integers(-2, 2), st.integers(-2, 2), st.sampled_from(["beq", "bne", "blt", "bge", "bez", "bnz"]))
def test_branches(a: int, b: int, name: str) -> None:
    operands = "R0" if name in ("bez", "bnz") else "R0 R1"
    body = f"set R0 {a}\nset R1 {b}\nset R2 0\n{name} {operands} THERE\nset R2 1\nTHERE:\nset R3 5"
    right = {"beq": a == b, "bne": a != b, "blt": a < b, "bge": a >= b, "bez": a == 0, "bnz": a != 0}[name]
    assert carried_out(body)[2:4] == [int(not right), 5]


def test_a_loop_over_arrays() -> None:
    """Fibonacci numbers: store, load, lea, undef, jumps back and forth."""
    body = """
    array 12 @0
    store 1 @0[0]
    store 1 @0[1]
    set R0 2
    set R5 1
    AGAIN:
    beq R0 12 END
    sub R1 R0 1
    sub R2 R0 2
    load R3 @0[R1]
    load R4 @0[R2]
    add R3 R3 R4
    store R3 @0[R0]
    add R0 R0 R5
    jmp AGAIN
    END:
    undef @0[3]
    ret_arr @0
    """
    found = carried_out(body, read=lambda context: context.connection.shared_memory.get_array(0))
    assert found == [1, 1, 2, None, 5, 8, 13, 21, 34, 55, 89, 144]


def test_loops_and_conditions_of_the_sdk() -> None:
    def program(context):
        connection = context.connection
        numbers = connection.new_array(5, init_values=[3, 1, 4, 1, 5])
        sums = connection.new_array(4, init_values=[0, 0, 0, 0])
        total, count, chosen, nested = (sums.get_future_index(index) for index in range(4))
        with numbers.foreach() as number:
            total.add(number)
            with number.if_eq(1):
                chosen.add(1)
            with number.if_ge(4):
                chosen.add(100)
            with number.if_lt(2):
                chosen.add(10_000)
        with connection.loop(4), connection.loop(3, start=1):
            nested.add(1)
        connection.loop_body(lambda conn, _: count.add(2), stop=7, start=1, step=2)
        qubit = Qubit(connection)
        qubit.X()
        bit = qubit.measure()
        with bit.if_nz():
            total.add(1000)
        with bit.if_ez():
            total.add(5000)
        connection.if_ne(bit, 0, lambda conn: count.add(50))
        total.add(1, 10)
        kept = numbers.get_future_slice(slice(1, 4))
        yield from connection.flush()
        return list(sums), [int(one) for one in kept], int(bit)

    sums, kept, bit = run(Network({"A": GENERIC}), {"A": Script(program)})[0][0]
    assert [int(one) for one in sums] == [(14 + 1000 + 1) % 10, 56, 20_202, 8]
    assert (kept, bit) == ([1, 4, 1], 1)


@pytest.mark.parametrize("device", [GENERIC, NV])
def test_loops_with_qubits_in_them(device) -> None:
    """Every second result is 1; loop_until ends when the future is below its bound."""

    def program(context):
        connection = context.connection
        bits = connection.new_array(8)
        turn = connection.new_array(1, init_values=[0])
        odd = turn.get_future_index(0)
        with connection.loop(8) as index:
            qubit = Qubit(connection)
            with odd.if_eq(1):
                qubit.X()
            qubit.measure(future=bits.get_future_index(index))
            odd.add(1, 2)
        yield from connection.flush()
        return [int(bit) for bit in bits]

    assert run(Network({"A": device}), {"A": Script(program)})[0][0] == [0, 1] * 4


PAULIS = {"x": [[0, 1], [1, 0]], "y": [[0, -1j], [1j, 0]], "z": [[1, 0], [0, -1]]}


def turn(axis: str, angle: float) -> np.ndarray:
    return math.cos(angle / 2) * np.eye(2) - 1j * math.sin(angle / 2) * np.array(PAULIS[axis])


def state(*virtual: int):
    return lambda context: context.state(*virtual)


@settings(max_examples=30, deadline=None)
@given(st.sampled_from("xyz"), st.integers(0, 255), st.integers(0, 8), st.booleans(), st.booleans())
def test_rotations(axis: str, n: int, d: int, nv: bool, by_register: bool) -> None:
    angles = "R0 R1" if by_register and not nv else f"{n} {d}"
    body = f"set Q0 0\nqalloc Q0\ninit Q0\nset R0 {n}\nset R1 {d}\nrot_x Q0 1 2\nrot_{axis} Q0 {angles}"
    found = carried_out(body, NV if nv else GENERIC, state(0))
    ket = turn(axis, n * math.pi / 2**d) @ turn("x", math.pi / 4)[:, 0]
    np.testing.assert_allclose(found, np.outer(ket, ket.conj()), atol=1e-12)


@settings(max_examples=20, deadline=None)
@given(st.sampled_from("xy"), st.integers(0, 31), st.integers(0, 4))
def test_rotations_of_carbons_by_the_electron(axis: str, n: int, d: int) -> None:
    """|0><0| (x) R(theta) + |1><1| (x) R(-theta)."""
    start = "set Q0 0\nqalloc Q0\ninit Q0\nset Q1 1\nqalloc Q1\ninit Q1\nrot_y Q0 1 2\nrot_z Q1 3 2\nrot_y Q1 1 3"
    found = carried_out(f"{start}\ncrot_{axis} Q0 Q1 {n} {d}", NV, state(0, 1))
    theta = n * math.pi / 2**d
    gate = np.kron(np.diag([1, 0]), turn(axis, theta)) + np.kron(np.diag([0, 1]), turn(axis, -theta))
    electron = turn("y", math.pi / 4)[:, 0]
    carbon = turn("y", math.pi / 8) @ turn("z", 3 * math.pi / 4)[:, 0]
    ket = gate @ np.kron(electron, carbon)
    np.testing.assert_allclose(found, np.outer(ket, ket.conj()), atol=1e-12)


@pytest.mark.parametrize(("back", "device"), [(False, NV), (True, NV), (False, GENERIC)])
def test_moving_a_state(back: bool, device) -> None:
    """mov takes a state to a qubit in |0>; on NV centres by rotations, there and back."""
    body = "set Q0 0\nset Q1 1\nqalloc Q0\ninit Q0\nqalloc Q1\ninit Q1\nrot_y Q0 3 3\nrot_z Q0 5 3\nmov Q0 Q1"
    if back:
        body += "\nqfree Q0\nqalloc Q0\ninit Q0\nmov Q1 Q0"
    found = carried_out(body, device, state(0 if back else 1))
    ket = turn("z", 5 * math.pi / 8) @ turn("y", 3 * math.pi / 8)[:, 0]
    np.testing.assert_allclose(found, np.outer(ket, ket.conj()), atol=1e-9)


def test_a_carbon_is_measured_after_rotations() -> None:
    """It is brought to the electron with its phase: a carbon in |+> has X = +1, in |-i> Y = -1."""
    for gates, axes, expected in (("rot_y Q1 1 1", (0, 24, 0), 0), ("rot_x Q1 1 1", (8, 0, 0), 1)):
        turns = " ".join(map(str, axes))
        start = "set Q0 0\nset Q1 1\nqalloc Q0\ninit Q0\nqalloc Q1\ninit Q1\n"
        for seed in range(4):
            body = f"{start}{gates}\nmeas_basis Q1 M0 {turns} 4\nset R0 0\nadd R0 R0 M0"
            assert carried_out(body, NV, seed=seed)[0] == expected


@pytest.mark.parametrize("device", [GENERIC, NV])
def test_swapping(device) -> None:
    body = "set Q0 0\nset Q1 1\nqalloc Q0\ninit Q0\nqalloc Q1\ninit Q1\nrot_y Q0 3 3\nrot_x Q1 1 1\nswp Q0 Q1"
    found = carried_out(body, device, state(0, 1))
    ket = np.kron(turn("x", math.pi / 2)[:, 0], turn("y", 3 * math.pi / 8)[:, 0])
    np.testing.assert_allclose(found, np.outer(ket, ket.conj()), atol=1e-12)


@pytest.mark.parametrize("device", [GENERIC, NV])
@pytest.mark.parametrize("name", ["", "_yzy", "_zxz"])
def test_measurements_after_rotations(device, name: str) -> None:
    """P(0) of a state after rotations by n pi / 2^d about three axes."""
    axes, angles, d, rounds = (name[1:] or "xyx"), (5, 3, 7), 3, 600
    body = f"""
    set R3 0
    set R2 0
    AGAIN:
    beq R2 {rounds} END
    set Q0 0
    qalloc Q0
    init Q0
    rot_y Q0 3 3
    meas_basis{name} Q0 M0 {" ".join(map(str, angles))} {d}
    qfree Q0
    add R3 R3 M0
    add R2 R2 1
    jmp AGAIN
    END:
    """
    ket = turn("y", 3 * math.pi / 8)[:, 0]
    for axis, n in zip(axes, angles, strict=True):
        ket = turn(axis, n * math.pi / 2**d) @ ket
    assert consistent(carried_out(body, device)[3], rounds, abs(ket[1]) ** 2)


@pytest.mark.parametrize("count", [2, 3])
def test_trapped_ions(count: int) -> None:
    """exp(-i theta/4 (sum X)^2) between single-qubit rotations of all ions; then all are measured."""
    from qcisim.stack.compiler import compiler_for
    from qcisim.stack.listing import Array

    lines = [("set", f"Q{index}", index) for index in range(count)]
    lines += [("qalloc", f"Q{index}") for index in range(count)]
    lines += [("init_all",), ("rot_y_all", 1, 2), ("bichromatic", 1, 1), ("rot_z_all", 3, 3)]

    def program(context):
        frame = context.connection.frame
        kept = compiler_for(GENERIC, True)
        yield from frame.execute(kept._compile(lines))
        found = context.state(*range(count))
        frame.mine.init_new_array(0, count)
        yield from frame.execute(kept._compile([("meas_all", "Q0", Array(0))]))
        return found, list(frame.mine.get_array(0))

    found, bits = run(Network({"A": GENERIC}), {"A": Script(program)})[0][0]
    plus = np.array([[1, 1], [1, -1]]) / math.sqrt(2)
    hadamard, signs, everywhere, y = np.eye(1), [], np.eye(1), np.eye(1)
    for _ in range(count):
        hadamard, everywhere = np.kron(hadamard, plus), np.kron(everywhere, turn("z", 3 * math.pi / 8))
        y = np.kron(y, turn("y", math.pi / 4))
    signs = np.array([count - 2 * bin(index).count("1") for index in range(2**count)])
    gate = hadamard @ np.diag(np.exp(-0.25j * (math.pi / 2) * signs**2)) @ hadamard
    ket = everywhere @ gate @ y[:, 0]
    np.testing.assert_allclose(found, np.outer(ket, ket.conj()), atol=1e-12)
    assert set(bits) <= {0, 1}
    assert len(bits) == count
