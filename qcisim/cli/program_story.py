"""What `qcisim program run` prints: figures beside formulas, results by node, noise budget, time line."""

from __future__ import annotations

import math
import sys
import textwrap
from collections.abc import Iterator, Mapping
from fractions import Fraction

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from qcisim.programs.declaration import STAGES
from qcisim.programs.figures import Figure, Formula, Mean, Rate
from qcisim.programs.run import ProgramResult
from qcisim.programs.summary import summarised

_UNITS = ((1e9, "s"), (1e6, "ms"), (1e3, "µs"), (1.0, "ns"))
_WIDTH = 110
MOST_ROWS = 60
_STRENGTHS = {"pairs": "1 - F", "read-out": "error probabilities"} | dict.fromkeys(
    ("waiting", "waiting of electrons", "waiting of carbons"), "1 - fidelity of the memory"
)


def tell(result: ProgramResult) -> None:
    """Print all of a result."""
    console = Console(width=None if sys.stdout.isatty() else _WIDTH, highlight=False)
    declaration = result.declaration
    options = ", ".join(f"{name}={value}" for name, value in result.options.items())
    click.echo(f"{declaration.name}: {declaration.summary}")
    place = STAGES.index(declaration.stage) + 1
    source = f"{place} of {len(STAGES)} by Wehner, Elkouss, Hanson, Science 362, eaam9288"
    click.echo(f"Stage of the quantum internet: {declaration.stage} ({source}).")
    rounds = len(result.rounds)
    told = [f"{rounds} round{'s' if rounds > 1 else ''}", f"seed {result.seed}", f"{result.pairs} pairs"]
    told.append(f"at most {time(result.sim_time_ns)} of simulated time each")
    click.echo(", ".join(told) + (f"; {options}" if options else "") + ".\n")
    if result.figures:
        console.print(_figures(result))
        for line in _verdict(result):
            click.echo(line)
        click.echo()
    table = _results(result)
    if table.row_count:
        console.print(table)
    if result.budget:
        console.print(_budget(result))
        click.echo(textwrap.fill(_honesty(result), _WIDTH) + "\n")
        console.print(_spent(result))
    console.print(_timeline(result))


def time(time_ns: float) -> str:
    """A time in a unit that suits it."""
    for scale, unit in _UNITS:
        if abs(time_ns) >= scale:
            return f"{time_ns / scale:.4g} {unit}"
    return "0 ns" if time_ns == 0 else f"{time_ns:.4g} ns"


def number(figure: Figure | None, *, interval: bool = True) -> str:
    """A rate with its interval of 95 %, a mean with the range of its rounds."""
    if figure is None or math.isnan(figure.value):
        return "–"
    if isinstance(figure, Mean):
        low, high = min(figure.values), max(figure.values)
        if figure.same or not interval:
            return f"{figure.value:.5g}"
        return f"{figure.value:.4g} (rounds: {low:.4g} to {high:.4g})"
    low, high = figure.interval()
    if not interval or high - low < 1e-8:
        return f"{figure.value:.5g}"
    return f"{figure.value:.4g} ({low:.4g} to {high:.4g})"


def _new(title: str) -> Table:
    return Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, expand=False, pad_edge=False)


def _figures(result: ProgramResult) -> Table:
    table = _new("Figures; rates with intervals of 95 %")
    table.add_column("figure", overflow="fold")
    table.add_column("this network")
    if "links" in result.noises:
        table.add_column("noisy links alone")
    table.add_column("no noise")
    for name, figure in result.figures.items():
        cells: list[str | Text] = [name, number(figure)]
        if "links" in result.noises:
            cells.append(_beside(name, result.with_links, result.formulas))
        cells.append(_beside(name, result.ideal, result.ideal_formulas))
        table.add_row(*cells)
    return table


def _beside(name: str, figures: Mapping[str, Figure], formulas: Mapping[str, Formula]) -> Text:
    figure, formula = figures.get(name), formulas.get(name)
    cell = Text(number(figure))
    if formula is not None and figure is not None:
        agrees = figure.agrees(formula.value)
        value = 0.0 if abs(formula.value) < 1e-12 else formula.value
        exact = formula.text if _same(formula.text, value) else f"{formula.text} = {value:.5g}"
        cell.append(f"\n{'✓' if agrees else '✗'} {exact}", style="green" if agrees else "bold red")
    return cell


