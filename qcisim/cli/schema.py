"""`qcisim schema`: the JSON Schema of scenario files."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("schema")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Write to a file instead of standard output."
)
def command(out: Path | None) -> None:
    """Print the JSON Schema of scenario files.

    Editors that speak the YAML language server use it with this line at the top of a scenario:
    # yaml-language-server: $schema=scenario.schema.json
    """
    from qcisim.simulation.schema import schema_text

    if out is None:
        click.echo(schema_text(), nl=False)
    else:
        from qcisim.simulation.result import write_whole

        write_whole(out, schema_text().encode())
