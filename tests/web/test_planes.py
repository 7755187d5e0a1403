"""Who is let in where, by certificate alone; and input of every kind."""

from __future__ import annotations

import asyncio
import datetime
import http.client
import json
import os
import random
import socket
import ssl
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from kms import NOT_FOUND, Sae, keys_of

from qcisim.web import pki, tls
from qcisim.web.deposit import DepositClient
from qcisim.web.fleet import Fleet
from qcisim.web.peers import PeerClient, PeerPlane
from qcisim.web.tls import client_context

TLS_ERRORS = (OSError, http.client.HTTPException)


def request(
    port: int, ca: Path, pair_: tuple[Path, Path] | None, method: str, path: str, body: str = ""
) -> tuple[int, Any]:
    context = ssl.create_default_context(cafile=str(ca))
    if pair_:
        context.load_cert_chain(*pair_)
    connection = http.client.HTTPSConnection("localhost", port, context=context, timeout=5.0)
    connection.request(method, path, body or None, {"Content-Type": "application/json"})
    response = connection.getresponse()
    return response.status, json.loads(response.read() or b"null")


STATUS = "/api/v1/keys/B/status"


def test_certificates_of_one_plane_open_no_door_of_the_other(pair: Fleet) -> None:
    own, kme, _ = pair._ports["A"]
    made = pair.pki
    assert request(own, made.sae_ca, made.saes["A"], "GET", STATUS)[0] == 200
    for wrong in (made.kme_kme_plane["B"], made.kme_sae_plane["B"], None):
        with pytest.raises(TLS_ERRORS):
            request(own, made.sae_ca, wrong, "GET", STATUS)
    hello = json.dumps({"kme": "B", "incarnation": "x", "windows": []})
    assert request(kme, made.kme_ca, made.kme_kme_plane["B"], "POST", "/kme/v1/hello", hello)[0] == 200
    assert (
        request(kme, made.kme_ca, made.kme_kme_plane["A"], "POST", "/kme/v1/hello", hello)[0] == 401
    )  # no peer of its own
    for wrong in (made.saes["A"], made.kme_sae_plane["B"], None):
        with pytest.raises(TLS_ERRORS):
            request(kme, made.kme_ca, wrong, "POST", "/kme/v1/hello", hello)
    with pytest.raises(ssl.SSLError):
        context = ssl.create_default_context(cafile=str(made.kme_ca))
        context.load_cert_chain(*made.kme_kme_plane["B"])
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        with socket.create_connection(("localhost", kme)) as plain:
            context.wrap_socket(plain, server_hostname="localhost").recv(1)


@pytest.mark.parametrize("kind", ["expired", "future", "foreign", "server"])
def test_bad_client_certificates_are_refused_before_anything_happens(pair: Fleet, tmp_path: Path, kind: str) -> None:
    import datetime

    from cryptography import x509
    from cryptography.hazmat.primitives import serialization

    root = pair.root / "pki"
    key = serialization.load_pem_private_key((root / "sae-ca.key").read_bytes(), None)
    ca = pki.Authority(key, x509.load_pem_x509_certificate(pair.pki.sae_ca.read_bytes()), pair.pki.sae_ca)  # type: ignore[arg-type]  # an EC key
    if kind == "foreign":
        ca = pki.make_authority(tmp_path, "ca", "qcisim demo SAE CA")
    days = {"expired": -30, "future": 30}.get(kind, 0)
    begin = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days)
    usages = [pki.SERVER] if kind == "server" else [pki.CLIENT]
    made = pki.issue(ca, tmp_path, "x", "A", "sae", usages, days=10.0, begin=begin)
    with pytest.raises(TLS_ERRORS):
        request(pair._ports["A"][0], pair.pki.sae_ca, made, "GET", STATUS)


