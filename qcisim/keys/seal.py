"""Sealing at rest: master key file, epoch keys, AES-256-GCM-SIV rows.

epoch key = HKDF-SHA-256(master key, salt = the epoch's 32 random bytes, info = "qcisim row" | node | epoch);
row = nonce | AES-256-GCM-SIV(epoch key, nonce, secret, AAD = table, lane, number or key_ID, node, epoch) (RFC 8452,
RFC 5869). The AAD nails a row to its place: rows cannot be swapped or moved between ends. Deleting an epoch's salt
erases all that was sealed under it, wherever copies of the rows may lie.
"""

from __future__ import annotations

import hmac
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from qcisim.errors import EnvironmentFault, InputError, KeyStoreError

MASTER_KEY_BYTES = 32
NONCE_BYTES = 12


def write_private(path: Path, data: bytes) -> None:
    """Create ``path`` with mode 0600 and these bytes, durably; an existing file is refused."""
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(fd, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise EnvironmentFault(f"cannot write {path}: {error.strerror}") from None


def load_master_key(path: Path, *, create: bool = False) -> bytes:
    """The 32 bytes of the master key file; refuses a file that others may read, or of another length."""
    if create and not path.exists():
        write_private(path, os.urandom(MASTER_KEY_BYTES))
    try:
        mode = path.stat().st_mode
        data = path.read_bytes()
    except OSError as error:
        raise EnvironmentFault(f"cannot read the master key file {path}: {error.strerror}") from None
    if mode & 0o077:
        raise InputError(f"master key file {path}: mode {mode & 0o777:04o}, wanted 0600 (chmod 600 it)")
    if len(data) != MASTER_KEY_BYTES:
        raise InputError(f"master key file {path}: wanted {MASTER_KEY_BYTES} bytes, got {len(data)}")
    return data


class Keyring:
    """Epoch keys of one node under one master key; salts lie as ``epoch.<n>`` beside the store."""

    def __init__(self, master: bytes, node: str, directory: Path) -> None:
        self._master, self._node, self._directory = master, node, directory
        self._ciphers: dict[int, AESGCMSIV] = {}
        self._nonces = b""
        self._cursor = 0
        known = [int(p.suffix[1:]) for p in directory.glob("epoch.*") if p.suffix[1:].isdigit()]
        self.epoch = max(known, default=0)
        if not known:
            self.rotate()

    def rotate(self) -> int:
        """Begin a new epoch; rows sealed from now on belong to it."""
        self.epoch += 1
        write_private(self._directory / f"epoch.{self.epoch}", os.urandom(32))
        return self.epoch

    def forget(self, epoch: int) -> None:
        """Erase an epoch: what was sealed under it can never be opened again."""
        self._ciphers.pop(epoch, None)
        (self._directory / f"epoch.{epoch}").unlink(missing_ok=True)

    def epochs(self) -> list[int]:
        return sorted(int(p.suffix[1:]) for p in self._directory.glob("epoch.*") if p.suffix[1:].isdigit())

    def derive(self, salt: bytes, purpose: str) -> bytes:
        info = f"qcisim {purpose}|{self._node}".encode()
        return HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=info).derive(self._master)

    def check_value(self) -> bytes:
        """A value that tells the right master key from a wrong one without telling the key."""
        return hmac.digest(self.derive(b"", "check"), b"qcisim store", "sha256")

    def _cipher(self, epoch: int) -> AESGCMSIV:
        cipher = self._ciphers.get(epoch)
        if cipher is None:
            try:
                salt = (self._directory / f"epoch.{epoch}").read_bytes()
            except OSError as error:
                raise KeyStoreError(f"epoch key {epoch} of {self._node}: {error.strerror}") from None
            cipher = self._ciphers[epoch] = AESGCMSIV(self.derive(salt, f"row {epoch}"))
        return cipher

    def _nonce(self) -> bytes:
        if self._cursor + NONCE_BYTES > len(self._nonces):
            self._nonces, self._cursor = os.urandom(NONCE_BYTES * 512), 0
        self._cursor += NONCE_BYTES
        return self._nonces[self._cursor - NONCE_BYTES : self._cursor]

    def seal(self, secret: bytes | bytearray | memoryview, place: bytes) -> bytes:
        """Nonce and ciphertext under the present epoch; ``place`` names table, lane and row."""
        nonce = self._nonce()
        aad = b"%b|%b|%d" % (place, self._node.encode(), self.epoch)
        return nonce + self._cipher(self.epoch).encrypt(nonce, bytes(secret), aad)

    def open(self, sealed: bytes, place: bytes, epoch: int) -> bytes:
        """The secret; raises `KeyStoreError` where the row was changed, moved or sealed under another key."""
        aad = b"%b|%b|%d" % (place, self._node.encode(), epoch)
        try:
            return self._cipher(epoch).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], aad)
        except InvalidTag:
            raise KeyStoreError(
                f"a sealed row of {self._node} does not open: changed, moved or of another key"
            ) from None
