"""What every protocol must hold: both ends agree, Eve gets nothing delivered, the same seed gives the same bytes."""

from __future__ import annotations

from dataclasses import replace

from qcisim.engine import Engine
from qcisim.registry import get, load_all
from qcisim.sdk import ProtocolEntry
from qcisim.simulation import load_scenario
from qcisim.simulation.build import prepare_and_measure
from qcisim.simulation.link_clicks import start_clicks_link
from qcisim.simulation.protocols import find_protocol
from qcisim.simulation.totals import BlockReport
from qcisim.units import SPEED_OF_LIGHT_M_PER_S

LENGTH_KM, BLOCK_S = 10.0, 0.05
SCENARIO = """
title: A short link for checking a protocol
duration_s: {block_s}
nodes:
  a: {{name: A, lat: 50.0, lon: 5.0, country: BE}}
  b: {{name: B, lat: 50.0, lon: 5.1, country: BE}}
links:
  a-b:
    between: [a, b]
    resolution: clicks
    fibre: {{length_km: {length_km}, status: illustrative, source: "a test"}}
    source: {source}
    protocol: {{bound: {bound}, block_s: {block_s}}}
    {attack}
"""
SOURCES = {
    "weak_coherent": "{kind: weak_coherent, clock_hz: 1e9, intensities: [0.5, 0.15, 0.0], "
    "probabilities: [0.4, 0.4, 0.2], key_basis_probability: 0.7}",
    "single_photon": "{kind: single_photon, clock_hz: 2e7, key_basis_probability: 0.8}",
}
BOUNDS = {"weak_coherent": "lim2014_chernoff_capped", "single_photon": "tomamichel2012"}
Delivery = tuple[BlockReport, bytes | None, float]


def check_protocol(protocol: ProtocolEntry | str, *, seed: int = 1) -> None:
    """Run both programs of a protocol over a short fibre and assert what any protocol owes its users.

    Everything a user reads is there, and its bounds are registered; on an honest link both ends deliver the same key
    (the run itself compares them and the leakage with the transcript), not before light could have brought it, within
    its fixed length and below the sifted bits; the same seed gives the same bytes and another seed another key; with
    every signal intercepted no key leaves. Raises `AssertionError` with what is broken.
    """
    entry = find_protocol(protocol) if isinstance(protocol, str) else protocol
    _texts(entry)
    kinds = [kind for kind in entry.source_kinds if kind in SOURCES]
    assert kinds, f"{entry.name}: none of its sources {tuple(entry.source_kinds)} is known"
    for kind in kinds:
        honest = run_blocks(entry, kind, seed)
        assert honest, f"{entry.name} with {kind}: no block was reported"
        for report, key, now_s in honest:
            _delivered(f"{entry.name} with {kind}", report, key, now_s)
        assert _keys(honest) == _keys(run_blocks(entry, kind, seed)), f"{entry.name}: the same seed gives other bytes"
        assert _keys(honest) != _keys(run_blocks(entry, kind, seed + 1)), f"{entry.name}: the seed does not matter"
        attacked = run_blocks(entry, kind, seed, attack="intercept_resend")
        assert not any(_keys(attacked)), (
            f"{entry.name} with {kind}: key delivered although every signal was intercepted"
        )


def _texts(entry: ProtocolEntry) -> None:
    load_all()
    for name in ("name", "summary", "models", "ignores", "domain", "source", "assumptions", "bounds"):
        assert getattr(entry, name), f"protocol '{entry.name}': {name} is empty"
    for name in entry.bounds:
        get("bound", name)
    for party in (entry.alice, entry.bob):
        assert callable(getattr(party(), "run", None)), f"protocol '{entry.name}': a party without a program"


def _delivered(here: str, report: BlockReport, key: bytes | None, now_s: float) -> None:
    earliest_s = report.start_s + BLOCK_S + LENGTH_KM * 1e3 / SPEED_OF_LIGHT_M_PER_S
    assert now_s >= earliest_s, f"{here}: a key at {now_s:g} s, light needs until {earliest_s:g} s"
    assert report.length.bits > 0, f"{here}: no key on an honest link: {report.length.reason}"
    assert key is not None, f"{here}: a length of {report.length.bits} bits without a key"
    assert len(key) == -(-report.key_bits // 8), f"{here}: {len(key)} bytes for {report.key_bits} bits"
    assert report.key_bits + report.authentication_bits == report.length.bits, f"{here}: bits went missing"
    assert report.length.bits + report.leak_bits < report.sifted_bits, f"{here}: more key than was sifted"
    assert report.epsilon >= report.length.epsilon, f"{here}: the key's epsilon leaves out authentication"


def _keys(deliveries: list[Delivery]) -> list[bytes]:
    return [key or b"" for _, key, _ in deliveries]


def run_blocks(entry: ProtocolEntry, kind: str, seed: int, *, attack: str = "") -> list[Delivery]:
    """What both programs report of the blocks of a short run: report, key, and the time at which it was there."""
    text = SCENARIO.format(
        block_s=BLOCK_S,
        length_km=LENGTH_KM,
        source=SOURCES[kind],
        bound=BOUNDS[kind],
        attack=f"attack: {{name: {attack}, fraction: 1.0}}" if attack else "",
    )
    model = replace(prepare_and_measure(load_scenario(text), "a-b"), protocol=entry)
    engine = Engine()
    deliveries: list[Delivery] = []
    stopped: list[str] = []

    def report(block: BlockReport, key: bytes | None) -> None:
        deliveries.append((block, key, engine.now_s))

    start_clicks_link(model, engine, BLOCK_S, seed, report, stopped.append)
    try:
        engine.run()
    finally:
        engine.close()
    assert attack or not stopped, f"{entry.name} with {kind}: the honest link stopped: {stopped}"
    return deliveries
