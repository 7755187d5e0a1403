"""`qcisim explain`: what a name stands for, what it leaves out, and where that is written."""

from __future__ import annotations

import textwrap

import click
from click.shell_completion import CompletionItem

from qcisim.cli import catalogue
from qcisim.errors import InputError, did_you_mean
from qcisim.registry import Entry

_WIDTH = 100


class _Name(click.ParamType[str]):
    name = "NAME"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        catalogue.load()
        return [CompletionItem(name) for name in catalogue.all_names() if name.startswith(incomplete)]


@click.command("explain")
@click.argument("name", type=_Name())
def command(name: str) -> None:
    """Say what NAME models and ignores, its domain, its parameters and its source.

    NAME is a detector, protocol, bound, attack, ..., a shipped scenario, or a field of a scenario such as length_km or
    links.a-b.fibre.length_km.
    """
    from qcisim.simulation.names import shipped

    catalogue.load()
    parts = [entry_text(entry) for entry in catalogue.found(name)]
    if name in shipped():
        parts.append(scenario_text(name))
    if not parts:
        parts += field_texts(name.rpartition(".")[2])
    if not parts:
        from qcisim.simulation.schema import field_names

        hint = did_you_mean(name, [*catalogue.all_names(), *field_names()]) or "qcisim list shows all names"
        raise InputError(f"nothing is called '{name}' ({hint})")
    click.echo("\n\n".join(parts))


def entry_text(entry: Entry) -> str:
    """An entry of the registry as text."""
    lines = [f"{entry.name} ({entry.kind})", entry.summary, ""]
    facts = [(key.replace("_", " "), value) for key, value in entry.facts]
    told = [
        ("models", entry.models),
        ("ignores", entry.ignores),
        ("domain", entry.domain),
        *facts,
        ("source", entry.source),
    ]
    lines += [_paragraph(key, value) for key, value in told if value]
    if entry.parameters:
        lines += ["", "parameters, with a usual value"]
        width = max(len(p.name) for p in entry.parameters)
        for p in entry.parameters:
            unit = "" if p.unit in ("", "1") else f" {p.unit}"
            lines.append(f"  {p.name.ljust(width)}  {p.good:g}{unit}, from {p.minimum:g} to {p.maximum:g}: {p.text}")
    return "\n".join(lines)


def _paragraph(key: str, value: str) -> str:
    return textwrap.fill(
        value, _WIDTH, initial_indent=f"{key + ': ':<18}", subsequent_indent=" " * 18, break_on_hyphens=False
    )


def scenario_text(name: str) -> str:
    """A shipped scenario: its own words, its nodes, links and demands."""
    from qcisim.simulation import load_scenario

    scenario = load_scenario(name)
    lines = [f"{name} (scenario)", scenario.title, ""]
    if scenario.description:
        lines += [textwrap.fill(scenario.description, _WIDTH), ""]
    lines.append(f"{scenario.duration_s:g} s, {scenario.resolution}, seed {scenario.seed}")
    for key, link in scenario.links.items():
        fibre = f"{link.fibre.length_km:g} km ({link.fibre.status}), " if link.fibre else ""
        if link.free_space is not None:
            fibre = f"through space ({link.free_space.status}), "
        what = f"{link.protocol.name}, {link.protocol.bound}" if link.key_source == "qkd" else "stored keys"
        if link.programs is not None:
            share = f"{100.0 * link.programs.share:g} % of its time makes pairs for programs"
            what = f"{what}; {share}" if link.key_source == "qkd" else "pairs for programs"
        if link.heralded is not None:
            fibre = f"{link.heralded.fibre.length_km:g} km ({link.heralded.fibre.status}), "
            what = f"pairs by {link.heralded.scheme}, {link.heralded.lanes} lanes"
        lines.append(f"  link {key}: {' to '.join(link.between)}, {fibre}{what}")
    for key, pairs in scenario.pair_demands.items():
        asks = f"{pairs.rate_hz:g} pairs/s of fidelity {pairs.fidelity:g}"
        lines.append(f"  demand {key}: {pairs.from_node} to {pairs.to_node}, {asks}")
    for key, demand in scenario.key_demands.items():
        asks = f"{demand.keys_per_s:g} keys/s of {demand.key_bits} bits"
        lines.append(f"  demand {key}: {demand.from_node} to {demand.to_node}, {asks}")
    for key, spec in scenario.programs.items():
        roles = ", ".join(f"{role} at {node}" for role, node in spec.roles.items())
        lines.append(f"  program {key}: {spec.program}, {roles}, {spec.times} times, messages {spec.messages}")
    return "\n".join(lines)


def field_texts(name: str) -> list[str]:
    """A field of scenario files, in every section that has it."""
    from qcisim.simulation.schema import describe

    return [f"{where} (scenario field)\n{text}" for where, text in describe(name)]
