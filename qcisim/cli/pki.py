"""`qcisim pki`: certificates for a demonstration, made by a CA of its own."""

from __future__ import annotations

from pathlib import Path

import click

from qcisim.cli.options import ScenarioName


@click.command("pki")
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--scenario", type=ScenarioName(), help="Take nodes and applications from a scenario.")
@click.option("--node", "nodes", multiple=True, help="Id of a node with a key manager; may be repeated.")
@click.option("--sae", "saes", multiple=True, help="Id of an application (SAE); may be repeated.")
@click.option(
    "--days",
    type=click.FloatRange(0.0, 36_500.0, min_open=True),
    default=90.0,
    show_default=True,
    help="How long the certificates are valid.",
)
def command(directory: Path, scenario: str | None, nodes: tuple[str, ...], saes: tuple[str, ...], days: float) -> None:
    """Make a demonstration CA and certificates under DIRECTORY (readable by its owner only)."""
    from qcisim.web.pki import make_pki

    if scenario is not None:
        from qcisim.simulation import load_scenario

        loaded = load_scenario(scenario)
        nodes, saes = (*nodes, *loaded.nodes), (*saes, *loaded.saes)
    if not nodes and not saes:
        raise click.UsageError("nothing to certify; give --scenario, or --node and --sae")
    made = make_pki(directory, nodes=list(dict.fromkeys(nodes)), saes=list(dict.fromkeys(saes)), days=days)
    click.echo(f"CA for applications and the key managers that they call: {made.sae_ca}")
    for name, (certificate, key) in made.saes.items():
        click.echo(f"{name}: {certificate}, {key}")
    click.echo(f"Certificates: {directory}")
