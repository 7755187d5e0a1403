"""A demo public key infrastructure: one CA for SAEs, one for KMEs, P-256 certificates with SANs for the loopback names.

The identity stands in the certificate as URI SAN ``urn:qcisim:sae:<id>`` or ``urn:qcisim:kme:<id>`` and as common name.
"""

from __future__ import annotations

import datetime
import ipaddress
import os
import urllib.parse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from qcisim.errors import EnvironmentFault, InputError
from qcisim.keys.layout import file_part

CLIENT, SERVER = ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority in memory, and the PEM file of its certificate."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    path: Path


@dataclass(frozen=True, slots=True)
class Pki:
    """Files of a demo PKI: CA certificates, and (certificate, key) by SAE and by KME and plane."""

    sae_ca: Path
    kme_ca: Path
    saes: dict[str, tuple[Path, Path]]
    kme_sae_plane: dict[str, tuple[Path, Path]]
    kme_kme_plane: dict[str, tuple[Path, Path]]


def _write(path: Path, data: bytes) -> None:
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(fd, "wb") as file:
            file.write(data)
    except OSError as error:
        raise EnvironmentFault(f"cannot write {path}: {error.strerror}") from None


def _name(common_name: str) -> x509.Name:
    """The subject; an ID that is too long for a common name (X.520: 64 characters) stands in the SAN alone."""
    if len(common_name) > 64:
        return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "qcisim")])
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _builder(
    subject: str, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, days: float, begin: datetime.datetime | None
) -> x509.CertificateBuilder:
    begin = begin or datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=5)
    builder = x509.CertificateBuilder().subject_name(_name(subject)).issuer_name(issuer).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    return builder.not_valid_before(begin).not_valid_after(begin + datetime.timedelta(days=days))


def make_authority(directory: Path, file_name: str, common_name: str, *, days: float = 365.0) -> Authority:
    """A new CA; its certificate and its key are written as ``<file_name>.pem`` and ``<file_name>.key``."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder(common_name, _name(common_name), key, days, None)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(sign=True), critical=True)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    certificate = builder.sign(key, hashes.SHA256())
    path = directory / f"{file_name}.pem"
    _write(path, certificate.public_bytes(serialization.Encoding.PEM))
    _write(directory / f"{file_name}.key", _pem(key))
    return Authority(key, certificate, path)


def _usage(*, sign: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not sign,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=sign,
        crl_sign=sign,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    private = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, private, serialization.NoEncryption())


def issue(
    authority: Authority,
    directory: Path,
    file_name: str,
    identity: str,
    kind: str,
    usages: Sequence[x509.ObjectIdentifier],
    *,
    days: float = 90.0,
    begin: datetime.datetime | None = None,
) -> tuple[Path, Path]:
    """A certificate for ``identity`` of ``kind`` "sae" or "kme"; returns the paths of certificate and key."""
    if not identity or len(identity) > 256:
        raise InputError(f"{kind} ID {identity!r}: wanted 1 to 256 characters")
    key = ec.generate_private_key(ec.SECP256R1())
    names: list[x509.GeneralName] = [
        x509.UniformResourceIdentifier(f"urn:qcisim:{kind}:{urllib.parse.quote(identity, safe='')}")
    ]
    if SERVER in usages:
        names += [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        names += [x509.IPAddress(ipaddress.ip_address("::1"))]
    builder = _builder(identity, authority.certificate.subject, key, days, begin)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    builder = builder.add_extension(_usage(sign=False), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage(list(usages)), critical=False)
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())
    builder = builder.add_extension(issuer, critical=False)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    certificate = builder.sign(authority.key, hashes.SHA256())
    paths = directory / f"{file_name}.pem", directory / f"{file_name}.key"
    _write(paths[0], certificate.public_bytes(serialization.Encoding.PEM))
    _write(paths[1], _pem(key))
    return paths


def make_pki(directory: Path, *, nodes: Sequence[str], saes: Sequence[str], days: float = 90.0) -> Pki:
    """A whole demo PKI under ``directory`` (0700): two CAs, a certificate per SAE, two per KME (one for each plane)."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise EnvironmentFault(f"cannot create {directory}: {error.strerror}") from None
    sae_ca = make_authority(directory, "sae-ca", "qcisim demo SAE CA")
    kme_ca = make_authority(directory, "kme-ca", "qcisim demo KME CA")
    for sae in saes:
        issue(sae_ca, directory, f"sae-{file_part(sae)}", sae, "sae", [CLIENT], days=days)
    for node in nodes:
        issue(sae_ca, directory, f"kme-{file_part(node)}-sae", node, "kme", [SERVER], days=days)
        issue(kme_ca, directory, f"kme-{file_part(node)}-kme", node, "kme", [CLIENT, SERVER], days=days)
    return _layout(directory, nodes, saes)


def revoke(directory: Path, authority: str, certificates: Sequence[Path]) -> Path:
    """Write ``<authority>.crl``, the list of these certificates as revoked, beside the CA's certificate."""
    try:
        key = serialization.load_pem_private_key((directory / f"{authority}.key").read_bytes(), None)
        ca = x509.load_pem_x509_certificate((directory / f"{authority}.pem").read_bytes())
        serials = [x509.load_pem_x509_certificate(path.read_bytes()).serial_number for path in certificates]
    except OSError as error:
        raise EnvironmentFault(f"cannot read {error.filename}: {error.strerror}") from None
    except ValueError as error:
        raise InputError(f"{directory}: {error}") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise InputError(f"{directory / authority}.key: wanted a P-256 key")
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateRevocationListBuilder().issuer_name(ca.subject).last_update(now)
    builder = builder.next_update(now + datetime.timedelta(days=7))
    for serial in serials:
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now).build()
        builder = builder.add_revoked_certificate(entry)
    path = directory / f"{authority}.crl"
    temporary = path.with_suffix(".crl.new")
    _write(temporary, builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    temporary.replace(path)
    return path


def _layout(directory: Path, nodes: Sequence[str], saes: Sequence[str]) -> Pki:
    def pair(name: str) -> tuple[Path, Path]:
        return directory / f"{name}.pem", directory / f"{name}.key"

    return Pki(
        directory / "sae-ca.pem",
        directory / "kme-ca.pem",
        {s: pair(f"sae-{file_part(s)}") for s in saes},
        {n: pair(f"kme-{file_part(n)}-sae") for n in nodes},
        {n: pair(f"kme-{file_part(n)}-kme") for n in nodes},
    )


def find_pki(directory: Path, *, nodes: Sequence[str], saes: Sequence[str]) -> Pki | None:
    """The demo PKI that lies under ``directory``, or ``None`` where it lacks a file for these nodes and SAEs."""
    pki = _layout(directory, nodes, saes)
    pairs = (*pki.saes.values(), *pki.kme_sae_plane.values(), *pki.kme_kme_plane.values())
    files = (pki.sae_ca, pki.kme_ca, *(path for pair in pairs for path in pair))
    return pki if all(path.exists() for path in files) else None
