"""Both stores keep one contract; the durable one is sealed, private, audited and says clearly what is wrong with it."""

from __future__ import annotations

import os
import pickle
import sqlite3
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from qcisim.errors import EnvironmentFault, InputError, KeyStoreError
from qcisim.keys import SecretBytes
from qcisim.keys.memory import MemoryStore
from qcisim.keys.seal import load_master_key, write_private
from qcisim.keys.sqlite import FILE_NAME, SqliteStore
from qcisim.keys.store import BindingRow, Change, KeyStore, LaneRow, MessageRow, PoolRow, WindowRow

KEY = bytes(range(32))


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[KeyStore]:
    made: KeyStore = MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "s", "A", KEY)
    yield made
    made.close()


def filled() -> Change:
    change = Change()
    change.pool_add = [PoolRow(1, "l/A>B", 0, 4, 0, 1e-9, "t", True, b"abcd")]
    change.lanes = {"l/A>B": LaneRow("l/A>B", 4, 32, 0, 0, 0, 0)}
    change.window_add = [WindowRow(2, b"w" * 16, "master", "offered", "{}")]
    change.binding_add = [BindingRow(3 + i, 2, bytes([i]) * 16, 3, b"k" * 32) for i in range(200)]
    change.message_put = [MessageRow(b"m" * 16, "B", "body", 0)]
    change.audit = ["one", "two"]
    return change


def test_what_was_applied_is_loaded(store: KeyStore) -> None:
    change = filled()
    store.apply(change)
    snapshot = store.load()
    assert snapshot.pool == [change.pool_add[0]._replace(secret=None)]
    assert store.read_pool(snapshot.pool[0]) == b"abcd"
    assert snapshot.lanes == list(change.lanes.values())
    assert snapshot.windows == change.window_add
    assert snapshot.bindings == change.binding_add
    assert snapshot.messages == change.message_put
    assert snapshot.next_row == 203


def test_finished_and_voided_keys_are_gone(store: KeyStore) -> None:
    store.apply(filled())
    change = Change(finish=[3, 4], void=[5], fetched=[(6, 3, 1)], pool_drop=[1], message_done=[b"m" * 16])
    change.window_state = [(2, "offered", "open")]
    store.apply(change)
    snapshot = store.load()
    assert [b.row for b in snapshot.bindings] == list(range(6, 203))
    assert snapshot.bindings[0].pending == 1
    assert (snapshot.pool, snapshot.windows[0].state) == ([], "open")
    assert (snapshot.messages[0].body, snapshot.messages[0].state) == ("", 1)


@pytest.mark.parametrize(
    "wrong",
    [
        Change(finish=[3]),
        Change(void=[3]),
        Change(fetched=[(4, 1, 0)]),
        Change(pool_drop=[9]),
        Change(window_state=[(2, "open", "spent")]),
    ],
)
def test_a_change_from_a_state_that_is_not_there_changes_nothing(store: KeyStore, wrong: Change) -> None:
    store.apply(filled())
    store.apply(Change(finish=[3]))
    before = store.load()
    both = Change(finish=[10])
    both.merge(wrong)
    with pytest.raises(KeyStoreError):
        store.apply(both)
    store.reopen()
    assert store.load() == before


def test_rows_of_a_dropped_window_are_gone_and_their_numbers_do_not_come_back(store: KeyStore) -> None:
    store.apply(filled())
    store.apply(Change(window_drop=[(2, 200)], pool_drop=[1]))
    snapshot = store.load()
    assert (snapshot.windows, snapshot.bindings) == ([], [])
    assert snapshot.next_row == 203


def opened(path: Path, node: str = "A", key: bytes = KEY) -> SqliteStore:
    return SqliteStore(path, node, key)


def test_wrong_master_key_wrong_node_and_second_process_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "s"
    first = opened(path)
    with pytest.raises(EnvironmentFault, match="in use by another process"):
        opened(path)
    first.close()
    with pytest.raises(InputError, match="wrong master key"):
        opened(path, key=bytes(32))
    with pytest.raises(InputError, match="belongs to node 'A', not to 'B'"):
        opened(path, node="B")
    opened(path).close()


def test_directory_that_cannot_be_written_and_file_that_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match="key store /proc/qcisim"):
        opened(Path("/proc/qcisim"))
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(EnvironmentFault, match=r"Not a directory|File exists"):
        opened(tmp_path / "file")
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / FILE_NAME).write_bytes(b"this is no database, but it is long enough to be taken for one" * 20)
    with pytest.raises(EnvironmentFault, match="file is not a database"):
        opened(tmp_path / "s")


