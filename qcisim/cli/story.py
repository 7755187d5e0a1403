"""The short story of a run in plain numbers, from rounds to secret bits, and how to fetch a key."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
import textwrap
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qcisim.simulation.result import LinkResult, PublishedResult, Result
    from qcisim.simulation.scenario import Scenario

_WIDTH = 100


def tell(result: Result) -> str:
    """Title, description, and a paragraph for each link."""
    from qcisim.report.entanglement import told
    from qcisim.report.numbers import duration
    from qcisim.report.programs import told as programs_told
    from qcisim.report.view import view

    title = result.title or result.scenario
    until_s = result.provenance.get("interrupted_at_s")
    span = duration(result.duration_s if until_s is None else float(until_s))
    planned = "" if until_s is None else f" of {duration(result.duration_s)}, then interrupted"
    run = f"{span} simulated{planned}, {result.resolution}, seed {result.seed}, hash {result.hash[:8]}"
    about = textwrap.fill(result.description, _WIDTH, break_on_hyphens=False) + "\n" if result.description else ""
    paragraphs = [f"{title}\n{about}{run}", *("\n".join(_link(name, link)) for name, link in result.links.items())]
    paragraphs += [_pairs(name, one) for name, one in result.pairs.items()]
    paragraphs += programs_told(result.programs, result.program_links)
    if result.entanglement:
        paragraphs.append("\n".join(told(view(result))))
    if result.published:
        paragraphs.append("\n".join(["Beside published numbers:", *map(_published, result.published)]))
    paragraphs += [_compared(one) for one in result.comparisons]
    for name, gain in result.service.get("marginal", {}).items():
        pairs = len(result.service["pairs"])
        paragraphs.append(f"Without {name} {gain['pairs_gained']} of {pairs} pairs of nodes would have no key.")
    return "\n\n".join(paragraphs) + "\n"


def _compared(one: Mapping[str, Any]) -> str:
    """The ways of one comparison, a line for each."""
    from qcisim.report.numbers import key, listed

    lines = [f"Ways to bring key from {one['between'][0]} to {one['between'][1]}:"]
    for way in one["ways"]:
        if "bits_per_s" not in way:
            lines.append(f"  {way['name']}: {way['reason']}")
            continue
        relays = [f"{way['trusted_relays']} relays"] if way["trusted_relays"] else []
        trust = listed([*way["trusted"], *relays]) or "nobody"
        rate = key(way["bits_per_s"], "bit/s") if way["bits_per_s"] else "no key"
        lines.append(f"  {way['name']}: {rate}, trusts {trust} ({way['claim']}; {way['status']})")
    return "\n".join(lines)


def _published(one: PublishedResult) -> str:
    from qcisim.report.published import published_item

    item = published_item(asdict(one))
    computed = "not found" if one.computed is None else item.shown(float(f"{one.computed:.4g}"))
    basis = "a prediction" if one.kind == "prediction" else "a check of consistency, no prediction"
    told = [f"  {one.name}: computed {computed}, published {item.shown(one.published)}{item.give}"]
    return f"{', '.join(told + [item.verdict] * (one.computed is not None))} ({basis})"


def _pairs(name: str, one: Mapping[str, Any]) -> str:
    lines = [f"{name}: pairs for {' and '.join(one['between'])} from {one['source_node']}"]
    if one["reason"]:
        return "\n".join([*lines, f"  {one['reason']}"])
    total, seconds = one["coincidences"], one["seconds"]
    lines.append(
        f"  {total:,.0f} coincidences expected in {seconds:,.0f} s under a clear sky, {total / seconds:.3g} a second"
    )
    lines.append(
        f"  {100.0 * one['accidentals'] / total:.2g} % of them by chance; mean fidelity {one['mean_fidelity']:.3f}"
    )
    return "\n".join(lines)


def _link(name: str, link: LinkResult) -> list[str]:
    from qcisim.report.counting import counting_of
    from qcisim.report.numbers import THIN, interval, key, percent, risk

    length = "" if link.fibre_length_km is None else f", {link.fibre_length_km:g} km ({link.fibre_length_status})"
    if link.trusted_relays:
        length += f" over {link.trusted_relays} trusted relay{'s' if link.trusted_relays != 1 else ''}"
    if link.medium != "fibre":
        length = f", {link.medium} ({link.status})"
        if link.passes or link.medium == "free space":
            length += f", {link.passes_taken} of {link.passes} passes taken"
    lines = [f"{name}: {' to '.join(link.between)}{length}, {link.protocol}, {link.resolution}"]
    if link.attack:
        lines.append(f"  attacked: {link.attack}")
    if not link.rounds:
        return [*lines, f"  {link.reason or 'keys stored at the start; nothing is sent'}"]
    counting = counting_of([link.detected])
    steps = [f"{link.rounds:,} {counting.sent}", f"{link.clicks:,} {counting.got}", f"{link.sifted_bits:,} sifted"]
    steps += [f"{link.corrected_bits:,} corrected", f"{link.secret_bits:,} secret bits"]
    lines.append("  " + " → ".join(steps))
    if link.qber is not None:
        within = "" if link.qber_interval is None else f" ({interval(*link.qber_interval)}, 95{THIN}%)"
        leak = "" if link.f_ec is None else f", leakage {link.leak_bits:,} bits (f = {link.f_ec:.3f})"
        lines.append(f"  QBER {percent(link.qber, 4)}{within}{leak}")
    if "chsh" in link.bounds:
        s, low, high = (link.bounds.get(name, 0.0) for name in ("chsh", "chsh_lower", "chsh_upper"))
        lines.append(f"  CHSH value S = {s:.4f} ({low:.4f} to {high:.4f} except with probability ε), last block")
    accepted = f"{link.blocks_accepted} of {link.blocks} block{'s' if link.blocks != 1 else ''} accepted"
    made = f"{key(link.secret_bits_per_s, 'bit/s')}, ε = {risk(link.epsilon)}, " if link.secret_bits else ""
    lines.append(f"  {made}{accepted}")
    if link.theorem:
        lines.append(
            textwrap.fill(link.theorem, _WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)
        )
    if link.reason:
        what = f"{'refused' if link.secret_bits else 'no key'}: {link.reason}"
        lines.append(textwrap.fill(what, _WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False))
    return lines


def fetch(scenario: Scenario, reference: str, stores: Path | None = None) -> list[str]:
    """The lines that serve the scenario and fetch a key from it; nothing without two applications at two nodes.

    With ``stores``, the key stores that a run has kept, the first keys are there at once.
    """
    line, directory = curl(scenario, "keys.env"), shlex.quote(str(stores or "qcisim-live"))
    if not line:
        return []
    return [
        "",
        "Fetch a key as any ETSI GS QKD 014 client does. In one shell:",
        f"  {program()} serve {shlex.quote(reference)} --dir {directory} --env keys.env",
        "and in another, once keys.env is there:",
        f"  {line}",
        "",
    ]


def program() -> str:
    """How this command can be called again: by name where the shell finds it, else by its path."""
    here = Path(sys.argv[0])
    if here.name != "qcisim":
        return "qcisim"
    found = shutil.which("qcisim")
    known = found is not None and Path(found).resolve() == here.resolve()
    return "qcisim" if known else shlex.quote(os.path.relpath(here))


def curl(scenario: Scenario, variables: str) -> str:
    """The command that fetches a key for the first two applications at different nodes; empty where there are none."""
    for master, sae in scenario.saes.items():
        for slave, other in scenario.saes.items():
            if sae.node != other.node:
                name, kme = variable("SAE", master), variable("KME", sae.node)
                client = f'--cacert "$CA_CERT" --cert "${name}_CERT" --key "${name}_KEY"'
                path = shlex.quote(variables if "/" in variables else f"./{variables}")
                return f'. {path} && curl {client} "${kme}_URL/api/v1/keys/{slave}/enc_keys"'
    return ""


def variable(prefix: str, name: str) -> str:
    """Name of the environment variables of a key manager or application: ``KME_REDU``, ``SAE_A`` (not SAE_SAE_A)."""
    plain = re.sub(r"[^A-Z0-9]", "_", name.upper())
    return plain if plain.startswith(f"{prefix}_") else f"{prefix}_{plain}"
