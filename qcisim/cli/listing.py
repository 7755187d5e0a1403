"""`qcisim list`: names and what they stand for."""

from __future__ import annotations

import click

from qcisim.cli import catalogue


@click.command("list")
@click.argument("kind", required=False, type=click.Choice(catalogue.KINDS))
def command(kind: str | None) -> None:
    """List all names, or those of one KIND."""
    catalogue.load()
    for each in [kind] if kind else catalogue.KINDS:
        rows = catalogue.names(each)
        if not rows:
            continue
        width = max(len(name) for name, _ in rows)
        if not kind:
            click.echo(f"{each}:")
        for name, summary in rows:
            click.echo(f"{'' if kind else '  '}{name.ljust(width)}  {summary}")
