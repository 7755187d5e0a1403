"""The short story of a run in plain numbers, from rounds to secret bits, and how to fetch a key."""

from __future__ import annotations

import decimal
import os
import re
import shlex
import shutil
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qcisim.simulation.result import LinkResult, Result
    from qcisim.simulation.scenario import Scenario

_WIDTH = 100
_PREFIXES = ((1e9, "G"), (1e6, "M"), (1e3, "k"))


def tell(result: Result) -> str:
    """Title, and a paragraph for each link."""
    title = result.title or result.scenario
    run = f"{result.duration_s:g} s simulated, {result.resolution}, seed {result.seed}, hash {result.hash[:8]}"
    paragraphs = [f"{title}\n{run}", *("\n".join(_link(key, link)) for key, link in result.links.items())]
    return "\n\n".join(paragraphs) + "\n"


def _link(key: str, link: LinkResult) -> list[str]:
    length = "" if link.fibre_length_km is None else f", {link.fibre_length_km:g} km ({link.fibre_length_status})"
    lines = [f"{key}: {' to '.join(link.between)}{length}, {link.protocol}, {link.resolution}"]
    if link.attack:
        lines.append(f"  attacked: {link.attack}")
    if not link.rounds:
        return [*lines, f"  {link.reason or 'keys stored at the start; nothing is sent'}"]
    steps = [f"{link.rounds:,} rounds", f"{link.clicks:,} clicks", f"{link.sifted_bits:,} sifted"]
    steps += [f"{link.corrected_bits:,} corrected", f"{link.secret_bits:,} secret bits"]
    lines.append("  " + " → ".join(steps))
    if link.qber is not None:
        interval = "" if link.qber_interval is None else " ({:.3%} to {:.3%}, 95 %)".format(*link.qber_interval)
        leak = "" if link.f_ec is None else f", leakage {link.leak_bits:,} bits (f = {link.f_ec:.3f})"
        lines.append(f"  QBER {link.qber:.3%}{interval}{leak}")
    accepted = f"{link.blocks_accepted} of {link.blocks} block{'s' if link.blocks != 1 else ''} accepted"
    lines.append(f"  {rate(link.secret_bits_per_s)}, ε = {upper(link.epsilon)}, {accepted}")
    if link.theorem:
        lines.append(textwrap.fill(link.theorem, _WIDTH, initial_indent="  ", subsequent_indent="    "))
    if link.reason:
        lines.append(f"  {'refused' if link.secret_bits else 'no key'}: {link.reason}")
    return lines


def rate(bits_per_s: float) -> str:
    """Key rate with a prefix and three digits, rounded down: "24.7 kbit/s"."""
    for size, prefix in _PREFIXES:
        if bits_per_s >= size:
            return f"{_rounded(bits_per_s / size, 3, decimal.ROUND_FLOOR):g} {prefix}bit/s"
    return f"{_rounded(bits_per_s, 3, decimal.ROUND_FLOOR):g} bit/s"


def _rounded(value: float, digits: int, how: str) -> float:
    with decimal.localcontext(prec=digits, rounding=how):
        return float(+decimal.Decimal(repr(value)))


def upper(epsilon: float) -> str:
    """An upper bound with two digits, rounded up: 1.1e-10 for anything above 1.0e-10."""
    return f"{_rounded(epsilon, 2, decimal.ROUND_CEILING):.1e}" if epsilon > 0.0 else "0"


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
