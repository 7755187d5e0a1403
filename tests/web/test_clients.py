"""Clients that others wrote work unchanged."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from qcisim.web.fleet import Fleet


def test_etsi_qkd_014_client(pair: Fleet) -> None:
    from etsi_qkd_014_client import QKD014Client

    def client(sae: str) -> QKD014Client:
        certificate, key = pair.pki.saes[sae]
        host = urlsplit(pair.url(pair.config.saes[sae])).netloc
        return QKD014Client(host, str(certificate), str(key), str(pair.pki.sae_ca))

    a, b = client("A"), client("B")
    code, status = a.get_status("B")
    assert (code, status.source_kme_id, status.target_kme_id) == (200, "A", "B")
    code, container = a.get_key("B", number=2, size=128)
    assert code == 200
    keys = {k.key_id: k.key for k in container.keys}
    assert {len(base64.b64decode(k)) for k in keys.values()} == {16}
    code, other = b.get_key_with_key_IDs("A", list(keys))
    assert code == 200
    assert {k.key_id: k.key for k in other.keys} == keys
    code, error = b.get_key_with_key_IDs("A", list(keys))
    assert (code, error.message) == (400, "one or more keys specified are not found on KME")
    code, error = a.get_key("B", number=10**6)
    assert code == 400


def test_qkdsec_doctor(pair: Fleet) -> None:
    certificate, key = pair.pki.saes["A"]
    command = [str(Path(sys.executable).with_name("qkdsec")), "doctor", pair.url("A"), "--slave-sae-id", "A"]
    command += ["--cert", str(certificate), "--key", str(key), "--ca-cert", str(pair.pki.sae_ca), "--format", "json"]
    out = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60.0).stdout
    counts = json.loads(out)["counts"]
    assert (counts["pass"], counts["warn"], counts["fail"]) == (9, 1, 0)
