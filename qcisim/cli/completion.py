"""`qcisim completion`: the script that a shell reads to complete commands, options and names."""

from __future__ import annotations

import click

_USE = {
    "bash": 'add to ~/.bashrc:  eval "$(qcisim completion bash)"',
    "zsh": 'add to ~/.zshrc:  eval "$(qcisim completion zsh)"',
    "fish": "save as ~/.config/fish/completions/qcisim.fish",
}


@click.command("completion")
@click.argument("shell", type=click.Choice(sorted(_USE)))
def command(shell: str) -> None:
    """Print the completion script of SHELL."""
    from click.shell_completion import get_completion_class

    from qcisim.cli.group import cli

    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(f"# {_USE[shell]}")
    click.echo(kind(cli, {}, "qcisim", "_QCISIM_COMPLETE").source())
