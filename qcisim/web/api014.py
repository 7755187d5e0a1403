"""ETSI GS QKD 014 V1.1.1: Get status, Get key, Get key with key IDs, for the SAEs of one KME.

Order of checks: certificate, path, method, authorisation of the pair, size of body, content type, JSON, types,
ranges, extensions, the keys' own SAEs, the keys' existence, availability. A refused request consumes nothing. No
answer is a 404 for a key.

Two answers tell a little: a key_ID of other SAEs gives 401, because clause 5.4 wants it, and an unknown one 400. So
a caller can learn that an ID exists; it cannot guess one, as IDs are random values of 122 bits.
"""

from __future__ import annotations

import json
import re
from binascii import b2a_base64
from collections.abc import Callable, Container
from typing import Any
from urllib.parse import unquote_to_bytes

from qcisim.errors import KeyStoreError
from qcisim.keys.key import key_id_bytes
from qcisim.keys.manager import KeyManager
from qcisim.keys.refusal import NotAllowed, NotFound, Unavailable
from qcisim.keys.window import BoundKey
from qcisim.web.http import Application, Request
from qcisim.web.openapi import document
from qcisim.web.tls import Identity

NOT_FOUND = "one or more keys specified are not found on KME"
DOCUMENT = b"/openapi.json"
SIZE = "size shall be a multiple of 8"
EXTENSION_MANDATORY = "not all extension_mandatory parameters are supported"
_VERBS: dict[str, tuple[bytes, ...]] = {
    "status": (b"GET",),
    "enc_keys": (b"GET", b"POST"),
    "dec_keys": (b"GET", b"POST"),
}
_WHOLE = re.compile(r"-?[0-9]{1,19}\Z", re.ASCII)
_INT64 = 2**63


class Refuse(Exception):
    """An answer other than 200: the code and the message of the Error object (clause 6.5)."""

    def __init__(self, status: int, message: str, headers: bytes = b"") -> None:
        super().__init__(message)
        self.status, self.message, self.headers = status, message, headers


def _error(message: str) -> bytes:
    return json.dumps({"message": message}).encode()


def split_path(target: bytes) -> tuple[list[str | None], str]:
    """Path segments and query of a request target: split first, decoded afterwards, so that ``%2F`` is part of an ID.

    A segment that is not UTF-8 decodes to ``None``, which is no ID.
    """
    if not target.startswith(b"/"):  # absolute form: scheme://authority/path
        _, _, rest = target.partition(b"://")
        target = rest[rest.find(b"/") :] if b"/" in rest else b"/"
    path, _, query = target.partition(b"?")
    segments: list[str | None] = []
    for raw in path.split(b"/")[1:]:
        try:
            segments.append(unquote_to_bytes(raw).decode())
        except UnicodeDecodeError:
            segments.append(None)
    return segments, query.decode("latin-1")


def parse_query(query: str, known: tuple[str, ...]) -> dict[str, str]:
    """The members of ``known`` in a query; one that is given twice is refused, others are ignored."""
    found: dict[str, str] = {}
    for part in query.split("&") if query else []:
        name, _, value = part.partition("=")
        if name in known:
            if name in found:
                raise Refuse(400, f"{name} is given more than once")
            try:
                found[name] = unquote_to_bytes(value).decode()
            except UnicodeDecodeError:
                raise Refuse(400, f"{name} is not UTF-8") from None
    return found


def _no_constant(name: str) -> None:
    raise ValueError(name)


def parse_object(body: bytes) -> dict[str, Any]:
    """A JSON object (RFC 8259); NaN, lone surrogates and bottomless nesting are malformed."""
    try:
        value = json.loads(body.decode(), parse_constant=_no_constant)
        json.dumps(value, ensure_ascii=False).encode()  # lone surrogates do not encode
    except (ValueError, RecursionError):
        raise Refuse(400, "the body is not valid JSON") from None
    if not isinstance(value, dict):
        raise Refuse(400, "the body is not a JSON object")
    return value


def _integer(value: Any, name: str) -> int:
    if type(value) is not int or not -_INT64 <= value < _INT64:
        raise Refuse(400, f"{name} is not an integer")
    return value


