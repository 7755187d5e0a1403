"""Whole runs: the result holds together, books close, same bytes, interrupts keep what is finished."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import qcisim
from qcisim.simulation import Result, load_scenario
from qcisim.simulation.runner import RunInterrupted, run

CHAIN = """
title: chain
duration_s: 600
resolution: counts
nodes:
  a: {lat: 50, lon: 4}
  t: {lat: 50, lon: 5, role: trusted}
  b: {lat: 50, lon: 6}
defaults:
  link: {source: {clock_hz: 1e9}, protocol: {block_s: 60}}
links:
  a-t: {between: [a, t], fibre: {length_km: 60}}
  t-b: {between: [t, b], fibre: {length_km: 40}}
demands:
  steady: {from: a, to: b, keys_per_s: 10}
  greedy: {from: b, to: a, keys_per_s: 10000, key_bits: 512}
saes:
  A: {node: a}
  B: {node: b}
"""


@pytest.fixture(scope="module")
def chain() -> Result:
    return run(load_scenario(CHAIN))


def test_books_close_on_every_link(chain: Result) -> None:
    for link_id, book in chain.books.items():
        spent = book.delivered + book.relay + book.authentication + book.discarded + book.stored
        assert book.generated == spent, link_id
        assert book.generated > 0
        assert book.relay > 0 or book.delivered > 0


def test_what_links_generate_is_what_their_blocks_proved(chain: Result) -> None:
    for link_id, link in chain.links.items():
        assert chain.books[link_id].generated <= link.secret_bits
        assert link.secret_bits - chain.books[link_id].generated < 8 * link.blocks  # whole bytes of each block


def test_the_series_end_with_what_the_result_says(chain: Result) -> None:
    one_block = run(load_scenario(CHAIN, ["defaults.link.protocol.block_s=1e4"]))  # its key comes after the last light
    for result in (chain, one_block):
        assert result.series.t_s[-1] >= result.duration_s
        for demand_id, demand in result.demands.items():
            assert result.series.delivered_keys[demand_id][-1] == demand.keys_delivered > 0
        for link_id, book in result.books.items():
            assert result.series.stored_keys[link_id][-1] == book.stored // 256


def test_demands_are_served_in_the_order_of_what_there_is(chain: Result) -> None:
    steady, greedy = chain.demands["steady"], chain.demands["greedy"]
    assert steady.path == ("a", "t", "b")
    assert steady.trusted_nodes == ("t",)
    assert steady.keys_requested == 6000
    assert 0 < greedy.keys_delivered < greedy.keys_requested
    worst = max(link.epsilon / link.blocks_accepted for link in chain.links.values())
    assert worst <= steady.epsilon_per_key <= 20 * worst  # epsilon adds over the links


def test_where_key_is_short_each_demand_gets_its_share() -> None:
    """Three equal demands over one short leg, in both directions: none starves."""
    equal = "{{from: {}, to: {}, keys_per_s: 3000}}"
    demands = [equal.format(*ends) for ends in (("a", "b"), ("b", "a"), ("a", "t"))]
    result = run(load_scenario(CHAIN, [f"demands={{x: {demands[0]}, y: {demands[1]}, z: {demands[2]}}}"]))
    shares = [demand.keys_delivered / demand.keys_requested for demand in result.demands.values()]
    assert 0.05 < max(shares) < 1.0
    assert min(shares) > 0.8 * max(shares)


def test_no_key_is_delivered_before_the_first_block_could_be_there(chain: Result) -> None:
    series = chain.series
    before = series.t_s <= 60.0
    assert before.any()
    for curve in (*series.stored_keys.values(), *series.delivered_keys.values()):
        assert (curve[before] == 0).all()
        assert curve.max() > 0


def test_same_seed_same_bytes_other_seed_other_bytes(chain: Result) -> None:
    assert run(load_scenario(CHAIN)).to_json() == chain.to_json()
    other = run(load_scenario(CHAIN, ["seed=2"]))
    assert other.to_json() != chain.to_json()
    assert other.hash == chain.hash


def test_result_survives_a_round_trip_and_gives_tables(chain: Result, tmp_path: Path) -> None:
    path = chain.save(tmp_path)
    assert Result.from_json(path.read_bytes()) == chain
    assert list(chain.to_pandas().index) == ["a-t", "t-b"]
    assert "a-t" in chain._repr_html_()
    content = json.loads(path.read_text())
    assert {"scenario", "hash", "seed", "links", "demands", "provenance"} <= set(content)
    wanted = {"rounds", "clicks", "sifted_bits", "qber", "leak_bits", "secret_bits", "epsilon", "theorem"}
    assert wanted <= set(content["links"]["a-t"])


def test_python_api_runs_names_files_and_text() -> None:
    result = qcisim.run("first_link", overrides=["duration_s=1", "resolution=rates"])
    assert result.links["redu-arlon"].rounds == 10**9
    assert result.resolution == "rates"


def test_attack_shows_in_the_result_and_costs_the_key() -> None:
    attack = ["links.a-t.attack.name=intercept_resend", "links.a-t.attack.fraction=0.5"]
    result = run(load_scenario(CHAIN, attack))
    link = result.links["a-t"]
    assert link.secret_bits == 0
    assert "intercept_resend" in link.attack
    assert 0.12 < link.qber < 0.15
    assert result.links["t-b"].secret_bits > 0
    assert result.demands["steady"].keys_delivered == 0


def test_stored_keys_only() -> None:
    result = run(load_scenario("kms_acceptance"))
    (book,) = result.books.values()
    assert book.stored == book.generated == 2 * 20_000 * 256


def test_an_interrupt_keeps_what_is_finished() -> None:
    seen: list[float] = []

    def interrupt(fraction: float, text: str) -> None:
        seen.append(fraction)
        if fraction > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(RunInterrupted) as caught:
        run(load_scenario(CHAIN), progress=interrupt)
    result = caught.value.result
    assert result.links["a-t"].blocks in (5, 6)
    assert 300 <= result.provenance["interrupted_at_s"] < 310
    assert result.books["a-t"].generated > 0


def find_python(version: str) -> str:
    """An interpreter of that version: on the path, or below pyenv (a shim alone does not run)."""
    places = [
        shutil.which(f"python{version}") or "",
        *map(str, Path.home().glob(f".pyenv/versions/{version}.*/bin/python")),
    ]
    for place in places:
        if place and subprocess.run([place, "-c", ""], capture_output=True, check=False).returncode == 0:
            return place
    pytest.fail(f"no Python {version} on this machine: install one, the result must be the same bytes there")


@pytest.mark.full
@pytest.mark.skipif(
    os.environ.get("QCISIM_OFFLINE") == "1", reason="QCISIM_OFFLINE=1: no package index to install from"
)
@pytest.mark.parametrize("version", ["3.12", "3.13"])
def test_same_bytes_on_other_python_versions(version: str, chain: Result, tmp_path: Path) -> None:
    """Needs the package index and that interpreter: a fresh environment from the lock file."""
    root = Path(qcisim.__file__).resolve().parents[1]
    python = tmp_path / "venv" / "bin" / "python"
    found = find_python(version)
    subprocess.run([found, "-m", "venv", tmp_path / "venv"], check=True)
    pip = [python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", root / "requirements.lock"]
    subprocess.run(pip, check=True)
    code = (
        "import sys; from qcisim.simulation.runner import run; from qcisim.simulation import load_scenario;"
        "sys.stdout.buffer.write(run(load_scenario(sys.argv[1])).to_json());"
        "sys.stdout.buffer.write(run(load_scenario('first_link', ['duration_s=2'])).to_json());"
        "sys.stdout.buffer.write(run(load_scenario('belux', ['duration_s=7200'])).to_json())"
    )
    out = [
        subprocess.run([exe, "-c", code, CHAIN], cwd=root, check=True, capture_output=True).stdout
        for exe in (python, sys.executable)
    ]
    assert out[0] == out[1]
