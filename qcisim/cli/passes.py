"""`qcisim passes`: which passes there are, the key of each under a clear sky, and what to expect with clouds."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qcisim.cli.options import overrides, scenario_arguments, warn, without_option
from qcisim.cli.run import make_writable
from qcisim.errors import InputError

if TYPE_CHECKING:
    from rich.table import Table

    from qcisim.simulation.result import PassResult
    from qcisim.simulation.scenario import Scenario


@click.command("passes")
@scenario_arguments
@without_option
@click.option(
    "--from", "start", metavar="UTC", help="Start of the time, such as 2026-12-01T00:00:00Z [the scenario's]."
)
@click.option("--days", type=click.FloatRange(0.0, 366.0, min_open=True), help="Length of the time [the scenario's].")
@click.option("--all", "everything", is_flag=True, help="Tell passes without light, too.")
@click.option("--out", type=click.Path(path_type=Path), help="Directory for passes.json and passes.png.")
def command(
    scenario: str,
    settings: tuple[str, ...],
    seed: int | None,
    resolution: str | None,
    without: tuple[str, ...],
    start: str | None,
    days: float | None,
    everything: bool,
    out: Path | None,
) -> None:
    """Tell the passes of SCENARIO: geometry, key if clear, expected key with clouds, and which are scheduled.

    Nothing is sent; these are plans, and only a plan with knows_clouds looks at the clouds. Two columns must not be
    added: the key of a pass under a clear sky, and that key times the probability that the sky is clear.
    """
    from rich.console import Console

    from qcisim.cli.progress import Progress
    from qcisim.simulation import load_scenario
    from qcisim.simulation.pass_results import planned_passes
    from qcisim.simulation.space import utc
    from qcisim.simulation.without import without as left_out

    if start is not None:
        try:
            utc(start)
        except ValueError:
            raise InputError(f"--from {start}: wanted a UTC time such as 2026-12-01T00:00:00Z") from None
    chosen = list(overrides(settings, seed, resolution))
    chosen += [f"start_utc={start}"] if start is not None else []
    chosen += [f"duration_s={days * 86400.0}"] if days is not None else []
    loaded = left_out(load_scenario(scenario, chosen), without)
    if not any(node.satellite is not None for node in loaded.nodes.values()):
        raise InputError(f"{scenario}: no satellite in it, so no passes")
    warn(loaded)
    if out is not None:
        make_writable(out)
    with Progress(loaded.name, enabled=sys.stderr.isatty()) as progress:
        passes = planned_passes(loaded, progress=progress.update)
    passes = tuple(sorted(passes, key=lambda one: one.start_s))
    shown = [one for one in passes if everything or one.key_bits_if_clear]
    if shown:
        Console(width=None if sys.stdout.isatty() else 160).print(_table(loaded, shown))
    if passes or not loaded.pairs:
        click.echo(_summary(passes, shown))
    for name in loaded.pairs:
        click.echo(_common(loaded, name))
    if out is not None:
        click.echo(f"Passes: {_write(out, loaded, passes)}")


def _table(scenario: Scenario, passes: Sequence[PassResult]) -> Table:
    from rich.table import Table

    table = Table(title=f"Passes from {scenario.start_utc}")
    for name in ("pass", "start (UTC)"):
        table.add_column(name, no_wrap=True)
    for name in ("s", "highest (deg)", "closest (km)", "key if clear (bits)", "clear", "expected key (bits)"):
        table.add_column(name, justify="right")
    table.add_column("plan")
    for one in passes:
        elevation = "" if one.maximum_elevation_deg is None else f"{one.maximum_elevation_deg:.1f}"
        table.add_row(
            one.id,
            one.start_utc[:19].replace("T", " "),
            f"{one.duration_s:.0f}",
            elevation,
            f"{one.minimum_range_km:,.0f}",
            f"{one.key_bits_if_clear:,}" if one.key_bits_if_clear else "",
            f"{100.0 * one.clear_probability:.0f} %" if one.key_bits_if_clear else "",
            f"{one.expected_key_bits:,.0f}" if one.key_bits_if_clear else "",
            _plan(one),
        )
    return table


def _plan(one: PassResult) -> str:
    """What becomes of a pass, and why; of one whose terminal is taken, by which other."""
    if one.status == "not scheduled":
        return f"not scheduled: {one.reason.removesuffix(' has the terminal')}"
    status = "scheduled" if one.status == "taken" else one.status
    return f"{status}: {one.reason}" if one.reason else status


def _summary(passes: Sequence[PassResult], shown: Sequence[PassResult]) -> str:
    if not passes:
        return "No pass in this time: zero keys."
    taken = [one for one in passes if one.status == "taken"]
    if not taken:
        return f"{_count(passes)}, none of which can make key: zero keys. `--all` tells why."
    clear, expected = sum(one.key_bits_if_clear for one in taken), sum(one.expected_key_bits for one in taken)
    hidden = "" if len(shown) == len(passes) else f" ({len(passes) - len(shown)} without key left out, see --all)"
    return (
        f"{_count(passes)}{hidden}, {len(taken)} scheduled: {clear:,} bits if the sky is clear at all of them, "
        f"{expected:,.0f} bits expected with clouds (a planning number, no guarantee)."
    )


def _common(scenario: Scenario, name: str) -> str:
    """The times in which both ends of ``name`` see its source of pairs."""
    from qcisim.simulation.free_space import epoch_of
    from qcisim.simulation.pairs import pair_windows

    pairs, epoch = scenario.pairs[name], epoch_of(scenario)
    windows = pair_windows(scenario, name)
    head = f"{name}: {' and '.join(pairs.between)} see {pairs.source_node} at once"
    if not windows:
        return f"{head} at no time: zero pairs."
    lines = [f"  {epoch.plus(start).text[:19].replace('T', ' ')}  {end - start:5.0f} s" for start, end in windows]
    return "\n".join([f"{head} {len(windows)} times (start in UTC, length):", *lines])


def _count(passes: Sequence[PassResult]) -> str:
    return f"{len(passes)} pass{'' if len(passes) == 1 else 'es'}"


def _write(folder: Path, scenario: Scenario, passes: Sequence[PassResult]) -> Path:
    import json

    from qcisim.report.pass_figure import pass_figure
    from qcisim.simulation.result import write_whole

    rows = [asdict(one) for one in passes]
    write_whole(folder / "passes.json", (json.dumps(rows, indent=1, allow_nan=False) + "\n").encode())
    names = {
        key: " \u2013 ".join(scenario.nodes[end].name or end for end in link.between)
        for key, link in scenario.links.items()
    }
    return write_whole(folder / "passes.png", pass_figure(rows, names)) if rows else folder / "passes.json"