def test_a_key_manager_speaks_only_to_the_peer_that_it_means(pair: Fleet) -> None:
    certificate, key = pair.pki.kme_kme_plane["A"]
    context = client_context(certificate, key, pair.pki.kme_ca)
    serial = x509.load_pem_x509_certificate(pair.pki.kme_kme_plane["B"][0].read_bytes()).serial_number
    port = pair._ports["B"][1]

    async def call(peer: str, revoked: set[int]) -> int:
        client = PeerClient("127.0.0.1", port, context, peer, revoked)
        try:
            return (await client.post("/kme/v1/other", "{}"))[0]
        finally:
            client.close()

    assert asyncio.run(call("B", set())) == 404
    for peer, revoked in (("A", set[int]()), ("C", set[int]()), ("B", {serial})):
        with pytest.raises(OSError, match="another's or was revoked"):
            asyncio.run(call(peer, revoked))


def issue(pair: Fleet, directory: Path, identity: str, kind: str = "sae") -> tuple[Path, Path]:
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization

    key = serialization.load_pem_private_key((pair.root / "pki" / "sae-ca.key").read_bytes(), None)
    ca = pki.Authority(key, x509.load_pem_x509_certificate(pair.pki.sae_ca.read_bytes()), pair.pki.sae_ca)  # type: ignore[arg-type]  # an EC key
    return pki.issue(ca, directory, "other", identity, kind, [pki.CLIENT])


@pytest.mark.parametrize("identity", ["a", "A ", " A", "A.", "Å", "B", "unknown", "A/../A"])
def test_identities_that_resemble_are_others(pair: Fleet, tmp_path: Path, identity: str) -> None:
    code, body = request(
        pair._ports["A"][0], pair.pki.sae_ca, issue(pair, tmp_path, identity), "GET", "/api/v1/keys/C/status"
    )
    assert code == 401
    assert body["message"]


def test_a_revoked_certificate_is_refused_on_open_connections_too(pair: Fleet, tmp_path: Path) -> None:
    paths = issue(pair, tmp_path, "C")
    context = ssl.create_default_context(cafile=str(pair.pki.sae_ca))
    context.load_cert_chain(*paths)
    connection = http.client.HTTPSConnection("localhost", pair._ports["B"][0], context=context, timeout=5.0)

    def status() -> int:
        connection.request("GET", "/api/v1/keys/A/status")
        response = connection.getresponse()
        response.read()
        return response.status

    assert status() == 200
    crl = pki.revoke(pair.root / "pki", "sae-ca", [paths[0]])
    time.sleep(1.1)
    assert status() == 401
    assert Sae(pair, "C").status("A")["master_SAE_ID"] == "C"  # another certificate of the same name is not revoked
    foreign = pki.make_authority(tmp_path, "sae-ca", "qcisim demo SAE CA")
    assert foreign.path.exists()
    forged = pki.revoke(tmp_path, "sae-ca", [pair.pki.saes["A"][0]])
    crl.write_bytes(forged.read_bytes())
    time.sleep(1.1)
    assert Sae(pair, "A").status("B")["master_SAE_ID"] == "A"  # a list that the CA has not signed counts for nothing
    assert status() == 401
    crl.unlink()


def test_a_certificate_that_names_a_kme_is_no_application(pair: Fleet, tmp_path: Path) -> None:
    code, _ = request(pair._ports["A"][0], pair.pki.sae_ca, issue(pair, tmp_path, "A", "kme"), "GET", STATUS)
    assert code == 401


