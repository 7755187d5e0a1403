"""`qcisim program`: run and list quantum-internet programs."""

from __future__ import annotations

from pathlib import Path

import click
from click.shell_completion import CompletionItem

from qcisim.errors import EnvironmentFault, InputError


@click.group("program")
def command() -> None:
    """Run programs of the quantum internet: one SquidASM program per node of a network."""


class ProgramName(click.ParamType[str]):
    """A shipped program or a folder; completes both."""

    name = "NAME|PATH"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from qcisim.programs import shipped

        names = [CompletionItem(name) for name in shipped() if name.startswith(incomplete)]
        return names or [CompletionItem(incomplete, type="dir")]


@command.command("list", short_help="List the shipped programs.")
def listed() -> None:
    """List the programs that come with qcisim, and the stage of the quantum internet that each needs."""
    from qcisim.programs import shipped
    from qcisim.programs.declaration import read

    rows = [read(folder, is_shipped=True) for folder in shipped().values()]
    width = max(len(row.name) for row in rows)
    stage = max(len(row.stage) for row in rows)
    for row in rows:
        click.echo(f"{row.name.ljust(width)}  {row.stage.ljust(stage)}  {row.summary}")


@command.command("run", short_help="Run a program: results, noise budget, time line.")
@click.argument("program", type=ProgramName())
@click.option(
    "--network",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Network to run on, a SquidASM configuration [network.yaml of the program].",
)
@click.option("--times", type=click.IntRange(1), metavar="N", help="Rounds [as the program says].")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), metavar="N", help="Seed of every random stream.")
@click.option(
    "--set", "settings", multiple=True, metavar="KEY=VALUE", help="An option of the program; may be repeated."
)
@click.option("--workers", type=click.IntRange(1), default=1, metavar="N", help="Processes that share the rounds [1].")
@click.option("--no-budget", is_flag=True, help="Leave the noise budget out, which takes more runs.")
@click.option(
    "--json",
    "json_out",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="Write all as JSON; - prints it.",
)
def run(
    program: str,
    network: Path | None,
    times: int | None,
    seed: int | None,
    settings: tuple[str, ...],
    workers: int,
    no_budget: bool,
    json_out: Path | None,
) -> int:
    """Run PROGRAM (the name of a shipped one, or a folder) and tell its results, time line and noise budget.

    The exit code is 1 where the results contradict the formulas of the program.
    """
    import json

    import qcisim.squidasm.extra  # noqa: F401 -- says how to install netqasm where it is missing
    from qcisim.cli.program_story import tell
    from qcisim.programs.run import as_dict, run_program

    if json_out is not None and not json_out.absolute().parent.is_dir():
        raise InputError(f"--json {json_out}: there is no directory {json_out.absolute().parent}")
    result = run_program(
        program,
        network=network,
        times=times,
        seed=seed,
        settings=settings,
        budget=not no_budget,
        workers=workers,
    )
    if json_out is not None:
        text = json.dumps(as_dict(result), indent=1, default=str)
        if str(json_out) == "-":
            click.echo(text)
            return 1 if result.disagreements() else 0
        try:
            json_out.write_text(text + "\n", "utf-8")
        except OSError as error:
            raise EnvironmentFault(
                f"--json {json_out}: cannot be written: {(error.strerror or str(error)).lower()}"
            ) from None
    tell(result)
    if json_out is not None:
        click.echo(f"JSON: {json_out}")
    return 1 if result.disagreements() else 0
