"""Helpers: a fleet from a few words, and a SAE that speaks ETSI GS QKD 014 with the standard library only."""

from __future__ import annotations

import base64
import http.client
import json
import ssl
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from qcisim.keys.state import Limits
from qcisim.web.fleet import Fleet, FleetConfig, FleetLink

NOT_FOUND = "one or more keys specified are not found on KME"


def make_fleet(
    directory: Path,
    *,
    nodes: Mapping[str, bool] | None = None,
    links: Mapping[str, tuple[str, str]] | None = None,
    saes: Mapping[str, str] | None = None,
    initial_keys: int = 5000,
    limits: Limits | None = None,
    **more: Any,
) -> Fleet:
    """A fleet that is not started yet; by default the two nodes and three SAEs of the acceptance tests."""
    return Fleet(
        FleetConfig(
            directory,
            nodes or {"A": True, "B": True},
            {name: FleetLink(ends, initial_keys) for name, ends in (links or {"a-b": ("A", "B")}).items()},
            saes or {"A": "A", "B": "B", "C": "B"},
            limits=limits or Limits(),
            **more,
        )
    )


class Sae:
    """One application with its certificate, on one kept-alive connection to its own key manager."""

    def __init__(self, fleet: Fleet, name: str, *, at: str | None = None, timeout_s: float = 15.0) -> None:
        self.name = name
        certificate, key = fleet.pki.saes[name]
        context = ssl.create_default_context(cafile=str(fleet.pki.sae_ca))
        context.load_cert_chain(certificate, key)
        address = urlsplit(fleet.url(at or fleet.config.saes[name]))
        self.http = http.client.HTTPSConnection("localhost", address.port or 0, context=context, timeout=timeout_s)

    def call(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Any]:
        """Status and JSON of one request; a broken connection raises ``OSError`` or ``HTTPException``."""
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        sent = {"Content-Type": "application/json"} if data is not None else {}
        try:
            self.http.request(method, path, data, {**sent, **(headers or {})})
            response = self.http.getresponse()
            return response.status, json.loads(response.read() or b"null")
        except (OSError, http.client.HTTPException):
            self.http.close()
            raise

    @staticmethod
    def path(other: str, method: str) -> str:
        return f"/api/v1/keys/{quote(other, safe='')}/{method}"

    def status(self, slave: str) -> dict[str, Any]:
        code, body = self.call("GET", self.path(slave, "status"))
        assert code == 200, body
        return dict(body)

    def get(self, slave: str, **request: Any) -> dict[str, bytes]:
        """Get key as master; asserts 200."""
        code, body = self.call("POST", self.path(slave, "enc_keys"), request)
        assert code == 200, (code, body)
        return keys_of(body)

    def fetch(self, master: str, ids: Any) -> tuple[int, Any]:
        """Get key with key IDs as slave."""
        return self.call("POST", self.path(master, "dec_keys"), {"key_IDs": [{"key_ID": i} for i in ids]})

    def close(self) -> None:
        self.http.close()


def keys_of(body: Any) -> dict[str, bytes]:
    """Key container to {key_ID: key}."""
    return {str(uuid.UUID(k["key_ID"])): base64.b64decode(k["key"], validate=True) for k in body["keys"]}


def books_close(fleet: Fleet) -> bool:
    """Whether the books of every lane at every node close."""
    return all(lane["closes"] for node in fleet.config.nodes for lane in fleet.state(node)["books"].values())
