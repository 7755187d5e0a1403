"""Published numbers of a scenario beside those that its run has computed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qcisim.simulation.result import PublishedResult

if TYPE_CHECKING:
    from qcisim.simulation.result import Result
    from qcisim.simulation.scenario import Scenario


def published_of(result: Result, scenario: Scenario) -> tuple[PublishedResult, ...]:
    """Every published number with the computed one, found in the result by its dotted path."""
    if not scenario.published:
        return ()
    content = result.as_dict()
    return tuple(
        PublishedResult(
            name=item.name,
            kind=item.kind,
            computed=_number(content, item.result),
            published=item.value,
            unit=item.unit,
            tolerance=item.tolerance,
            source=item.source,
            note=item.note,
        )
        for item in scenario.published
    )


def _number(content: Any, path: str) -> float | None:
    """The number at a dotted path such as ``passes.0.minimum_range_km``; None where there is none."""
    for step in path.split("."):
        if isinstance(content, dict) and step in content:
            content = content[step]
        elif (
            isinstance(content, list | tuple)
            and step.lstrip("-").isdecimal()
            and -len(content) <= int(step) < len(content)
        ):
            content = content[int(step)]
        else:
            return None
    return float(content) if isinstance(content, int | float) and not isinstance(content, bool) else None
