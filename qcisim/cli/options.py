"""Arguments that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from qcisim.simulation.scenario import Scenario

F = TypeVar("F", bound=Callable[..., Any])


class ScenarioName(click.ParamType[str]):
    """A shipped scenario or a file; completes both."""

    name = "NAME|FILE"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from qcisim.simulation.names import shipped

        names = [CompletionItem(name) for name in shipped() if name.startswith(incomplete)]
        return names or [CompletionItem(incomplete, type="file")]


def scenario_arguments(function: F) -> F:
    """SCENARIO, --set, --seed and --resolution."""
    resolution = click.option(
        "--resolution",
        type=click.Choice(["clicks", "counts", "rates"]),
        help="Resolution of all links: every click, block statistics, or expected rates.",
    )
    seed = click.option(
        "--seed", type=click.IntRange(0, 2**63 - 1), metavar="NUMBER", help="Seed of every random stream."
    )
    settings = click.option(
        "--set",
        "settings",
        multiple=True,
        metavar="KEY=VALUE",
        help="Override a value: duration_s=60, or links.*.fibre.length_km=50 for all links; may be repeated.",
    )
    return click.argument("scenario", type=ScenarioName())(settings(seed(resolution(function))))


def without_option(function: F) -> F:
    """--without."""
    return click.option(
        "--without",
        multiple=True,
        metavar="KIND:NAME",
        help="Leave out a part: satellite:NAME, node:NAME or link:NAME; may be repeated.",
    )(function)


def warn(scenario: Scenario) -> None:
    """Say on stderr what is doubtful about a scenario."""
    from qcisim.simulation.warnings import warnings_of

    for sentence in warnings_of(scenario):
        click.echo(f"warning: {sentence}", err=True)


def overrides(settings: tuple[str, ...], seed: int | None, resolution: str | None) -> list[str]:
    """The options as overrides of the scenario."""
    found = list(settings)
    if seed is not None:
        found.append(f"seed={seed}")
    if resolution is not None:
        found.append(f"resolution={resolution}")
        found.append(f"links.*.resolution={resolution}")
    return found
