"""`qcisim validate`: reference cases through the functions that the simulation uses."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from qcisim.errors import InputError


@click.command("validate")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--json", "json_out", type=click.Path(path_type=Path, dir_okay=False), help="Write one record per case.")
def command(file: Path | None, json_out: Path | None) -> int:
    """Run the reference cases in FILE, or the shipped ones, and print a table by topic.

    The exit code is 1 where a case fails, fails on the unsafe side, or cannot be run.
    """
    from rich.console import Console

    from qcisim.cli.progress import Progress
    from qcisim.testing import exit_code, render_cases, run_cases, write_json

    if json_out is not None and not json_out.absolute().parent.is_dir():
        raise InputError(f"--json {json_out}: there is no directory {json_out.absolute().parent}")
    with Progress("validate", enabled=sys.stderr.isatty()) as progress:
        results = run_cases(file, progress=lambda done, total, name: progress.update(done / max(total, 1), name))
    Console(width=None if sys.stdout.isatty() else 140).print(render_cases(results))
    if json_out is not None:
        write_json(results, json_out)
        click.echo(f"Records: {json_out}")
    return exit_code(results)
