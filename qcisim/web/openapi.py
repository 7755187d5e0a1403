"""The OpenAPI 3.1 document of the SAE interface: every path, member and answer that `api014` gives, and no other."""

from __future__ import annotations

from typing import Any

from qcisim.keys.state import Limits

_UUID = {"type": "string", "format": "uuid"}
_OBJECTS = {"type": "array", "items": {"type": "object"}}


def _strings(*names: str) -> dict[str, Any]:
    return {name: {"type": "string"} for name in names}


def _integers(*names: str) -> dict[str, Any]:
    return {name: {"type": "integer", "minimum": 0} for name in names}


def _object(properties: dict[str, Any], *required: str, closed: bool = True) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object", "properties": properties, "required": list(required)}
    return {**schema, "additionalProperties": False} if closed else schema


def _schemas(limits: Limits) -> dict[str, Any]:
    number = {"type": "integer", "minimum": 1, "maximum": limits.max_key_per_request, "default": 1}
    size = {"type": "integer", "minimum": limits.min_key_bits, "maximum": limits.max_key_bits, "multipleOf": 8}
    names = ("source_KME_ID", "target_KME_ID", "master_SAE_ID", "slave_SAE_ID")
    sizes = ("key_size", "max_key_size", "min_key_size")
    counts = (*sizes, "stored_key_count", "max_key_count", "max_key_per_request", "max_SAE_ID_count")
    slaves = {"type": "array", "items": {"type": "string"}, "maxItems": limits.max_sae_id_count, "uniqueItems": True}
    key_id = _object({"key_ID": _UUID, "key_ID_extension": {"type": "object"}}, "key_ID", closed=False)
    claim = {
        **_strings("qcisim_origin", "qcisim_class"),
        "qcisim_simulated": {"type": "boolean"},
        "qcisim_epsilon": {"type": "number", "minimum": 0, "maximum": 1},
        "qcisim_trusted_nodes": {"type": "array", "items": {"type": "string"}},
    }
    text = {"type": "string", "contentEncoding": "base64"}
    key = _object({"key_ID": _UUID, "key": text, "key_extension": _object(claim)}, "key_ID", "key")
    many = {"type": "array", "items": key_id, "minItems": 1, "maxItems": limits.max_key_per_request}
    return {
        "Status": _object(_strings(*names) | _integers(*counts), *names, *counts),
        "KeyRequest": _object(
            {
                "number": number,
                "size": {**size, "default": limits.default_key_bits},
                "additional_slave_SAE_IDs": slaves,
                "extension_mandatory": _OBJECTS,
                "extension_optional": _OBJECTS,
            },
            closed=False,
        ),
        "KeyContainer": _object({"keys": {"type": "array", "items": key}}, "keys"),
        "KeyIDs": _object({"key_IDs": many, "key_IDs_extension": {"type": "object"}}, "key_IDs", closed=False),
        "Error": _object({"message": {"type": "string"}, "details": _OBJECTS}, "message"),
    }


def _ref(name: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}


def _answers(good: str, *codes: int) -> dict[str, Any]:
    texts = {
        400: "Bad request format, or keys that are not found",
        401: "Not authorised: certificate, pair, or SAEs of a key",
        413: "Body too large",
        415: "Not application/json",
        431: "Head too large",
        503: "No key now",
    }
    found: dict[str, Any] = {"200": {"description": "Done", "content": _ref(good)}}
    return found | {str(c): {"description": texts[c], "content": _ref("Error")} for c in codes}


def document(limits: Limits) -> dict[str, Any]:
    """The document for a key manager with these limits."""

    def query(name: str, schema: dict[str, Any], *, required: bool = False) -> dict[str, Any]:
        return {"name": name, "in": "query", "required": required, "schema": schema}

    def at(name: str) -> list[dict[str, Any]]:
        return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}}]

    def body(name: str) -> dict[str, Any]:
        return {"required": True, "content": _ref(name)}

    schemas = _schemas(limits)
    plain = [query(n, schemas["KeyRequest"]["properties"][n]) for n in ("number", "size")]
    refusals, posted = (400, 401, 431, 503), (400, 401, 413, 415, 431, 503)
    get, post = _answers("KeyContainer", *refusals), _answers("KeyContainer", *posted)
    status = _answers("Status", 400, 401, 431)
    keys: dict[str, dict[str, Any]] = {
        "status": {"get": {"operationId": "getStatus", "responses": status}},
        "enc_keys": {
            "get": {"operationId": "getKeySimple", "parameters": plain, "responses": get},
            "post": {"operationId": "getKey", "requestBody": body("KeyRequest"), "responses": post},
        },
        "dec_keys": {
            "get": {
                "operationId": "getKeyById",
                "parameters": [query("key_ID", _UUID, required=True)],
                "responses": get,
            },
            "post": {"operationId": "getKeyWithKeyIDs", "requestBody": body("KeyIDs"), "responses": post},
        },
    }
    roles = {"status": "slave_SAE_ID", "enc_keys": "slave_SAE_ID", "dec_keys": "master_SAE_ID"}
    return {
        "openapi": "3.1.0",
        "info": {"title": "ETSI GS QKD 014 V1.1.1, as qcisim serves it", "version": "1"},
        "security": [{"mutualTLS": []}],
        "paths": {
            f"/api/v1/keys/{{{roles[n]}}}/{n}": {"parameters": at(roles[n]), **verbs} for n, verbs in keys.items()
        },
        "components": {"schemas": schemas, "securitySchemes": {"mutualTLS": {"type": "mutualTLS"}}},
    }
