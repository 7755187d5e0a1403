"""Complete ETSI GS QKD 014 deliveries per second: Get key at one key manager, Get key with key IDs at the other.

    python benchmarks/deliveries.py [--seconds 5] [--repeat 5]

Two key manager processes, mutual TLS on kept-alive connections, every delivery durable (SQLite, synchronous=FULL)
before it is answered; the client runs on the same cores and checks that both ends got the same key. Prints one JSON
line per setting: medians over the repeats, and the processor time that both key managers together used per key pair.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import ssl
import statistics
import tempfile
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from qcisim.web.fleet import Fleet, FleetConfig, FleetLink

SETTINGS = ((1, 1, "GET"), (8, 1, "GET"), (32, 1, "GET"), (16, 10, "POST"))  # workers, keys per request, verb
TARGETS = {1: (1000, 2000), 10: (4000, 7000)}  # keys per request -> at least, aim (keys/s)
JSON_HEAD = "Content-Type: application/json\r\n"


class Connection:
    """One kept-alive HTTP/1.1 connection of a SAE to its key manager."""

    def __init__(self, fleet: Fleet, sae: str) -> None:
        self._address = urlsplit(fleet.url(fleet.config.saes[sae]))
        self._tls = ssl.create_default_context(cafile=str(fleet.pki.sae_ca))
        self._tls.load_cert_chain(*fleet.pki.saes[sae])

    async def open(self) -> None:
        self._reader, self._writer = await asyncio.open_connection(
            self._address.hostname, self._address.port, ssl=self._tls, server_hostname="localhost"
        )

    async def call(self, method: str, path: str, body: bytes = b"") -> Any:
        extra = f"{JSON_HEAD}Content-Length: {len(body)}\r\n" if body else ""
        self._writer.write(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{extra}\r\n".encode() + body)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        data = await self._reader.readexactly(length)
        if head[9:12] != b"200":
            raise RuntimeError(f"{method} {path}: {head[9:12].decode()} {data[:200]!r}")
        return json.loads(data)

    def close(self) -> None:
        self._writer.close()


async def worker(fleet: Fleet, number: int, verb: str, end: float, times: tuple[list[float], list[float]]) -> None:
    master, slave = Connection(fleet, "A"), Connection(fleet, "B")
    await master.open()
    await slave.open()
    enc, dec = "/api/v1/keys/B/enc_keys", "/api/v1/keys/A/dec_keys"
    ask = json.dumps({"number": number}).encode()
    while time.perf_counter() < end:
        t0 = time.perf_counter()
        got = await (master.call("POST", enc, ask) if verb == "POST" else master.call("GET", enc))
        t1 = time.perf_counter()
        keys = {k["key_ID"]: k["key"] for k in got["keys"]}
        if verb == "GET":
            other = await slave.call("GET", f"{dec}?key_ID={next(iter(keys))}")
        else:
            body = json.dumps({"key_IDs": [{"key_ID": i} for i in keys]}).encode()
            t1 = time.perf_counter()
            other = await slave.call("POST", dec, body)
        t2 = time.perf_counter()
        if {k["key_ID"]: k["key"] for k in other["keys"]} != keys:
            raise RuntimeError("the two ends differ")
        times[0].append(t1 - t0)
        times[1].append(t2 - t1)
    master.close()
    slave.close()


def cpu_s(fleet: Fleet) -> float:
    """Processor time of the key managers so far."""
    ticks = 0
    for node in fleet.config.nodes:
        fields = Path(f"/proc/{fleet.pid(node)}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


async def measure(fleet: Fleet, workers: int, number: int, verb: str, seconds: float) -> dict[str, float]:
    times: tuple[list[float], list[float]] = ([], [])
    before, start = cpu_s(fleet), time.perf_counter()
    await asyncio.gather(*(worker(fleet, number, verb, start + seconds, times) for _ in range(workers)))
    took, pairs = time.perf_counter() - start, number * len(times[0])
    found = {"pairs_per_s": pairs / took, "kme_cpu_us_per_pair": 1e6 * (cpu_s(fleet) - before) / pairs}
    for name, values in (("get", sorted(times[0])), ("fetch", sorted(times[1]))):
        for share in (50, 99):
            found[f"{name}_p{share}_ms"] = 1e3 * values[min(len(values) - 1, len(values) * share // 100)]
    return found


def run(work: Coroutine[Any, Any, dict[str, float]]) -> dict[str, float]:
    try:
        import uvloop
    except ImportError:
        return asyncio.run(work)
    return uvloop.run(work)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=5.0, help="length of one measurement")
    parser.add_argument("--repeat", type=int, default=5, help="measurements of each setting")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        links = {"a-b": FleetLink(("A", "B"), 900_000)}
        with Fleet(FleetConfig(Path(place) / "net", {"A": True, "B": True}, links, {"A": "A", "B": "B"})) as fleet:
            for workers, number, verb in SETTINGS:
                runs = [run(measure(fleet, workers, number, verb, options.seconds)) for _ in range(options.repeat)]
                line: dict[str, Any] = {"workers": workers, "keys_per_request": number, "verb": verb}
                line |= {name: round(statistics.median(r[name] for r in runs), 2) for name in runs[0]}
                line["at_least"], line["aim"] = TARGETS[number]
                print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
