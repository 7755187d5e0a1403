"""Authentication: what passes, what fails, and what either costs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qcisim.auth import AuthenticationPool, Authenticator, forgery_epsilon, poly1305_tag
from qcisim.errors import AuthenticationError, PhysicsError

KEY = bytes(range(256)) * 4


def pair(key: bytes = KEY) -> tuple[Authenticator, Authenticator]:
    return Authenticator(AuthenticationPool(key), "alice"), Authenticator(AuthenticationPool(key), "bob")


def test_rfc_8439_vector() -> None:
    key = bytes.fromhex("85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b")
    assert poly1305_tag(b"Cryptographic Forum Research Group", key).hex() == "a8061dc1305136c6c22b8baf0c0127a9"


@given(st.lists(st.tuples(st.sampled_from(["alice", "bob"]), st.binary(max_size=64)), max_size=20))
def test_both_ends_stay_in_step_in_any_order_of_directions(messages: list[tuple[str, bytes]]) -> None:
    alice, bob = pair()
    for sender, message in messages:
        one, two = (alice, bob) if sender == "alice" else (bob, alice)
        two.verify(message, one.tag(message))
    assert alice.pool.available_bits == bob.pool.available_bits == 8 * len(KEY) - 256 - 128 * len(messages)
    assert alice.pool.consumed_bits == 256 + 128 * len(messages)


def test_messages_may_cross_on_the_way() -> None:
    alice, bob = pair()
    to_bob, to_alice = alice.tag(b"one"), bob.tag(b"two")
    bob.verify(b"one", to_bob)
    alice.verify(b"two", to_alice)


@given(st.binary(min_size=1, max_size=100), st.integers(0, 799), st.booleans())
def test_a_changed_bit_fails_and_burns_its_pad(message: bytes, bit: int, in_tag: bool) -> None:
    alice, bob = pair()
    tag = alice.tag(message)
    target = bytearray(tag if in_tag else message)
    target[bit // 8 % len(target)] ^= 1 << bit % 8
    before = bob.pool.available_bits
    with pytest.raises(AuthenticationError, match="does not fit"):
        bob.verify(message if in_tag else bytes(target), bytes(target) if in_tag else tag)
    assert bob.pool.available_bits == before - 128
    assert bob.failures == 1
    bob.verify(b"next", alice.tag(b"next"))  # still in step


def test_replay_and_reordering_fail() -> None:
    alice, bob = pair()
    first, second = alice.tag(b"first"), alice.tag(b"second")
    with pytest.raises(AuthenticationError):
        bob.verify(b"second", second)
    with pytest.raises(AuthenticationError):
        bob.verify(b"first", first)
    third = alice.tag(b"third")
    bob.verify(b"third", third)
    with pytest.raises(AuthenticationError):
        bob.verify(b"third", third)


def test_a_message_cannot_be_sent_back_to_its_sender() -> None:
    alice, _ = pair()
    tag = alice.tag(b"echo")
    with pytest.raises(AuthenticationError):
        alice.verify(b"echo", tag)


def test_equal_messages_have_unequal_tags() -> None:
    alice, _ = pair()
    assert alice.tag(b"same") != alice.tag(b"same")


def test_the_pool_runs_dry_and_is_replenished() -> None:
    alice, bob = pair(KEY[:64])
    bob.verify(b"x", alice.tag(b"x"))
    with pytest.raises(AuthenticationError, match="pool empty"):
        alice.tag(b"y")
    assert alice.pool.available_bits == 128  # the other direction's
    for end in (alice, bob):
        end.pool.add(b"fresh key of 32 bytes, as a test")
    bob.verify(b"y", alice.tag(b"y"))


@given(st.lists(st.integers(0, 40), max_size=8))
def test_adding_in_pieces_is_adding_at_once(cuts: list[int]) -> None:
    whole, pieces = AuthenticationPool(KEY), AuthenticationPool(b"")
    start = 0
    for cut in cuts:
        pieces.add(KEY[start : start + cut])
        start += cut
    pieces.add(KEY[start:])
    assert [whole.take(128, 0), whole.take(256, 1)] == [pieces.take(128, 0), pieces.take(256, 1)]


def test_epsilon_is_the_union_bound() -> None:
    alice, bob = pair()
    for message in (b"a" * 16, b"b" * 17):
        bob.verify(message, alice.tag(message))
    assert alice.epsilon == bob.epsilon == forgery_epsilon(16) + forgery_epsilon(17)


def test_refusals() -> None:
    with pytest.raises(AuthenticationError, match="pool empty"):
        Authenticator(AuthenticationPool(b""), "alice")
    with pytest.raises(PhysicsError, match="role"):
        Authenticator(AuthenticationPool(KEY), "eve")  # type: ignore[arg-type]  # the refusal is what is tested
    with pytest.raises(PhysicsError, match="multiple of 8"):
        AuthenticationPool(KEY).take(3)
    with pytest.raises(PhysicsError, match="32"):
        poly1305_tag(b"", b"short")


def test_the_pool_does_not_print_its_key() -> None:
    assert KEY[:4].hex() not in repr(AuthenticationPool(KEY))
    assert "available_bits=8192" in repr(AuthenticationPool(KEY))


@pytest.mark.parametrize("parts", [[], [b""], [b"one"], [b"in ", b"two parts"], [bytes(100), b"x" * 1000, b"end"]])
def test_a_stream_has_the_tag_of_the_whole_message(parts: list[bytes]) -> None:
    secret = bytes(range(256))
    whole = Authenticator(AuthenticationPool(secret), "alice")
    alice, bob = (Authenticator(AuthenticationPool(secret), role) for role in ("alice", "bob"))
    out, received = alice.stream_out(), bob.stream_in()
    for part in parts:
        out.update(part)
        received.update(part)
    tag = alice.tag(out)
    assert tag == whole.tag(b"".join(parts))
    bob.verify(received, tag)
    assert alice.epsilon == whole.epsilon


def test_a_stream_of_the_other_direction_is_refused() -> None:
    alice = Authenticator(AuthenticationPool(bytes(256)), "alice")
    with pytest.raises(PhysicsError, match="direction"):
        alice.tag(alice.stream_in())
