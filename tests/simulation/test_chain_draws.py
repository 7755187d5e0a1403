"""Chains too long to simulate whole: drawn from the law of their first part, refused in clicks, interruptible."""

from __future__ import annotations

import _thread
import threading
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from qcisim.cli import execute
from qcisim.engine import stream
from qcisim.report import write_report
from qcisim.simulation import chain_draws, chain_links, load_scenario
from qcisim.simulation.build import build_links
from qcisim.simulation.chain_draws import drawn_cells, interruptible, pairs_of_rest

FALSE_ALARM = 1e-9
CHAIN = """
duration_s: 600
resolution: counts
nodes: {a: {lat: 50, lon: 5}, r: {lat: 50, lon: 5.3, role: hub}, b: {lat: 50, lon: 5.6}}
links:
  a-b:
    between: [a, b]
    chain:
      {repeaters: [r], spans: [{length_km: 20}, {length_km: 25}], memory: {preset: perfect, memories: 16}, lanes: 8}
    protocol: {block_s: 600}
demands: {keys: {from: a, to: b, keys_per_s: 0.01}}
"""


def model() -> chain_links.ChainLinkModel:
    found = build_links(load_scenario(CHAIN))[0]["a-b"]
    assert isinstance(found, chain_links.ChainLinkModel)
    return found


def test_a_block_drawn_from_its_first_part_is_like_one_simulated_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    link = model()
    (block,) = link.blocks(600.0)
    whole = link.count(block, stream(1, "whole")).clicks
    events = chain_draws.events_per_s(link.pilot) * 600.0
    monkeypatch.setattr(chain_links, "EVENTS_OF_COUNTS", events / 10.0)
    assert any("event by event for" in text for text in link.assumptions())
    drawn = [link.count(block, stream(seed, "part")) for seed in range(4)]
    sigma = np.sqrt(whole + 10.0 * whole)  # as of Poisson counts, which swaps make no wider; a tenth is seen
    width = stats.norm.isf(FALSE_ALARM / 8)
    assert all(abs(one.clicks - whole) < width * sigma for one in drawn)
    assert len({one.clicks for one in drawn}) == 4
    assert link.count(block, stream(0, "part")).clicks == drawn[0].clicks


def test_the_rest_has_the_spread_of_its_waits() -> None:
    made = model().pilot
    waits = stream(3, "waits").exponential(0.01, 4000)
    poisson = replace(made, delivered_s=np.cumsum(waits), weights=np.ones((4000, 4)), ended="horizon", simulated_s=40.0)
    counts = np.array([pairs_of_rest(poisson, 25.0, stream(seed, "rest")) for seed in range(400)])
    assert abs(counts.mean() - 2500.0) < 6.2 * 50.0 / 20.0
    assert 0.4 < counts.var() / 2500.0 < 2.2  # the spread itself comes from twenty batches
    assert pairs_of_rest(poisson, 0.0, stream(0, "rest")) == 0


def test_cells_do_not_depend_on_how_many_are_drawn_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    law = stream(1, "law").random((1000, 16))
    whole = drawn_cells(lambda some: law[some], 1000, stream(2, "cells"))
    monkeypatch.setattr(chain_draws, "CELLS_AT_ONCE", 77)
    assert (drawn_cells(lambda some: law[some], 1000, stream(2, "cells")) == whole).all()
    assert len(drawn_cells(lambda some: law[some], 0, stream(2, "cells"))) == 0


def test_clicks_that_no_machine_would_finish_are_one_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "long.yaml"
    file.write_text(CHAIN)
    long = ["--set", "duration_s=2592000", "--set", "links.a-b.protocol.block_s=1e6"]
    assert execute(["run", str(file), *long, "--resolution", "clicks", "--out", str(tmp_path / "r")]) == 2
    told = capsys.readouterr().err
    assert "link a-b: a block of 1e+06 s holds" in told
    assert "smaller protocol.block_s" in told
    assert told.count("error:") == 1


def test_ctrl_c_is_heard_while_a_loop_runs() -> None:
    stop = threading.Event()
    threading.Timer(0.3, _thread.interrupt_main).start()
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        interruptible(lambda: stop.wait(30.0))
    stop.set()
    assert time.monotonic() - begun < 15.0


def test_errors_and_results_of_a_loop_come_back() -> None:
    assert interruptible(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        interruptible(lambda: 1 // 0)


def test_a_page_of_a_thousand_repeaters_is_drawn_in_seconds(tmp_path: Path) -> None:
    names = ["a", *(f"r{i}" for i in range(600)), "b"]
    nodes = {name: {"name": name, "lat": 50 - 0.001 * i, "lon": 5, "role": "hub"} for i, name in enumerate(names)}
    losses = {f"fibre {a} - {b}": 4.0 for a, b in pairwise(names)}
    link = {"between": ["a", "b"], "rounds": 9, "losses_db": losses, "medium": "chain", "blocks": 1}
    begun = time.process_time()
    page = write_report({"nodes": nodes, "links": {"a-b": link}, "duration_s": 1.0}, tmp_path / "r.html").read_text()
    assert "562 more terms" in page
    assert time.process_time() - begun < 30.0
