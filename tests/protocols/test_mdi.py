"""MDI-QKD: the README runs; the programs do not trust what the hub tells one end and not the other."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qcisim.engine import Engine
from qcisim.optics.hub_records import HubRecord
from qcisim.sdk import Message, channel
from qcisim.security import ArmSettings, Hub, MdiFinite, expected_mdi_counts
from qcisim.simulation import load_scenario
from qcisim.simulation.build import over_hub
from qcisim.simulation.hub_links import HubLinkModel, HubSampler
from qcisim.simulation.link_clicks import start_clicks_link
from qcisim.simulation.totals import BlockReport

README = Path(__file__).resolve().parents[2] / "protocols" / "mdi" / "README.md"
TEXT = """
duration_s: 0.01
resolution: clicks
nodes:
  a: {lat: 50, lon: 5}
  b: {lat: 50.2, lon: 5}
  h: {lat: 50.1, lon: 5, role: hub}
links:
  a-b:
    between: [a, b]
    hub: h
    arms:
      - fibre: {length_km: 1}
      - fibre: {length_km: 3}
    protocol: {block_s: 0.005}
"""


def test_the_readme_runs() -> None:
    (block,) = re.findall(r"^```python\n(.*?)^```", README.read_text(), re.MULTILINE | re.DOTALL)
    exec(compile(block, "README.md", "exec"), {"__name__": "readme"})


class TwoFaced(HubSampler):
    """A hub that tells Bob something else than Alice."""

    def __init__(self, model: HubLinkModel, seed: int, change: str) -> None:
        super().__init__(model, seed)
        self.change = change

    def sample(self, block: Any) -> tuple[list[HubRecord], list[HubRecord], int]:
        alice, bob, number = super().sample(block)
        last = bob[0]
        outcome = last.outcome ^ 1 if self.change == "outcome" else last.outcome
        rounds = last.round + 1 if self.change == "round" else last.round
        end = -1 if self.change == "missing" else len(last)
        bob[0] = HubRecord(rounds[:end], outcome[:end], last.setting[:end], last.bit[:end])
        return alice, bob, number


def run_blocks(model: HubLinkModel, sampler: HubSampler) -> tuple[list[BlockReport], list[str]]:
    class Model(HubLinkModel):
        def sampler(self, seed: int) -> HubSampler:
            return sampler

    watched = Model(
        **{name: getattr(model, name) for name in ("link_id", "spec", "optics", "source", "protocol", "bound")}
    )
    engine, reports, stopped = Engine(), list[BlockReport](), list[str]()
    start_clicks_link(watched, engine, 0.01, 1, lambda block, key: reports.append(block), stopped.append)
    try:
        engine.run()
    finally:
        engine.close()
    return reports, stopped


class Again(HubSampler):
    """A hub that tells both ends the same, and the same round more than once."""

    def __init__(self, model: HubLinkModel, seed: int, change: str) -> None:
        super().__init__(model, seed)
        self.change = change
        self.first: tuple[list[HubRecord], list[HubRecord], int] | None = None

    def sample(self, block: Any) -> tuple[list[HubRecord], list[HubRecord], int]:
        found = super().sample(block)
        if self.change == "block":
            self.first = self.first or found
            return self.first
        alice, bob, number = found
        return [self.changed(one) for one in alice], [self.changed(one) for one in bob], number

    def changed(self, record: HubRecord) -> HubRecord:
        order = np.arange(len(record))
        if self.change == "twice":
            order = np.repeat(order, 2)
        elif self.change == "order":
            order[:2] = 1, 0
        outcome = record.outcome[order] + (2 if self.change == "outcome" else 0)
        return HubRecord(record.round[order], outcome.astype(np.uint8), record.setting[order], record.bit[order])


@pytest.fixture(scope="module")
def model() -> HubLinkModel:
    return over_hub(load_scenario(TEXT), "a-b")


@pytest.mark.parametrize("change", ["outcome", "round", "missing"])
def test_a_hub_that_tells_two_stories_stops_the_link(model: HubLinkModel, change: str) -> None:
    reports, stopped = run_blocks(model, TwoFaced(model, 1, change))
    assert not reports
    assert len(stopped) == 1
    assert "different things" in stopped[0] or "expected" in stopped[0]


@pytest.mark.parametrize("change", ["twice", "order", "block", "outcome"])
def test_a_hub_that_repeats_itself_stops_the_link(model: HubLinkModel, change: str) -> None:
    reports, stopped = run_blocks(model, Again(model, 1, change))
    assert len(reports) == (1 if change == "block" else 0)  # the first block is honest
    assert len(stopped) == 1
    assert ("an outcome" if change == "outcome" else "a round twice") in stopped[0]


@pytest.mark.parametrize("kind", ["announced", "preparation", "sifting", "test_errors"])
def test_a_bit_changed_between_the_ends_stops_the_link(model: HubLinkModel, kind: str) -> None:
    """Tags cover the hub's word as one end passes it on, both ends' settings, and the errors counted."""
    sent = channel.PublicChannel.send
    changed: list[str] = []

    def flip(self: Any, message: Message) -> None:
        if message.kind == kind and not changed:
            changed.append(kind)
            payload = bytearray(message.payload)
            payload[-1] ^= 1
            message = replace(message, payload=bytes(payload))
        sent(self, message)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(channel.PublicChannel, "send", flip)
        reports, stopped = run_blocks(model, HubSampler(model, 1))
    assert changed
    assert not reports
    assert len(stopped) == 1


def test_what_repeated_rounds_would_claim() -> None:
    """Every success announced a hundred times: the decoy bound, which takes successes for rounds, promises more secret
    bits than there are bits. Nothing but the programs stands before that."""
    arm = ArmSettings(0.4, (0.3, 0.05, 0.0), 0.6, (0.2, 0.5, 0.3))
    once = expected_mdi_counts(Hub(0.1, 0.1, 1e-7, 0.015), arm, arm, 1e10)
    often = {name: tuple(100.0 * n for n in getattr(once, name)) for name in ("key", "test", "test_errors")}
    made = MdiFinite().secret_length(replace(once, **often), 0.0, epsilon_secret=1e-10, epsilon_correct=1e-15)
    assert made.bits > 10.0 * once.key_total


def test_one_story_goes_through_to_a_block_without_key(model: HubLinkModel) -> None:
    """Five milliseconds are too short for key, and long enough for all messages."""
    reports, stopped = run_blocks(model, HubSampler(model, 1))
    assert not stopped
    assert len(reports) == 2
    assert all(report.length.bits == 0 and report.sifted_bits > 100 for report in reports)
    assert all(report.errors_out_of == 0 for report in reports)  # those of weak decoys are not those of the key


def test_both_ends_count_the_same(model: HubLinkModel) -> None:
    """Settings and bits in the records are the senders' own: nothing in one end's tells the other's."""
    alice, bob, number = HubSampler(model, 5).sample(next(iter(model.blocks(0.01))))
    assert number == sum(len(one) for one in alice)
    for hers, his in zip(alice, bob, strict=True):
        assert hers.round is his.round
        assert hers.outcome is his.outcome
        assert not np.shares_memory(hers.setting, his.setting)
        assert not hers.round.flags.writeable


def test_messages_hold_no_key_bits(model: HubLinkModel) -> None:
    """What Bob sends of bits are those of rounds that both sent in X."""
    seen: list[Message] = []
    alice, bob, _ = HubSampler(model, 7).sample(next(iter(model.blocks(0.01))))
    key = sum(int((a.key_basis & b.key_basis).sum()) for a, b in zip(alice, bob, strict=True))
    tests = sum(int((~a.key_basis & ~b.key_basis).sum()) for a, b in zip(alice, bob, strict=True))
    assert key > 0
    assert tests > 0
    sent = channel.PublicChannel.send

    def noted(self: Any, message: Message) -> None:
        seen.append(message)
        sent(self, message)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(channel.PublicChannel, "send", noted)
        run_blocks(model, HubSampler(model, 7))
    first = next(message for message in seen if message.kind == "sifting")
    rounds = len(alice[0])
    mine, theirs = alice[0], bob[0]
    size = rounds + (int((~mine.key_basis & ~theirs.key_basis).sum()) + 7) // 8
    assert len(first.payload) == size
    assert all(
        message.disclosed_bits == 0 for message in seen if message.kind in ("announced", "preparation", "sifting")
    )
