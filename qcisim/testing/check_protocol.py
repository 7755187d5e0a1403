"""What every protocol must hold: both ends agree, Eve gets nothing delivered, the same seed gives the same bytes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from qcisim.engine import Engine
from qcisim.registry import get, load_all
from qcisim.sdk import ProtocolEntry
from qcisim.simulation import load_scenario
from qcisim.simulation.build import build_link
from qcisim.simulation.hub_links import HubLinkModel
from qcisim.simulation.link_clicks import start_clicks_link
from qcisim.simulation.link_model import LinkModel
from qcisim.simulation.pair_links import PairLinkModel
from qcisim.simulation.protocols import find_protocol, protocols
from qcisim.simulation.totals import BlockReport
from qcisim.units import SPEED_OF_LIGHT_M_PER_S

LENGTH_KM = 10.0
SCENARIO = """
title: A short link for checking a protocol
duration_s: {block_s}
nodes:
  a: {{lat: 50.0, lon: 5.0}}
  b: {{lat: 50.0, lon: 5.1}}
  middle: {{lat: 50.0, lon: 5.05, role: hub}}
links:
  a-b:
    between: [a, b]
    resolution: clicks
    {medium}
    protocol: {{{protocol}, block_s: {block_s}}}
    {attack}
"""
FIBRE = f"fibre: {{length_km: {LENGTH_KM}}}"
ARMS = f"[{{fibre: {{length_km: {LENGTH_KM / 2}}}}}, {{fibre: {{length_km: {LENGTH_KM / 2}}}}}]"


@dataclass(frozen=True, slots=True)
class Setup:
    """A short link for one kind of source: its medium, the protocol section, how long a block is, its worst attack."""

    medium: str
    protocol: str
    block_s: float
    attack: str = "intercept_resend"


SETUPS = {
    "weak_coherent": Setup(
        FIBRE + "\n    source: {kind: weak_coherent, clock_hz: 1e9, intensities: [0.5, 0.15, 0.0], "
        "probabilities: [0.4, 0.4, 0.2], key_basis_probability: 0.7}",
        "bound: lim2014_chernoff_capped",
        0.05,
    ),
    "single_photon": Setup(
        FIBRE + "\n    source: {kind: single_photon, clock_hz: 2e7, key_basis_probability: 0.8}",
        "bound: tomamichel2012",
        0.05,
    ),
    "pairs": Setup(
        "pair_source: {node: middle, pair_rate_hz: 5e6, coincidence_window_s: 5e-10, wavelength_nm: 1550}\n"
        f"    arms: {ARMS}",
        "name: {name}",
        4.0,
    ),
    "four_intensity": Setup(f"hub: middle\n    arms: {ARMS}", "name: mdi, bound: mdi_finite", 20.0, "lying_hub"),
}
Delivery = tuple[BlockReport, bytes | None, float]


def check_protocol(protocol: ProtocolEntry | str, *, seed: int = 1) -> None:
    """Run both programs of a protocol over a short link and assert what any protocol owes its users.

    The link is a fibre, or two arms from a source of pairs or to a hub, as the protocol's ``source_kinds`` say.

    Everything a user reads is there, and its bounds are registered; on an honest link both ends deliver the same key
    (the run itself compares them and the leakage with the transcript), not before light could have brought it, within
    its fixed length and below the sifted bits; the same seed gives the same bytes and another seed another key; with
    every signal intercepted no key leaves. Raises `AssertionError` with what is broken.
    """
    entry = find_protocol(protocol) if isinstance(protocol, str) else protocol
    _texts(entry)
    kinds = [kind for kind in entry.source_kinds if kind in SETUPS]
    assert kinds, f"{entry.name}: none of its sources {tuple(entry.source_kinds)} is known"
    for kind in kinds:
        honest = run_blocks(entry, kind, seed)
        assert honest, f"{entry.name} with {kind}: no block was reported"
        for report, key, now_s in honest:
            _delivered(f"{entry.name} with {kind}", report, key, now_s, SETUPS[kind].block_s)
        assert _keys(honest) == _keys(run_blocks(entry, kind, seed)), f"{entry.name}: the same seed gives other bytes"
        assert _keys(honest) != _keys(run_blocks(entry, kind, seed + 1)), f"{entry.name}: the seed does not matter"
        attacked = run_blocks(entry, kind, seed, attack=SETUPS[kind].attack)
        assert not any(_keys(attacked)), f"{entry.name} with {kind}: key delivered although every signal was attacked"


def _texts(entry: ProtocolEntry) -> None:
    load_all()
    for name in ("name", "summary", "models", "ignores", "domain", "source", "assumptions", "bounds"):
        assert getattr(entry, name), f"protocol '{entry.name}': {name} is empty"
    for name in entry.bounds:
        get("bound", name)
    for party in (entry.alice, entry.bob):
        assert callable(getattr(party(), "run", None)), f"protocol '{entry.name}': a party without a program"


def _delivered(here: str, report: BlockReport, key: bytes | None, now_s: float, block_s: float) -> None:
    earliest_s = report.start_s + block_s + LENGTH_KM * 1e3 / SPEED_OF_LIGHT_M_PER_S
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
    setup = SETUPS[kind]
    registered = entry.name in protocols() and kind in protocols()[entry.name].source_kinds
    text = SCENARIO.format(
        block_s=setup.block_s,
        medium=setup.medium,
        protocol=setup.protocol.format(name=entry.name if registered else "bbm92"),
        attack=f"attack: {{name: {attack}, fraction: 1.0}}" if attack else "",
    )
    model = build_link(load_scenario(text), "a-b")
    assert isinstance(model, LinkModel | PairLinkModel | HubLinkModel)  # dataclasses with a protocol
    model = replace(model, protocol=entry)
    engine = Engine()
    deliveries: list[Delivery] = []
    stopped: list[str] = []

    def report(block: BlockReport, key: bytes | None) -> None:
        deliveries.append((block, key, engine.now_s))

    start_clicks_link(model, engine, setup.block_s, seed, report, stopped.append)
    try:
        engine.run()
    finally:
        engine.close()
    assert attack or not stopped, f"{entry.name} with {kind}: the honest link stopped: {stopped}"
    return deliveries
