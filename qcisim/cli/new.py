"""`qcisim new`: a commented scenario, or the folder of a program, to start from."""

from __future__ import annotations

import re
from pathlib import Path

import click

from qcisim.errors import InputError


@click.group("new")
def command() -> None:
    """Write a scenario or a program to start from."""


@command.command("scenario")
@click.argument("name", default="my_network")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="File to write [NAME.yaml].")
@click.option("--space", is_flag=True, help="Two ground stations and a satellite instead of fibre.")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
def scenario(name: str, out: Path | None, space: bool, force: bool) -> None:
    """Write NAME.yaml: two links over a trusted node, on fibre or from a satellite, commented, ready to run."""
    from qcisim.cli.starter import starter
    from qcisim.simulation.result import write_whole

    path = out or Path(name if name.endswith((".yaml", ".yml")) else f"{name}.yaml")
    if not re.fullmatch(r"[A-Za-z0-9][\w. -]*", path.stem):
        raise InputError(
            f"'{path.stem}': wanted a name that begins with a letter or digit, then letters, digits, _ - ."
        )
    if path.exists() and not force:
        raise InputError(f"{path}: is there already; --force replaces it")
    write_whole(path, starter(path.stem, space=space).encode())
    click.echo(f"Wrote {path}; next: qcisim run {path}")


@command.command("program")
@click.argument("name")
def program(name: str) -> None:
    """Write the folder NAME: a program of the quantum internet with network, formulas and a test that passes."""
    from qcisim.cli.program_starter import program_files
    from qcisim.simulation.result import write_whole

    files = program_files(name)
    folder = Path(name)
    if folder.exists():
        raise InputError(f"{folder}: is there already")
    folder.mkdir()
    for file, text in files.items():
        write_whole(folder / file, text.encode())
    click.echo(f"Wrote {folder}/ ({', '.join(files)}); next: qcisim program run {folder}")