class Api014(Application):
    """The SAE plane of one key manager."""

    def __init__(self, manager: KeyManager, revoked: Container[int] = ()) -> None:
        self._m, self._revoked = manager, revoked
        self._limits = manager.limits
        self._document = json.dumps(document(manager.limits)).encode()
        self._routes: dict[bytes, tuple[str, str]] = {}  # raw path -> (method, the other SAE), of paths that exist

    # -- before the body

    def admit(self, request: Request) -> bool:
        try:
            self._admit(request)
        except Refuse as refusal:
            self._refuse(request, refusal)
            return False
        return True

    def _admit(self, request: Request) -> None:
        identity: Identity = request.identity
        if not identity.valid() or identity.serial in self._revoked:
            raise Refuse(401, "the client certificate names no SAE, has expired or was revoked")
        if request.target == DOCUMENT and request.method == b"GET":
            return
        verb, other = self._route(request.target)
        if request.method not in _VERBS[verb]:
            allow = b"Allow: " + b", ".join(_VERBS[verb]) + b"\r\n"
            raise Refuse(405, "method not allowed", allow)
        me, topology = identity.name, self._m.topology
        if topology.saes.get(me) != self._m.node:
            raise Refuse(401, "the SAE is not attached to this KME")
        master, slave = (other, me) if verb == "dec_keys" else (me, other)
        if not topology.allowed(master, slave):
            raise Refuse(401, "these SAEs may not share keys")
        if request.method == b"POST":
            kind = (request.content_type or b"").split(b";")[0].strip().lower()
            if kind != b"application/json":
                raise Refuse(415, "the content type is not application/json")

    def _route(self, target: bytes) -> tuple[str, str]:
        known = self._routes.get(target.split(b"?", 1)[0])
        if known is not None:
            return known
        segments, _ = split_path(target)
        if len(segments) != 5 or segments[:3] != ["api", "v1", "keys"] or segments[4] not in _VERBS:
            raise Refuse(404, "no such path")
        verb, other = segments[4], segments[3]
        assert verb is not None
        if other in self._m.topology.saes and other is not None:
            self._routes[target.split(b"?", 1)[0]] = (verb, other)
        return verb, other if other is not None else "\0"

    def _refuse(self, request: Request, refusal: Refuse) -> None:
        if refusal.status == 401:
            self._m.audit_refusal("sae", sae=request.identity.name, reason=refusal.message)
        request.reply(refusal.status, _error(refusal.message), refusal.headers)

    def too_large(self, request: Request) -> None:
        request.reply(413, _error("the body is too large"))

    # -- the three methods

    def serve(self, request: Request) -> None:
        if request.target == DOCUMENT:
            request.reply(200, self._document)
            return
        verb, other = self._route(request.target)
        me: str = request.identity.name
        try:
            if verb == "enc_keys":
                self._get_key(request, me, other)
            elif verb == "dec_keys":
                self._get_key_with_ids(request, me, other)
            else:
                request.reply(200, self._status(me, other))
        except Refuse as refusal:
            self._refuse(request, refusal)
        except KeyStoreError as error:
            self._refuse(request, _as_refusal(error))

    def _status(self, me: str, slave: str) -> bytes:
        limits, topology = self._limits, self._m.topology
        status = {
            "source_KME_ID": self._m.node,
            "target_KME_ID": topology.saes[slave],
            "master_SAE_ID": me,
            "slave_SAE_ID": slave,
            "key_size": limits.default_key_bits,
            "stored_key_count": self._m.stored_keys(me, slave),
            "max_key_count": limits.max_key_count,
            "max_key_per_request": limits.max_key_per_request,
            "max_key_size": limits.max_key_bits,
            "min_key_size": limits.min_key_bits,
            "max_SAE_ID_count": limits.max_sae_id_count,
        }
        return json.dumps(status).encode()

    def _get_key(self, request: Request, me: str, slave: str) -> None:
        number, bits, slaves = 1, self._limits.default_key_bits, [slave]
        if request.method == b"GET":
            _, _, query = request.target.partition(b"?")
            if query:
                found = parse_query(query.decode("latin-1"), ("number", "size"))
                for name, value in found.items():
                    if not _WHOLE.match(value):
                        raise Refuse(400, f"{name} is not an integer")
                number, bits = int(found.get("number", number)), int(found.get("size", bits))
                self._check_ranges(number, bits)
        else:
            body = parse_object(request.body)
            number, bits = _integer(body.get("number", number), "number"), _integer(body.get("size", bits), "size")
            slaves += self._additional(body)
            mandatory = self._extensions(body)
            self._check_ranges(number, bits)
            if len(slaves) - 1 > self._limits.max_sae_id_count:
                raise Refuse(400, "too many additional_slave_SAE_IDs")
            if len(set(slaves)) != len(slaves):
                raise Refuse(400, "a SAE is named more than once")
            if mandatory:
                raise Refuse(400, EXTENSION_MANDATORY)
            if any(not self._m.topology.allowed(me, s) for s in slaves):
                raise Refuse(401, "these SAEs may not share keys")
        self._m.delivery.get(me, slaves, number, bits, _answer(self, request))

    def _check_ranges(self, number: int, bits: int) -> None:
        limits = self._limits
        if not 1 <= number <= limits.max_key_per_request:
            raise Refuse(400, f"number shall be between 1 and {limits.max_key_per_request}")
        if not limits.min_key_bits <= bits <= limits.max_key_bits:
            raise Refuse(400, f"size shall be between {limits.min_key_bits} and {limits.max_key_bits}")
        if bits % 8:
            raise Refuse(400, SIZE)

    @staticmethod
    def _additional(body: dict[str, Any]) -> list[str]:
        more = body.get("additional_slave_SAE_IDs", [])
        if not isinstance(more, list) or not all(isinstance(s, str) for s in more):
            raise Refuse(400, "additional_slave_SAE_IDs is not an array of strings")
        return more

    @staticmethod
    def _extensions(body: dict[str, Any]) -> bool:
        for name in ("extension_mandatory", "extension_optional"):
            value = body.get(name, [])
            if not isinstance(value, list) or not all(isinstance(e, dict) for e in value):
                raise Refuse(400, f"{name} is not an array of objects")
        return any(body.get("extension_mandatory", []))

    def _get_key_with_ids(self, request: Request, me: str, master: str) -> None:
        if request.method == b"GET":
            _, _, query = request.target.partition(b"?")
            found = parse_query(query.decode("latin-1"), ("key_ID",))
            if "key_ID" not in found:
                raise Refuse(400, "key_ID is missing")
            texts: list[Any] = [found["key_ID"]]
        else:
            items = parse_object(request.body).get("key_IDs")
            if not isinstance(items, list) or not all(isinstance(i, dict) for i in items):
                raise Refuse(400, "key_IDs is not an array of objects")
            if not 1 <= len(items) <= self._limits.max_key_per_request:
                raise Refuse(400, f"key_IDs shall have 1 to {self._limits.max_key_per_request} members")
            texts = [i.get("key_ID") for i in items]
        try:
            ids = [key_id_bytes(t) for t in texts]
        except (ValueError, TypeError):
            raise Refuse(400, "a key_ID is not a UUID") from None
        if len(set(ids)) != len(ids):
            raise Refuse(400, "a key_ID is given more than once")
        self._m.delivery.fetch(me, master, ids, _answer(self, request))


def _as_refusal(error: Exception) -> Refuse:
    if isinstance(error, NotAllowed):
        return Refuse(401, "the SAE is not among those the keys are for")
    if isinstance(error, NotFound):
        return Refuse(400, NOT_FOUND)
    return Refuse(503, str(error) if isinstance(error, Unavailable) else "the key store is not available")


def _answer(api: Api014, request: Request) -> Callable[[list[BoundKey], Exception | None], None]:
    def done(keys: list[BoundKey], error: Exception | None) -> None:
        if error is not None:
            api._refuse(request, _as_refusal(error))
            return
        request.reply(200, key_container(keys))

    return done


def key_container(keys: list[BoundKey]) -> bytes:
    """The Key container (clause 6.3); base64 is the last step before the socket."""
    items = []
    for k in keys:
        text = b2a_base64(k.secret, newline=False).decode()
        items.append(f'{{"key_ID":"{k.text}","key":"{text}","key_extension":{k.window.extension}}}')
    return ('{"keys":[' + ",".join(items) + "]}").encode()