def test_an_application_attached_elsewhere_is_refused_and_headers_mean_nothing(pair: Fleet) -> None:
    stranger = Sae(pair, "B", at="A")
    for headers in ({}, {"X-SSL-Client-S-DN": "CN=A", "X-SAE-ID": "A", "Forwarded": "for=A", "X-Forwarded-For": "A"}):
        code, body = stranger.call("GET", stranger.path("C", "enc_keys"), headers=headers)
        assert (code, body) == (401, {"message": "the SAE is not attached to this KME"})


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/api/v1/keys/B/status", 200),
        ("/api/v1/keys/%42/status", 200),
        ("/api/v1/keys/b/status", 401),
        ("/api/v1/keys/B%00/status", 401),
        ("/api/v1/keys/B%20/status", 401),
        ("/api/v1/keys/..%2FB/status", 401),
        ("/api/v1/keys/%2E%2E/status", 401),
        ("/api/v1/keys/%FF/status", 401),
        ("/api/v1/keys//status", 401),
        ("/api/v1/keys/B/status/", 404),
        ("/api/v1//keys/B/status", 404),
        ("/API/v1/keys/B/status", 404),
        ("/", 404),
        ("/docs", 404),
        ("/openapi.json?x", 404),
    ],
)
def test_raw_paths_are_split_before_they_are_decoded(pair: Fleet, path: str, code: int) -> None:
    assert Sae(pair, "A").call("GET", path)[0] == code


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("number=2&size=128", 200),
        ("number=%32", 200),
        ("unknown=1", 200),
        ("number=1&number=1", 400),
        ("number=+1", 400),
        ("number=1_0", 400),
        ("number=%EF%BC%91", 400),
        ("number=%FF", 400),
        ("size=257", 400),
        ("size=56", 400),
        ("size=1032", 400),
        ("number=129", 400),
    ],
)
def test_queries(pair: Fleet, query: str, code: int) -> None:
    a = Sae(pair, "A")
    assert a.call("GET", f"{a.path('B', 'enc_keys')}?{query}")[0] == code


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"number":1,"number":2}', 200),
        (b'{"unknown":{"deep":[1]}}', 200),
        (b"", 400),
        (b'{"number":1e400}', 400),
        (b'{"number":-Infinity}', 400),
        (b'{"number":1.0}', 400),
        (b'{"x":"\\ud800"}', 400),
        (b'\xef\xbb\xbf{"number":1}', 400),
        (b'{"a":' * 50000, 400),
        (b'{"additional_slave_SAE_IDs":["B"]}', 400),
        (b'{"additional_slave_SAE_IDs":["C","C"]}', 400),
        (b'{"additional_slave_SAE_IDs":["nobody"]}', 401),
        (b'{"extension_mandatory":[{}]}', 200),
    ],
)
def test_bodies(pair: Fleet, body: bytes, code: int) -> None:
    a = Sae(pair, "A")
    assert a.call("POST", a.path("B", "enc_keys"), body)[0] == code


def test_content_type_method_and_size(pair: Fleet) -> None:
    a = Sae(pair, "A")
    path = a.path("B", "enc_keys")
    assert a.call("POST", path, b"{}", {"Content-Type": "text/plain"})[0] == 415
    assert a.call("POST", path, b"{}", {"Content-Type": "Application/JSON; charset=utf-8"})[0] == 200
    assert a.call("PUT", path, b"{}")[0] == 405
    assert a.call("POST", path, b'{"x":"' + b"x" * 300_000 + b'"}')[0] == 413
    a.close()
    assert a.call("POST", path, b'{"x":"' + b"x" * 250_000 + b'"}')[0] == 200
    assert a.call("POST", a.path("nobody", "enc_keys"), b"[")[0] == 401  # authorisation goes before the body


def test_duplicate_ids_and_local_keys(pair: Fleet) -> None:
    a = Sae(pair, "A")
    code, body = a.call("GET", a.path("A", "enc_keys"))
    assert code == 200
    assert body["keys"][0]["key_extension"] == {
        "qcisim_origin": "local",
        "qcisim_simulated": False,
        "qcisim_class": "local",
    }
    (key_id,) = keys = keys_of(body)
    assert a.fetch("A", [key_id, key_id.upper()])[0] == 400
    code, body = a.fetch("A", [key_id])
    assert (code, keys_of(body)) == (200, keys)
    assert a.fetch("A", [key_id]) == (400, {"message": NOT_FOUND})


def raw(pair: Fleet, data: bytes, *, wait_s: float = 3.0) -> bytes:
    """What the server answers to bytes on a TLS connection of SAE A."""
    certificate, key = pair.pki.saes["A"]
    context = ssl.create_default_context(cafile=str(pair.pki.sae_ca))
    context.load_cert_chain(certificate, key)
    with socket.create_connection(("localhost", pair._ports["A"][0])) as plain:
        with context.wrap_socket(plain, server_hostname="localhost") as tls:
            tls.settimeout(wait_s)
            answer = b""
            try:
                tls.sendall(data)
                while part := tls.recv(65536):
                    answer += part
            except OSError:
                pass
            return answer


