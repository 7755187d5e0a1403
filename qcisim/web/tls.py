"""TLS contexts of the two planes, and identities from verified client certificates."""

from __future__ import annotations

import datetime
import math
import ssl
import sys
import time
import urllib.parse
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from qcisim.errors import EnvironmentFault, InputError

REVOCATION_S = 1.0


class Identity(NamedTuple):
    """Who is at the other end, by its certificate; ``name`` is "" where it does not say one thing."""

    name: str
    not_after: float
    serial: int

    def valid(self) -> bool:
        return bool(self.name) and time.time() < self.not_after


NOBODY = Identity("", 0.0, 0)
_cache: dict[tuple[str, bytes], Identity] = {}


def identity_of(tls: ssl.SSLObject | None, kind: str) -> Identity:
    """The ID in the peer's certificate: URI SAN ``urn:...:<kind>:<id>`` first, the common name where there is none.

    A certificate that says two different IDs, in its SANs or in SAN and common name, or one of the other kind only,
    says none.
    """
    der = tls.getpeercert(binary_form=True) if tls is not None else None
    if not der:
        return NOBODY
    found = _cache.get((kind, der))
    if found is None:
        if len(_cache) > 4096:
            _cache.clear()
        try:
            found = _parse(x509.load_der_x509_certificate(der), kind)
        except (ValueError, x509.DuplicateExtension):  # OpenSSL took it, and it cannot be read here: it names nobody
            found = NOBODY
        _cache[kind, der] = found
    return found


def _parse(certificate: x509.Certificate, kind: str) -> Identity:
    try:
        san = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        uris = [u for u in san.get_values_for_type(x509.UniformResourceIdentifier) if u.startswith("urn:")]
    except (x509.ExtensionNotFound, ValueError):
        uris = []
    names = {urllib.parse.unquote(u.split(f":{kind}:", 1)[1]) for u in uris if f":{kind}:" in u}
    if names or not any(f":{other}:" in u for other in ("sae", "kme") for u in uris):
        names |= {str(a.value) for a in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)}
    name = names.pop() if len(names) == 1 else ""
    return Identity(name, certificate.not_valid_after_utc.timestamp(), certificate.serial_number)


class Revocations:
    """Serial numbers that a CA has revoked, from ``<CA file>.crl`` beside its certificate, where that exists.

    The list is read again when the file changes, a second later at most, and counts only with the CA's signature.
    It is asked on every request, so a revocation takes effect on connections that are open.
    """

    def __init__(self, ca: Path) -> None:
        self._ca, self._path = ca, ca.with_suffix(".crl")
        self._serials: frozenset[int] = frozenset()
        self._changed_ns, self._checked_s = -1, -math.inf

    def __contains__(self, serial: object) -> bool:
        now = time.monotonic()
        if now - self._checked_s > REVOCATION_S:
            self._checked_s = now
            self._read()
        return serial in self._serials

    def _read(self) -> None:
        try:
            changed = self._path.stat().st_mtime_ns
            if changed == self._changed_ns:
                return
            self._changed_ns = changed
            found = x509.load_pem_x509_crl(self._path.read_bytes())
            key = x509.load_pem_x509_certificate(self._ca.read_bytes()).public_key()
            if not isinstance(key, ec.EllipticCurvePublicKey) or not found.is_signature_valid(key):
                raise ValueError("its signature is not the CA's")
            self._serials = frozenset(entry.serial_number for entry in found)
        except FileNotFoundError:
            return
        except (OSError, ValueError) as error:
            print(f"error: revocation list {self._path}: {error}; the last good one stays", file=sys.stderr, flush=True)


def check_certificate(path: Path) -> None:
    """Raise `InputError` where a certificate of ours has expired or is not valid yet."""
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    except OSError as error:
        raise EnvironmentFault(f"cannot read the certificate {path}: {error.strerror}") from None
    except ValueError:
        raise InputError(f"certificate {path}: not a PEM certificate") from None
    now = datetime.datetime.now(datetime.UTC)
    if now > certificate.not_valid_after_utc:
        raise InputError(f"certificate {path} has expired on {certificate.not_valid_after_utc:%Y-%m-%d %H:%M} UTC")
    if now < certificate.not_valid_before_utc:
        raise InputError(
            f"certificate {path} is not valid before {certificate.not_valid_before_utc:%Y-%m-%d %H:%M} UTC"
        )


def server_context(certificate: Path, key: Path, ca: Path, *, minimum: ssl.TLSVersion) -> ssl.SSLContext:
    """A listener's context: client certificate required, no session tickets, no renegotiation."""
    for path in (certificate, ca):
        check_certificate(path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _load(context, certificate, key, ca)
    context.minimum_version = minimum
    context.verify_mode = ssl.CERT_REQUIRED
    context.options |= ssl.OP_NO_TICKET | ssl.OP_NO_RENEGOTIATION | ssl.OP_SINGLE_ECDH_USE
    context.num_tickets = 0
    context.set_alpn_protocols(["http/1.1"])
    return context


def client_context(certificate: Path, key: Path, ca: Path) -> ssl.SSLContext:
    """The context with which one KME calls another: TLS 1.3 only, the KME CA only."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    _load(context, certificate, key, ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context


def _load(context: ssl.SSLContext, certificate: Path, key: Path, ca: Path) -> None:
    try:
        context.load_cert_chain(certificate, key)
        context.load_verify_locations(ca)
    except OSError as error:  # ssl.SSLError is one
        raise InputError(f"certificate {certificate}, key {key} or CA {ca}: {error}") from None
