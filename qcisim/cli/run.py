"""`qcisim run`: simulate a scenario, tell the story, say where the results are."""

from __future__ import annotations

import contextlib
import os
import shlex
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qcisim.cli.guard import INTERRUPTED
from qcisim.cli.keeping import KeyStores
from qcisim.cli.options import overrides, scenario_arguments, warn, without_option
from qcisim.errors import EnvironmentFault, InputError

if TYPE_CHECKING:
    from qcisim.simulation.result import Result
    from qcisim.simulation.scenario import Scenario


@click.command("run")
@scenario_arguments
@click.option("--out", type=click.Path(path_type=Path), help="Directory of the results [./results/NAME-HASH-sSEED].")
@click.option("--keep-keys", is_flag=True, help="Keep the sealed key stores in OUT/keys, for `qcisim serve --dir`.")
@click.option("--quiet", is_flag=True, help="Print only where the results are.")
@without_option
def command(
    scenario: str,
    settings: tuple[str, ...],
    seed: int | None,
    resolution: str | None,
    without: tuple[str, ...],
    out: Path | None,
    keep_keys: bool,
    quiet: bool,
) -> int:
    """Simulate SCENARIO (the name of a shipped one, or a file): light, clicks, distillation, keys, deliveries.

    Writes result.json and report.html; the last line says where.
    """
    from qcisim.cli.progress import Progress
    from qcisim.simulation import load_scenario
    from qcisim.simulation.without import without as left_out

    loaded = left_out(load_scenario(scenario, overrides(settings, seed, resolution)), without)
    warn(loaded)
    folder = out if out is not None else Path("results") / f"{loaded.name}-{loaded.hash[:8]}-s{loaded.seed}"
    made = make_writable(folder)
    interrupted = False
    try:
        with KeyStores(folder / "keys") if keep_keys else contextlib.nullcontext() as stores:
            from qcisim.simulation.runner import RunInterrupted, run

            try:
                with Progress(loaded.name, enabled=not quiet and sys.stderr.isatty()) as progress:
                    result = run(loaded, progress=progress.update, stores=stores.part if stores else None)
            except RunInterrupted as early:
                result, interrupted = early.result, True
            if interrupted:
                until_s = result.provenance["interrupted_at_s"]
                click.echo(f"interrupted: the results go up to {until_s:g} s of {loaded.duration_s:g} s", err=True)
            if interrupted and (folder / "result.json").exists():
                click.echo(f"{folder} keeps the results of an earlier run", err=True)
                return INTERRUPTED
            result.save(folder)
            if stores:
                stores.settle()
        report = written_report(result, folder)
    except BaseException:
        remove_empty(made)
        raise
    if not quiet:
        show(result, loaded, scenario, report, folder / "keys" if keep_keys else None)
    click.echo(f"Results: {folder}")
    return INTERRUPTED if interrupted else 0


def written_report(result: Result, folder: Path) -> Path:
    """Write the report into ``folder``; where that fails, say that the result itself is there."""
    from qcisim.report import write_report

    try:
        return write_report(result, folder / "report.html")
    except EnvironmentFault as error:
        again = f"result.json is there, and `qcisim report {shlex.quote(str(folder))}` writes the report again"
        raise EnvironmentFault(f"{error}; {again}") from None


def show(result: Result, loaded: Scenario, reference: str, report: Path, stores: Path | None) -> None:
    """The story, the tables, the report, and how to fetch a key."""
    from rich.console import Console

    from qcisim.cli.story import fetch, tell
    from qcisim.report import demand_table, summary_table

    console = Console()
    click.echo(tell(result))
    for table in (summary_table(result) if result.links else None, demand_table(result)):
        if table is not None:
            console.print(table)
    click.echo(f"Report: {report}")
    for line in fetch(loaded, reference, stores):
        click.echo(line)


def make_writable(folder: Path) -> list[Path]:
    """Create ``folder`` and try to write into it, before anything is computed; returns the directories made.

    Raises:
        InputError: where it is a file.
        EnvironmentFault: where it cannot be written to.
    """
    missing = [path for path in [folder, *folder.parents] if not path.exists()]
    for path in [folder, *folder.parents]:
        if path.exists() and not path.is_dir():
            raise InputError(f"--out {folder}: {path} is a file, not a directory")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=folder, prefix=".qcisim-")
        os.close(descriptor)
        os.unlink(name)
    except OSError as error:
        remove_empty(missing)
        reason = (error.strerror or str(error)).lower()
        raise EnvironmentFault(f"{folder}: cannot be written to: {reason}; choose another place with --out") from None
    return missing


def remove_empty(folders: list[Path]) -> None:
    """Take back directories that were made for a run that left nothing in them."""
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            return
