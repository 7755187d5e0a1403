"""`qcisim report`: the one-page report of a finished run, again."""

from __future__ import annotations

from pathlib import Path

import click

from qcisim.errors import InputError


@click.command("report")
@click.argument("result_dir", type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="File of the report [RESULT_DIR/report.html]."
)
def command(result_dir: Path, out: Path | None) -> None:
    """Write report.html from the result.json in RESULT_DIR."""
    from qcisim.simulation import Result

    path = result_dir / "result.json" if result_dir.is_dir() else result_dir
    if not path.is_file():
        raise InputError(f"{path}: no result here; qcisim run writes one")
    try:
        result = Result.from_json(path.read_bytes())
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    from qcisim.report import write_report

    target = out or path.parent / "report.html"
    write_report(result, target)
    click.echo(f"Report: {target}")