LINE = b"GET /api/v1/keys/B/status HTTP/1.1\r\nHost: x\r\n"
POST = b"POST /api/v1/keys/B/enc_keys HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    ("data", "codes"),
    [
        (LINE + b"\r\n" + LINE + b"Connection: close\r\n\r\n", [b"200", b"200"]),
        (b"GET https://localhost/api/v1/keys/B/status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", [b"200"]),
        (b"GET /api/v1/keys/B/status HTTP/1.0\r\n\r\n", [b"200"]),
        (b"POST /api/v1/keys/B/enc_keys HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\n"
         b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n", [b"200"]),
        (b"POST /api/v1/keys/B/enc_keys HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n"
         b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", [b"400"]),
        (b"HEAD /api/v1/keys/B/status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", [b"405"]),
        (b"\x16\x03\x01 not http at all\r\n\r\n", [b"400"]),
        (LINE + b"X: " + b"y" * 20_000 + b"\r\n\r\n", [b"400"]),
        (b"GET /" + b"y" * 20_000 + b" HTTP/1.1\r\n\r\n", [b"400"]),
        (LINE + b"Upgrade: h2c\r\nConnection: Upgrade\r\n\r\n", [b"200"]),
        (b"CONNECT localhost:443 HTTP/1.1\r\nHost: x\r\n\r\nabc", [b"404"]),
        (LINE + b"Connection: close\r\n\r\n" + LINE + b"\r\n", [b"200"]),
        (POST + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n9c42\r\n" + b" " * 40_000
         + b"{}\r\n0\r\nX-Sum: 1\r\n\r\n", [b"200"]),
        (b"POST /api/v1/keys/B/enc_keys HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nConnection: close\r\n"
         b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nContent-Type: application/json\r\n\r\n", [b"415"]),
        (POST + b"Expect: 100-continue\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}", [b"100", b"200"]),
        (POST + b"Expect: 100-continue\r\nContent-Length: 99999999\r\n\r\n", [b"413"]),
    ],
)  # fmt: skip
def test_http_at_the_byte_level(pair: Fleet, data: bytes, codes: list[bytes]) -> None:
    answer = raw(pair, data)
    assert [part[:3] for part in answer.split(b"HTTP/1.1 ")[1:]] == codes


def test_random_bytes_never_hurt(pair: Fleet) -> None:
    draw = random.Random(5)
    for _ in range(20):
        start = draw.choice([b"", LINE, b"POST /api/v1/keys/B/enc_keys HTTP/1.1\r\nContent-Length: 50\r\n\r\n"])
        answer = raw(pair, start + draw.randbytes(draw.randrange(1, 300)), wait_s=0.05)
        assert answer[9:12] in (b"", b"400", b"401", b"404", b"405", b"415")
    assert Sae(pair, "A").status("B")["source_KME_ID"] == "A"


def test_clients_that_hang_up_or_do_nothing_harm_nobody(pair: Fleet) -> None:
    def descriptors() -> int:
        return len(os.listdir(f"/proc/{pair.pid('A')}/fd"))

    Sae(pair, "A").get("B")
    before, request_ = descriptors(), LINE + b"\r\n"
    for cut in range(0, len(request_), 5):
        raw(pair, request_[:cut], wait_s=0.01)
    idle = [socket.create_connection(("localhost", pair._ports["A"][0])) for _ in range(20)]
    started = time.monotonic()
    assert len(Sae(pair, "A").get("B", number=5)) == 5
    assert time.monotonic() - started < 2.0
    for connection in idle:
        connection.close()
    deadline = time.monotonic() + 10.0
    while descriptors() > before + 3:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_the_served_document_describes_what_is_answered(pair: Fleet) -> None:
    a = Sae(pair, "A")
    code, document = a.call("GET", "/openapi.json")
    assert (code, document["openapi"]) == (200, "3.1.0")
    schemas = document["components"]["schemas"]
    status = a.status("B")
    assert status.keys() == schemas["Status"]["properties"].keys()
    _, container = a.call("GET", a.path("B", "enc_keys"))
    item = schemas["KeyContainer"]["properties"]["keys"]["items"]
    assert container["keys"][0].keys() == item["properties"].keys()
    assert container["keys"][0]["key_extension"].keys() <= item["properties"]["key_extension"]["properties"].keys()
    draw, paths = random.Random(3), document["paths"]
    bodies: list[Any] = [
        {},
        [],
        None,
        1,
        "x",
        {"number": 0},
        {"size": 7},
        {"number": "1"},
        {"key_IDs": []},
        {"key_IDs": [{}]},
    ]
    for template, verbs in paths.items():
        for verb, operation in verbs.items():
            for _ in range(10 if verb != "parameters" else 0):
                path = template.replace("{slave_SAE_ID}", draw.choice("ABC")).replace(
                    "{master_SAE_ID}", draw.choice("ABC")
                )
                if verb == "get" and draw.random() < 0.7:
                    path += draw.choice(["?number=0", "?number=2", "?size=x", "?key_ID=1", "?size=64", "?key_ID="])
                code, body = a.call(verb.upper(), path, draw.choice(bodies) if verb == "post" else None)
                assert str(code) in operation["responses"]
                if code != 200:
                    assert body.keys() <= schemas["Error"]["properties"].keys()


def test_health_says_nothing_of_keys(pair: Fleet) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", pair._ports["A"][2], timeout=5.0)
    connection.request("GET", "/health")
    body = json.loads(connection.getresponse().read())
    assert body["node"] == "A"
    assert body["peers"] == {"B": True}
    assert "books" not in body
    connection.request("GET", "/keys")
    assert connection.getresponse().status == 404


def test_the_deposit_socket_is_private(pair: Fleet) -> None:
    path = pair._socket("A")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    client = DepositClient(path)
    with pytest.raises(Exception, match="no lane 'x'"):
        client.deposit("x", 0, b"x", epsilon=0.0, theorem="", simulated=True)
    assert client.state()["node"] == "A"


@pytest.mark.parametrize("ticks", range(6))
def test_closing_ends_the_heartbeats_also_when_news_come_at_that_moment(pair: Fleet, ticks: int) -> None:
    context = client_context(*pair.pki.kme_kme_plane["A"], pair.pki.kme_ca)

    async def hello(peer: str) -> bool:
        return False

    async def work() -> None:
        plane = PeerPlane({"B": ("127.0.0.1", 1)}, context)
        plane._hello, plane._turned = hello, lambda peer, up: None  # type: ignore[method-assign]  # nobody is there
        plane._spawn(plane._watch("B"))
        await asyncio.sleep(0.02)
        plane._spread()
        for _ in range(ticks):
            await asyncio.sleep(0)
        closing = asyncio.ensure_future(plane.close())
        done, _ = await asyncio.wait({closing}, timeout=1.0)
        for task in plane._tasks:
            task.cancel()
        assert done

    asyncio.run(work())


@pytest.mark.parametrize(
    ("common_name", "uris", "name"),
    [
        ("A", ["urn:x:sae:A"], "A"),
        ("A", [], "A"),
        ("A", ["https://example.org/A"], "A"),
        ("A", ["urn:x:sae:B"], ""),
        ("A", ["urn:x:sae:A", "urn:x:sae:B"], ""),
        ("A", ["urn:x:kme:A"], ""),
        ("a b", ["urn:x:sae:a%20b"], "a b"),
    ],
)
def test_a_certificate_names_one_sae_or_nobody(common_name: str, uris: list[str], name: str) -> None:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    draft = x509.CertificateBuilder(subject, subject, key.public_key(), 1, now, now + datetime.timedelta(days=1))
    if uris:
        names = [x509.UniformResourceIdentifier(uri) for uri in uris]
        draft = draft.add_extension(x509.SubjectAlternativeName(names), critical=False)
    assert tls._parse(draft.sign(key, hashes.SHA256()), "sae").name == name


def test_an_id_too_long_for_a_common_name_is_still_an_id(pair: Fleet, tmp_path: Path) -> None:
    certificate, _ = issue(pair, tmp_path, "x" * 200)
    assert tls._parse(x509.load_pem_x509_certificate(certificate.read_bytes()), "sae").name == "x" * 200