def _same(text: str, value: float) -> bool:
    try:
        return math.isclose(Fraction(text), value)
    except ValueError:
        return False


def _verdict(result: ProgramResult) -> Iterator[str]:
    if result.no_formula:
        yield f"No formula for this network: {result.no_formula}."
    wrong = result.disagreements()
    for line in wrong:
        yield f"DISAGREES: {line}."
    if not wrong and (result.formulas or result.ideal_formulas):
        yield "✓: as the formula says; rates within an exact interval that errs once in 1e9."


def _results(result: ProgramResult) -> Table:
    table = _new("Results of the programs")
    table.add_column("node", no_wrap=True)
    table.add_column("value", overflow="fold")
    table.add_column("over the rounds", overflow="fold")
    last = ""
    for one in summarised(result.rounds):
        table.add_row(one.node if one.node != last else "", one.key, Text(one.text))
        last = one.node
    return table


def _budget(result: ProgramResult) -> Table:
    name, figure = next(iter(result.figures.items()))
    ideal = result.ideal.get(name)
    table = _new(
        f"Noise budget of '{name}': {number(figure, interval=False)}; without any noise {number(ideal, interval=False)}"
    )
    table.add_column("noise")
    table.add_column("alone")
    table.add_column("against no noise", justify="right")
    table.add_column("without it")
    table.add_column("against this network", justify="right")
    for share in result.budget:
        alone, removed = share.alone.get(name), share.removed.get(name)
        costs, gained = _difference(alone, ideal), _difference(removed, figure)
        counted = isinstance(figure, Rate)
        cells = number(alone, interval=counted), costs, number(removed, interval=counted), gained
        table.add_row(share.kind, *cells)
    return table


def _difference(one: Figure | None, other: Figure | None) -> str:
    if one is None or other is None or math.isnan(one.value) or math.isnan(other.value):
        return "–"
    difference = one.value - other.value
    return "0" if abs(difference) < 1e-9 else f"{difference:+.4f}"


def _honesty(result: ProgramResult) -> str:
    sampled = "Rates are counted: a difference within the intervals is chance. "
    name = next(iter(result.figures))
    text = "The program ran again with each noise alone, and without each. The parts need not add up: noises undo or "
    text += "hide each other. Times stay as they are: memories without noise wait as long, and lose nothing."
    return (sampled if isinstance(result.figures[name], Rate) else "") + text


def _spent(result: ProgramResult) -> Table:
    table = _new("Noise by the device model, in a mean round")
    table.add_column("where", no_wrap=True)
    table.add_column("noise", no_wrap=True)
    table.add_column("acts", justify="right")
    table.add_column("strength", justify="right")
    table.add_column("is the sum of")
    for entry in result.spent.entries:
        if entry.total > 0.0:
            kind = _STRENGTHS.get(entry.source, "depolarising probabilities")
            rounds = len(result.rounds)
            table.add_row(
                entry.place, entry.source, f"{entry.count / rounds:.3g} x", f"{entry.total / rounds:.4f}", kind
            )
    return table


def _timeline(result: ProgramResult) -> Table:
    rows = result.timeline.rows()
    table = _new("Time line of the first round")
    table.add_column("from", justify="right", no_wrap=True)
    table.add_column("to", justify="right", no_wrap=True)
    table.add_column("node", no_wrap=True)
    table.add_column("does", overflow="fold")
    for row in rows[:MOST_ROWS]:
        until = time(row.end_ns) if row.end_ns > row.start_ns else ""
        text = f"returns {row.text}" if row.kind == "result" else row.text
        table.add_row(time(row.start_ns), until, row.node, Text(text))
    if len(rows) > MOST_ROWS:
        table.add_row("", "", "", Text(f"and {len(rows) - MOST_ROWS} rows more: --json FILE has all"))
    return table