def test_files_are_private(tmp_path: Path) -> None:
    store = opened(tmp_path / "s")
    store.apply(filled())
    assert stat.S_IMODE((tmp_path / "s").stat().st_mode) == 0o700
    assert {stat.S_IMODE(p.stat().st_mode) for p in (tmp_path / "s").iterdir()} == {0o600}
    store.close()


def test_master_key_file_must_be_private_and_of_its_length(tmp_path: Path) -> None:
    path = tmp_path / "key"
    assert load_master_key(path, create=True) == load_master_key(path)
    path.chmod(0o640)
    with pytest.raises(InputError, match="mode 0640, wanted 0600"):
        load_master_key(path)
    write_private(tmp_path / "short", b"x" * 31)
    with pytest.raises(InputError, match="wanted 32 bytes, got 31"):
        load_master_key(tmp_path / "short")
    with pytest.raises(EnvironmentFault, match="No such file"):
        load_master_key(tmp_path / "none")


def test_a_sealed_row_that_was_moved_does_not_open(tmp_path: Path) -> None:
    store = opened(tmp_path / "s")
    store.apply(filled())
    store.close()
    with sqlite3.connect(tmp_path / "s" / FILE_NAME) as db:
        (other,) = db.execute("SELECT sealed FROM binding WHERE row = 4").fetchone()
        db.execute("UPDATE binding SET sealed = ? WHERE row = 3", (other,))
    db.close()
    again = opened(tmp_path / "s")
    with pytest.raises(KeyStoreError, match="does not open"):
        again.load()
    again.close()


def _change(sql: str) -> Callable[[sqlite3.Connection], object]:
    return lambda db: db.execute(sql)


@pytest.mark.parametrize(
    ("harm", "number"),
    [
        (_change("UPDATE audit SET record = 'x' WHERE seq = 2"), 2),
        (_change("DELETE FROM audit WHERE seq = 1"), 1),
        (_change("DELETE FROM audit WHERE seq = 3"), 3),
        (_change("UPDATE audit SET chain = x'00' WHERE seq = 3"), 3),
    ],
)
def test_a_changed_removed_or_cut_off_audit_record_is_found(
    tmp_path: Path, harm: Callable[[sqlite3.Connection], object], number: int
) -> None:
    store = opened(tmp_path / "s")
    for _ in range(3):
        store.apply(Change(audit=["a line"]))
    assert store.first_broken_audit_record() is None
    assert store.audit_records() == ["a line"] * 3
    store.close()
    with sqlite3.connect(tmp_path / "s" / FILE_NAME) as db:
        harm(db)
    db.close()
    again = opened(tmp_path / "s")
    assert again.first_broken_audit_record() == number
    again.close()


def test_rotation_seals_anew_and_forgets_epochs_that_no_row_needs(tmp_path: Path) -> None:
    store = opened(tmp_path / "s")
    store.apply(filled())
    store.rotate()
    store.apply(Change(binding_add=[BindingRow(300, 2, b"z" * 16, 1, b"q" * 32)]))
    assert len(store.load().bindings) == 201  # both epochs open
    store.apply(Change(finish=list(range(3, 203)), pool_drop=[1]))
    store.rotate()
    assert not (tmp_path / "s" / "epoch.1").exists()
    assert [bytes(b.secret) for b in store.load().bindings] == [b"q" * 32]
    store.close()


def test_secrets_do_not_show_do_not_pickle_and_can_be_wiped() -> None:
    secret = SecretBytes(b"very secret")
    assert "very" not in f"{secret} {secret!r}"
    assert secret == SecretBytes(b"very secret") != SecretBytes(b"other")
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(secret)
    with pytest.raises(TypeError, match="unhashable"):
        hash(secret)
    view = secret.reveal()
    secret.wipe()
    assert bytes(view) == bytes(11)


def test_no_secret_is_in_the_files(tmp_path: Path) -> None:
    store, secrets = opened(tmp_path / "s"), [os.urandom(32) for _ in range(50)]
    rows = [BindingRow(10 + i, 9, os.urandom(16), 1, s) for i, s in enumerate(secrets)]
    store.apply(Change(binding_add=rows, pool_add=[PoolRow(1, "l", 0, 32 * 50, 0, 0.0, "", True, b"".join(secrets))]))
    whole = b"".join(p.read_bytes() for p in (tmp_path / "s").iterdir())
    assert all(s[:16] not in whole and s[16:] not in whole and s.hex().encode() not in whole for s in secrets)
    store.close()
