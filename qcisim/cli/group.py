"""The table of subcommands; their modules are imported on first use."""

from __future__ import annotations

import importlib
from dataclasses import dataclass

import click

from qcisim import __version__
from qcisim.errors import did_you_mean


@dataclass(frozen=True, slots=True)
class Subcommand:
    """Where a subcommand lives (``module`` of `qcisim.cli`, its ``command``) and its line in the help."""

    module: str
    help: str


SUBCOMMANDS = {
    "run": Subcommand("run", "Simulate a scenario, from the light to the delivered keys."),
    "serve": Subcommand("serve", "Serve the keys of a scenario over ETSI GS QKD 014 until Ctrl-C."),
    "passes": Subcommand("passes", "Tell the satellite passes of a scenario and the key to expect of each."),
    "program": Subcommand("program", "Run programs of the quantum internet, one per node of a network."),
    "validate": Subcommand("validate", "Run reference cases through the functions that the simulation uses."),
    "list": Subcommand("listing", "List scenarios, detectors, protocols, bounds and all else that has a name."),
    "explain": Subcommand("explain", "Say what something models and ignores, its domain and its source."),
    "new": Subcommand("new", "Write a scenario or a program to start from."),
    "schema": Subcommand("schema", "Print the JSON Schema of scenario files, for editors."),
    "report": Subcommand("report", "Write the one-page report of a finished run again."),
    "pki": Subcommand("pki", "Make a demonstration CA with certificates for key managers and applications."),
    "completion": Subcommand("completion", "Print the completion script of a shell."),
}


class LazyGroup(click.Group):
    """A group that knows the names of its commands and imports them when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(SUBCOMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in SUBCOMMANDS:
            return None
        module = importlib.import_module(f"qcisim.cli.{SUBCOMMANDS[cmd_name].module}")
        command = module.command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in SUBCOMMANDS:
            hint = did_you_mean(args[0], SUBCOMMANDS) or f"commands: {', '.join(SUBCOMMANDS)}"
            ctx.fail(f"no command '{args[0]}' ({hint})")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in SUBCOMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="qcisim", message="%(prog)s %(version)s")
def cli() -> None:
    """Simulate a quantum communication infrastructure, from the photon to the delivered key.

    Start with:  qcisim run first_link
    """
